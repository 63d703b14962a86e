import type { KubeObject } from "../../../kinds/object.js";
import { matchesLabelSelector } from "../../../kinds/labels.js";
import { badRequest, custom } from "../../errors.js";
import { peekAll } from "../admission/lookup.js";
import { remove } from "../delete.js";
import { get } from "../get.js";
import { answerObject } from "../objects.js";
import type { Answer, RequestContext, Services, Target } from "../types.js";

/**
 * POST pods/NAME/eviction: a deletion that disruption budgets may refuse. Source: pkg/registry/core/pod/storage/eviction.go.
 */
export async function evict(body: KubeObject, target: Target, ctx: RequestContext, services: Services): Promise<Answer> {
  if (body.metadata.name !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  const pod = get(services, target).object;
  const budgets = mayBeIgnored(pod) ? [] : peekAll(services, "policy", "v1", "poddisruptionbudgets", target.namespace).filter((b) => selects(b, pod));
  if (budgets.length > 1)
    throw custom(
      500,
      "InternalError",
      "Internal error occurred: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
      {
        causes: [{ message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support." }],
      },
    );
  const budget = budgets[0];
  if (budget && (budget.status?.disruptionsAllowed ?? 0) < 1) throw refusedBy(budget);
  await remove(services, ctx, target, body.deleteOptions ?? {});
  return answerObject(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } as KubeObject);
}

/** Pods that no longer run do not count. Source: canIgnorePDB. */
const mayBeIgnored = (pod: KubeObject): boolean =>
  ["Succeeded", "Failed", "Pending"].includes(pod.status?.phase) || pod.metadata.deletionTimestamp !== undefined;
const selects = (budget: KubeObject, pod: KubeObject): boolean => matchesLabelSelector(budget.spec?.selector, pod.metadata.labels ?? {});

function refusedBy(budget: KubeObject): Error {
  const { name } = budget.metadata;
  const healthy = budget.status?.currentHealthy ?? 0;
  const desired = budget.status?.desiredHealthy ?? 0;
  return custom(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: "DisruptionBudget", message: `The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently` }],
  });
}
