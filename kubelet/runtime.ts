import type { KubeObject } from "../kinds/object.js";
import { containerID } from "./identity.js";

/** core/v1 Container, as far as the kubelet looks at it. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly imagePullPolicy?: string;
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly RestartRule[];
  readonly resources?: { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean; readonly recursiveReadOnly?: string }[];
  readonly env?: readonly { readonly valueFrom?: { readonly configMapKeyRef?: KeyRef; readonly secretKeyRef?: KeyRef } }[];
  readonly envFrom?: readonly { readonly configMapRef?: ObjectRef; readonly secretRef?: ObjectRef }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly exec?: { readonly command?: readonly string[] }; readonly sleep?: { readonly seconds?: number } } };
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number };
}

export interface Probe {
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: object;
  readonly tcpSocket?: { readonly port?: number | string };
  readonly grpc?: object;
}

export interface ObjectRef {
  readonly name?: string;
  readonly optional?: boolean;
}

export interface KeyRef extends ObjectRef {
  readonly key?: string;
}

export interface RestartRule {
  readonly action?: string;
  readonly exitCodes?: { readonly operator?: string; readonly values?: readonly number[] };
}

/** How a container ended. `at` and `startedAt` are seconds-precise RFC 3339. */
export interface Exit {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly containerID: string;
}

export type ProbeType = "startup" | "readiness" | "liveness";
/** By probe: which of its rounds is next, and how many in a row have passed or failed. */
export type ProbeMemories = { [T in ProbeType]?: { round: number; successes: number; failures: number } };

/** What the simulated container runtime knows of one container. */
export interface ContainerRuntime {
  readonly spec: Container;
  /** `init` ends before the next starts, `sidecar` is an init container with restartPolicy Always, `main` the rest. */
  readonly role: "init" | "sidecar" | "main";
  state:
    | { readonly kind: "waiting"; readonly reason?: string; readonly message?: string }
    | { readonly kind: "running"; readonly startedAt: string }
    | ({ readonly kind: "terminated" } & Exit);
  /** The state before the last restart. */
  last?: Exit;
  restarts: number;
  started: boolean;
  ready: boolean;
  /** Set once the container exists in the runtime. */
  id?: string;
  /** How often it has failed and been started again, without having run well for a while in between. */
  crashes?: number;
  /** When (milliseconds) it was started again last. */
  restartedAt?: number;
  /** When (milliseconds) it is started again after a failure. */
  retryAt?: number;
  /** It was stopped so that it be started again, whatever its exit code. */
  again?: true;
  /** What its probes have come to since its start. */
  probes?: ProbeMemories;
  /** When (milliseconds) it is looked again whether all is there that its environment is made of. */
  configAt?: number;
  /** The image could not be pulled: how often, and when (milliseconds) it is tried again. */
  pull?: { readonly failures: number; readonly retryAt: number; readonly message: string };
}

/**
 * A pod as its node knows it: the kubelet's memory, from which status is generated. It is never the API's status read back (a status that a client wrote
 * stays as it is until something changes here), except when the process starts over and finds pods that already run.
 */
export interface PodRuntime {
  readonly uid: string;
  readonly node: string;
  startTime?: string;
  /** Volumes are mounted. */
  mounted: boolean;
  /** The pod's sandbox: present with its address, then stopped. */
  sandbox?: { readonly ip: string; running: boolean };
  /** The address outlives the sandbox in status. */
  ip?: string;
  readonly containers: ContainerRuntime[];
  /** Milliseconds of the clock when the current stage became possible. */
  since: number;
  /** Name of the stage `since` belongs to. */
  waitingFor?: string;
  /** The runtime changed and the API does not know yet. */
  dirty: boolean;
  /** metadata.generation the runtime has taken in. */
  generation?: number;
  /** Containers were told to stop. */
  killed: boolean;
  /** All containers were told to stop and have: the pod is over for this node. */
  terminated: boolean;
  /** The kubelet itself has ended the pod, and why; with a condition `DisruptionTarget` where others are to know. */
  failure?: { readonly reason: string; readonly message: string; readonly disruption?: true };
  /** Volumes could not be mounted: how often, and when (milliseconds) it is tried again. */
  mounting?: { readonly failures: number; readonly retryAt: number };
}

const isSidecar = (c: Container): boolean => c.restartPolicy === "Always";

