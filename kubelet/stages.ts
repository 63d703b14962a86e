import { timestamp } from "../controllers/runtime/time.js";
import type { KubeObject } from "../kinds/object.js";
import type { Behaviour } from "./behaviour.js";
import { readCommand } from "./command.js";
import { created, killing, notConfigured, notMounted, type PodEvent, pullBacksOff, pulled, pullFailed, unusable } from "./events.js";
import { AT_ONCE, type Duration } from "./pace.js";
import { isProbed } from "./probes.js";
import { backOff, failed, isOver, isStuck } from "./restarts.js";
import { type ContainerRuntime, inStopOrder, type PodRuntime, startContainer, stopContainer } from "./runtime.js";

/** What a stage may look at, and the runtime it moves on. */
export interface View {
  readonly pod: KubeObject;
  readonly runtime: PodRuntime;
  /** Milliseconds of the clock. */
  readonly now: number;
  readonly behaviour: Behaviour;
  /** What even the shortest graceful stop takes, in milliseconds. */
  readonly shortestStopMs: number;
  /** Whether every claim the pod mounts is bound, and has its size. */
  volumesReady(): boolean;
  /** Volumes whose ConfigMap or Secret is not there. */
  volumeFaults(): readonly { readonly volume: string; readonly message: string }[];
  /** What the container's environment lacks; undefined when nothing. */
  environmentFault(c: ContainerRuntime): string | undefined;
  /** The node says that it is short of memory. */
  evicts(): void;
  /** The pod's address: one of its node's range, or the node's own. */
  address(): string;
  /** Whether the node has the image; asking brings it there. */
  takeImage(image: string): boolean;
}

/**
 * One step in a pod's life. Of the table the first stage that matches is the pod's present one: it takes its duration, then changes the runtime, and status
 * follows from that. Stages that take no time at the cluster's pace share one status write.
 */
export interface Stage {
  readonly name: string;
  match(view: View): boolean;
  duration(view: View): Duration;
  apply(view: View): PodEvent[];
  /** Absolute milliseconds before which the stage does not happen, at any pace. */
  notBefore?(view: View): number;
  /** The stage changes nothing that status shows. */
  readonly silent?: true;
}

