/** Which of a controller's pods are the least loss. Source: pkg/controller/controller_utils.go ActivePods. */
import type { Pod } from "./api.js";
import { isPodReady, maxRestarts, podReadyTime } from "./podutil.js";
import { parseTime } from "./time.js";

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Later first; an unknown time is later than any. */
const laterFirst = (a: number | undefined, b: number | undefined): number => (b ?? Number.POSITIVE_INFINITY) - (a ?? Number.POSITIVE_INFINITY) || 0;

function compare(a: Pod, b: Pod): number {
  const [nodeA, nodeB] = [a.spec.nodeName ?? "", b.spec.nodeName ?? ""];
  if ((nodeA === "") !== (nodeB === "")) return nodeA === "" ? -1 : 1;
  const phase = (PHASES[a.status?.phase ?? ""] ?? 0) - (PHASES[b.status?.phase ?? ""] ?? 0);
  if (phase !== 0) return phase;
  const [readyA, readyB] = [isPodReady(a), isPodReady(b)];
  if (readyA !== readyB) return readyA ? 1 : -1;
  const since = readyA ? laterFirst(podReadyTime(a), podReadyTime(b)) : 0;
  if (since !== 0) return since;
  const [restartsA, restartsB] = [maxRestarts(a), maxRestarts(b)];
  if (restartsA.regular !== restartsB.regular) return restartsB.regular - restartsA.regular;
  if (restartsA.sidecar !== restartsB.sidecar) return restartsB.sidecar - restartsA.sidecar;
  return laterFirst(parseTime(a.metadata.creationTimestamp), parseTime(b.metadata.creationTimestamp));
}

/** The pods, least loss first: unassigned, pending, not ready, newly ready, often restarted, young. */
export const byLeastLoss = (pods: readonly Pod[]): Pod[] => [...pods].sort(compare);
