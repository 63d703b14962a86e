/** What comes over a pod at its own time, whatever stage it is in: probes, its deadline, eviction. */
import { timestamp } from "../controllers/runtime/time.js";
import { killing, type PodEvent } from "./events.js";
import { nextProbe } from "./probes.js";
import { inStopOrder, type PodRuntime, stopContainer } from "./runtime.js";
import type { View } from "./stages.js";

export interface Interrupt {
  /** Milliseconds of the clock. */
  readonly at: number;
  /** Moves the runtime on. `silent`: status shows nothing of it. */
  apply(now: number): { readonly events: PodEvent[]; readonly silent?: true };
}

/** Ends a pod from the kubelet's side: its containers are stopped, and its phase is Failed. Source: pod_workers.go, with status_manager.go. */
function failPod(view: View, failure: NonNullable<PodRuntime["failure"]>, now: number): PodEvent[] {
  const { runtime, pod, behaviour } = view;
  const running = inStopOrder(runtime);
  const events = running.map((c) => killing(c));
  for (const c of running) stopContainer(c, behaviour.stopCode(pod, c.spec) ?? 137, timestamp(now));
  if (runtime.sandbox) runtime.sandbox.running = false;
  runtime.killed = true;
  runtime.terminated = true;
  runtime.failure = failure;
  return events;
}

const DEADLINE = { reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline" } as const;

/** Source: pkg/kubelet/active_deadline.go. */
function deadline(view: View): Interrupt | undefined {
  const seconds: number | undefined = view.pod.spec?.activeDeadlineSeconds;
  if (seconds === undefined || !view.runtime.startTime) return undefined;
  return {
    at: Date.parse(view.runtime.startTime) + seconds * 1000,
    apply: (now) => ({ events: [{ type: "Normal", ...DEADLINE }, ...failPod(view, DEADLINE, now)] }),
  };
}

/** What a node has left when it evicts: the kubelet keeps 100Mi free. */
const LEFT = "89364Ki";

/** The message names what each container uses; that is made up, and above what it asks for. Source: pkg/kubelet/eviction/helpers.go evictionMessage. */
function evictionMessage(view: View): string {
  const of = view.runtime.containers
    .filter((c) => c.role !== "init" && c.state.kind === "running")
    .map((c) => `Container ${c.spec.name} was using 1048576Ki, request is ${c.spec.resources?.requests?.memory ?? "0"}, has larger consumption of memory. `);
  return `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${LEFT}. ${of.join("")}`;
}

function eviction(view: View): Interrupt | undefined {
  const seconds = view.behaviour.evictedAfter?.(view.pod);
  if (seconds === undefined || !view.runtime.startTime) return undefined;
  return {
    at: Date.parse(view.runtime.startTime) + seconds * 1000,
    apply(now) {
      const message = evictionMessage(view);
      view.evicts();
      return { events: [{ type: "Warning", reason: "Evicted", message }, ...failPod(view, { reason: "Evicted", message, disruption: true }, now)] };
    },
  };
}

/** The next of them; undefined where nothing is to come. */
export function nextInterrupt(view: View): Interrupt | undefined {
  const { pod, runtime } = view;
  if (runtime.terminated || pod.metadata.deletionTimestamp) return undefined;
  let next: Interrupt | undefined;
  for (const one of [deadline(view), eviction(view), nextProbe(view)]) if (one && (!next || one.at < next.at)) next = one;
  return next;
}
