import { storageKey, storagePrefix, type Kind } from "../kinds/kind.js";
import type { KubeObject } from "../kinds/object.js";
import { objectOf } from "../server/pipeline/objects.js";
import type { Services } from "../server/pipeline/types.js";
import type { StoreEvent, Watcher } from "../storage/store.js";
import type { Informer, InformerHandler, Informers, ResourceRef } from "./client.js";

/**
 * Informers over the store itself: a commit's events arrive in the committing turn, so an informer is never behind what its reader has awaited. The objects
 * are the store
 * entries' own parsed forms; keeping them costs nothing extra.
 */
export function createInformers(services: Services): Informers {
  const made = new Map<string, StoreInformer>();
  return {
    informer<T extends KubeObject>(ref: ResourceRef): Informer<T> {
      const id = `${ref.group}/${ref.version}/${ref.resource}`;
      let informer = made.get(id);
      if (!informer) {
        const kind = services.kinds.find(ref.group, ref.version, ref.resource);
        if (!kind) throw new Error(`no informer for ${id}: not served`);
        informer = new StoreInformer(services, kind);
        made.set(id, informer);
      }
      return informer as unknown as Informer<T>;
    },
    stop() {
      for (const informer of made.values()) informer.stop();
      made.clear();
    },
  };
}

class Index {
  readonly byKey = new Map<string, Map<string, KubeObject>>();
  constructor(readonly keys: (object: KubeObject) => readonly string[]) {}

  change(key: string, before: KubeObject | undefined, after: KubeObject | undefined): void {
    const was = before ? this.keys(before) : [];
    const is = after ? this.keys(after) : [];
    for (const k of was) {
      if (is.includes(k)) continue;
      const bucket = this.byKey.get(k);
      bucket?.delete(key);
      if (bucket?.size === 0) this.byKey.delete(k);
    }
    for (const k of is) {
      let bucket = this.byKey.get(k);
      if (!bucket) {
        bucket = new Map();
        this.byKey.set(k, bucket);
      }
      bucket.set(key, after as KubeObject);
    }
  }
}

class StoreInformer implements Informer {
  private readonly handlers = new Set<InformerHandler<KubeObject>>();
  private readonly indexes = new Map<string, Index>();
  private readonly watcher: Watcher;

  constructor(
    private readonly services: Services,
    private readonly kind: Kind,
  ) {
    this.watcher = services.store.watch({ prefix: storagePrefix(kind), after: services.store.revision, onEvents: (events) => this.take(events) });
  }

  get(namespace: string, name: string): KubeObject | undefined {
    const entry = this.services.store.get(storageKey(this.kind, namespace, name));
    return entry && objectOf(entry, this.kind);
  }

  list(namespace = ""): readonly KubeObject[] {
    const prefix = storagePrefix(this.kind) + (namespace && this.kind.namespaced ? `${namespace}/` : "");
    return this.services.store.list(prefix).entries.map((entry) => objectOf(entry, this.kind));
  }

  addIndex(name: string, keys: (object: KubeObject) => readonly string[]): void {
    if (this.indexes.has(name)) return;
    const index = new Index(keys);
    this.indexes.set(name, index);
    for (const entry of this.services.store.list(storagePrefix(this.kind)).entries) index.change(entry.key, undefined, objectOf(entry, this.kind));
  }

  byIndex(name: string, key: string): readonly KubeObject[] {
    const index = this.indexes.get(name);
    if (!index) throw new Error(`informer of ${this.kind.resource} has no index ${name}`);
    return [...(index.byKey.get(key)?.values() ?? [])];
  }

  handle(handler: InformerHandler<KubeObject>): () => void {
    this.handlers.add(handler);
    if (handler.add) for (const object of this.list()) handler.add(object);
    return () => this.handlers.delete(handler);
  }

  stop(): void {
    this.watcher.stop();
    this.handlers.clear();
  }

  /** Indexes first, for all events of the commit, so that a handler sees one consistent state. */
  private take(events: readonly StoreEvent[]): void {
    const changes = events.map((event) => ({
      event,
      before: event.previous && objectOf(event.previous, this.kind),
      object: objectOf(event.entry, this.kind),
    }));
    for (const { event, before, object } of changes)
      for (const index of this.indexes.values()) index.change(event.key, before, event.type === "delete" ? undefined : object);
    for (const { event, before, object } of changes)
      for (const handler of this.handlers) {
        if (event.type === "delete") handler.delete?.(object);
        else if (before) handler.update?.(object, before);
        else handler.add?.(object);
      }
  }
}
