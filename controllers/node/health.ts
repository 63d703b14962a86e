/** Whether a node is heard of. Pure. Source: pkg/controller/nodelifecycle tryUpdateNodeHealth. Times are milliseconds since the epoch. */

import type { KubeObject } from "../../kinds/object.js";
import type { NodeCondition } from "../../kinds/schema/api/core.v1.js";
import type { Node } from "../runtime/api.js";
import { readyCondition } from "../runtime/nodes.js";
import { parseTime } from "../runtime/time.js";

/** --node-monitor-grace-period: how long a node that has reported may be silent. */
export const GRACE_MS = 50_000;
/** --node-startup-grace-period: the same for one that has not reported yet. */
export const STARTUP_GRACE_MS = 60_000;

/** What has been seen of a node, and when there was news of it last: seen here, because the node's own clock may be wrong. */
export interface Health {
  readonly probe: number;
  /** Whether it had a Ready condition, and the heartbeat that stood there. */
  readonly reported: boolean;
  readonly heartbeat?: string;
  readonly renewTime?: string;
}

/** What is seen of a node now, after what was seen of it before. */
export function observe(node: Node, lease: KubeObject | undefined, saved: Health | undefined, now: number): Health {
  const ready = readyCondition(node);
  const renewTime: string | undefined = lease?.spec?.renewTime;
  const renewed = renewTime !== undefined && (saved?.renewTime === undefined || (parseTime(renewTime) ?? 0) > (parseTime(saved.renewTime) ?? 0));
  const news = renewed || (ready && (!saved?.reported || saved.heartbeat !== ready.lastHeartbeatTime));
  const before = saved?.probe ?? (ready ? now : (parseTime(node.metadata.creationTimestamp) ?? now));
  return {
    probe: news ? now : before,
    reported: ready !== undefined,
    heartbeat: ready?.lastHeartbeatTime,
    renewTime: renewed ? renewTime : saved?.renewTime,
  };
}

/** Whether nothing has been heard of it for too long. */
export const isSilent = ({ probe, reported }: Health, now: number): boolean => now > probe + (reported ? GRACE_MS : STARTUP_GRACE_MS);

/** NetworkUnavailable is the control plane's to say, not the node's. */
const SAID_BY_NODES = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** The conditions of a node that is silent; undefined when its Ready condition says so already. `now` is RFC 3339. */
export function silentConditions(node: Node, now: string): NodeCondition[] | undefined {
  if (readyCondition(node)?.status === "Unknown") return undefined;
  const conditions = node.status?.conditions ?? [];
  const unknown = (c: NodeCondition): NodeCondition =>
    SAID_BY_NODES.includes(c.type) && c.status !== "Unknown"
      ? { ...c, status: "Unknown", lastTransitionTime: now, reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." }
      : c;
  const never = (type: string): NodeCondition => ({
    type,
    status: "Unknown",
    lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
    lastTransitionTime: now,
    reason: "NodeStatusNeverUpdated",
    message: "Kubelet never posted node status.",
  });
  return [...conditions.map(unknown), ...SAID_BY_NODES.filter((type) => !conditions.some((c) => c.type === type)).map(never)];
}
