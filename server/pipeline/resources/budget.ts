import type { Kind } from "../../../kinds/kind.js";
import { matchesLabelSelector } from "../../../kinds/labels.js";
import type { KubeObject } from "../../../kinds/object.js";
import { DISRUPTION_ALLOWED, disruptionNews, withDisruptionCondition } from "../../../kinds/policy/poddisruptionbudget/condition.js";
import type { Condition } from "../../../kinds/schema/api/meta.v1.js";
import type { PodDisruptionBudgetStatus } from "../../../kinds/schema/api/policy.v1.js";
import { type ApiError, bareError, custom, forbidden } from "../../errors.js";
import { peekAll } from "../admission/lookup.js";
import { timestamp } from "../objects.js";
import { modify } from "../put.js";
import type { RequestContext, Services } from "../types.js";

/** What a disruption budget has to say about an eviction. Source: pkg/registry/core/pod/storage/eviction.go checkAndDecrement. */

const RESOURCE = { group: "policy", resource: "poddisruptionbudget" };
const TOO_MANY = "Cannot evict pod as it would violate the pod's disruption budget.";
/** As many evictions may be approved that the controller has not seen yet. */
const MAX_DISRUPTED_PODS = 2000;

const tooMany = (message: string, retryAfterSeconds?: number): ApiError =>
  custom(429, "TooManyRequests", TOO_MANY, {
    causes: [{ reason: "DisruptionBudget", message }],
    ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
  });

/** The budget, or the pod, is about to be seen otherwise: come again. */
export const stillProcessed = (name: string): ApiError => tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);

/** The one budget that selects the pod; more than one cannot be honoured together. */
export function budgetOf(services: Services, pod: KubeObject): KubeObject | undefined {
  const budgets = peekAll(services, "policy", "v1", "poddisruptionbudgets", pod.metadata.namespace).filter((budget) =>
    matchesLabelSelector(budget.spec?.selector, pod.metadata.labels),
  );
  if (budgets.length > 1) throw bareError("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  return budgets[0];
}

function refusal(name: string, status: PodDisruptionBudgetStatus, condition: Condition | undefined): ApiError {
  const { currentHealthy: healthy = 0, desiredHealthy: desired = 0 } = status;
  const said = condition?.status === "False" && condition.message ? condition : undefined;
  if (said?.reason === "SyncFailed")
    return tooMany(`The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${said.message}`);
  if (healthy <= desired) return tooMany(`The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`);
  const why = said ? ` (${said.reason}): ${said.message}` : "";
  return tooMany(`The disruption budget ${name} does not allow evicting pods currently${why}`);
}

/** The status with one disruption less, or why there is none. */
function afterOne(budget: KubeObject, pod: string, now: string): PodDisruptionBudgetStatus {
  const { name = "" } = budget.metadata;
  const status: PodDisruptionBudgetStatus = budget.status ?? {};
  const allowed = status.disruptionsAllowed ?? 0;
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) throw stillProcessed(name);
  if (allowed < 0) throw forbidden(RESOURCE, name, "pdb disruptions allowed is negative");
  if (Object.keys(status.disruptedPods ?? {}).length > MAX_DISRUPTED_PODS)
    throw forbidden(RESOURCE, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  const condition = status.conditions?.find((c) => c.type === DISRUPTION_ALLOWED);
  if (allowed === 0) throw refusal(name, status, condition);
  const next = { ...status, disruptionsAllowed: allowed - 1, disruptedPods: { ...status.disruptedPods, [pod]: now } };
  if (allowed > 1) return next;
  return { ...next, conditions: withDisruptionCondition(status.conditions, disruptionNews(0), status.observedGeneration, now) };
}

/** Takes one disruption off the budget for the pod, as the server itself. On a dry run it is only asked for. */
export async function spend(services: Services, ctx: RequestContext, kind: Kind, budget: KubeObject, pod: string): Promise<void> {
  const { namespace = "", name = "" } = budget.metadata;
  const now = timestamp(services.now());
  if (ctx.dryRun) {
    afterOne(budget, pod, now);
    return;
  }
  const self: RequestContext = { ...ctx, user: { name: "system:apiserver", groups: ["system:masters"] }, userAgent: "kube-apiserver", fieldManager: "" };
  await modify(services, self, { kind, namespace, name, subresource: "status" }, (current) => ({ ...current, status: afterOne(current, pod, now) }));
}
