import type { Client, Informer, ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { isConflict, isNotFound, messageOf } from "../runtime/errors.js";
import type { Named } from "../runtime/journal.js";
import { createQueue } from "../runtime/queue.js";
import type { ServedResource, ServedResources } from "../runtime/served.js";
import { parseTime, timestamp } from "../runtime/time.js";
import type { Controller, ControllerContext, ReconcileResult, Running } from "../runtime/types.js";
import { type Content, conditionsAfter, FINALIZER_ESTIMATE, NOTHING, podEstimate } from "./plan.js";
import { FEW, held } from "./words.js";

const NAMESPACES: ResourceRef = { group: "", version: "v1", resource: "namespaces" };
const USER = "system:serviceaccount:kube-system:namespace-controller";
const FINALIZER = "kubernetes";

const isPods = (r: ResourceRef): boolean => r.group === "" && r.resource === "pods";

export interface NamespaceOptions {
  /**
   * How long (milliseconds) a namespace that is being deleted is left as it is: a client that deletes one still finds its content for a moment. Upstream waits 5 s
   * for the sake of several API servers (namespaceDeletionGracePeriod); half a second by default here, which shows the same order of things.
   */
  readonly delayMs?: number;
}

/**
 * Empties namespaces that are being deleted, pods first, and then lifts the "kubernetes" finalizer. Upstream looks again after a guess at how long things take;
 * here whatever leaves such a namespace brings the next look about at once, and the guess is only the fallback.
 */
export function createNamespaceController(resources: ServedResources, options: NamespaceOptions = {}): Controller {
  return { name: "namespace-controller", start: (ctx) => start(ctx, resources, options.delayMs ?? 500) };
}

function start(ctx: ControllerContext, resources: ServedResources, delayMs: number): Running {
  const client: Client = ctx.client.as(USER, "kube-controller-manager");
  const namespaces: Informer = ctx.informers.informer(NAMESPACES);
  const terminating = new Set<string>();
  const followed = new Map<string, () => void>();
  const notes = ctx.journal.notes("namespace-controller", "Namespace");

  const queue = createQueue(ctx, { name: "namespace-controller", workers: 10, reconcile: (name) => reconcile(name) });

  const follow = (): void => {
    const wanted = new Map(
      resources
        .list()
        .filter((r) => r.namespaced)
        .map((r) => [`${r.group}/${r.resource}`, r]),
    );
    for (const [id, stop] of followed) {
      if (wanted.has(id)) continue;
      stop();
      followed.delete(id);
    }
    for (const [id, r] of wanted) {
      if (followed.has(id)) continue;
      const informer: Informer = ctx.informers.informer(r);
      // A late arrival (a create that was let in just before) counts too.
      const look = (o: KubeObject): void => {
        const namespace = o.metadata.namespace ?? "";
        if (terminating.has(namespace)) queue.add(namespace);
      };
      followed.set(id, informer.handle({ add: look, delete: look }));
    }
  };

  const finalize = async (namespace: KubeObject): Promise<void> => {
    await client.resource(NAMESPACES).modify(
      "",
      namespace.metadata.name ?? "",
      (current) => {
        if (current.metadata.uid !== namespace.metadata.uid) return undefined;
        const finalizers: string[] = current.spec?.finalizers ?? [];
        if (!finalizers.includes(FINALIZER)) return undefined;
        return { ...current, spec: { ...current.spec, finalizers: finalizers.filter((f) => f !== FINALIZER).sort() } };
      },
      { subresource: "finalize" },
    );
  };

  const report = async (namespace: KubeObject, content: Content): Promise<void> => {
    const now = timestamp(ctx.clock.now());
    await client.resource(NAMESPACES).modify(
      "",
      namespace.metadata.name ?? "",
      (current) => {
        if (current.metadata.uid !== namespace.metadata.uid) return undefined;
        const conditions = conditionsAfter(current.status?.conditions ?? [], content, now);
        return conditions ? { ...current, status: { ...current.status, conditions } } : undefined;
      },
      { subresource: "status" },
    );
  };

  /** Deletes what there is of one resource. Returns what is left. */
  const empty = async (r: ServedResource, namespace: string): Promise<{ left: readonly KubeObject[]; errors: string[] }> => {
    const informer: Informer = ctx.informers.informer(r);
    const errors: string[] = [];
    await Promise.all(
      informer
        .list(namespace)
        .filter((o) => !o.metadata.deletionTimestamp)
        .map(async (o) => {
          try {
            await client.resource(r).delete(namespace, o.metadata.name ?? "", { propagationPolicy: "Background" });
          } catch (error) {
            if (!isNotFound(error) && !isConflict(error)) errors.push(messageOf(error));
          }
        }),
    );
    return { left: informer.list(namespace), errors };
  };

  const emptyAll = async (list: readonly ServedResource[], namespace: string): Promise<Content> => {
    const errors: string[] = [];
    const remaining = new Map<string, number>();
    const finalizers = new Map<string, number>();
    const named: Named[] = [];
    await Promise.all(
      list.map(async (r) => {
        const { left, errors: failed } = await empty(r, namespace);
        errors.push(...failed);
        if (left.length > 0) remaining.set(`${r.resource}.${r.group}`, left.length);
        for (const o of left.slice(0, FEW)) named.push({ kind: r.kind, namespace, name: o.metadata.name ?? "" });
        for (const o of left) for (const f of o.metadata.finalizers ?? []) finalizers.set(f, (finalizers.get(f) ?? 0) + 1);
      }),
    );
    notes.state(namespace, held(namespace, named, errors));
    return { errors, remaining, finalizers };
  };

  const reconcile = async (name: string): Promise<ReconcileResult> => {
    const namespace = namespaces.get("", name);
    if (!namespace?.metadata.deletionTimestamp) return undefined;
    terminating.add(name);
    try {
      if (namespace.status?.phase !== "Terminating") {
        await client
          .resource(NAMESPACES)
          .modify("", name, (o) => (o.metadata.deletionTimestamp ? { ...o, status: { ...o.status, phase: "Terminating" } } : undefined), {
            subresource: "status",
          });
      }
      if (!((namespace.spec?.finalizers ?? []) as string[]).length) return undefined;
      const all = resources.list().filter((r) => r.namespaced);
      const pods = all.find(isPods);
      if (pods) {
        const informer: Informer = ctx.informers.informer(pods);
        const estimate = podEstimate(informer.list(name), parseTime(namespace.metadata.deletionTimestamp) ?? 0, ctx.clock.now());
        const content = await emptyAll([pods], name);
        // OrderedNamespaceDeletion: nothing else goes while a pod may still need it, and the counts are not told yet.
        if (content.remaining.size > 0) {
          await report(namespace, { ...NOTHING, errors: content.errors });
          return { requeueAfterMs: (Math.floor((estimate || FINALIZER_ESTIMATE) / 2) + 1) * 1000 };
        }
      }
      const content = await emptyAll(
        all.filter((r) => !isPods(r)),
        name,
      );
      await report(namespace, content);
      if (content.errors.length > 0) throw new Error(content.errors.join(", "));
      if (content.remaining.size > 0) return { requeueAfterMs: (Math.floor(FINALIZER_ESTIMATE / 2) + 1) * 1000 };
      await finalize(namespace);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  };

  const seen = (namespace: KubeObject): void => {
    if (!namespace.metadata.deletionTimestamp) return;
    queue.addAfter(namespace.metadata.name ?? "", delayMs);
  };
  follow();
  const stops = [
    resources.onChange?.(follow),
    namespaces.handle({
      add: seen,
      update: (namespace, old) => {
        // Its own conditions are no news.
        if (namespace.metadata.deletionTimestamp !== old.metadata.deletionTimestamp || namespace.metadata.uid !== old.metadata.uid) seen(namespace);
      },
      delete: (namespace) => {
        terminating.delete(namespace.metadata.name ?? "");
        notes.state(namespace.metadata.name ?? "");
      },
    }),
  ];
  return {
    stop() {
      for (const stop of stops) stop?.();
      for (const stop of followed.values()) stop();
      queue.stop();
    },
  };
}
