import type { Informer, ResourceRef } from "../../client/client.js";
import type { KubeObject, OwnerReference } from "../../kinds/object.js";
import { isConflict, isNotFound } from "../runtime/errors.js";
import type { Named, Statement } from "../runtime/journal.js";
import { createQueue } from "../runtime/queue.js";
import type { ServedResource, ServedResources } from "../runtime/served.js";
import type { Controller, ControllerContext, ReconcileResult, Running } from "../runtime/types.js";
import { Graph, type Place, parsePlace, placeKey } from "./graph.js";
import { blocks, type Decision, decide, deletingDependents, FOREGROUND, invalidNamespaceMessage, ORPHAN, type Owner, sameReferences } from "./plan.js";
import { aboutDeleted } from "./words.js";

const USER = "system:serviceaccount:kube-system:generic-garbage-collector";
/** Events are never collected: DefaultIgnoredResources in graph_builder.go. */
const ignored = (r: ResourceRef): boolean => r.resource === "events" && (r.group === "" || r.group === "events.k8s.io");
const idOf = (r: { group: string; resource: string }): string => `${r.group}/${r.resource}`;
const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "");

/** Deletes what has lost all its owners, and sees foreground and orphaning deletions through. */
export function createGarbageCollector(resources: ServedResources): Controller {
  return { name: "garbage-collector", start: (ctx) => new Collector(ctx, resources) };
}

interface Followed {
  readonly resource: ServedResource;
  readonly informer: Informer;
  stop: () => void;
}

class Collector implements Running {
  private readonly client;
  private readonly recorder;
  private readonly graph = new Graph();
  private readonly followed = new Map<string, Followed>();
  private readonly byKind = new Map<string, Followed>();
  private readonly queue;
  private readonly unsubscribe: (() => void) | undefined;
  private readonly unasked: () => void;

  constructor(
    private readonly ctx: ControllerContext,
    private readonly resources: ServedResources,
  ) {
    this.client = ctx.client.as(USER, "kube-controller-manager");
    this.recorder = ctx.recorder("garbage-collector-controller");
    this.queue = createQueue(ctx, { name: "garbage-collector", workers: 64, reconcile: (key) => this.reconcile(parsePlace(key)) });
    this.unasked = ctx.journal.source("garbage-collector-controller", (object) => this.why(object));
    this.follow();
    this.unsubscribe = resources.onChange?.(() => {
      this.follow();
      // Owners of kinds that nobody knew may be judged now.
      for (const place of this.graph.all()) this.enqueue(place);
    });
  }

  stop(): void {
    this.unsubscribe?.();
    this.unasked();
    for (const f of this.followed.values()) f.stop();
    this.queue.stop();
  }

  private follow(): void {
    const wanted = new Map(
      this.resources
        .list()
        .filter((r) => !ignored(r))
        .map((r) => [idOf(r), r]),
    );
    for (const [id, f] of this.followed) {
      if (wanted.has(id)) continue;
      f.stop();
      this.followed.delete(id);
      this.byKind.delete(`${f.resource.group}/${f.resource.kind}`);
    }
    const added: Followed[] = [];
    for (const [id, resource] of wanted) {
      if (this.followed.has(id)) continue;
      const informer: Informer = this.ctx.informers.informer(resource);
      const f: Followed = { resource, informer, stop: () => {} };
      this.followed.set(id, f);
      this.byKind.set(`${resource.group}/${resource.kind}`, f);
      added.push(f);
    }
    // All informers are known before the first object is judged: an owner of a kind that comes later in the list is not absent.
    for (const f of added) {
      const id = idOf(f.resource);
      f.stop = f.informer.handle({
        add: (o) => this.added(id, o),
        update: (o, old) => this.updated(id, o, old),
        delete: (o) => this.deleted(id, o),
      });
    }
  }

  private why(about: Named): Statement[] {
    const f = [...this.followed.values()].find(({ resource }) => resource.kind === about.kind);
    const object = f?.informer.get(about.namespace ?? "", about.name);
    if (!object?.metadata.deletionTimestamp) return [];
    const blocking = this.graph.dependentsOf(object.metadata.uid).filter((place) => {
      const dependent = this.object(place);
      return dependent !== undefined && blocks(dependent, object);
    });
    const named = blocking.map(
      (place): Named => ({
        kind: this.followed.get(place.resource)?.resource.kind ?? place.resource,
        ...(place.namespace ? { namespace: place.namespace } : {}),
        name: place.name,
      }),
    );
    return aboutDeleted(about, object, named);
  }

