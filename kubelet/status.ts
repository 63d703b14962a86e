import { podRequirements } from "../kinds/core/pod/requirements.js";
import type { KubeObject } from "../kinds/object.js";
import { type PodCondition, podConditions } from "./conditions.js";
import { canonicalImage, imageID } from "./identity.js";
import type { ContainerRuntime, PodRuntime, RestartRule } from "./runtime.js";

/** core/v1 PodStatus, as a kubelet writes it. */
export interface PodStatus {
  observedGeneration?: number;
  phase: string;
  conditions: PodCondition[];
  [field: string]: unknown;
}

/** Whether a rule of the container's own speaks of the exit code. */
const covers = ({ exitCodes: { operator, values = [] } = {} }: RestartRule, exitCode: number): boolean =>
  operator === "In" ? values.includes(exitCode) : operator === "NotIn" && !values.includes(exitCode);

/** Whether a container that ended so is started again. Source: pkg/kubelet/container/helpers.go ShouldContainerBeRestarted, with ContainerRestartRules (on in 1.36). */
export const restartable = (c: ContainerRuntime, podPolicy: string, exitCode: number): boolean => {
  if (c.spec.restartPolicyRules?.some((rule) => covers(rule, exitCode))) return true;
  // an init container that is done is not begun again, whatever the policy
  if (c.role === "init" && exitCode === 0) return false;
  const policy = c.spec.restartPolicy ?? podPolicy;
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
};

/** The phase that the containers' states add up to. Source: kubelet_pods.go getPhase. */
export function podPhase(pod: KubeObject, runtime: PodRuntime): string {
  if (runtime.failure) return "Failed";
  const policy: string = pod.spec?.restartPolicy ?? "Always";
  const terminal = runtime.terminated;
  const started = runtime.containers.some((c) => c.role === "main" && c.state.kind !== "waiting");
  let pendingInit = 0;
  let pendingSidecars = 0;
  let waiting = 0;
  let running = 0;
  let stopped = 0;
  let stoppedForGood = 0;
  let succeeded = 0;
  for (const c of runtime.containers) {
    const ended = c.state.kind === "terminated" ? c.state : c.state.kind === "waiting" ? c.last : undefined;
    if (c.role === "init") {
      if (!ended) pendingInit++;
      else if (ended.exitCode !== 0 && !restartable(c, policy, ended.exitCode)) return "Failed";
    } else if (c.role === "sidecar") {
      if (c.state.kind === "running") {
        running++;
        if (!c.started) pendingSidecars++;
      } else if (c.state.kind === "waiting" && !c.last) {
        pendingSidecars++;
        waiting++;
      }
    } else if (c.state.kind === "running") running++;
    else if (ended) {
      stopped++;
      if (!restartable(c, policy, ended.exitCode)) stoppedForGood++;
      if (c.state.kind === "terminated" && ended.exitCode === 0) succeeded++;
    } else waiting++;
  }
  // status_manager.go TerminatePod: whatever never ran when the pod was stopped makes it a failure.
  if (terminal && (pendingInit > 0 || waiting > 0)) return "Failed";
  if (pendingInit > 0 || (pendingSidecars > 0 && !started) || waiting > 0) return "Pending";
  if (running > 0) return "Running";
  if (stopped === 0) return "Pending";
  if (terminal) return stopped === succeeded ? "Succeeded" : "Failed";
  if (stopped !== stoppedForGood) return "Running";
  return stopped === succeeded ? "Succeeded" : "Failed";
}

function volumeMounts(c: ContainerRuntime): { volumeMounts?: object[] } {
  const mounts = c.spec.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map((m) => ({
      name: m.name,
      mountPath: m.mountPath,
      ...(m.readOnly
        ? { readOnly: true, recursiveReadOnly: m.recursiveReadOnly === "Enabled" || m.recursiveReadOnly === "IfPossible" ? "Enabled" : "Disabled" }
        : {}),
    })),
  };
}

