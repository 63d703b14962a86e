import type { Kind } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import type { BatchInHand } from "../../../storage/store.js";
import type { RequestContext, Services } from "../types.js";

export type Operation = "CREATE" | "UPDATE" | "DELETE";

/** What is to be admitted. `object` is the new object (mutating plugins edit it in place), absent on DELETE. */
export interface Attributes {
  readonly operation: Operation;
  readonly kind: Kind;
  readonly subresource: string;
  readonly namespace: string;
  /** "" when it will be generated. */
  readonly name: string;
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
  /** The commit that this is decided in, for what must be read or written along with it; absent on dry runs and deletions. */
  readonly batch?: BatchInHand;
}

/**
 * One admission plugin. Runs inside the commit: synchronous, reads other objects through `services.store`. Refuses by throwing an ApiError.
 */
export interface AdmissionPlugin {
  /** Upstream's plugin name. */
  readonly name: string;
  admit?(attributes: Attributes, ctx: RequestContext, services: Services): void;
  validate?(attributes: Attributes, ctx: RequestContext, services: Services): void;
}

/** The chain: all mutating parts in order, later all validating parts in order. */
export interface Admission {
  admit(attributes: Attributes, ctx: RequestContext, services: Services): void;
  validate(attributes: Attributes, ctx: RequestContext, services: Services): void;
}