  private place(resource: string, o: KubeObject): Place {
    return { resource, namespace: o.metadata.namespace ?? "", name: o.metadata.name ?? "" };
  }

  private enqueue(place: Place): void {
    this.queue.add(placeKey(place));
  }

  private ownerOf(ref: OwnerReference, namespace: string): { owner: Owner; place?: Place } {
    const f = this.byKind.get(`${groupOf(ref.apiVersion)}/${ref.kind}`);
    if (!f) return { owner: { is: "unknown" } };
    // A cluster-scoped object cannot have a namespaced owner; upstream leaves it alone rather than guess (namespacedOwnerOfClusterScopedObjectErr).
    if (f.resource.namespaced && !namespace) return { owner: { is: "unknown" } };
    const at = f.resource.namespaced ? namespace : "";
    const object = f.informer.get(at, ref.name);
    if (object?.metadata.uid !== ref.uid) return { owner: { is: "absent" } };
    return { owner: { is: "there", object: object as KubeObject }, place: { resource: idOf(f.resource), namespace: at, name: ref.name } };
  }

  private added(resource: string, o: KubeObject): void {
    const place = this.place(resource, o);
    const refs = o.metadata.ownerReferences;
    if (refs?.length) {
      this.graph.link(place, refs);
      const suspect = refs.some((ref) => {
        const { owner } = this.ownerOf(ref, place.namespace);
        return owner.is === "absent" || (owner.is === "there" && deletingDependents(owner.object));
      });
      if (suspect) this.enqueue(place);
    }
    if (o.metadata.deletionTimestamp && this.collects(o)) this.enqueue(place);
  }

  private collects(o: KubeObject): boolean {
    return o.metadata.finalizers?.some((f) => f === ORPHAN || f === FOREGROUND) ?? false;
  }

  private updated(resource: string, o: KubeObject, old: KubeObject): void {
    if (!sameReferences(o.metadata.ownerReferences, old.metadata.ownerReferences)) {
      const place = this.place(resource, o);
      this.graph.unlink(place, old.metadata.ownerReferences);
      this.graph.link(place, o.metadata.ownerReferences);
      // An owner that waited for this object may wait no longer; and new owners may not be there.
      this.wakeOwners(old);
      this.enqueue(place);
    }
    if (o.metadata.deletionTimestamp && this.collects(o)) this.enqueue(this.place(resource, o));
  }

  private deleted(resource: string, o: KubeObject): void {
    const place = this.place(resource, o);
    this.graph.unlink(place, o.metadata.ownerReferences);
    for (const dependent of this.graph.dependentsOf(o.metadata.uid)) this.enqueue(dependent);
    this.wakeOwners(o);
  }

  private wakeOwners(o: KubeObject): void {
    for (const ref of o.metadata.ownerReferences ?? []) {
      const { owner, place } = this.ownerOf(ref, o.metadata.namespace ?? "");
      if (place && owner.is === "there" && deletingDependents(owner.object)) this.enqueue(place);
    }
  }

  private object(place: Place): KubeObject | undefined {
    return this.followed.get(place.resource)?.informer.get(place.namespace, place.name);
  }