/** A pod that this node has not touched yet. */
export function newRuntime(pod: KubeObject, now: number): PodRuntime {
  const of = (spec: Container, role: ContainerRuntime["role"], waiting: string): ContainerRuntime => ({
    spec,
    role,
    state: { kind: "waiting", reason: waiting },
    restarts: 0,
    started: false,
    ready: false,
  });
  const inits: Container[] = pod.spec?.initContainers ?? [];
  // kubelet_pods.go convertToAPIContainerStatuses: with init containers everything first waits as PodInitializing.
  const waiting = inits.length > 0 ? "PodInitializing" : "ContainerCreating";
  return {
    uid: pod.metadata.uid ?? "",
    node: pod.spec?.nodeName ?? "",
    mounted: false,
    containers: [
      ...inits.map((c) => of(c, isSidecar(c) ? "sidecar" : "init", waiting)),
      ...((pod.spec?.containers ?? []) as Container[]).map((c) => of(c, "main", waiting)),
    ],
    since: now,
    dirty: false,
    ...(pod.metadata.generation !== undefined ? { generation: pod.metadata.generation } : {}),
    killed: false,
    terminated: false,
  };
}

interface ApiTerminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly containerID?: string;
}

interface ApiContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly containerID?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt: string };
    readonly terminated?: ApiTerminated;
  };
  readonly lastState?: { readonly terminated?: ApiTerminated };
}

const exitOf = (t: ApiTerminated): Exit => ({
  exitCode: t.exitCode,
  reason: t.reason ?? "",
  ...(t.message ? { message: t.message } : {}),
  startedAt: t.startedAt ?? null,
  finishedAt: t.finishedAt ?? null,
  containerID: t.containerID ?? "",
});

/** Takes a pod up where its status says it is: after a restart of the process, or in a cluster restored from a snapshot. */
export function recoverRuntime(pod: KubeObject, now: number): PodRuntime {
  const runtime = newRuntime(pod, now);
  const status = pod.status ?? {};
  if (!status.startTime) return runtime;
  runtime.startTime = status.startTime;
  if (status.podIP) {
    runtime.mounted = true;
    runtime.ip = status.podIP;
    runtime.sandbox = { ip: status.podIP, running: true };
  }
  if (pod.metadata.deletionTimestamp && (status.phase === "Succeeded" || status.phase === "Failed")) {
    runtime.killed = true;
    runtime.terminated = true;
  }
  const known = new Map<string, ApiContainerStatus>();
  for (const s of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])] as ApiContainerStatus[]) known.set(s.name, s);
  for (const c of runtime.containers) {
    const s = known.get(c.spec.name);
    if (!s) continue;
    c.restarts = s.restartCount ?? 0;
    c.ready = s.ready ?? false;
    c.started = s.started ?? false;
    if (s.containerID) c.id = s.containerID;
    const last = s.lastState?.terminated && exitOf(s.lastState.terminated);
    if (last) c.last = last;
    if (s.state?.running) c.state = { kind: "running", startedAt: s.state.running.startedAt };
    else if (s.state?.terminated) c.state = { kind: "terminated", ...exitOf(s.state.terminated) };
    // how long it was to wait is not written down: a kubelet that starts over forgives at once
    else if (s.state?.waiting?.reason === "CrashLoopBackOff" && last) c.state = { kind: "terminated", ...last };
  }
  return runtime;
}

/** Puts a container of the pod into the running state. */
export function startContainer(runtime: PodRuntime, container: ContainerRuntime, at: string): void {
  container.id = containerID(runtime.uid, container.spec.name, container.restarts);
  container.state = { kind: "running", startedAt: at };
  // prober_manager.go: a regular init container has no startup probe and counts as started while it runs.
  container.started = container.role === "init";
  container.ready = false;
  delete container.probes;
}

/** The containers that run, in the order in which they are stopped: sidecars after what they stand beside, the last one first. Source: kuberuntime_termination_order.go. */
export const inStopOrder = (runtime: PodRuntime): ContainerRuntime[] => {
  const running = runtime.containers.filter((c) => c.state.kind === "running");
  return [...running.filter((c) => c.role === "main"), ...running.filter((c) => c.role !== "main").reverse()];
};

/** Ends a running container. `reason`: where the exit code does not say it. */
export function stopContainer(container: ContainerRuntime, exitCode: number, at: string, reason?: string): void {
  if (container.state.kind !== "running") return;
  container.state = {
    kind: "terminated",
    exitCode,
    reason: reason ?? (exitCode === 0 ? "Completed" : "Error"),
    startedAt: container.state.startedAt,
    finishedAt: at,
    containerID: container.id ?? "",
  };
  container.ready = container.role === "init" && exitCode === 0;
  container.started = false;
}
