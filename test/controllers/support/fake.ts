/**
 * A cluster in memory for controllers alone: the client's and informers' contracts with immediate consistency and none of the pipeline (no defaults, no validation, no
 * admission). Deleting a pod with a grace period leaves it terminating until `remove`; everything else goes at once unless finalizers hold it.
 */
import type {
  Client,
  DeleteOptions,
  Informer,
  InformerHandler,
  Informers,
  ListOptions,
  ResourceClient,
  ResourceRef,
  WriteOptions,
} from "../../../client/client.js";
import { createActivity } from "../../../controllers/runtime/activity.js";
import { type ManualClock, manualClock } from "../../../controllers/runtime/clock.js";
import { createContext, silentLog } from "../../../controllers/runtime/context.js";
import { randomSuffix } from "../../../controllers/runtime/names.js";
import { timestamp } from "../../../controllers/runtime/time.js";
import type { Activity, Controller, ControllerContext } from "../../../controllers/runtime/types.js";
import type { KubeObject, OwnerReference } from "../../../kinds/object.js";
import { ApiError, alreadyExists, conflict, invalid, notFound, OPTIMISTIC_LOCK } from "../../../server/errors.js";

const KINDS: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  pods: ["v1", "Pod"],
  persistentvolumeclaims: ["v1", "PersistentVolumeClaim"],
  events: ["v1", "Event"],
  statefulsets: ["apps/v1", "StatefulSet"],
  deployments: ["apps/v1", "Deployment"],
  replicasets: ["apps/v1", "ReplicaSet"],
  controllerrevisions: ["apps/v1", "ControllerRevision"],
  jobs: ["batch/v1", "Job"],
  cronjobs: ["batch/v1", "CronJob"],
  poddisruptionbudgets: ["policy/v1", "PodDisruptionBudget"],
};

const SCALED = new Set(["deployments", "replicasets", "statefulsets"]);

export interface Call {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource?: string;
}

class Table implements Informer<KubeObject> {
  readonly objects = new Map<string, KubeObject>();
  private readonly handlers = new Set<InformerHandler<KubeObject>>();
  private readonly indexes = new Map<string, { keys: (object: KubeObject) => readonly string[]; buckets: Map<string, Map<string, KubeObject>> }>();

