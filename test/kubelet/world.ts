import type { Client, DeleteOptions, Informer, InformerHandler, Informers, ResourceClient, ResourceRef, WriteOptions } from "../../client/client.js";
import { manualTime } from "../../cluster/time.js";
import { createActivity } from "../../controllers/runtime/activity.js";
import { type ManualClock, manualClock } from "../../controllers/runtime/clock.js";
import { createJournal } from "../../controllers/runtime/journal.js";
import type { ControllerContext } from "../../controllers/runtime/types.js";
import type { KubeObject } from "../../kinds/object.js";

/** An error as the API gives it, for the fake. */
const failure = (code: number, reason: string, message: string): Error => Object.assign(new Error(message), { status: { code, reason, message } });

export interface Told {
  readonly component: string;
  readonly host?: string;
  readonly about: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly fieldPath?: string;
}

export interface Write {
  readonly verb: string;
  readonly resource: string;
  readonly key: string;
  readonly user: string;
  readonly subresource: string;
  readonly object?: KubeObject;
}

const refKey = (r: ResourceRef): string => `${r.resource}.${r.group}`;

class Store implements Informer {
  readonly objects = new Map<string, KubeObject>();
  private readonly handlers = new Set<InformerHandler<KubeObject>>();
  private readonly indexes = new Map<string, (o: KubeObject) => readonly string[]>();
  get(namespace: string, name: string): KubeObject | undefined {
    return this.objects.get(`${namespace}/${name}`);
  }
  list(namespace?: string): readonly KubeObject[] {
    const keys = [...this.objects.keys()].filter((k) => !namespace || k.startsWith(`${namespace}/`)).sort();
    return keys.map((k) => this.objects.get(k) as KubeObject);
  }
  addIndex(name: string, keys: (o: KubeObject) => readonly string[]): void {
    this.indexes.set(name, keys);
  }
  byIndex(name: string, key: string): readonly KubeObject[] {
    const keys = this.indexes.get(name);
    return this.list().filter((o) => keys?.(o).includes(key));
  }
  handle(handler: InformerHandler<KubeObject>): () => void {
    this.handlers.add(handler);
    for (const o of this.list()) handler.add?.(o);
    return () => this.handlers.delete(handler);
  }
  put(key: string, object: KubeObject): void {
    const old = this.objects.get(key);
    this.objects.set(key, object);
    for (const h of this.handlers) old ? h.update?.(object, old) : h.add?.(object);
  }
  drop(key: string): void {
    const old = this.objects.get(key);
    this.objects.delete(key);
    if (old) for (const h of this.handlers) h.delete?.(old);
  }
}

/**
 * A very small API in memory: enough of create, update, graceful deletion, finalizers and propagation to run controllers against. It validates nothing.
 */
export class World {
  readonly clock: ManualClock = manualClock(Date.parse("2025-01-01T00:00:00Z"));
  readonly activity = createActivity();
  private readonly time = manualTime(this.clock, this.activity);
  readonly events: Told[] = [];
  readonly writes: Write[] = [];
  private readonly stores = new Map<string, Store>();
  private revision = 0;
  private uids = 0;
  /** Thrown by the next matching write, once. */
  failNext?: { verb: string; resource: string; error: Error };

  readonly ctx: ControllerContext = {
    client: this.clientAs("test", "test"),
    informers: { informer: (ref: ResourceRef) => this.store(ref) as unknown as Informer<never>, stop() {} } as Informers,
    clock: this.clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    recorder: (component, host) => ({
      event: (about, type, reason, message, fieldPath) => {
        this.events.push({ component, host, about: `${about.kind}/${about.metadata.name}`, type, reason, message, ...(fieldPath ? { fieldPath } : {}) });
      },
    }),
    journal: createJournal(this.clock),
    random: () => 0.5,
    activity: this.activity,
  };

  store(ref: ResourceRef): Store {
    const key = refKey(ref);
    let store = this.stores.get(key);
    if (!store) {
      store = new Store();
      this.stores.set(key, store);
    }
    return store;
  }

  /** Waits until nothing is queued or running. */
  async settle(): Promise<void> {
    await this.activity.idle();
  }

  /** Moves the clock from timer to timer, settling in between, for so many milliseconds. */
  pass(ms: number): Promise<void> {
    return this.time.advance(ms);
  }

  add(ref: ResourceRef, object: KubeObject): Promise<KubeObject> {
    return this.ctx.client.resource(ref).create(object.metadata.namespace ?? "", object);
  }

  private clientAs(user: string, manager: string): Client {
    return { resource: (ref) => this.resource(ref, user) as never, as: (u, m) => this.clientAs(u, m ?? manager) };
  }

