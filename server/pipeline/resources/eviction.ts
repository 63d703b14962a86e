import type { KubeObject } from "../../../kinds/object.js";
import { matchesLabelSelector } from "../../../kinds/labels.js";
import { badRequest, bareError, custom, invalid } from "../../errors.js";
import { notSupported } from "../../../kinds/field.js";
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
  const dryRun = propagated(ctx, body.deleteOptions);
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
  await remove(services, { ...ctx, dryRun }, target, body.deleteOptions ?? {});
  return answerObject(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } as KubeObject);
}

/** dryRun may be asked for in the URL or in the body's options; not in two different ways. Source: propagateDryRun. */
function propagated(ctx: RequestContext, options: { readonly dryRun?: readonly string[] } | undefined): boolean {
  const inBody = options?.dryRun ?? [];
  const odd = inBody.find((v) => v !== "All");
  if (odd !== undefined && ctx.dryRun) throw bareError(`Non-matching dry-run options in request and content: [All] and [${inBody.join(" ")}]`);
  if (odd !== undefined) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [notSupported("dryRun", inBody as unknown as string, ["All"])]);
  return ctx.dryRun || inBody.length > 0;
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
