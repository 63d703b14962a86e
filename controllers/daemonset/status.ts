/** What a DaemonSet reports. Source: pkg/controller/daemon updateDaemonSetStatus. */
import type { DaemonSetStatus } from "../../kinds/schema/api/apps.v1.js";
import { isPodAvailable, isPodReady } from "../runtime/podutil.js";
import { isUpdated, shouldRun } from "./nodes.js";
import { byPlaceAndAge, type World } from "./plan.js";

/** The counts as they are, the rest of the status as it was; in Go's field order, zeros left out as Go does. */
export function calculateStatus({ set, nodes, pods, hash, now }: World): DaemonSetStatus {
  let desired = 0;
  let current = 0;
  let misscheduled = 0;
  let ready = 0;
  let updated = 0;
  let available = 0;
  for (const node of nodes) {
    const there = pods.get(node.metadata.name ?? "") ?? [];
    if (!shouldRun(set, node).run) {
      if (there.length > 0) misscheduled++;
      continue;
    }
    desired++;
    const [pod] = [...there].sort(byPlaceAndAge);
    if (!pod) continue;
    current++;
    if (isPodReady(pod)) ready++;
    if (isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)) available++;
    if (isUpdated(set, pod, hash)) updated++;
  }
  const { collisionCount, conditions } = set.status ?? {};
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    ...(set.metadata.generation ? { observedGeneration: set.metadata.generation } : {}),
    ...(updated ? { updatedNumberScheduled: updated } : {}),
    ...(available ? { numberAvailable: available } : {}),
    ...(desired - available ? { numberUnavailable: desired - available } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions ? { conditions } : {}),
  };
}
