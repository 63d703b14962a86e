/** A set's holds as statements. Pure. */
import type { Pod, StatefulSet } from "../runtime/api.js";
import { isAlreadyExists, messageOf } from "../runtime/errors.js";
import type { Named, Statement } from "../runtime/journal.js";
import { isPodActive, isPodReady, isPodTerminal, isTerminating, podReadyTime } from "../runtime/podutil.js";
import { listed, unavailable } from "../runtime/waiting.js";
import { type Hold, isMissing, type Replica } from "./holds.js";
import { claimNames, ordinalOf, podName, replicasOf, startOrdinal } from "./identity.js";
import type { Step } from "./plan.js";
import type { Counts } from "./status.js";

/** A step that the API refused. */
export interface Failure {
  readonly step: Step;
  readonly error: unknown;
}

const nameOf = (set: StatefulSet, replica: Replica): string => (isMissing(replica) ? podName(set, replica.missing) : (replica.metadata.name ?? ""));
const podRef = (set: StatefulSet, name: string): Named => ({ kind: "Pod", namespace: set.metadata.namespace, name });
const setRef = (set: StatefulSet): Named => ({ kind: "StatefulSet", namespace: set.metadata.namespace, name: set.metadata.name ?? "" });

/** What a replica that is not well is, and what it must come to. */
interface Trouble {
  readonly because: string;
  readonly unblocks: string;
  readonly next?: Statement["next"];
}

function troubleOf(set: StatefulSet, replica: Replica): Trouble {
  const name = nameOf(set, replica);
  if (isMissing(replica)) return { because: `${name} is not there`, unblocks: `${name} is created, and Ready` };
  if (isTerminating(replica)) return { because: `${name} is being deleted`, unblocks: `${name} is gone` };
  if (isPodTerminal(replica)) return { because: `${name} has ended (${replica.status?.phase})`, unblocks: `${name} is made anew, and Ready` };
  if (!isPodReady(replica) || replica.status?.phase !== "Running") return { because: `${name} is not Ready`, unblocks: `${name} is Ready` };
  const seconds = set.spec.minReadySeconds ?? 0;
  const since = podReadyTime(replica);
  return {
    because: `${name} has not been Ready for minReadySeconds (${seconds}) yet`,
    unblocks: `${name} has been Ready for ${seconds} s`,
    ...(since === undefined ? {} : { next: { what: "available", at: since + seconds * 1000 } }),
  };
}

const RULES = {
  OrderedReady: "OrderedReady",
  RollingUpdate: "RollingUpdate goes from the highest ordinal down, one pod at a time",
} as const;

function heldBy(set: StatefulSet, pod: string, state: string, by: Replica, rule: keyof typeof RULES): Statement {
  return { about: podRef(set, pod), state, ...troubleOf(set, by), rule: RULES[rule], waitsFor: [podRef(set, nameOf(set, by))] };
}

/** A pod of an old template that does not become Ready: an ordered set waits for it, and so never gets to replacing it. */
function trap(set: StatefulSet, pod: Pod): Statement {
  const name = pod.metadata.name ?? "";
  return {
    about: podRef(set, name),
    state: "is not updated",
    because: "it is not Ready, and no pod is updated before all are Ready",
    rule: RULES.OrderedReady,
    waitsFor: [podRef(set, name)],
    unblocks: `somebody deletes it (kubectl delete pod ${name}): it comes back from the template as it is now`,
  };
}

function keptAt(set: StatefulSet, pods: readonly Pod[], rule: "partition" | "OnDelete"): Statement {
  const are = pods.length === 1 ? "is" : "are";
  return {
    about: setRef(set),
    state: "is not wholly updated",
    because: `${listed(pods.map((pod) => pod.metadata.name))} ${are} of an earlier revision`,
    ...(rule === "OnDelete" ? onDelete("they are deleted by hand") : partition(set)),
  };
}
const onDelete = (unblocks: string): Pick<Statement, "rule" | "unblocks"> => ({ rule: "OnDelete", unblocks });
const partition = (set: StatefulSet): Pick<Statement, "rule" | "unblocks"> => ({
  rule: `RollingUpdate with partition ${set.spec.updateStrategy?.rollingUpdate?.partition}`,
  unblocks: "the partition is lowered",
});

function atRest(set: StatefulSet, by: readonly Pod[], counts: Counts): Statement {
  const troubles = by.map((pod) => troubleOf(set, pod));
  const leaving = by.every((pod) => ordinalOf(pod) < startOrdinal(set) || ordinalOf(pod) >= startOrdinal(set) + replicasOf(set));
  const next = troubles.find((trouble) => trouble.next)?.next;
  const state = leaving ? `is not down to ${replicasOf(set)} pods` : `has ${counts.availableReplicas} of ${replicasOf(set)} pods available`;
  if (by.every(isPodActive)) return { about: setRef(set), state, ...unavailable(by, set.spec.minReadySeconds ?? 0) };
  return {
    about: setRef(set),
    state,
    because: troubles.map((trouble) => trouble.because).join(", "),
    waitsFor: by.map((pod) => podRef(set, pod.metadata.name ?? "")),
    unblocks: troubles.map((trouble) => trouble.unblocks).join(", "),
    ...(next ? { next } : {}),
  };
}