  private async reconcile(place: Place): Promise<ReconcileResult> {
    const object = this.object(place);
    if (!object) return;
    const owners = (object.metadata.ownerReferences ?? []).map((ref) => [ref, this.ownerOf(ref, place.namespace).owner] as const);
    const places = this.graph.dependentsOf(object.metadata.uid);
    const dependents = places.map((p) => this.object(p)).filter((d): d is KubeObject => d !== undefined);
    const decision = decide(object, owners, dependents);
    if (decision.do === "nothing") return;
    this.reportForeignOwners(place, object, owners);
    try {
      await this.act(place, object, decision, places);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async act(place: Place, object: KubeObject, decision: Decision, dependents: readonly Place[]): Promise<void> {
    switch (decision.do) {
      case "orphan dependents":
        await Promise.all(dependents.map((d) => this.dropReferences(d, [object.metadata.uid ?? ""])));
        return this.dropFinalizer(place, object, ORPHAN);
      case "wait for dependents":
        for (const d of dependents) this.enqueue(d);
        return;
      case "drop finalizer":
        return this.dropFinalizer(place, object, FOREGROUND);
      case "drop references":
        return this.dropReferences(place, decision.uids, object.metadata.uid);
      case "delete":
        if (decision.unblock) await this.unblock(place);
        return this.delete(place, object, decision.policy);
      default:
    }
  }

  private resource(place: Place) {
    return this.client.resource((this.followed.get(place.resource) as Followed).resource);
  }

  /** Changes metadata of the object in place, if it is still the one with `uid`. */
  private async change(place: Place, uid: string | undefined, change: (o: KubeObject) => KubeObject | undefined): Promise<void> {
    try {
      await this.resource(place).modify(place.namespace, place.name, (o) => (uid === undefined || o.metadata.uid === uid ? change(o) : undefined));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private dropReferences(place: Place, uids: readonly string[], uid?: string): Promise<void> {
    return this.change(place, uid, (o) => {
      const kept = (o.metadata.ownerReferences ?? []).filter((r) => !uids.includes(r.uid));
      if (kept.length === (o.metadata.ownerReferences ?? []).length) return undefined;
      const { ownerReferences: _, ...metadata } = o.metadata;
      return { ...o, metadata: kept.length > 0 ? { ...metadata, ownerReferences: kept } : metadata };
    });
  }

  private dropFinalizer(place: Place, object: KubeObject, finalizer: string): Promise<void> {
    return this.change(place, object.metadata.uid, (o) => {
      const kept = (o.metadata.finalizers ?? []).filter((f) => f !== finalizer);
      if (kept.length === (o.metadata.finalizers ?? []).length) return undefined;
      const { finalizers: _, ...metadata } = o.metadata;
      return { ...o, metadata: kept.length > 0 ? { ...metadata, finalizers: kept } : metadata };
    });
  }

  private unblock(place: Place): Promise<void> {
    return this.change(place, undefined, (o) => {
      const refs = o.metadata.ownerReferences ?? [];
      if (!refs.some((r) => r.blockOwnerDeletion)) return undefined;
      return { ...o, metadata: { ...o.metadata, ownerReferences: refs.map((r) => (r.blockOwnerDeletion ? { ...r, blockOwnerDeletion: false } : r)) } };
    });
  }

  /** The resourceVersion guards what was decided on; when only other things changed the deletion goes through all the same (operations.go deleteObject). */
  private async delete(place: Place, object: KubeObject, propagationPolicy: "Background" | "Foreground" | "Orphan"): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const resource = this.resource(place);
    try {
      await resource.delete(place.namespace, place.name, { propagationPolicy, preconditions: { uid, ...(resourceVersion ? { resourceVersion } : {}) } });
    } catch (error) {
      if (!isConflict(error)) throw error;
      const now = this.object(place);
      if (now?.metadata.uid !== uid) return;
      if (!sameReferences(now?.metadata.ownerReferences, object.metadata.ownerReferences)) throw error;
      await resource.delete(place.namespace, place.name, { propagationPolicy, preconditions: { uid } });
    }
  }

  /** An owner that exists, only not in the dependent's namespace, is worth telling: graph_builder.go reportInvalidNamespaceOwnerRef. */
  private reportForeignOwners(place: Place, object: KubeObject, owners: readonly (readonly [OwnerReference, Owner])[]): void {
    for (const [ref, owner] of owners) {
      if (owner.is !== "absent") continue;
      const f = this.byKind.get(`${groupOf(ref.apiVersion)}/${ref.kind}`);
      if (!f?.resource.namespaced || !f.informer.list().some((o) => o.metadata.uid === ref.uid && o.metadata.namespace !== place.namespace)) continue;
      const { group, version, kind } = (this.followed.get(place.resource) as Followed).resource;
      const about = object.kind ? object : { apiVersion: group ? `${group}/${version}` : version, kind, ...object };
      this.recorder.event(about, "Warning", "OwnerRefInvalidNamespace", invalidNamespaceMessage(ref, place.namespace));
    }
  }
}