function containerStatus(pod: KubeObject, c: ContainerRuntime): object {
  const exists = c.id !== undefined;
  const state =
    c.state.kind === "running"
      ? { running: { startedAt: c.state.startedAt } }
      : c.state.kind === "terminated"
        ? { terminated: exitOf(c.state) }
        : { waiting: { ...(c.state.reason ? { reason: c.state.reason } : {}), ...(c.state.message ? { message: c.state.message } : {}) } };
  const security = { ...(pod.spec?.securityContext ?? {}), ...(c.spec.securityContext ?? {}) };
  const gid = security.runAsGroup ?? 0;
  const groups = [...new Set<number>([gid, ...(security.supplementalGroups ?? []), ...(security.fsGroup !== undefined ? [security.fsGroup] : [])])];
  return {
    name: c.spec.name,
    state,
    lastState: c.last ? { terminated: exitOf(c.last) } : {},
    ready: c.ready,
    restartCount: c.restarts,
    // A container that does not exist yet is named as the pod names it, one that does as the runtime does.
    image: exists ? canonicalImage(c.spec.image ?? "") : (c.spec.image ?? ""),
    imageID: exists ? imageID(c.spec.image ?? "") : "",
    ...(exists ? { containerID: c.id } : {}),
    started: c.started,
    ...(exists && c.spec.resources?.requests ? { allocatedResources: c.spec.resources.requests } : {}),
    ...(exists ? { resources: c.spec.resources ?? {} } : {}),
    ...volumeMounts(c),
    ...(exists ? { user: { linux: { uid: security.runAsUser ?? 0, gid, supplementalGroups: groups } } } : {}),
  };
}

const exitOf = (e: {
  exitCode: number;
  reason?: string;
  message?: string;
  startedAt: string | null;
  finishedAt: string | null;
  containerID: string;
}): object => ({
  exitCode: e.exitCode,
  ...(e.reason ? { reason: e.reason } : {}),
  ...(e.message ? { message: e.message } : {}),
  startedAt: e.startedAt,
  finishedAt: e.finishedAt,
  ...(e.containerID ? { containerID: e.containerID } : {}),
});

const byName = (a: ContainerRuntime, b: ContainerRuntime): number => (a.spec.name < b.spec.name ? -1 : a.spec.name > b.spec.name ? 1 : 0);

/** Fields of a pod's status that are not the kubelet's and survive its writes (mergePodStatus). */
const KEPT = ["resourceClaimStatuses", "extendedResourceClaimStatus", "nodeAllocatableResourceClaimStatuses", "ephemeralContainerStatuses"] as const;

/**
 * The status a kubelet reports for what its runtime holds. `pod` is the object now in the API: conditions of others, a terminal phase and transition
 * times are taken over from it. `hostIP` is the node's address, `now` RFC 3339. Source: kubelet_pods.go generateAPIPodStatus.
 */
export function podStatus(pod: KubeObject, runtime: PodRuntime, hostIP: string, now: string): PodStatus {
  const old = pod.status ?? {};
  let phase = podPhase(pod, runtime);
  // Pods do not leave a terminal phase, whoever wrote it.
  if (old.phase === "Succeeded" || old.phase === "Failed") phase = old.phase;
  const inits = runtime.containers.filter((c) => c.role !== "main");
  const mains = runtime.containers.filter((c) => c.role === "main").sort(byName);
  const ip = runtime.ip ?? (pod.spec?.hostNetwork ? hostIP : undefined);
  const said = (what: "message" | "reason"): object => {
    const text = runtime.failure?.[what] ?? (old.phase === phase && old[what]);
    return text ? { [what]: text } : {};
  };
  const status: PodStatus = {
    ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    phase,
    conditions: podConditions(pod, runtime, phase, now),
    ...said("message"),
    ...said("reason"),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
    ...(runtime.startTime ? { startTime: runtime.startTime } : {}),
    ...(inits.length > 0 ? { initContainerStatuses: inits.map((c) => containerStatus(pod, c)) } : {}),
    containerStatuses: mains.map((c) => containerStatus(pod, c)),
    qosClass: old.qosClass ?? "BestEffort",
  };
  for (const field of KEPT) if (old[field] !== undefined) status[field] = old[field];
  // InPlacePodLevelResourcesVerticalScaling (on in 1.36): the pod's resources as a whole, for every pod.
  const [requests, limits] = [podRequirements(pod, "requests"), podRequirements(pod, "limits")];
  if (Object.keys(requests).length > 0) status.allocatedResources = requests;
  status.resources = { ...(Object.keys(limits).length > 0 ? { limits } : {}), ...(Object.keys(requests).length > 0 ? { requests } : {}) };
  return status;
}
