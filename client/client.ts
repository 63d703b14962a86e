import type { KubeObject } from "../kinds/object.js";

/** Which resource: `{ group: "apps", version: "v1", resource: "statefulsets" }`. */
export interface ResourceRef {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

export interface WriteOptions {
  /** Overrides the client's field manager. */
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface DeleteOptions extends WriteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Media types of patches. */
export type PatchType =
  | "application/json-patch+json"
  | "application/merge-patch+json"
  | "application/strategic-merge-patch+json"
  | "application/apply-patch+yaml";

/**
 * One resource, as a client of the API sees it: every call takes the same way through the pipeline as a request from outside (admission, validation, events
 * to watchers). Objects that come back are shared and must not be written into. Errors are ApiErrors (see the predicates re-exported from client/index.ts).
 * `namespace` is "" for cluster-scoped resources, and for lists over all namespaces.
 */
export interface ResourceClient<T extends KubeObject = KubeObject> {
  get(namespace: string, name: string): Promise<T>;
  list(namespace: string, options?: ListOptions): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }>;
  create(namespace: string, object: T, options?: WriteOptions): Promise<T>;
  /** PUT; honours metadata.resourceVersion when it is set. */
  update(namespace: string, object: T, options?: WriteOptions): Promise<T>;
  /** PUT on the `status` subresource. */
  updateStatus(namespace: string, object: T, options?: WriteOptions): Promise<T>;
  /**
   * Read-modify-write in one step, inside the commit, so it never conflicts: `change` gets the current object (shared: copy what you change) and returns
   * the new one, or undefined to leave it. Goes through admission and validation like an update. `subresource`: "" or "status" or another view.
   * Resolves to the object now in place. 404 when it is gone.
   */
  modify(namespace: string, name: string, change: (current: T) => T | undefined, options?: WriteOptions & { readonly subresource?: string }): Promise<T>;
  patch(
    namespace: string,
    name: string,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { readonly subresource?: string; readonly force?: boolean },
  ): Promise<T>;
  delete(namespace: string, name: string, options?: DeleteOptions): Promise<void>;
  /** GET on `scale`, an autoscaling/v1 Scale. 404 where the resource has none. */
  getScale(namespace: string, name: string): Promise<KubeObject>;
  /** PUT on `scale`; honours metadata.resourceVersion when it is set. */
  updateScale(namespace: string, scale: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** POST to a subresource such as pods/binding, pods/eviction, serviceaccounts/token. */
  createSubresource(namespace: string, name: string, subresource: string, body: KubeObject, options?: WriteOptions): Promise<KubeObject>;
}

export interface Client {
  resource<T extends KubeObject = KubeObject>(ref: ResourceRef): ResourceClient<T>;
  /** The same API as another user and field manager: `system:serviceaccount:kube-system:statefulset-controller`, manager `kube-controller-manager`. */
  as(user: string, fieldManager: string): Client;
}

export interface InformerHandler<T extends KubeObject> {
  add?(object: T): void;
  update?(object: T, old: T): void;
  delete?(object: T): void;
}

/**
 * A cache of one resource that follows the store: it changes in the very turn of each commit, before the write's own promise settles, so whoever awaited a
 * write reads it here.
 * Objects are parsed once, shared by all, and must not be written into. Handlers run synchronously, must be short (enqueue a key) and must not throw.
 */
export interface Informer<T extends KubeObject = KubeObject> {
  get(namespace: string, name: string): T | undefined;
  /** Objects of a namespace, or of all with "" / undefined, in key order. */
  list(namespace?: string): readonly T[];
  /** Declares an index once; keys of an object may be many. */
  addIndex(name: string, keys: (object: T) => readonly string[]): void;
  byIndex(name: string, key: string): readonly T[];
  /** Adds a handler and replays what is there as `add`. Returns how to remove it. */
  handle(handler: InformerHandler<T>): () => void;
}

export interface Informers {
  /** One shared informer per resource; the first ask fills it. */
  informer<T extends KubeObject = KubeObject>(ref: ResourceRef): Informer<T>;
  stop(): void;
}
