/** Why a pod is not Ready, or not gone, as its node knows it. Pure; worked out when somebody asks. */
import type { Named, Statement } from "../controllers/runtime/journal.js";
import { parseTime } from "../controllers/runtime/time.js";
import type { KubeObject } from "../kinds/object.js";
import { isStopped } from "./node.js";
import type { ContainerRuntime, Exit, PodRuntime } from "./runtime.js";

export interface WhyFacts {
  readonly pod: KubeObject;
  /** Undefined until the pod has been looked at. */
  readonly runtime: PodRuntime | undefined;
  /** The pod's node; undefined when it is gone. */
  readonly node: KubeObject | undefined;
  /** Claims it mounts that are not bound. */
  readonly unbound: readonly string[];
  /** Volumes it mounts that are not attached to its node. */
  readonly unattached?: readonly string[];
  /** When (milliseconds) the stage it is in is over; undefined where it ends with nothing but news. */
  readonly due?: number;
}

const refOf = (pod: KubeObject): Named => ({ kind: "Pod", namespace: pod.metadata.namespace, name: pod.metadata.name ?? "" });
const ended = ({ exitCode, reason }: Exit): string => `ended with exit code ${exitCode}${reason ? ` (${reason})` : ""}`;

/** `container`, with its name where there are several. */
function called(c: ContainerRuntime, runtime: PodRuntime): string {
  if (c.role === "init") return `init container ${c.spec.name}`;
  return runtime.containers.length === 1 ? "container" : `${c.role === "sidecar" ? "sidecar" : "container"} ${c.spec.name}`;
}

type Words = Pick<Statement, "because" | "rule" | "unblocks" | "next">;

/** What keeps one container from being ready; undefined when nothing does. */
function troubleOf(c: ContainerRuntime, { pod, runtime, due }: WhyFacts & { runtime: PodRuntime }): Words | undefined {
  const name = called(c, runtime);
  const soon = due === undefined ? {} : { next: { what: "done", at: due } };
  if (c.state.kind === "waiting") {
    const reason = c.state.reason ?? "ContainerCreating";
    const because = `${name} is in ${reason}`;
    if (c.pull) {
      const unblocks = `the image ${c.spec.image} can be pulled (${c.pull.message})`;
      return { because, unblocks, next: { what: "next try", at: c.pull.retryAt } };
    }
    if (c.configAt !== undefined && c.state.message)
      return { because, rule: "env and envFrom", unblocks: `it is there (${c.state.message})`, next: { what: "next look", at: c.configAt } };
    if (c.retryAt !== undefined) {
      const unblocks = `the container stays up${c.last ? ` (it ${ended(c.last)})` : ""}`;
      return { because, rule: `restartPolicy ${pod.spec?.restartPolicy ?? "Always"}`, unblocks, next: { what: "next try", at: c.retryAt } };
    }
    return { because, ...soon };
  }
  if (c.state.kind === "terminated") {
    if (c.role === "init" && c.ready) return undefined;
    return { because: `${name} ${ended(c.state)}`, rule: `restartPolicy ${pod.spec?.restartPolicy ?? "Always"}`, ...soon };
  }
  if (c.role === "init") return { because: `${name} is still running`, rule: "init containers end before others start", unblocks: "it ends well", ...soon };
  const probe = (which: string, field: string): Words => ({
    because: `${name} has not passed its ${which} probe`,
    rule: field,
    unblocks: "the probe passes",
    ...soon,
  });
  if (!c.started) return probe("startup", "startupProbe");
  return c.ready ? undefined : probe("readiness", "readinessProbe");
}

function whyTerminating({ pod, runtime, node }: WhyFacts): Statement[] {
  const about = refOf(pod);
  const at = parseTime(pod.metadata.deletionTimestamp);
  if (runtime?.terminated || pod.metadata.deletionGracePeriodSeconds === 0) return [];
  const grace = Number(pod.metadata.deletionGracePeriodSeconds ?? 0);
  if (node && isStopped(node)) return [unreachable(pod, node, "is not gone")];
  return [
    {
      about,
      state: "is not gone",
      because: "its containers have been told to stop",
      rule: `terminationGracePeriodSeconds ${grace}`,
      unblocks: "they have stopped",
      ...(at === undefined ? {} : { next: { what: "killed", at } }),
    },
  ];
}

