import { invalid as invalidField } from "../../../kinds/field.js";
import { storageKey } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import type { PodCondition } from "../../../kinds/schema/api/core.v1.js";
import { badRequest, bareError, conflict, invalid, isConflict, notFound } from "../../errors.js";
import { commit } from "../commit.js";
import { type DeleteOptions, remove } from "../delete.js";
import { deleteOptionsFindings } from "../deleteoptions.js";
import { get } from "../get.js";
import { answerObject, canonicalOf, cloneJson, timestamp } from "../objects.js";
import type { Answer, RequestContext, Services, Target } from "../types.js";
import { budgetOf, spend, stillProcessed } from "./budget.js";
import { withPodCondition } from "./podconditions.js";

type Options = DeleteOptions & { readonly dryRun?: readonly string[] };

const SUBJECT = { group: "policy", kind: "Eviction" };
/** How often a pod that may go without asking is looked at again when it changes under the deletion. */
const ATTEMPTS = 20;

/**
 * POST pods/NAME/eviction: a deletion that disruption budgets may refuse. Source: pkg/registry/core/pod/storage/eviction.go.
 */
export async function evict(body: KubeObject, target: Target, request: RequestContext, services: Services): Promise<Answer> {
  if (body.metadata.name !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  const options: Options = body.deleteOptions ?? {};
  if (body.deleteOptions?.ignoreStoreReadErrorWithClusterBreakingPotential)
    throw invalid(SUBJECT, target.name, [
      invalidField("deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential", true, "can not be set for pod eviction, try after removing the option"),
    ]);
  const ctx = { ...request, dryRun: propagated(request, options.dryRun ?? []) };
  const pinned = options.preconditions?.resourceVersion !== undefined;
  for (let attempt = 1; ; attempt++) {
    const pod = get(services, target).object;
    if (!mayBeIgnored(pod)) {
      await evictWithBudget(pod, options, target, ctx, services);
      break;
    }
    try {
      // a pending pod must not turn ready, and so the budget's, meanwhile
      await condemn(services, ctx, target, isOver(pod) || pinned ? options : ifUnchanged(options, pod));
      break;
    } catch (error) {
      if (pinned || !isConflict(error) || attempt >= ATTEMPTS) throw error;
    }
  }
  return answerObject(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } as KubeObject);
}

async function evictWithBudget(pod: KubeObject, options: Options, target: Target, ctx: RequestContext, services: Services): Promise<void> {
  const budget = budgetOf(services, pod);
  if (!budget) return condemn(services, ctx, target, options);
  const name = budget.metadata.name ?? "";
  if (!mayGoUnhealthy(pod, budget)) {
    const kind = services.kinds.find("policy", "v1", "poddisruptionbudgets");
    if (kind) await spend(services, ctx, kind, budget, target.name);
    return condemn(services, ctx, target, options);
  }
  try {
    // what does not count for the budget must not begin to on the way
    await condemn(services, ctx, target, ifUnchanged(options, pod));
  } catch (error) {
    throw isConflict(error) && options.preconditions?.resourceVersion === undefined ? stillProcessed(name) : error;
  }
}

/** A pod that is not ready is no disruption: always under AlwaysAllow, else while the budget is kept without it. */
function mayGoUnhealthy(pod: KubeObject, budget: KubeObject): boolean {
  const ready = (pod.status?.conditions ?? []).some((c: PodCondition) => c.type === "Ready" && c.status === "True");
  if (ready) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

/** dryRun may be asked for in the URL or in the body's options; not in two different ways. Source: propagateDryRun. */
function propagated(ctx: RequestContext, inBody: readonly string[]): boolean {
  if (ctx.dryRun && inBody.length > 0 && (inBody.length > 1 || inBody[0] !== "All"))
    throw bareError(`Non-matching dry-run options in request and content: [All] and [${inBody.join(" ")}]`);
  return ctx.dryRun || inBody.length > 0;
}

const isOver = (pod: KubeObject): boolean => ["Succeeded", "Failed"].includes(pod.status?.phase) || pod.metadata.deletionTimestamp !== undefined;
/** Pods that do not run do not count. Source: canIgnorePDB. */
const mayBeIgnored = (pod: KubeObject): boolean => isOver(pod) || pod.status?.phase === "Pending";

const ifUnchanged = (options: Options, pod: KubeObject): Options => ({
  ...options,
  preconditions: { ...options.preconditions, resourceVersion: pod.metadata.resourceVersion ?? "" },
});

/** Says on the pod why it goes, and deletes it. Source: addConditionAndDeletePod. */
async function condemn(services: Services, ctx: RequestContext, target: Target, options: Options): Promise<void> {
  let asked: Options = options;
  if (!ctx.dryRun) {
    const done = await commit(services, ctx, target.kind, storageKey(target.kind, target.namespace, target.name), (current) => {
      if (!current) throw notFound({ group: "", resource: "pods" }, target.name);
      checkPreconditions(current, options);
      const pod = cloneJson(current);
      const condition: PodCondition = { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" };
      pod.status = { ...pod.status, conditions: withPodCondition(pod.status?.conditions, condition, timestamp(services.now())) };
      return { action: "put", object: canonicalOf(target.kind, pod) };
    });
    if (options.preconditions?.resourceVersion !== undefined)
      asked = { ...options, preconditions: { ...options.preconditions, resourceVersion: done.object.metadata.resourceVersion ?? "" } };
  }
  // only the deletion itself looks at its options
  const errors = deleteOptionsFindings(asked);
  if (errors.length) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
  await remove(services, ctx, target, asked);
}

function checkPreconditions(pod: KubeObject, { preconditions = {} }: DeleteOptions): void {
  const refuse = (what: string, wanted: string | undefined, is: string | undefined, why: string): void => {
    if (wanted && wanted !== is)
      throw conflict(
        { group: "", resource: "Pod" },
        pod.metadata.name ?? "",
        `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${is ?? ""}). The object might have been ${why}`,
      );
  };
  refuse("UID", preconditions.uid, pod.metadata.uid, "deleted and then recreated");
  refuse("ResourceVersion", preconditions.resourceVersion, pod.metadata.resourceVersion, "modified");
}
