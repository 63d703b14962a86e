import { admissionPolicyHooks } from "./admissionpolicies.js";
import { authenticationReviews } from "./authentication.js";
import { authorizationReviews } from "./authorization.js";
import { componentStatuses } from "./componentstatuses.js";
import { customResourceDefinitions } from "./customresourcedefinitions.js";
import { namespaces } from "./namespaces.js";
import { bindings, pods } from "./pods.js";
import { priorityClasses } from "./priorityclasses.js";
import { rbacHooks } from "./rbac.js";
import { resourceClaims, resourceClaimTemplates } from "./resourceclaims.js";
import { DEFAULT_RANGES, type ServiceRanges, servicesHook } from "./services.js";
import type { ResourceHook, ResourceHooks } from "./types.js";

/** The resources that do more than the generic store does. `controllers`: whether any run beside the API server. */
export const resourceHooks = (ranges: ServiceRanges = DEFAULT_RANGES, controllers = true): ResourceHooks =>
  new Map<string, ResourceHook>([
    ["/bindings", bindings],
    ["/componentstatuses", componentStatuses(controllers)],
    ["/namespaces", namespaces],
    ["/pods", pods],
    ["/services", servicesHook(ranges)],
    ["apiextensions.k8s.io/customresourcedefinitions", customResourceDefinitions],
    ["resource.k8s.io/resourceclaims", resourceClaims],
    ["resource.k8s.io/resourceclaimtemplates", resourceClaimTemplates],
    ["scheduling.k8s.io/priorityclasses", priorityClasses],
    ...admissionPolicyHooks,
    ...authenticationReviews,
    ...authorizationReviews,
    ...rbacHooks,
  ]);
