/** A cluster in memory as far as volumes and scheduling need one: cluster-scoped objects, finalizers, the binding subresource, status beside spec. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, Informer, InformerHandler, Informers, ResourceClient, ResourceRef } from "../../../client/client.js";
import { createActivity } from "../../../controllers/runtime/activity.js";
import { type ManualClock, manualClock } from "../../../controllers/runtime/clock.js";
import { createContext, silentLog } from "../../../controllers/runtime/context.js";
import type { Controller, ControllerContext, Running } from "../../../controllers/runtime/types.js";
import type { KubeObject } from "../../../kinds/object.js";
import { alreadyExists, notFound } from "../../../server/errors.js";

const CLUSTER = new Set(["persistentvolumes", "nodes", "storageclasses", "namespaces", "csidrivers", "csinodes", "volumeattachments"]);
const PROTECTION: Readonly<Record<string, string>> = {
  persistentvolumes: "kubernetes.io/pv-protection",
  persistentvolumeclaims: "kubernetes.io/pvc-protection",
};
const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

class Table implements Informer<KubeObject> {
  readonly objects = new Map<string, KubeObject>();
  private readonly handlers = new Set<InformerHandler<KubeObject>>();
  private readonly indexes = new Map<string, (object: KubeObject) => readonly string[]>();
  get(namespace: string, name: string): KubeObject | undefined {
    return this.objects.get(`${namespace}/${name}`);
  }
  list(namespace = ""): readonly KubeObject[] {
    return [...this.objects].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, o]) => (!namespace || o.metadata.namespace === namespace ? [o] : []));
  }
  addIndex(name: string, keys: (object: KubeObject) => readonly string[]): void {
    this.indexes.set(name, keys);
  }
  byIndex(name: string, key: string): readonly KubeObject[] {
    const keys = this.indexes.get(name);
    return keys ? this.list().filter((o) => keys(o).includes(key)) : [];
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
    for (const h of this.handlers) {
      if (!object) old && h.delete?.(old);
      else if (old) h.update?.(object, old);
      else h.add?.(object);
    }
  }
}

export class Cluster {
  readonly clock: ManualClock = manualClock(Date.UTC(2024, 0, 1));
  readonly activity = createActivity();
  readonly context: ControllerContext;
  /** `<verb> <resource> <name>` of every write. */
  readonly writes: string[] = [];
  private readonly tables = new Map<string, Table>();
  private readonly running: Running[] = [];
  private directory: string | undefined;
  private revision = 0;

  constructor() {
    const client: Client = {
      as: () => client,
      resource: <T extends KubeObject>(ref: ResourceRef) => this.resource(ref.resource) as unknown as ResourceClient<T>,
    };
    const informers: Informers = { informer: <T extends KubeObject>(ref: ResourceRef) => this.table(ref.resource) as unknown as Informer<T>, stop() {} };
    this.context = createContext({ client, informers, clock: this.clock, log: silentLog, random: () => 0.5, activity: this.activity });
  }

  start(...controllers: Controller[]): void {
    for (const c of controllers) this.running.push(c.start(this.context));
  }
  async volumesDir(): Promise<string> {
    this.directory ??= await mkdtemp(join(tmpdir(), "mockube-volumes-"));
    return this.directory;
  }
  async close(): Promise<void> {
    for (const r of this.running) r.stop();
    await this.activity.idle();
    if (this.directory) await rm(this.directory, { recursive: true, force: true });
  }
  settle(): Promise<void> {
    return this.activity.idle();
  }

  get(resource: string, name: string, namespace = "default"): KubeObject {
    return this.must(resource, namespace, name);
  }
  find(resource: string, name: string, namespace = "default"): KubeObject | undefined {
    return this.table(resource).get(CLUSTER.has(resource) ? "" : namespace, name);
  }
  list(resource: string): readonly KubeObject[] {
    return this.table(resource).list();
  }
  /** `reason: message` of the Events about an object. */
  events(about: string): string[] {
    return this.list("events").flatMap((e) => (e.involvedObject.name === about ? [`${e.reason}: ${e.message}`] : []));
  }
  create(resource: string, object: Partial<KubeObject> & { metadata: KubeObject["metadata"] }, namespace = "default"): KubeObject {
    const made = clone(object) as KubeObject;
    const ns = CLUSTER.has(resource) ? "" : namespace;
    if (ns) made.metadata.namespace = ns;
    const name = made.metadata.name ?? "";
    if (this.table(resource).get(ns, name)) throw alreadyExists({ group: "", resource }, name);
    made.metadata.uid = `uid-${++this.revision}`;
    made.metadata.creationTimestamp = new Date(this.clock.now()).toISOString();
    made.metadata.generation = 1;
    const protection = PROTECTION[resource];
    if (protection) made.metadata.finalizers = [...(made.metadata.finalizers ?? []), protection];
    if (resource === "persistentvolumes") made.status = { phase: "Pending" };
    if (resource === "persistentvolumeclaims" || resource === "pods") made.status ??= { phase: "Pending" };
    return this.store(resource, made);
  }
  /** A user's write of spec, metadata or status. */
  change(resource: string, name: string, edit: (object: KubeObject) => void, namespace = "default"): KubeObject {
    const object = clone(this.must(resource, namespace, name));
    edit(object);
    return this.store(resource, object);
  }
  delete(resource: string, name: string, namespace = "default"): void {
    const object = clone(this.must(resource, namespace, name));
    if (!object.metadata.finalizers?.length) {
      this.table(resource).put(`${CLUSTER.has(resource) ? "" : namespace}/${name}`, undefined);
      return;
    }
    object.metadata.deletionTimestamp ??= new Date(this.clock.now()).toISOString();
    object.metadata.deletionGracePeriodSeconds = 0;
    this.store(resource, object);
  }

  private table(resource: string): Table {
    let table = this.tables.get(resource);
    if (!table) {
      table = new Table();
      this.tables.set(resource, table);
    }
    return table;
  }
  private must(resource: string, namespace: string, name: string): KubeObject {
    const object = this.table(resource).get(CLUSTER.has(resource) ? "" : namespace, name);
    if (!object) throw notFound({ group: "", resource }, name);
    return object;
  }
  private store(resource: string, object: KubeObject): KubeObject {
    object.metadata.resourceVersion = String(++this.revision);
    const key = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    const gone = object.metadata.deletionTimestamp && !object.metadata.finalizers?.length && resource !== "pods";
    this.table(resource).put(key, gone ? undefined : object);
    return object;
  }
  private resource(resource: string): ResourceClient<KubeObject> {
    const unused = async (): Promise<never> => {
      throw new Error("not in this fake");
    };
    return {
      get: async (ns, name) => this.must(resource, ns, name),
      list: unused,
      update: unused,
      updateStatus: unused,
      create: async (ns, object) => {
        await Promise.resolve();
        this.writes.push(`create ${resource} ${object.metadata.name}`);
        return this.create(resource, object, ns);
      },
      modify: async (ns, name, change, options) => {
        await Promise.resolve();
        const current = this.must(resource, ns, name);
        const next = change(current);
        if (!next) return current;
        this.writes.push(`${options?.subresource || "modify"} ${resource} ${name}`);
        return this.store(
          resource,
          clone(options?.subresource === "status" ? { ...current, metadata: next.metadata, status: next.status } : { ...next, status: current.status }),
        );
      },
      patch: async (ns, name, _type, patch) => this.change(resource, name, (o) => Object.assign(o, patch), ns),
      delete: async (ns, name) => {
        await Promise.resolve();
        this.writes.push(`delete ${resource} ${name}`);
        this.delete(resource, name, ns);
      },
      getScale: () => Promise.reject(new Error("no scales here")),
      updateScale: () => Promise.reject(new Error("no scales here")),
      createSubresource: async (ns, name, subresource, body) => {
        await Promise.resolve();
        this.writes.push(`${subresource} ${resource} ${name}`);
        this.change(
          resource,
          name,
          (pod) => {
            pod.spec.nodeName = body.target.name;
            pod.status = { ...pod.status, conditions: [{ type: "PodScheduled", status: "True" }] };
          },
          ns,
        );
        return body;
      },
    };
  }
}

