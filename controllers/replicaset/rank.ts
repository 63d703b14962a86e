/** Which pods go first. Source: pkg/controller/controller_utils.go ActivePodsWithRanks. */
import type { Pod } from "../runtime/api.js";
import { isPodActive, isPodReady, maxRestarts, podReadyTime } from "../runtime/podutil.js";
import { parseTime } from "../runtime/time.js";

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** The cost annotation; 0 when absent or malformed (leading zeros and plus signs are). */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? "";
  const cost = /^(-[0-9]+|0|[1-9][0-9]*)$/.test(text) ? Number(text) : 0;
  return cost >= -0x80000000 && cost <= 0x7fffffff ? cost : 0;
}

/** Rank of an age on a logarithmic scale of nanoseconds, so that pods of about one age count as equal. */
const ageRank = (since: number, now: number): number => (now > since ? Math.trunc(Math.log2((now - since) * 1e6)) : -1);

/** Younger first; of about one age by uid, which is as good as at random. An unknown time is younger than any. */
function byAge(a: Pod, b: Pod, sinceA: number | undefined, sinceB: number | undefined, now: number): number {
  if (sinceA === sinceB) return 0;
  if (sinceA === undefined) return -1;
  if (sinceB === undefined) return 1;
  const difference = ageRank(sinceA, now) - ageRank(sinceB, now);
  if (difference !== 0) return difference;
  return (a.metadata.uid ?? "") < (b.metadata.uid ?? "") ? -1 : 1;
}

/**
 * The pods in the order in which they are to be deleted: unassigned, pending, not ready, cheap to delete, doubled up on a node, newly ready, often restarted, young.
 * `related` are the pods of all ReplicaSets of one Deployment.
 */
export function rankForDeletion(pods: readonly Pod[], related: readonly Pod[], now: number): Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName ?? "";
    if (isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const compare = (a: Pod, b: Pod): number => {
    const [nodeA, nodeB] = [a.spec.nodeName ?? "", b.spec.nodeName ?? ""];
    if ((nodeA === "") !== (nodeB === "")) return nodeA === "" ? -1 : 1;
    const phase = (PHASES[a.status?.phase ?? ""] ?? 0) - (PHASES[b.status?.phase ?? ""] ?? 0);
    if (phase !== 0) return phase;
    const [readyA, readyB] = [isPodReady(a), isPodReady(b)];
    if (readyA !== readyB) return readyA ? 1 : -1;
    const cost = deletionCost(a) - deletionCost(b);
    if (cost !== 0) return cost;
    const crowd = (onNode.get(nodeB) ?? 0) - (onNode.get(nodeA) ?? 0);
    if (crowd !== 0) return crowd;
    if (readyA && readyB) {
      const ready = byAge(a, b, podReadyTime(a), podReadyTime(b), now);
      if (ready !== 0) return ready;
    }
    const [restartsA, restartsB] = [maxRestarts(a), maxRestarts(b)];
    if (restartsA.regular !== restartsB.regular) return restartsB.regular - restartsA.regular;
    if (restartsA.sidecar !== restartsB.sidecar) return restartsB.sidecar - restartsA.sidecar;
    return byAge(a, b, parseTime(a.metadata.creationTimestamp), parseTime(b.metadata.creationTimestamp), now);
  };
  return [...pods].sort(compare);
}
