import type { ResourceRef } from "../../client/client.js";

/** One resource that controllers of everything follow; each stored object under one of its versions only. */
export interface ServedResource extends ResourceRef {
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The resources there are, which may change when custom ones come and go. */
export interface ServedResources {
  list(): readonly ServedResource[];
  /** Calls back after the list has changed; returns how to stop. */
  onChange?(listener: () => void): () => void;
}
