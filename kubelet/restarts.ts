/** Containers that have ended, and when they are started again. Source: kuberuntime_manager.go computePodActions, doBackOff. */
import { type PodEvent, restartBacksOff } from "./events.js";
import type { ContainerRuntime } from "./runtime.js";
import type { View } from "./stages.js";
import { restartable } from "./status.js";

/** A container that has run so long since it was started last is forgiven once more. Source: client-go flowcontrol.Backoff, twice the longest wait. */
const FORGOTTEN_MS = 600_000;
const LONGEST_SECONDS = 300;

/** Containers that have ended and are to be started again. */
export function failed({ pod, runtime }: View): ContainerRuntime[] {
  if (runtime.terminated) return [];
  const policy = pod.spec?.restartPolicy ?? "Always";
  return runtime.containers.filter((c) => c.state.kind === "terminated" && (c.again || restartable(c, policy, c.state.exitCode)));
}

/** No main container is to run again. */
export const isOver = (view: View): boolean => {
  const again = new Set(failed(view));
  return view.runtime.containers.every((c) => c.role !== "main" || (c.state.kind === "terminated" && !again.has(c)));
};

/** An init container has failed, and is not to be started again. */
export const isStuck = (view: View): boolean => {
  const again = new Set(failed(view));
  return view.runtime.containers.some((c) => c.role === "init" && c.state.kind === "terminated" && c.state.exitCode !== 0 && !again.has(c));
};

/** The first failure is forgiven at once; then 10 s, doubling up to 5 min. */
export function backOff(view: View, c: ContainerRuntime): PodEvent[] {
  if (c.state.kind !== "terminated") return [];
  const { kind: _, ...exit } = c.state;
  c.last = exit;
  delete c.again;
  c.ready = false;
  if (c.restartedAt !== undefined && view.now - c.restartedAt > FORGOTTEN_MS) c.crashes = 0;
  c.crashes = (c.crashes ?? 0) + 1;
  if (c.crashes === 1) {
    c.restarts++;
    c.restartedAt = view.now;
    c.state = { kind: "waiting", reason: "ContainerCreating" };
    return [];
  }
  const seconds = Math.min(10 * 2 ** (c.crashes - 2), LONGEST_SECONDS);
  const { name, namespace } = view.pod.metadata;
  const pod = `${name}_${namespace}(${view.runtime.uid})`;
  const shown = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  c.retryAt = view.now + seconds * 1000;
  c.state = { kind: "waiting", reason: "CrashLoopBackOff", message: `back-off ${shown} restarting failed container=${c.spec.name} pod=${pod}` };
  return [restartBacksOff(c, pod)];
}
