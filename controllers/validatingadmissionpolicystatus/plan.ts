import type { KubeObject } from "../../kinds/object.js";

/** The status to apply to a policy: undefined when its current generation has been looked at. Source: pkg/controller/validatingadmissionpolicystatus reconcile. */
export function planStatus(policy: KubeObject): object | undefined {
  const { generation = 0 } = policy.metadata;
  return generation <= (policy.status?.observedGeneration ?? 0) ? undefined : { observedGeneration: generation, typeChecking: {} };
}
