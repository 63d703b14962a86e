import type { FieldError } from "./field.js";
import type { KubeObject } from "./object.js";

/** Verbs a resource can serve, in discovery's spelling. */
export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** The full set, for kinds that leave nothing out. */
export const ALL_VERBS: readonly Verb[] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** One column of `kubectl get`, as in metav1.TableColumnDefinition. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  /** 0 shows always, 1 only with `-o wide`. */
  readonly priority?: number;
  readonly description?: string;
}

/** What printing a row may ask for. */
export interface PrintContext {
  /** Milliseconds since the epoch, from the cluster's clock: ages are counted from here. */
  readonly now: number;
}

/** How `kubectl get` shows a kind. Source: pkg/printers/internalversion. */
export interface Printer {
  readonly columns: readonly Column[];
  /** The order of a list's rows where it is not that of their names. */
  order?(a: KubeObject, b: KubeObject): number;
  /** Cells in the order of `columns`; a row may carry conditions (a finished pod does: `{type:"Completed",status:"True",reason,message}`). */
  row(object: KubeObject, ctx: PrintContext): { readonly cells: readonly (string | number | boolean | null)[]; readonly conditions?: readonly object[] };
}

/** What a strategy may ask of the cluster while it prepares an object. Pure functions get facts only through this. */
export interface PrepareContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly user: string;
  /** The rest of who asks, on creates only. */
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Status, or another subresource that is a view of the same object (`ephemeralcontainers`, `resize`, `approval`, `finalize`). */
export interface ViewSubresource {
  readonly name: string;
  readonly verbs: readonly Verb[];
  /** Takes over from `object` what the subresource may change and resets the rest to `old`. May edit `object` in place. */
  prepareForUpdate(object: KubeObject, old: KubeObject, ctx: PrepareContext): void;
  validateUpdate(object: KubeObject, old: KubeObject): FieldError[];
  /** Warnings as the subresource's strategy gives them. */
  warningsOnUpdate?(object: KubeObject, old: KubeObject): string[];
}

/** `/scale`: where replicas and selector stand. */
export interface ScaleSubresource {
  getReplicas(object: KubeObject): number;
  setReplicas(object: KubeObject, replicas: number): void;
  getStatusReplicas(object: KubeObject): number;
  /** The label selector in its string form. */
  getSelector(object: KubeObject): string;
}

/** How deletion treats the object's own grace period; pods only so far. */
export interface GracefulDeletion {
  /**
   * Decides the grace period. Return undefined for immediate removal, else seconds. `requested` is DeleteOptions.gracePeriodSeconds.
   * Source: pkg/registry/core/pod strategy CheckGracefulDelete.
   */
  gracePeriod(object: KubeObject, requested: number | undefined): number | undefined;
}

/**
 * Another form of what is stored under the same key: one form is stored, each is served. Both ways are pure and return new objects, which may share parts with
 * the one given; there and back again loses nothing that the form can say.
 */
export interface StoredAs {
  /** The stored form, of the same resource name; not itself stored as something else. */
  readonly kind: Kind;
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

/**
 * One kind, told once: discovery, OpenAPI, tables, decoding, validation, subresources and storage keys all derive from this.
 * Everything here is pure; every hook gets an object of its own that it may edit (`prepare…`, `defaults`) or must not (`validate…`).
 * Order in the pipeline (registry.BeforeCreate / BeforeUpdate): decode → defaults → mutating admission → prepareFor… → validate… → canonicalise.
 */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural resource name. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  /** Default `ALL_VERBS`. */
  readonly verbs?: readonly Verb[];
  /** OpenAPI definition name, a key of the schema facts. */
  readonly schema: string;
  /** etcd's path below /registry when it is not the plural: `services/specs`, `minions`. No slashes at the ends. */
  readonly storagePath?: string;
  /** Kind of list when it is not kind + "List". */
  readonly listKind?: string;
  /** Objects of the kind are not stored but made when they are asked for (ComponentStatus): the pipeline finds them by the resource's hook. They can only be read. */
  readonly computed?: true;
  /** The version upstream keeps it in where that is one that is not served: discovery's hash tells. Source: default_storage_factory_builder.go. */
  readonly storageVersion?: string;
  /** Reads take the way past the watch cache, which shows at their edges. Source: pkg/kubeapiserver DefaultWatchCacheSizes. */
  readonly uncached?: true;
  /** Absent where the kind is stored as it is. All other hooks speak of objects in the kind's own form. Source: runtime.Scheme's conversions. */
  readonly storedAs?: StoredAs;