  get(namespace: string, name: string): KubeObject | undefined {
    return this.objects.get(`${namespace}/${name}`);
  }
  list(namespace = ""): readonly KubeObject[] {
    return [...this.objects.values()]
      .filter((object) => !namespace || object.metadata.namespace === namespace)
      .sort((a, b) => (`${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1));
  }
  addIndex(name: string, keys: (object: KubeObject) => readonly string[]): void {
    if (this.indexes.has(name)) return;
    this.indexes.set(name, { keys, buckets: new Map() });
    for (const [key, object] of this.objects) this.reindex(key, undefined, object);
  }
  byIndex(name: string, key: string): readonly KubeObject[] {
    return [...(this.indexes.get(name)?.buckets.get(key)?.values() ?? [])];
  }
  handle(handler: InformerHandler<KubeObject>): () => void {
    this.handlers.add(handler);
    for (const object of this.list()) handler.add?.(object);
    return () => this.handlers.delete(handler);
  }
  put(key: string, object: KubeObject | undefined): void {
    const old = this.objects.get(key);
    if (object) this.objects.set(key, object);
    else this.objects.delete(key);
    this.reindex(key, old, object);
    for (const handler of this.handlers) {
      if (!object && old) handler.delete?.(old);
      else if (object && old) handler.update?.(object, old);
      else if (object) handler.add?.(object);
    }
  }
  private reindex(key: string, old: KubeObject | undefined, object: KubeObject | undefined): void {
    for (const { keys, buckets } of this.indexes.values()) {
      for (const k of old ? keys(old) : []) buckets.get(k)?.delete(key);
      for (const k of object ? keys(object) : []) {
        if (!buckets.has(k)) buckets.set(k, new Map());
        buckets.get(k)?.set(key, object as KubeObject);
      }
    }
  }
}

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function freeze<T>(value: T): T {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}

/** JSON merge with the strategic rules controllers lean on: ownerReferences merge by uid, items go out of primitive lists. */
function merge(target: Record<string, unknown>, patch: Record<string, unknown>): void {
  const lists = "$deleteFromPrimitiveList/";
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(lists)) {
      const list = key.slice(lists.length);
      const left = ((target[list] as unknown[] | undefined) ?? []).filter((item) => !(value as unknown[]).includes(item));
      if (left.length) target[list] = left;
      else delete target[list];
    } else if (key === "ownerReferences") {
      let refs = [...((target[key] as OwnerReference[] | undefined) ?? [])];
      for (const ref of value as (OwnerReference & { $patch?: string })[]) {
        refs = refs.filter((r) => r.uid !== ref.uid);
        if (ref.$patch !== "delete") refs.push(ref);
      }
      if (refs.length) target[key] = refs;
      else delete target[key];
    } else if (value === null) delete target[key];
    else if (typeof value === "object" && !Array.isArray(value)) {
      if (typeof target[key] !== "object" || target[key] === null) target[key] = {};
      merge(target[key] as Record<string, unknown>, value as Record<string, unknown>);
    } else target[key] = value;
  }
}

export class FakeCluster {
  readonly clock: ManualClock = manualClock(Date.UTC(2024, 0, 1));
  readonly activity: Activity = createActivity();
  readonly calls: Call[] = [];
  /** Set to make a call fail: return the error to throw. */
  fail: (call: Call, object?: KubeObject) => Error | undefined = () => undefined;
  readonly context: ControllerContext;
  private readonly tables = new Map<string, Table>();
  private revision = 0;
  private seed = 1;

  constructor() {
    const client = this.client();
    const informers: Informers = { informer: <T extends KubeObject>(ref: ResourceRef) => this.table(ref.resource) as unknown as Informer<T>, stop() {} };
    this.context = createContext({ client, informers, clock: this.clock, log: silentLog, random: () => this.random(), activity: this.activity });
  }

  random(): number {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) & 0x7fffffff;
    return this.seed / 0x80000000;
  }

  start(...controllers: Controller[]): void {
    for (const controller of controllers) controller.start(this.context);
  }

  /** Until nothing is queued or running. */
  settle(): Promise<void> {
    return this.activity.idle();
  }

  get<T extends KubeObject = KubeObject>(resource: string, name: string, namespace = "default"): T | undefined {
    return this.table(resource).get(namespace, name) as T | undefined;
  }
  list<T extends KubeObject = KubeObject>(resource: string, namespace = "default"): readonly T[] {
    return this.table(resource).list(namespace) as readonly T[];
  }
  names(resource: string): string[] {
    return this.list(resource).map((object) => object.metadata.name ?? "");
  }
  events(about: string): string[] {
    return this.list("events")
      .filter((e) => e.involvedObject.name === about)
      .map((e) => `${e.type} ${e.reason} ${e.message}${e.count > 1 ? ` x${e.count}` : ""}`);
  }

  /** A write past the client, as a user's. Bumps generation when the spec changed. */
  apply(resource: string, name: string, change: (object: KubeObject) => void): KubeObject {
    const before = this.mustGet(resource, "default", name);
    const object = clone(before);
    change(object);
    if (JSON.stringify(object.spec) !== JSON.stringify(before.spec) && object.metadata.generation) object.metadata.generation++;
    return this.store(resource, object);
  }
  /** `apply` with a merge patch. */
  patch(resource: string, name: string, patch: Record<string, unknown>): KubeObject {
    return this.apply(resource, name, (object) => merge(object, patch));
  }
  add(resource: string, object: KubeObject): KubeObject {
    return this.insert(resource, object.metadata.namespace ?? "default", object);
  }
  /** Takes an object away for good, as the kubelet's last delete does. */
  remove(resource: string, name: string): void {
    this.table(resource).put(`default/${name}`, undefined);
  }
  /** Marks a pod Running and Ready (or not), as its kubelet would. */
  podReady(name: string, ready = true): void {
    this.apply("pods", name, (pod) => {
      const condition = { type: "Ready", status: ready ? "True" : "False", lastTransitionTime: timestamp(this.clock.now()) };
      pod.spec.nodeName = "node-0";
      pod.status = { ...pod.status, phase: "Running", conditions: [condition] };
    });
  }
  /** Plays the kubelet until everything is at rest: pods turn Ready at once, terminating ones go. `except` (names, or a judgement) are left as they are. */
  async run(except: readonly string[] | ((pod: KubeObject) => boolean) = []): Promise<void> {
    const left = typeof except === "function" ? except : (pod: KubeObject): boolean => except.includes(pod.metadata.name ?? "");
    for (;;) {
      await this.settle();
      let did = false;
      for (const pod of this.list("pods")) {
        const name = pod.metadata.name ?? "";
        if (pod.metadata.deletionTimestamp && !pod.metadata.finalizers?.length) this.remove("pods", name);
        else if (pod.metadata.deletionTimestamp) continue;
        else if (pod.status?.phase === "Pending" && !left(pod)) this.podReady(name);
        else continue;
        did = true;
      }
      if (!did) return;
    }
  }

  private table(resource: string): Table {
    let table = this.tables.get(resource);
    if (!table) {
      table = new Table();
      this.tables.set(resource, table);
    }
    return table;
  }
  private mustGet(resource: string, namespace: string, name: string): KubeObject {
    const object = this.table(resource).get(namespace, name);
    if (!object) throw notFound(this.ref(resource), name);
    return object;
  }
  private ref(resource: string): { group: string; resource: string } {
    return { group: (KINDS[resource]?.[0] ?? "").includes("/") ? "apps" : "", resource };
  }
  private insert(resource: string, namespace: string, given: KubeObject): KubeObject {
    const object = clone(given);
    const [apiVersion, kind] = KINDS[resource] ?? ["v1", "Unknown"];
    Object.assign(object, { apiVersion, kind });
    object.metadata.namespace = namespace;
    object.metadata.name ||= `${object.metadata.generateName}${randomSuffix(() => this.random())}`;
    if (this.table(resource).get(namespace, object.metadata.name)) throw alreadyExists(this.ref(resource), object.metadata.name);
    object.metadata.uid ??= `uid-${++this.revision}`;
    object.metadata.creationTimestamp = timestamp(this.clock.now());
    if (
      resource === "statefulsets" ||
      resource === "deployments" ||
      resource === "replicasets" ||
      resource === "jobs" ||
      resource === "cronjobs" ||
      resource === "poddisruptionbudgets"
    )
      object.metadata.generation = 1;
    if (resource === "pods") object.status ??= { phase: "Pending" };
    if (resource === "persistentvolumeclaims") object.status ??= { phase: "Bound" };
    if (kind === "StatefulSet" || kind === "ReplicaSet") object.status ??= { replicas: 0 };
    if (kind === "Deployment") object.status ??= {};
    return this.store(resource, object);
  }
  private store(resource: string, object: KubeObject): KubeObject {
    object.metadata.resourceVersion = String(++this.revision);
    freeze(object);
    this.table(resource).put(`${object.metadata.namespace}/${object.metadata.name}`, object);
    return object;
  }
  private call(verb: string, resource: string, name: string, subresource?: string, object?: KubeObject): void {
    const call: Call = { verb, resource, name, ...(subresource ? { subresource } : {}) };
    this.calls.push(call);
    const error = this.fail(call, object);
    if (error) throw error;
  }

  private client(): Client {
    return { as: () => this.client(), resource: <T extends KubeObject>(ref: ResourceRef) => this.resource(ref.resource) as unknown as ResourceClient<T> };
  }

  private resource(resource: string): ResourceClient<KubeObject> {
    // A view takes over status only, the main resource everything but status; generation moves with the spec.
    const replace = (namespace: string, name: string, next: KubeObject, subresource: string): KubeObject => {
      const current = this.mustGet(resource, namespace, name);
      const version = next.metadata.resourceVersion;
      if (version && version !== current.metadata.resourceVersion) throw conflict(this.ref(resource), name, OPTIMISTIC_LOCK);
      const object: KubeObject = clone(subresource === "status" ? { ...current, status: next.status } : { ...next, status: current.status });
      // The Deployment's status strategy lets annotations through.
      if (subresource === "status" && resource === "deployments" && next.metadata.annotations) object.metadata.annotations = clone(next.metadata.annotations);
      if (JSON.stringify(object) === JSON.stringify(current)) return current;
      if (object.metadata.generation && JSON.stringify(object.spec) !== JSON.stringify(current.spec)) object.metadata.generation++;
      return this.store(resource, object);
    };
    return {
      get: async (namespace, name) => this.mustGet(resource, namespace, name),
      list: async (namespace: string, _options?: ListOptions) => ({ items: this.list(resource, namespace), resourceVersion: String(this.revision) }),
      create: async (namespace: string, object: KubeObject, _options?: WriteOptions) => {
        await Promise.resolve();
        this.call("create", resource, object.metadata.name ?? object.metadata.generateName ?? "", undefined, object);
        return this.insert(resource, namespace, object);
      },
      update: async (namespace, object) => {
        await Promise.resolve();
        this.call("update", resource, object.metadata.name ?? "", undefined, object);
        return replace(namespace, object.metadata.name ?? "", object, "");
      },
      updateStatus: async (namespace, object) => {
        await Promise.resolve();
        this.call("update", resource, object.metadata.name ?? "", "status", object);
        return replace(namespace, object.metadata.name ?? "", object, "status");
      },
      modify: async (namespace, name, change, options) => {
        await Promise.resolve();
        const current = this.mustGet(resource, namespace, name);
        const next = change(current);
        if (!next) return current;
        this.call("modify", resource, name, options?.subresource, next);
        return replace(namespace, name, next, options?.subresource ?? "");
      },
      patch: async (namespace, name, _type, patch) => {
        await Promise.resolve();
        this.call("patch", resource, name);
        const object = clone(this.mustGet(resource, namespace, name));
        const { uid } = (patch as KubeObject).metadata ?? {};
        if (uid && uid !== object.metadata.uid) throw invalid({ group: "", kind: resource }, name, []);
        merge(object, patch as Record<string, unknown>);
        return this.store(resource, object);
      },
      delete: async (namespace: string, name: string, _options?: DeleteOptions) => {
        await Promise.resolve();
        this.call("delete", resource, name);
        const object = clone(this.mustGet(resource, namespace, name));
        if (resource !== "pods" && !object.metadata.finalizers?.length) return this.table(resource).put(`${namespace}/${name}`, undefined);
        if (object.metadata.deletionTimestamp) return;
        object.metadata.deletionTimestamp = timestamp(this.clock.now() + 30_000);
        object.metadata.deletionGracePeriodSeconds = 30;
        this.store(resource, object);
      },
      getScale: async (namespace, name) => {
        const object = this.mustGet(resource, namespace, name);
        if (!SCALED.has(resource)) throw notFound(this.ref(resource), name);
        return {
          kind: "Scale",
          apiVersion: "autoscaling/v1",
          metadata: { name, namespace, uid: object.metadata.uid ?? "" },
          spec: { replicas: object.spec.replicas },
        };
      },
      updateScale: async () => {
        throw new Error("no scales here");
      },
      createSubresource: async () => {
        throw new ApiError({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "NotFound", code: 404 });
      },
    };
  }
}
