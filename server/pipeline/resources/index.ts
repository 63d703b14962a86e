import { authenticationReviews } from "./authentication.js";
import { authorizationReviews } from "./authorization.js";
import { namespaces } from "./namespaces.js";
import { pods } from "./pods.js";
import { rbacHooks } from "./rbac.js";
import { DEFAULT_RANGES, type ServiceRanges, servicesHook } from "./services.js";
import type { ResourceHooks } from "./types.js";

/** The resources that do more than the generic store does. */
export const resourceHooks = (ranges: ServiceRanges = DEFAULT_RANGES): ResourceHooks =>
  new Map([["/namespaces", namespaces], ["/pods", pods], ["/services", servicesHook(ranges)], ...authenticationReviews, ...authorizationReviews, ...rbacHooks]);