function unreachable(pod: KubeObject, node: KubeObject, state: string): Statement {
  const name = node.metadata.name ?? "";
  return {
    about: refOf(pod),
    state,
    because: `its node ${name} does not answer`,
    waitsFor: [{ kind: "Node", name }],
    unblocks: `the node is started again (mockube node start ${name}), or the pod is deleted with --force`,
  };
}

/** Why a node is not Ready. */
export function whyNode(node: KubeObject): Statement[] {
  const name = node.metadata.name ?? "";
  if (!isStopped(node)) return [];
  return [
    {
      about: { kind: "Node", name },
      state: "is not Ready",
      because: "its kubelet is stopped",
      rule: "an annotation of the node",
      unblocks: `mockube node start ${name}`,
    },
  ];
}

/** The pod's gates that nobody has opened. */
function closedGates(pod: KubeObject): string[] {
  const conditions: { type: string; status: string }[] = pod.status?.conditions ?? [];
  const gates: { conditionType: string }[] = pod.spec?.readinessGates ?? [];
  return gates.map((gate) => gate.conditionType).filter((type) => conditions.find((c) => c.type === type)?.status !== "True");
}

/** `pod` has a node. */
export function whyPod(facts: WhyFacts): Statement[] {
  const { pod, runtime, node, unbound } = facts;
  const about = refOf(pod);
  if (pod.metadata.deletionTimestamp) return whyTerminating(facts);
  if (pod.status?.phase === "Succeeded") return [];
  const state = "is not Ready";
  if (pod.status?.phase === "Failed") {
    const failed = runtime?.containers.find((c) => c.state.kind === "terminated" && c.state.exitCode !== 0);
    const because = failed?.state.kind === "terminated" ? `its container ${failed.spec.name} ${ended(failed.state)}` : (pod.status.reason ?? "it has Failed");
    return [{ about, state: "is over", because, rule: `restartPolicy ${pod.spec?.restartPolicy ?? "Always"}`, unblocks: "whoever made it makes another" }];
  }
  if (!node) {
    const name = pod.spec?.nodeName ?? "";
    return [{ about, state, because: `its node ${name} is not there`, rule: "a pod keeps its node", unblocks: "the pod is deleted and made anew" }];
  }
  if (isStopped(node)) return [unreachable(pod, node, state)];
  if (!runtime) return [];
  if (!runtime.mounted && unbound.length > 0) {
    const waitsFor = unbound.map((name) => ({ kind: "PersistentVolumeClaim", namespace: about.namespace, name }));
    return [
      { about, state, because: `its claims are not bound: ${unbound.join(", ")}`, rule: "volumes are mounted first", waitsFor, unblocks: "they are bound" },
    ];
  }
  if (!runtime.mounted && facts.unattached?.length) {
    const waitsFor = facts.unattached.map((name) => ({ kind: "PersistentVolume", name }));
    const because = `its volumes are not attached to ${node.metadata.name}: ${facts.unattached.join(", ")}`;
    return [{ about, state, because, rule: "volumes are attached first", waitsFor, unblocks: "they are attached" }];
  }
  const since = runtime.since;
  const inits = runtime.containers.filter((c) => c.role !== "main");
  const turn = inits.find((c) => (c.role === "sidecar" ? !c.started : !c.ready));
  const looked = turn ? [turn] : runtime.containers.filter((c) => c.role !== "init");
  const troubles = looked.flatMap((c) => troubleOf(c, { ...facts, runtime }) ?? []);
  if (troubles.length > 0) return troubles.map((words) => ({ about, state, part: true, since, ...words }));
  const gates = closedGates(pod);
  if (gates.length > 0)
    return [{ about, state, because: `its gate ${gates.join(", ")} is not True`, rule: "readinessGates", unblocks: "somebody sets the condition" }];
  const ready = (pod.status?.conditions ?? []).some((c: { type: string; status: string }) => c.type === "Ready" && c.status === "True");
  if (ready) return [];
  return [{ about, state, because: "a client has written so into its status", unblocks: "its kubelet has news of its own, or the client writes again" }];
}
