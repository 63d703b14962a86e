import type { Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import type { Entry, Store } from "../../storage/store.js";
import type { Authorizer } from "../auth/authorizer.js";
import type { Admission } from "./admission/types.js";
import type { KindLookup } from "./lookup.js";
import type { ResourceHooks } from "./resources/types.js";

/** Who asks. Source: authentication.k8s.io UserInfo. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What the verbs need of one cluster. Everything per cluster is in here: the pipeline has no state of its own. */
export interface Services {
  readonly store: Store;
  readonly kinds: KindLookup;
  readonly admission: Admission;
  readonly resources: ResourceHooks;
  readonly authorizer: Authorizer;
  /** Whose a bearer token is; undefined: nobody's. */
  authenticateToken(token: string): UserInfo | undefined;
  /** Milliseconds since the epoch, from the cluster's clock. */
  now(): number;
  uid(): string;
  /** Seeded randomness in [0,1). */
  random(): number;
}

export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** One request, as far as it concerns every verb. */
export interface RequestContext {
  readonly user: UserInfo;
  readonly userAgent: string;
  /** The `fieldManager` parameter, "" when the client named none (then the user agent decides). */
  readonly fieldManager: string;
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** The request's verb as authorizers know it; absent where nobody is asked. */
  readonly verb?: string;
  /** The process's own: rights are not looked at, as upstream's loopback client has all of them. */
  readonly trusted?: boolean;
  /** Adds a `Warning: 299 - "…"` header; the same text once only. */
  warn(text: string): void;
}

/** What a request is about. */
export interface Target {
  readonly kind: Kind;
  /** "" for cluster-scoped kinds, and for lists over all namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** "" or a subresource. */
  readonly subresource: string;
}

/**
 * What a verb answers: an object of a kind, in parsed form and, where it comes out of the store as it stands, its stored bytes
 * (without kind and apiVersion), which the wire sends unparsed.
 */
export interface Answer {
  readonly code: 200 | 201 | 202;
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: KubeObject;
  readonly entry?: Entry;
}