  /** Fills in what upstream's SetDefaults functions fill in. Idempotent. Runs on creates, updates, patches and apply alike. */
  defaults?(object: KubeObject): void;
  /** Why an object cannot be converted into what upstream works with, in Go's words; undefined when it can. Such bodies are unreadable. */
  conversionFault?(object: KubeObject): string | undefined;
  /** Annotations that are fields of the type upstream works with: where metadata is shown on its own they do not show. Source: conversion.go. */
  readonly hiddenAnnotations?: readonly string[];
  /** Extra rule for the object's name; default is DNS subdomain. Returns the finding's texts (joined upstream-style), [] when fine. `prefix` when generateName is judged. */
  validateName?(name: string, prefix: boolean, object?: KubeObject): string[];
  /** An object without any name gets a uid for one; so LimitRange's strategy, and no other. */
  readonly namelessGetsUid?: boolean;
  /** Clears what a client may not set on create (status, mostly), sets the first generation and so on. Default: drop status where there is a status subresource. */
  prepareForCreate?(object: KubeObject, ctx: PrepareContext): void;
  /**
   * What reading a new object back out of storage adds to it: defaults, run again, see what the strategy has filled in since. After validation, which does not
   * judge it.
   */
  readBack?(object: KubeObject): void;
  /** Default: status from `old` where there is a status subresource. The pipeline bumps generation (see `generation`). */
  prepareForUpdate?(object: KubeObject, old: KubeObject, ctx: PrepareContext): void;
  /** Everything but metadata, which the pipeline validates for all kinds alike. */
  validate?(object: KubeObject): FieldError[];
  /** Runs validations of the update itself (immutability) and, where upstream does, those of the object as well. */
  validateUpdate?(object: KubeObject, old: KubeObject): FieldError[];
  /** Warning header texts. `old` on updates. */
  warnings?(object: KubeObject, old?: KubeObject): string[];
  /**
   * Whether metadata.generation exists and when it moves: "spec" bumps when anything but metadata and status differs; "none" leaves generation unset;
   * a function decides on its own (Deployment: annotations count too).
   */
  readonly generation?: "spec" | "none" | ((object: KubeObject, old: KubeObject) => boolean);
  /** Upstream's AllowUnconditionalUpdate: PUT without resourceVersion. Default true. */
  readonly allowUnconditionalUpdate?: boolean;
  /** Upstream's AllowCreateOnUpdate: PUT to a missing name creates. Default false. */
  readonly allowCreateOnUpdate?: boolean;
  readonly gracefulDeletion?: GracefulDeletion;
  /** DELETE answers with the object (true) or a Status (false/absent). Source: each registry's storage `ReturnDeletedObject`. */
  readonly returnDeletedObject?: boolean;
  /** Propagation when the client names none: background by default; "orphan" for the legacy batch kinds. */
  readonly defaultPropagation?: "background" | "orphan";

  /** Warned of on DELETE where the client names no propagation policy. Source: pkg/registry/batch/job/storage. */
  readonly deleteWarning?: string;

  /** Field selector paths beyond metadata.name and metadata.namespace, each a function of the object (zero value as text when absent). */
  readonly selectable?: Readonly<Record<string, (object: KubeObject) => string>>;
  /** What is said of a field that cannot be selected by, where the kind has its own words for it. */
  readonly unselectable?: (field: string) => string;
  readonly status?: ViewSubresource | true;
  readonly scale?: ScaleSubresource;
  /** Other views of the object. */
  readonly views?: readonly ViewSubresource[];
  /** Subresources served by something else than a view: discovery needs to name them; the pipeline finds the handler by name. */
  readonly connect?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly group?: string;
    readonly version?: string;
    readonly verbs: readonly string[];
    /** apiVersions its body may come in besides its own. Source: GroupVersionAcceptor. */
    readonly accepts?: readonly string[];
  }[];
  readonly printer?: Printer;
  /** Every answer carries this as a Warning header. Source: apiserver pkg/endpoints/deprecation. */
  readonly deprecated?: string;
}

/** `apps/v1`, or `v1` for the legacy group. */
export const apiVersionOf = (kind: Pick<Kind, "group" | "version">): string => (kind.group ? `${kind.group}/${kind.version}` : kind.version);

/** The form a kind is stored in, mostly itself. */
export const storedKind = (kind: Kind): Kind => kind.storedAs?.kind ?? kind;

/** An object of one form in another form of the same storage. The object itself where both are one. */
export function convert(object: KubeObject, from: Kind, to: Kind): KubeObject {
  if (from === to) return object;
  const stored = from.storedAs ? from.storedAs.toStored(object) : object;
  return to.storedAs ? to.storedAs.fromStored(stored) : stored;
}

/** Storage prefix with slashes at both ends: `/registry/pods/`. */
export const storagePrefix = (kind: Kind): string => {
  const { storagePath, resource } = storedKind(kind);
  return `/registry/${storagePath ?? resource}/`;
};

/** Storage key: `/registry/pods/default/web-0`, `/registry/minions/node-0`. */
export const storageKey = (kind: Kind, namespace: string, name: string): string =>
  kind.namespaced ? `${storagePrefix(kind)}${namespace}/${name}` : storagePrefix(kind) + name;
