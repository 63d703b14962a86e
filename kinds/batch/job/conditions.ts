/** What a Job's conditions say. Source: pkg/apis/batch/validation IsJobFinished and its neighbours. */
import type { JobCondition } from "../../schema/api/batch.v1.js";

type Conditions = readonly JobCondition[] | null | undefined;

export const isConditionTrue = (conditions: Conditions, type: string): boolean => (conditions ?? []).some((c) => c.type === type && c.status === "True");
export const isConditionFalse = (conditions: Conditions, type: string): boolean => (conditions ?? []).some((c) => c.type === type && c.status === "False");
/** Complete or Failed: nothing changes any more. */
export const isJobFinished = (conditions: Conditions): boolean => isConditionTrue(conditions, "Complete") || isConditionTrue(conditions, "Failed");
