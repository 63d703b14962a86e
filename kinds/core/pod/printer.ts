/** `kubectl get pods`. Source: pkg/printers/internalversion printPod. */
import type { PrintContext, Printer } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, translateTimestampSince } from "../../printing.js";
import type { ContainerState, Pod, PodStatus } from "../../schema/api/core.v1.js";
import { isSidecar } from "./visit.js";

const POD_IP = "podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.";
const NODE_NAME =
  "NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename";
const NOMINATED =
  "nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.";
const READINESS_GATES =
  'If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates';

const columns = [
  NAME_COLUMN,
  column("Ready", "string", "The aggregate readiness state of this pod for accepting traffic."),
  column("Status", "string", "The aggregate status of the containers in this pod."),
  column("Restarts", "string", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
  AGE_COLUMN,
  column("IP", "string", POD_IP, true),
  column("Node", "string", NODE_NAME, true),
  column("Nominated Node", "string", NOMINATED, true),
  column("Readiness Gates", "string", READINESS_GATES, true),
];

/** Restarts and the latest end of a container that was restarted ("" for never). RFC 3339 in UTC sorts as text. */
class Restarts {
  count = 0;
  last = "";
  add(restarts: number | undefined, lastState: ContainerState | undefined): void {
    this.count += restarts ?? 0;
    const ended = lastState?.terminated?.finishedAt;
    if (typeof ended === "string" && ended > this.last) this.last = ended;
  }
}

const isTrue = (status: PodStatus, type: string): boolean => (status.conditions ?? []).some((c) => c.type === type && c.status === "True");

function ended(state: NonNullable<ContainerState["terminated"]>): string {
  if (state.reason) return state.reason;
  return state.signal ? `Signal:${state.signal}` : `ExitCode:${state.exitCode ?? 0}`;
}

/** The first init container that is not done, as `Init:…`, and what the sidecars before it say; undefined when all are done. */
function initReason(pod: Pod, status: PodStatus, all: Restarts, sidecars: Restarts, ready: { count: number }): string | undefined {
  const specs = new Map((pod.spec.initContainers ?? []).map((c) => [c.name, c]));
  for (const [i, c] of (status.initContainerStatuses ?? []).entries()) {
    const sidecar = isSidecar(specs.get(c.name));
    all.add(c.restartCount, c.lastState);
    if (sidecar) sidecars.add(c.restartCount, c.lastState);
    const { terminated, waiting } = c.state ?? {};
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (sidecar && c.started) {
      if (c.ready) ready.count++;
      continue;
    }
    if (terminated) return `Init:${ended(terminated)}`;
    if (waiting?.reason && waiting.reason !== "PodInitializing") return `Init:${waiting.reason}`;
    return `Init:${i}/${pod.spec.initContainers?.length ?? 0}`;
  }
  return undefined;
}

function containersReason(status: PodStatus, start: string, restarts: Restarts, ready: { count: number }): string {
  let reason = start;
  let running = false;
  let failure = "";
  for (const c of [...(status.containerStatuses ?? [])].reverse()) {
    restarts.add(c.restartCount, c.lastState);
    const state = c.state ?? {};
    if (state.waiting?.reason) reason = state.waiting.reason;
    else if (state.terminated) {
      reason = ended(state.terminated);
      if (state.terminated.exitCode) failure = reason;
    } else if (c.ready && state.running) {
      running = true;
      ready.count++;
    }
  }
  if (reason !== "Completed") return reason;
  if (running && isTrue(status, "Ready")) return "Running";
  if (failure) return failure;
  return running ? "NotReady" : reason;
}

function gates(pod: Pod, status: PodStatus): string {
  const all = pod.spec.readinessGates ?? [];
  if (all.length === 0) return "<none>";
  const met = all.filter((g) => (status.conditions ?? []).find((c) => c.type === g.conditionType)?.status === "True").length;
  return `${met}/${all.length}`;
}

/** The summary cells of a pod. Pure: the age of restarts counts from `ctx.now`. */
export function podSummary(object: KubeObject, ctx: PrintContext): { readonly ready: string; readonly status: string; readonly restarts: string } {
  const pod = object as unknown as Pod;
  const status = pod.status ?? {};
  const phase = status.phase ?? "";
  let reason = status.reason || phase;
  if ((status.conditions ?? []).some((c) => c.type === "PodScheduled" && c.reason === "SchedulingGated")) reason = "SchedulingGated";
  const total = (pod.spec.containers?.length ?? 0) + (pod.spec.initContainers ?? []).filter(isSidecar).length;
  const ready = { count: 0 };
  let restarts = new Restarts();
  const sidecars = new Restarts();
  const initializing = initReason(pod, status, restarts, sidecars, ready);
  if (initializing !== undefined) reason = initializing;
  if (initializing === undefined || isTrue(status, "Initialized")) {
    restarts = sidecars;
    reason = containersReason(status, reason, restarts, ready);
  }
  if (object.metadata.deletionTimestamp) {
    if (status.reason === "NodeLost") reason = "Unknown";
    else if (phase !== "Failed" && phase !== "Succeeded") reason = "Terminating";
  }
  const since = restarts.count !== 0 && restarts.last ? ` (${translateTimestampSince(ctx.now, restarts.last)} ago)` : "";
  return { ready: `${ready.count}/${total}`, status: reason, restarts: `${restarts.count}${since}` };
}

const FINISHED: Readonly<Record<string, readonly object[]>> = {
  Succeeded: [{ type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." }],
  Failed: [{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }],
};

export const podPrinter: Printer = {
  columns,
  row(object, ctx) {
    const pod = object as unknown as Pod;
    const status = pod.status ?? {};
    const { ready, status: reason, restarts } = podSummary(object, ctx);
    const conditions = FINISHED[status.phase ?? ""];
    return {
      cells: [
        object.metadata.name ?? "",
        ready,
        reason,
        restarts,
        age(object, ctx),
        status.podIPs?.[0]?.ip || "<none>",
        pod.spec.nodeName || "<none>",
        status.nominatedNodeName || "<none>",
        gates(pod, status),
      ],
      ...(conditions ? { conditions } : {}),
    };
  },
};
