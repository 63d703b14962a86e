/** What a flow schema says about its priority level. Source: apiserver pkg/util/flowcontrol/apf_controller.go presyncFlowSchemaStatus. */
import type { KubeObject } from "../object.js";
import { formatTime } from "../time.js";

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly lastTransitionTime?: string | null;
  readonly reason?: string;
  readonly message?: string;
}

/** The condition a schema should have; the one it has, when that says the same. */
export function danglingCondition(schema: KubeObject, exists: boolean, now: number): Condition {
  const name = schema.spec?.priorityLevelConfiguration?.name ?? "";
  const current = (schema.status?.conditions as Condition[] | undefined)?.find((c) => c.type === "Dangling");
  const status = exists ? "False" : "True";
  const reason = exists ? "Found" : "NotFound";
  const what = exists ? "and it exists" : "but there is no such object";
  const message = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)} ${what}`;
  if (current?.status === status && current.reason === reason && current.message === message) return current;
  return { type: "Dangling", status, lastTransitionTime: formatTime(now), reason, message };
}
