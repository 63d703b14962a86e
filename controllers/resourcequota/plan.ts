/** What a quota's status becomes. Source: pkg/controller/resourcequota syncResourceQuota. */
import { equalLists, listOf, maskList, type ResourceList } from "../../kinds/resourcelist.js";
import type { ResourceQuota } from "../runtime/api.js";

/** The new status from the usage that could be measured; undefined when nothing differs. What cannot be measured stays as it was told last. */
export function plan(quota: ResourceQuota, measured: ResourceList): { hard: Record<string, string>; used: Record<string, string> } | undefined {
  const hard = listOf(quota.spec?.hard);
  const used = maskList({ ...listOf(quota.status?.used), ...measured }, Object.keys(hard));
  return equalLists(hard, quota.status?.hard) && equalLists(used, quota.status?.used) ? undefined : { hard: { ...hard }, used: { ...used } };
}

/** Whether everything that a quota limits has its usage, so that counting anew is not urgent. */
export const isComplete = ({ spec, status }: ResourceQuota): boolean =>
  equalLists(spec?.hard, status?.hard) && Object.keys(status?.hard ?? {}).every((name) => status?.used?.[name] !== undefined);