const at = (view: View): string => timestamp(view.now);
const isInit = (c: ContainerRuntime): boolean => c.role !== "main";
const initDone = (c: ContainerRuntime): boolean => (c.role === "sidecar" ? c.started : c.ready);
/** The init container whose turn it is; undefined when all have had theirs. */
const currentInit = (r: PodRuntime): ContainerRuntime | undefined => r.containers.find((c) => isInit(c) && !initDone(c));
const startable = (r: PodRuntime): ContainerRuntime[] => {
  if (!r.sandbox?.running) return [];
  const init = currentInit(r);
  return (init ? [init] : r.containers.filter((c) => !isInit(c))).filter((c) => c.state.kind === "waiting");
};
const backedOff = (c: ContainerRuntime): boolean => c.pull !== undefined || c.retryAt !== undefined || c.configAt !== undefined;
/** The earliest of times that not all containers have; infinite where none has. */
const earliest = (list: readonly ContainerRuntime[], at: (c: ContainerRuntime) => number | undefined): number =>
  list.reduce((least, c) => Math.min(least, at(c) ?? Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
/** How often the kubelet looks again at what has failed: pod_workers.go backOffPeriod. */
const SYNC_MS = 10_000;
const pullsAgain = (c: ContainerRuntime): boolean => c.pull !== undefined;
const startsAgain = (c: ContainerRuntime): boolean => c.retryAt !== undefined;
const probed = (c: ContainerRuntime, probe: "startupProbe" | "readinessProbe"): Duration => {
  const p = c.spec[probe];
  if (!p) return AT_ONCE;
  return { brisk: 250, real: (p.initialDelaySeconds ?? 0) * 1000 + 500 };
};

const isStarting = (view: View, c: ContainerRuntime): boolean => c.state.kind === "running" && !c.started && c.role !== "init" && !isProbed(view, c, "startup");

function bringUp(view: View, c: ContainerRuntime): PodEvent[] {
  const outcome = view.behaviour.pull(view.pod, c.spec);
  if (!outcome.ok && outcome.reason) {
    c.pull = { failures: 1, retryAt: view.now + SYNC_MS, message: outcome.message };
    c.state = { kind: "waiting", reason: outcome.reason, message: outcome.message };
    return unusable(c, outcome.reason, outcome.message);
  }
  if (!outcome.ok) {
    const failures = (c.pull?.failures ?? 0) + 1;
    // images/image_manager.go backs off per pod and image: 10 s, doubling up to 5 min.
    c.pull = { failures, retryAt: view.now + Math.min(10_000 * 2 ** (failures - 1), 300_000), message: outcome.message };
    c.state = { kind: "waiting", reason: "ErrImagePull", message: outcome.message };
    return pullFailed(c, outcome.message);
  }
  const events = pulled(c, view.takeImage(c.spec.image ?? ""));
  delete c.pull;
  const fault = view.environmentFault(c);
  if (fault !== undefined) {
    c.configAt = view.now + SYNC_MS;
    c.state = { kind: "waiting", reason: "CreateContainerConfigError", message: fault };
    return [...events, notConfigured(c, fault)];
  }
  startContainer(view.runtime, c, at(view));
  return [...events, ...created(c)];
}

/** When (milliseconds) a container that runs ends of its own accord; undefined when it does not. */
function endOf({ pod, behaviour }: View, c: ContainerRuntime): { at: number; exitCode: number; reason?: string } | undefined {
  if (c.state.kind !== "running") return undefined;
  const run = behaviour.run?.(pod, c.spec, c.role);
  return run && { at: Date.parse(c.state.startedAt) + run.seconds * 1000, exitCode: run.exitCode, reason: run.reason };
}

/** When (milliseconds) a container is ready; infinite where it is, is not started yet, never is, or its readiness probe's rounds decide. */
function readyAt(view: View, c: ContainerRuntime): number {
  if (c.role === "init" || c.state.kind !== "running" || !c.started || c.ready || isProbed(view, c, "readiness")) return Number.POSITIVE_INFINITY;
  const { pod, behaviour } = view;
  return Date.parse(c.state.startedAt) + (behaviour.readyAfter?.(pod, c.spec) ?? 0) * 1000;
}
const nextEnd = (view: View): number => earliest(view.runtime.containers, (c) => endOf(view, c)?.at);
const nextReady = (view: View): number => earliest(view.runtime.containers, (c) => readyAt(view, c));

/** Ends what still runs: sidecars live as long as what they stand beside, and go in the reverse of the order in which they came. */
function finish(view: View): PodEvent[] {
  const { runtime, pod, behaviour } = view;
  const left = inStopOrder(runtime);
  const events = left.map((c) => killing(c));
  for (const c of left) stopContainer(c, behaviour.stopCode(pod, c.spec) ?? KILLED, at(view));
  if (runtime.sandbox) runtime.sandbox.running = false;
  runtime.killed = true;
  runtime.terminated = true;
  return events;
}

/** Exit code of what had to be killed. */
const KILLED = 137;

/** Milliseconds that a container's preStop hook takes of its grace. */
function hookMs({ spec: { lifecycle } }: ContainerRuntime): number {
  const { exec, sleep } = lifecycle?.preStop ?? {};
  return 1000 * (sleep?.seconds ?? (exec ? readCommand([...(exec.command ?? [])]).seconds : 0));
}

/** Milliseconds until a container that is told to stop has, of its own accord or not. */
function stopMs(view: View, c: ContainerRuntime, grace: number, pace: number): number {
  if (c.state.kind !== "running") return 0;
  if (view.behaviour.stopCode(view.pod, c.spec) === undefined) return grace;
  return Math.min(grace, hookMs(c) + pace);
}
/** The life of a pod up to Ready, and on to its end where it has one, in order. */
export const STARTING: readonly Stage[] = [
  {
    name: "accepted",
    match: ({ runtime }) => !runtime.startTime,
    duration: () => AT_ONCE,
    apply: (view) => {
      view.runtime.startTime = at(view);
      return [];
    },
  },
  {
    name: "volumes fail",
    match: ({ runtime, volumesReady, volumeFaults }) => !runtime.mounted && volumesReady() && volumeFaults().length > 0,
    duration: () => AT_ONCE,
    notBefore: ({ runtime }) => runtime.mounting?.retryAt ?? 0,
    apply: ({ runtime, now, volumeFaults }) => {
      const failures = runtime.mounting?.failures ?? 0;
      // Source: exponentialbackoff.go: 500 ms, doubling up to 2 min 2 s
      runtime.mounting = { failures: failures + 1, retryAt: now + Math.min(500 * 2 ** failures, 122_000) };
      return volumeFaults().map(({ volume, message }) => notMounted(volume, message));
    },
    silent: true,
  },
  {
    name: "volumes mounted",
    match: ({ runtime, volumesReady }) => !runtime.mounted && volumesReady(),
    duration: () => ({ brisk: 200, real: 1000 }),
    apply: ({ runtime }) => {
      runtime.mounted = true;
      return [];
    },
    silent: true,
  },
  {
    name: "sandbox ready",
    match: ({ runtime }) => runtime.mounted && !runtime.sandbox,
    duration: () => ({ brisk: 300, real: 800 }),
    apply: ({ runtime, address }) => {
      const ip = address();
      runtime.ip = ip;
      runtime.sandbox = { ip, running: true };
      return [];
    },
  },
  {
    name: "containers started",
    match: ({ runtime }) => startable(runtime).some((c) => !backedOff(c)),
    duration: () => ({ brisk: 400, real: 1500 }),
    apply: (view) =>
      startable(view.runtime)
        .filter((c) => !backedOff(c))
        .flatMap((c) => bringUp(view, c)),
  },
  {
    name: "started",
    match: (view) => view.runtime.containers.some((c) => isStarting(view, c)),
    duration: (view) => longest(view.runtime.containers.filter((c) => isStarting(view, c)).map((c) => probed(c, "startupProbe"))),
    apply: (view) => {
      for (const c of view.runtime.containers) if (isStarting(view, c)) c.started = true;
      return [];
    },
  },
  {
    name: "init container done",
    match: (view) => {
      const init = currentInit(view.runtime);
      return init?.role === "init" && init.state.kind === "running" && !endOf(view, init);
    },
    duration: () => ({ brisk: 300, real: 2000 }),
    apply: (view) => {
      stopContainer(currentInit(view.runtime) as ContainerRuntime, 0, at(view));
      return [];
    },
  },
  {
    name: "ready",
    match: (view) => {
      const next = nextReady(view);
      return next < Number.POSITIVE_INFINITY && next <= nextEnd(view);
    },
    duration: (view) => {
      const next = nextReady(view);
      return longest(view.runtime.containers.filter((c) => readyAt(view, c) === next).map((c) => probed(c, "readinessProbe")));
    },
    notBefore: nextReady,
    apply: (view) => {
      for (const c of view.runtime.containers) if (readyAt(view, c) <= view.now) c.ready = true;
      return [];
    },
  },
  {
    name: "ended",
    match: (view) => view.runtime.containers.some((c) => endOf(view, c)),
    duration: () => ({ brisk: 1000, real: 2500 }),
    notBefore: nextEnd,
    apply: (view) => {
      const { runtime } = view;
      for (const c of runtime.containers) {
        const end = endOf(view, c);
        if (end && end.at <= view.now) stopContainer(c, end.exitCode, at(view), end.reason);
      }
      return isOver(view) ? finish(view) : [];
    },
  },
  {
    name: "stuck",
    match: (view) => !view.runtime.terminated && isStuck(view),
    duration: () => AT_ONCE,
    apply: finish,
  },
  {
    name: "failed",
    match: (view) => failed(view).length > 0,
    duration: () => AT_ONCE,
    apply: (view) => failed(view).flatMap((c) => backOff(view, c)),
  },
  {
    name: "started again",
    match: ({ runtime }) => startable(runtime).some(startsAgain),
    duration: () => AT_ONCE,
    notBefore: ({ runtime }) => earliest(startable(runtime), (c) => c.retryAt),
    apply: (view) =>
      startable(view.runtime)
        .filter((c) => c.retryAt !== undefined && c.retryAt <= view.now)
        .flatMap((c) => {
          delete c.retryAt;
          c.restarts++;
          c.restartedAt = view.now;
          return bringUp(view, c);
        }),
  },
  {
    name: "pull backs off",
    match: ({ runtime }) => startable(runtime).some((c) => c.state.kind === "waiting" && c.state.reason === "ErrImagePull"),
    duration: () => ({ brisk: 1000, real: 10_000 }),
    apply: ({ runtime }) =>
      startable(runtime).flatMap((c) => {
        if (c.state.kind !== "waiting" || c.state.reason !== "ErrImagePull") return [];
        c.state = { kind: "waiting", reason: "ImagePullBackOff", message: `Back-off pulling image "${c.spec.image}": ErrImagePull: ${c.pull?.message}` };
        return pullBacksOff(c);
      }),
  },
  {
    name: "pull again",
    match: ({ runtime }) => startable(runtime).some(pullsAgain),
    duration: () => AT_ONCE,
    notBefore: ({ runtime }) => earliest(startable(runtime), (c) => c.pull?.retryAt),
    apply: (view) =>
      startable(view.runtime)
        .filter((c) => c.pull && c.pull.retryAt <= view.now)
        .flatMap((c) => bringUp(view, c)),
  },
  {
    name: "configured again",
    match: ({ runtime }) => startable(runtime).some((c) => c.configAt !== undefined),
    duration: () => AT_ONCE,
    notBefore: ({ runtime }) => earliest(startable(runtime), (c) => c.configAt),
    apply: (view) =>
      startable(view.runtime)
        .filter((c) => c.configAt !== undefined && c.configAt <= view.now)
        .flatMap((c) => {
          delete c.configAt;
          return bringUp(view, c);
        }),
  },
];

/** What happens to a pod that is being deleted, whatever stage it had reached. */
export const STOPPING: readonly Stage[] = [
  {
    name: "told to stop",
    match: ({ runtime }) => !runtime.killed,
    duration: () => AT_ONCE,
    apply: ({ runtime }) => {
      runtime.killed = true;
      return inStopOrder(runtime).map((c) => killing(c));
    },
    silent: true,
  },
  {
    name: "stopped",
    match: ({ runtime }) => !runtime.terminated,
    duration: (view) => {
      const grace = Number(view.pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
      const at = (pace: number): number => view.runtime.containers.reduce((most, c) => Math.max(most, stopMs(view, c, grace, pace)), 0);
      return { instant: at(view.shortestStopMs), brisk: at(300), real: at(1500) };
    },
    apply: (view) => {
      for (const c of view.runtime.containers) stopContainer(c, view.behaviour.stopCode(view.pod, c.spec) ?? KILLED, at(view));
      if (view.runtime.sandbox) view.runtime.sandbox.running = false;
      view.runtime.terminated = true;
      return [];
    },
  },
];

/** The stage a pod is in, if it is in any. */
export const stageOf = (view: View): Stage | undefined => (view.pod.metadata.deletionTimestamp ? STOPPING : STARTING).find((stage) => stage.match(view));

function longest(durations: readonly Duration[]): Duration {
  return { brisk: Math.max(0, ...durations.map((d) => d.brisk)), real: Math.max(0, ...durations.map((d) => d.real)) };
}
