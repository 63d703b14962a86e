import { timestamp } from "../controllers/runtime/time.js";
import type { KubeObject } from "../kinds/object.js";
import type { Behaviour } from "./behaviour.js";
import { created, killing, type PodEvent, pullBacksOff, pulled, pullFailed, restartBacksOff } from "./events.js";
import { AT_ONCE, type Duration } from "./pace.js";
import { type ContainerRuntime, type PodRuntime, startContainer, stopContainer } from "./runtime.js";
import { restartable } from "./status.js";

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
const backedOff = (c: ContainerRuntime): boolean => c.pull !== undefined || c.retryAt !== undefined;
const pullsAgain = (c: ContainerRuntime): boolean => c.pull !== undefined;
const startsAgain = (c: ContainerRuntime): boolean => c.retryAt !== undefined;
const probed = (c: ContainerRuntime, probe: "startupProbe" | "readinessProbe"): Duration => {
  const p = c.spec[probe];
  if (!p) return AT_ONCE;
  return { brisk: 250, real: (p.initialDelaySeconds ?? 0) * 1000 + 500 };
};

function bringUp(view: View, c: ContainerRuntime): PodEvent[] {
  const outcome = view.behaviour.pull(view.pod, c.spec);
  if (!outcome.ok) {
    const failures = (c.pull?.failures ?? 0) + 1;
    // images/image_manager.go backs off per pod and image: 10 s, doubling up to 5 min.
    c.pull = { failures, retryAt: view.now + Math.min(10_000 * 2 ** (failures - 1), 300_000), message: outcome.message };
    c.state = { kind: "waiting", reason: "ErrImagePull", message: outcome.message };
    return pullFailed(c, outcome.message);
  }
  const events = pulled(c, view.takeImage(c.spec.image ?? ""));
  delete c.pull;
  startContainer(view.runtime, c, at(view));
  return [...events, ...created(c)];
}

/** When (milliseconds) a main container that runs ends of its own accord; undefined when it does not. */
function endOf({ pod, behaviour }: View, c: ContainerRuntime): { at: number; exitCode: number; reason?: string } | undefined {
  if (c.role !== "main" || c.state.kind !== "running") return undefined;
  const run = behaviour.run?.(pod, c.spec);
  return run && { at: Date.parse(c.state.startedAt) + run.seconds * 1000, exitCode: run.exitCode, reason: run.reason };
}

/** When (milliseconds) a container passes its readiness probe; infinite where it is ready, is not started yet, or never does. */
function readyAt({ pod, behaviour }: View, c: ContainerRuntime): number {
  if (c.role === "init" || c.state.kind !== "running" || !c.started || c.ready) return Number.POSITIVE_INFINITY;
  return Date.parse(c.state.startedAt) + (behaviour.readyAfter?.(pod, c.spec) ?? 0) * 1000;
}
const nextEnd = (view: View): number => Math.min(...view.runtime.containers.map((c) => endOf(view, c)?.at ?? Number.POSITIVE_INFINITY));
const nextReady = (view: View): number => Math.min(...view.runtime.containers.map((c) => readyAt(view, c)));
const policyOf = (pod: KubeObject): string => pod.spec?.restartPolicy ?? "Always";
/** Main containers that have ended and are to be started again. */
const failed = ({ pod, runtime }: View): ContainerRuntime[] =>
  runtime.containers.filter((c) => c.role === "main" && c.state.kind === "terminated" && restartable(c, policyOf(pod), c.state.exitCode));
const isOver = ({ pod, runtime }: View): boolean =>
  runtime.containers.every((c) => c.role !== "main" || (c.state.kind === "terminated" && !restartable(c, policyOf(pod), c.state.exitCode)));

/** The first failure is forgiven at once; then 10 s, doubling up to 5 min. Source: kuberuntime_manager.go doBackOff. */
function backOff(view: View, c: ContainerRuntime): PodEvent[] {
  if (c.state.kind !== "terminated") return [];
  const { kind: _, ...exit } = c.state;
  c.last = exit;
  c.crashes = (c.crashes ?? 0) + 1;
  if (c.crashes === 1) {
    c.restarts++;
    c.state = { kind: "waiting", reason: "ContainerCreating" };
    return [];
  }
  const seconds = Math.min(10 * 2 ** (c.crashes - 2), 300);
  const { name, namespace } = view.pod.metadata;
  const pod = `${name}_${namespace}(${view.runtime.uid})`;
  const shown = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  c.retryAt = view.now + seconds * 1000;
  c.state = { kind: "waiting", reason: "CrashLoopBackOff", message: `back-off ${shown} restarting failed container=${c.spec.name} pod=${pod}` };
  return [restartBacksOff(c, pod)];
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
    match: ({ runtime }) => runtime.containers.some((c) => c.state.kind === "running" && !c.started && c.role !== "init"),
    duration: ({ runtime }) => longest(runtime.containers.filter((c) => !c.started && c.role !== "init").map((c) => probed(c, "startupProbe"))),
    apply: ({ runtime }) => {
      for (const c of runtime.containers) if (c.state.kind === "running" && c.role !== "init") c.started = true;
      return [];
    },
  },
  {
    name: "init container done",
    match: ({ runtime }) => currentInit(runtime)?.state.kind === "running",
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
      if (!isOver(view)) return [];
      // sidecars live as long as what they stand beside
      for (const c of runtime.containers) stopContainer(c, 0, at(view));
      if (runtime.sandbox) runtime.sandbox.running = false;
      runtime.killed = true;
      runtime.terminated = true;
      return [];
    },
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
    notBefore: ({ runtime }) => Math.min(...startable(runtime).map((c) => c.retryAt ?? Number.POSITIVE_INFINITY)),
    apply: (view) =>
      startable(view.runtime)
        .filter((c) => c.retryAt !== undefined && c.retryAt <= view.now)
        .flatMap((c) => {
          delete c.retryAt;
          c.restarts++;
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
    notBefore: ({ runtime }) => Math.min(...startable(runtime).map((c) => c.pull?.retryAt ?? Number.POSITIVE_INFINITY)),
    apply: (view) =>
      startable(view.runtime)
        .filter((c) => c.pull && c.pull.retryAt <= view.now)
        .flatMap((c) => bringUp(view, c)),
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
      return runtime.containers.filter((c) => c.state.kind === "running").map((c) => killing(c));
    },
    silent: true,
  },
  {
    name: "stopped",
    match: ({ runtime }) => !runtime.terminated,
    duration: (view) => {
      const { pod, runtime } = view;
      if (!runtime.containers.some((c) => c.state.kind === "running")) return AT_ONCE;
      const grace = Number(pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
      return { instant: Math.min(grace, view.shortestStopMs), brisk: Math.min(grace, 300), real: Math.min(grace, 1500) };
    },
    apply: (view) => {
      for (const c of view.runtime.containers) stopContainer(c, view.behaviour.stopCode(view.pod, c.spec), at(view));
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