  private note(verb: string, ref: ResourceRef, key: string, user: string, subresource = "", object?: KubeObject): void {
    const f = this.failNext;
    if (f && f.verb === verb && f.resource === ref.resource) {
      this.failNext = undefined;
      throw f.error;
    }
    this.writes.push({ verb, resource: ref.resource, key, user, subresource, object });
  }

  private commit(ref: ResourceRef, key: string, object: KubeObject): KubeObject {
    const meta = object.metadata;
    const held = (meta.finalizers?.length ?? 0) > 0 || (ref.resource === "namespaces" && (object.spec?.finalizers?.length ?? 0) > 0);
    const waits = ref.resource === "pods" && meta.deletionGracePeriodSeconds !== 0;
    const stored = { ...object, metadata: { ...meta, resourceVersion: String(++this.revision) } };
    if (meta.deletionTimestamp && !held && !waits) this.store(ref).drop(key);
    else this.store(ref).put(key, stored);
    return stored;
  }

  private resource(ref: ResourceRef, user: string): ResourceClient {
    const store = this.store(ref);
    const must = (namespace: string, name: string): KubeObject => {
      const found = store.get(namespace, name);
      if (!found) throw failure(404, "NotFound", `${ref.resource} "${name}" not found`);
      return found;
    };
    const modify = async (ns: string, name: string, change: (o: KubeObject) => KubeObject | undefined, options?: WriteOptions & { subresource?: string }) => {
      await Promise.resolve();
      const current = must(ns, name);
      const next = change(current);
      if (!next) return current;
      const specChanged = !options?.subresource && JSON.stringify(next.spec) !== JSON.stringify(current.spec);
      const bumped = specChanged ? { ...next, metadata: { ...next.metadata, generation: (current.metadata.generation ?? 0) + 1 } } : next;
      this.note("update", ref, `${ns}/${name}`, user, options?.subresource, bumped);
      return this.commit(ref, `${ns}/${name}`, bumped);
    };
    return {
      get: async (ns, name) => must(ns, name),
      list: async (ns) => ({ items: store.list(ns), resourceVersion: String(this.revision) }),
      create: async (ns, object) => {
        await Promise.resolve();
        const name = object.metadata.name ?? `${object.metadata.generateName}${(++this.uids).toString().padStart(5, "0")}`;
        if (store.get(ns, name)) throw failure(409, "AlreadyExists", `${ref.resource} "${name}" already exists`);
        this.note("create", ref, `${ns}/${name}`, user, "", object);
        const metadata = {
          ...object.metadata,
          name,
          ...(ns ? { namespace: ns } : {}),
          uid: object.metadata.uid ?? `uid-${ref.resource}-${name}-${++this.uids}`,
          creationTimestamp: new Date(this.clock.now()).toISOString(),
          generation: 1,
        };
        return this.commit(ref, `${ns}/${name}`, { ...object, metadata });
      },
      update: (ns, object, options) => modify(ns, object.metadata.name ?? "", () => object, options),
      updateStatus: (ns, object, options) => modify(ns, object.metadata.name ?? "", (o) => ({ ...o, status: object.status }), options),
      modify,
      patch: (ns, name, _type, patch, options) => modify(ns, name, (o) => ({ ...o, ...(patch as object) }), options),
      delete: async (ns, name, options?: DeleteOptions) => {
        await Promise.resolve();
        const o = must(ns, name);
        const { uid, resourceVersion } = options?.preconditions ?? {};
        if ((uid && uid !== o.metadata.uid) || (resourceVersion && resourceVersion !== o.metadata.resourceVersion)) {
          throw failure(409, "Conflict", "precondition failed");
        }
        this.note("delete", ref, `${ns}/${name}`, user, options?.propagationPolicy ?? "");
        const graceful = ref.resource === "pods" && o.spec?.nodeName && o.status?.phase !== "Succeeded" && o.status?.phase !== "Failed";
        const grace = graceful ? (options?.gracePeriodSeconds ?? o.spec?.terminationGracePeriodSeconds ?? 30) : 0;
        const finalizers = new Set(o.metadata.finalizers ?? []);
        if (options?.propagationPolicy === "Foreground") finalizers.add("foregroundDeletion");
        if (options?.propagationPolicy === "Orphan") finalizers.add("orphan");
        const metadata = {
          ...o.metadata,
          deletionTimestamp: o.metadata.deletionTimestamp ?? new Date(this.clock.now()).toISOString(),
          deletionGracePeriodSeconds: grace,
          ...(finalizers.size > 0 ? { finalizers: [...finalizers] } : {}),
        };
        this.commit(ref, `${ns}/${name}`, { ...o, metadata });
      },
      getScale: () => Promise.reject(new Error("no scales here")),
      updateScale: () => Promise.reject(new Error("no scales here")),
      createSubresource: async () => {
        throw new Error("not in this world");
      },
    };
  }
}