export const node = (name: string, extra: { labels?: Record<string, string>; cpu?: string; memory?: string; pods?: string; spec?: object } = {}) => ({
  metadata: { name, labels: { "kubernetes.io/hostname": name, ...extra.labels } },
  spec: extra.spec ?? {},
  status: { allocatable: { cpu: extra.cpu ?? "4", memory: extra.memory ?? "8Gi", pods: extra.pods ?? "110" } },
});

export const claim = (name: string, size = "1Gi", spec: object = {}) => ({
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } }, storageClassName: "manual", volumeMode: "Filesystem", ...spec },
});

export const volume = (name: string, size = "1Gi", spec: object = {}, labels?: Record<string, string>) => ({
  metadata: { name, ...(labels && { labels }) },
  spec: {
    capacity: { storage: size },
    accessModes: ["ReadWriteOnce"],
    storageClassName: "manual",
    persistentVolumeReclaimPolicy: "Retain",
    volumeMode: "Filesystem",
    hostPath: { path: "/data" },
    ...spec,
  },
});

export const storageClass = (name: string, provisioner = "kubernetes.io/host-path", extra: object = {}, annotations?: Record<string, string>) => ({
  metadata: { name, ...(annotations && { annotations }) },
  provisioner,
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
  ...extra,
});

export const pod = (name: string, spec: object = {}, labels?: Record<string, string>) => ({
  metadata: { name, ...(labels && { labels }) },
  spec: { schedulerName: "default-scheduler", containers: [{ name: "c", image: "x" }], ...spec },
});
export const withClaim = (claimName: string, extra: object = {}) => ({ volumes: [{ name: "v", persistentVolumeClaim: { claimName } }], ...extra });