function worded(set: StatefulSet, hold: Hold, counts: Counts): Statement {
  switch (hold.held) {
    case "create": {
      const name = podName(set, hold.ordinal);
      if (hold.rule === "OrderedReady") return heldBy(set, name, "is not created", hold.by, hold.rule);
      return {
        about: podRef(set, name),
        state: "is not created",
        because: `a claim of the earlier ${name} is still there, and goes with it`,
        rule: "persistentVolumeClaimRetentionPolicy whenScaled: Delete",
        waitsFor: claimNames(set, hold.ordinal).map((claim) => ({ kind: "PersistentVolumeClaim", namespace: set.metadata.namespace, name: claim })),
        unblocks: "the claim is gone",
      };
    }
    case "scale-in":
      return heldBy(set, hold.pod.metadata.name ?? "", "is not deleted, as the scale has it", hold.by, "OrderedReady");
    case "update":
      if (!("pod" in hold)) return keptAt(set, hold.pods, hold.rule);
      if (hold.pod !== hold.by) return heldBy(set, hold.pod.metadata.name ?? "", "is not updated", hold.by, hold.rule);
      // Ready by now, but not for long enough: that comes by itself
      return isPodReady(hold.pod) ? heldBy(set, hold.pod.metadata.name ?? "", "is not updated", hold.by, hold.rule) : trap(set, hold.pod);
    case "rest":
      return atRest(set, hold.by, counts);
  }
}

const STATES: Readonly<Record<Step["do"], string>> = {
  create: "is not created",
  delete: "is not deleted",
  claims: "does not get its claims",
  correct: "is not put right",
  retain: "is not given its claims",
};

function refused(set: StatefulSet, { step, error }: Failure): Statement {
  const name = step.do === "create" ? podName(set, step.ordinal) : (step.pod.metadata.name ?? "");
  const claims = claimNames(set, step.do === "create" ? step.ordinal : ordinalOf(step.pod));
  return {
    about: podRef(set, name),
    state: STATES[step.do],
    because: messageOf(error),
    waitsFor: claims.map((claim) => ({ kind: "PersistentVolumeClaim", namespace: set.metadata.namespace, name: claim })),
    unblocks: isAlreadyExists(error) ? "the pod of that name, which is not the set's, is gone" : "the API takes it; it is tried again, in growing intervals",
  };
}

/** What the set states after a look that came to these holds, and whose steps failed so. */
export const statementsOf = (set: StatefulSet, holds: readonly Hold[], failures: readonly Failure[], counts: Counts): readonly Statement[] =>
  holds.length + failures.length === 0 ? [] : [...failures.map((failure) => refused(set, failure)), ...holds.map((hold) => worded(set, hold, counts))];

/**
 * What follows for one pod from what the set states: `pod` is undefined where there is none of the name. A set states each hold once, about the first pod that it holds.
 */
export function aboutPod(set: StatefulSet, name: string, ordinal: number, pod: Pod | undefined, stated: readonly Statement[]): readonly Statement[] {
  if (stated.some(({ about }) => about.kind === "Pod" && about.name === name)) return [];
  const index = ordinal - startOrdinal(set);
  if (index < 0 || index >= replicasOf(set)) return [];
  if (!pod) {
    const first = stated.find(({ state, about }) => state === STATES.create && about.kind === "Pod");
    return first ? [{ ...first, of: setRef(set), about: podRef(set, name), because: `${first.because}, and ${first.about.name} comes first` }] : [];
  }
  const { updateRevision } = set.status ?? {};
  if (updateRevision === undefined || pod.metadata.labels?.["controller-revision-hash"] === updateRevision || isTerminating(pod)) return [];
  const kept = { of: setRef(set), about: podRef(set, name), state: "is not updated" };
  if (set.spec.updateStrategy?.type === "OnDelete") return [{ ...kept, because: "it is of an earlier revision", ...onDelete("somebody deletes it") }];
  if (index < (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0)) return [{ ...kept, because: "it is of an earlier revision", ...partition(set) }];
  const first = stated.find(({ state, about }) => state === kept.state && about.kind === "Pod");
  return first ? [{ ...first, ...kept, because: first.waitsFor?.[0]?.name === first.about.name ? `${first.about.name} is not Ready` : first.because }] : [];
}
