/** What a job's policies make of failed pods and succeeded indexes. Source: pkg/controller/job/{pod_failure_policy,success_policy}.go. */
import type { PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicy } from "../../kinds/schema/api/batch.v1.js";
import type { ContainerStatus } from "../../kinds/schema/api/core.v1.js";
import type { Pod } from "../runtime/api.js";
import { Indexes } from "./intervals.js";

export interface FailureVerdict {
  /** Why the whole job fails. */
  readonly failsJob?: string;
  /** Counts towards the back-off limits. */
  readonly counts: boolean;
  readonly failsIndex: boolean;
}

const COUNTED: FailureVerdict = { counts: true, failsIndex: false };

/** The first terminated container with an exit code the rule speaks of. */
function matchExitCodes(pod: Pod, rule: PodFailurePolicyOnExitCodesRequirement): ContainerStatus | undefined {
  const matches = (status: ContainerStatus): boolean => {
    const code = status.state?.terminated?.exitCode;
    if (!code || (rule.containerName !== undefined && rule.containerName !== status.name)) return false;
    const listed = rule.values?.includes(code) ?? false;
    return rule.operator === "In" ? listed : rule.operator === "NotIn" ? !listed : false;
  };
  return pod.status?.containerStatuses?.find(matches) ?? pod.status?.initContainerStatuses?.find(matches);
}

/** What matched, in the words of a FailJob message; undefined when the rule does not apply. */
function matched(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (rule.onExitCodes) {
    const container = matchExitCodes(pod, rule.onExitCodes);
    return container && `Container ${container.name} for pod ${name} failed with exit code ${container.state?.terminated?.exitCode}`;
  }
  const condition = pod.status?.conditions?.find((c) => rule.onPodConditions?.some((p) => p.type === c.type && p.status === c.status));
  return condition && `Pod ${name} has condition ${condition.type}`;
}

/** The first rule that matches a failed pod decides; none: the failure counts. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [i, rule] of (policy?.rules ?? []).entries()) {
    const what = matched(rule, pod);
    if (what === undefined) continue;
    if (rule.action === "Ignore") return { counts: false, failsIndex: false };
    if (rule.action === "FailIndex") return { counts: true, failsIndex: true };
    if (rule.action === "FailJob") return { ...COUNTED, failsJob: `${what} matching FailJob rule at index ${i}` };
    return COUNTED;
  }
  return COUNTED;
}

/** The message of the first success rule that is met. */
export function successOf(policy: SuccessPolicy | undefined, completions: number, succeeded: Indexes): string | undefined {
  if (succeeded.total === 0) return undefined;
  for (const [i, rule] of (policy?.rules ?? []).entries()) {
    const { succeededCount: count } = rule;
    let met: boolean;
    if (rule.succeededIndexes !== undefined) {
      const wanted = Indexes.parse(rule.succeededIndexes, completions);
      if (wanted.total === 0) continue;
      const have = wanted.overlap(succeeded);
      met = have === wanted.total || (count !== undefined && have >= count);
    } else met = count !== undefined && succeeded.total >= count;
    if (met) return `Matched rules at index ${i}`;
  }
  return undefined;
}
