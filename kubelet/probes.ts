/** Probes that are told to fail: their rounds, thresholds and what comes of them. All others pass whenever they are asked, and cost nothing. */

import { timestamp } from "../controllers/runtime/time.js";
import { killing, type PodEvent, unhealthy } from "./events.js";
import type { Interrupt } from "./interrupts.js";
import { type ContainerRuntime, type Probe, type ProbeType, stopContainer } from "./runtime.js";
import type { View } from "./stages.js";

const FIELD = { startup: "startupProbe", readiness: "readinessProbe", liveness: "livenessProbe" } as const;
const WORD = { startup: "Startup", readiness: "Readiness", liveness: "Liveness" } as const;
const TYPES = Object.keys(FIELD) as ProbeType[];

/** The span in which a probe that a container has is told to fail, in seconds from its start. */
function spanOf({ pod, behaviour }: View, c: ContainerRuntime, type: ProbeType): { readonly from: number; readonly until: number } | undefined {
  return c.spec[FIELD[type]] && c.role !== "init" ? behaviour.failing?.(pod, c.spec, type) : undefined;
}

/** Whether a probe's rounds decide over the container, and not its start alone. */
export const isProbed = (view: View, c: ContainerRuntime, type: ProbeType): boolean => spanOf(view, c, type) !== undefined;

/** Whether the probe is asked at present: nothing else is until the startup probe has passed; one that has passed for good is not asked again. Source: prober/worker.go doProbe. */
const isAsked = (c: ContainerRuntime, type: ProbeType): boolean =>
  c.state.kind === "running" && (type === "startup" ? !c.started : c.started && (type === "liveness" || !c.ready));

/** What a failing probe has to say. Sources: pkg/probe/http, tcp, grpc; a command's output is not made up. */
function outputOf(probe: Probe, type: ProbeType): string {
  if (probe.httpGet) return `HTTP probe failed with statuscode: ${type === "liveness" ? 500 : 503}`;
  if (probe.tcpSocket) return "connect: connection refused";
  return probe.grpc ? 'service unhealthy (responded with "NOT_SERVING")' : "";
}

/** The kubelet's message when a probe ends a container. Source: kuberuntime_manager.go computePodActions, computeInitContainerActions. */
function verdict(c: ContainerRuntime, type: ProbeType, isAgain: boolean): string {
  if (c.role === "sidecar") return `Init container ${c.spec.name} failed ${type} probe`;
  return `Container ${c.spec.name} failed ${type} probe${isAgain ? ", will be restarted" : ""}`;
}

/** The next round of any probe of the pod's containers; undefined where none is told to fail. */
export function nextProbe(view: View): Interrupt | undefined {
  let next: Interrupt | undefined;
  for (const c of view.runtime.containers)
    for (const type of TYPES) {
      const span = isAsked(c, type) ? spanOf(view, c, type) : undefined;
      const round = span && roundOf(view, c, type, span);
      if (round && (!next || round.at < next.at)) next = round;
    }
  return next;
}

/** Rounds come every period, the first when the initial delay is over and the span begins. */
function roundOf(view: View, c: ContainerRuntime, type: ProbeType, span: { readonly from: number; readonly until: number }): Interrupt {
  const probe = c.spec[FIELD[type]] as Probe;
  const start = Date.parse((c.state as { startedAt: string }).startedAt);
  const period = (probe.periodSeconds ?? 10) * 1000;
  const first = start + (probe.initialDelaySeconds ?? 0) * 1000;
  c.probes ??= {};
  const earliest = Math.max(Math.floor(view.now / 1000) * 1000, start + span.from * 1000);
  c.probes[type] ??= { round: Math.max(0, Math.ceil((earliest - first) / period)), successes: 0, failures: 0 };
  const memory = c.probes[type];
  const at = first + memory.round * period;
  const fails = at >= start + span.from * 1000 && at < start + span.until * 1000;
  return {
    at,
    apply(now) {
      memory.round++;
      if (!fails) {
        memory.failures = 0;
        if (++memory.successes < (probe.successThreshold ?? 1)) return { events: [], silent: true };
        if (type === "startup") c.started = true;
        else if (type === "readiness") c.ready = true;
        return { events: [] };
      }
      memory.successes = 0;
      const events: PodEvent[] = [unhealthy(c, WORD[type], outputOf(probe, type))];
      if (++memory.failures < (probe.failureThreshold ?? 3) || type === "readiness") return { events, silent: true };
      const isAgain = (view.pod.spec?.restartPolicy ?? "Always") !== "Never" || c.role === "sidecar";
      events.push(killing(c, verdict(c, type, isAgain)));
      stopContainer(c, view.behaviour.stopCode(view.pod, c.spec) ?? 137, timestamp(now));
      if (isAgain) c.again = true;
      return { events };
    },
  };
}
