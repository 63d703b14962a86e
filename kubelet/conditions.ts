import type { KubeObject } from "../kinds/object.js";
import type { PodRuntime } from "./runtime.js";

/** core/v1 PodCondition. */
export interface PodCondition {
  type: string;
  observedGeneration?: number;
  status: "True" | "False" | "Unknown";
  lastProbeTime?: string | null;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

/** Conditions the kubelet writes, in its order; every other condition of a pod belongs to somebody else and stays. Source: pkg/kubelet/types PodConditionsByKubelet. */
export const KUBELET_CONDITIONS = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled", "AllContainersRestarting"] as const;

const DISRUPTION_TARGET = "DisruptionTarget";

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;
const TRUE: Verdict = { status: "True" };
const because = (reason: string, message?: string): Verdict => ({ status: "False", reason, ...(message ? { message } : {}) });
const names = (list: readonly string[]): string => `[${list.join(" ")}]`;

/** Source: pkg/kubelet/status/generate.go GeneratePodInitializedCondition. */
export function initialized(runtime: PodRuntime, phase: string): Verdict {
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  if (runtime.containers.some((c) => c.role === "main" && (c.state.kind !== "waiting" || c.last))) return TRUE;
  const incomplete = runtime.containers.filter((c) => (c.role === "init" ? !c.ready : c.role === "sidecar" && !c.started)).map((c) => c.spec.name);
  return incomplete.length > 0 ? because("ContainersNotInitialized", `containers with incomplete status: ${names(incomplete)}`) : TRUE;
}

/** Source: GenerateContainersReadyCondition. */
export function containersReady(runtime: PodRuntime, phase: string): Verdict {
  if (phase === "Succeeded") return because("PodCompleted");
  if (phase === "Failed") return because("PodFailed");
  const unready = runtime.containers.filter((c) => c.role !== "init" && !c.ready).map((c) => c.spec.name);
  return unready.length > 0 ? because("ContainersNotReady", `containers with unready status: ${names(unready)}`) : TRUE;
}

/** Source: GeneratePodReadyCondition; `others` are the conditions that readiness gates may name. */
export function ready(pod: KubeObject, runtime: PodRuntime, phase: string, others: readonly PodCondition[]): Verdict {
  const containers = containersReady(runtime, phase);
  if (containers.status !== "True") return containers;
  const missing: string[] = [];
  for (const gate of (pod.spec?.readinessGates ?? []) as { conditionType: string }[]) {
    const found = others.find((c) => c.type === gate.conditionType);
    if (!found) missing.push(`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`);
    else if (found.status !== "True") missing.push(`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${found.status}`);
  }
  return missing.length > 0 ? because("ReadinessGatesNotReady", missing.join(", ")) : TRUE;
}

/**
 * All conditions of the pod: other people's first, then the kubelet's. The transition time moves only with the status. `now` is RFC 3339.
 * Source: kubelet_pods.go generateAPIPodStatus and status_manager.go mergePodStatus.
 */
export function podConditions(pod: KubeObject, runtime: PodRuntime, phase: string, now: string): PodCondition[] {
  const old: readonly PodCondition[] = pod.status?.conditions ?? [];
  const disrupted = runtime.failure?.disruption ? runtime.failure : undefined;
  const others = old.filter((c) => !(KUBELET_CONDITIONS as readonly string[]).includes(c.type) && !(disrupted && c.type === DISRUPTION_TARGET));
  const generation = pod.metadata.generation;
  const make = (type: string, verdict: Verdict): PodCondition => {
    const before = old.find((c) => c.type === type);
    return {
      type,
      ...(generation ? { observedGeneration: generation } : {}),
      status: verdict.status,
      lastProbeTime: null,
      lastTransitionTime: before?.status === verdict.status ? (before.lastTransitionTime ?? now) : now,
      ...(verdict.reason ? { reason: verdict.reason } : {}),
      ...(verdict.message ? { message: verdict.message } : {}),
    };
  };
  const conditions = [
    ...others,
    ...(disrupted ? [make(DISRUPTION_TARGET, { status: "True", reason: "TerminationByKubelet", message: disrupted.message })] : []),
    make("PodReadyToStartContainers", { status: runtime.sandbox?.running ? "True" : "False" }),
    make("Initialized", initialized(runtime, phase)),
    make("Ready", ready(pod, runtime, phase, others)),
    make("ContainersReady", containersReady(runtime, phase)),
    make("PodScheduled", TRUE),
  ];
  if (runtime.containers.some((c) => c.spec.restartPolicyRules?.some((r) => r.action === "RestartAllContainers"))) {
    conditions.push(make("AllContainersRestarting", phase === "Succeeded" ? because("PodCompleted") : phase === "Failed" ? because("PodFailed") : because("")));
  }
  return conditions;
}
