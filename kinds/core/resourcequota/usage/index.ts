/** Which evaluator measures which resource. Source: pkg/quota/v1/evaluator/core/registry.go, pkg/quota/v1/install/registry.go. */
import { claimEvaluator } from "./claims.js";
import { countEvaluator, type Evaluator } from "./evaluator.js";
import { podEvaluator } from "./pods.js";
import { resourceClaimEvaluator } from "./resourceclaims.js";
import { serviceEvaluator } from "./services.js";

export { chargeQuotas } from "./charge.js";
export type { Evaluator, QuotaFacts } from "./evaluator.js";
export { calculateUsage, type Measured } from "./measure.js";
export { changesCharge } from "./replenish.js";

/** More than counts; the second name of what was counted before all kinds were. */
const OWN = new Map<string, Evaluator>(
  [
    podEvaluator,
    serviceEvaluator,
    claimEvaluator,
    resourceClaimEvaluator,
    ...["configmaps", "resourcequotas", "replicationcontrollers", "secrets"].map((resource) => countEvaluator("", resource, resource)),
  ].map((evaluator) => [`${evaluator.group}/${evaluator.resource}`, evaluator]),
);

/** Kinds that are answers and not objects, and Events, which were never counted. */
const IGNORED = new Set([
  "/bindings",
  "/componentstatuses",
  "authentication.k8s.io/tokenreviews",
  "authentication.k8s.io/selfsubjectreviews",
  "authorization.k8s.io/subjectaccessreviews",
  "authorization.k8s.io/selfsubjectaccessreviews",
  "authorization.k8s.io/localsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectrulesreviews",
  "/events",
  "events.k8s.io/events",
]);

/** The evaluator of a namespaced resource; undefined for those that quotas do not count. */
export function evaluatorOf(group: string, resource: string): Evaluator | undefined {
  const id = `${group}/${resource}`;
  return IGNORED.has(id) ? undefined : (OWN.get(id) ?? countEvaluator(group, resource));
}
