import { describe, expect, it } from "vitest";
import type { PersistentVolumeClaim, Pod, StatefulSet } from "../../../controllers/runtime/api.js";
import { newPod, type Revision } from "../../../controllers/statefulset/identity.js";
import { type Plan, plan } from "../../../controllers/statefulset/plan.js";
import { claimTemplate, statefulSet } from "../support/objects.js";

const NOW = Date.UTC(2024, 0, 1, 1);
const READY_SINCE = "2024-01-01T00:00:00Z";
const OLD: Revision = { name: "web-old", template: { metadata: { labels: { app: "nginx" } }, spec: { containers: [] } } };
const NEW: Revision = { name: "web-new", template: { metadata: { labels: { app: "nginx" } }, spec: { containers: [] } } };

type State = "ready" | "unready" | "pending" | "failed" | "succeeded" | "terminating";
/** `3:ready@old` is ordinal 3, Ready, at the old revision; @new is left out. */
function podOf(set: StatefulSet, text: string): Pod {
  const [, ordinal, state, revision] = /^(\d+):(\w+)(?:@(\w+))?$/.exec(text) as RegExpExecArray;
  const pod = newPod(set, Number(ordinal), revision === "old" ? OLD : NEW);
  pod.metadata.uid = `pod-${ordinal}`;
  const phase: Record<State, string> = {
    ready: "Running",
    unready: "Running",
    pending: "Pending",
    failed: "Failed",
    succeeded: "Succeeded",
    terminating: "Running",
  };
  const ready = state === "ready" || state === "terminating";
  pod.status = { phase: phase[state as State], conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: READY_SINCE }] };
  if (state === "terminating") pod.metadata.deletionTimestamp = READY_SINCE;
  return pod;
}

/** A plan in words, phases apart: `create 0 | delete 2 for update`. */
function words(p: Plan): string {
  const one = (step: Plan["phases"][number]["work"][number][number]): string => {
    if (step.do === "create") return `create ${step.ordinal}@${step.revision.name.slice(4)}`;
    const name = step.pod.metadata.name?.slice(4);
    return step.do === "delete" ? `delete ${name} (${step.why})` : `${step.do} ${name}`;
  };
  return p.phases.map((phase) => phase.work.flat().map(one).join(", ")).join(" | ");
}

interface Case {
  readonly name: string;
  readonly spec?: Partial<StatefulSet["spec"]>;
  readonly pods?: readonly string[];
  readonly want: string;
  readonly now?: number;
  readonly currentReplicas?: number;
}
const run = ({ spec, pods = [], now = NOW, currentReplicas }: Omit<Case, "name" | "want">, more: Partial<Parameters<typeof plan>[0]> = {}): Plan => {
  const set = statefulSet(spec);
  set.metadata.uid = "set";
  if (currentReplicas !== undefined) set.status = { replicas: currentReplicas, currentReplicas };
  return plan({ set, current: OLD, update: NEW, collisionCount: 0, pods: pods.map((p) => podOf(set, p)), claim: () => undefined, now, ...more });
};

const parallel = { podManagementPolicy: "Parallel" };
const partition = (n: number) => ({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: n } } });

const CASES: readonly Case[] = [
  { name: "makes the first pod alone", want: "create 0@new" },
  { name: "waits for a pod that is not Ready", pods: ["0:unready"], want: "" },
  { name: "waits for a pod that is pending", pods: ["0:pending"], want: "" },
  { name: "goes on to the next when all before are Ready", pods: ["0:ready", "1:ready"], want: "create 2@new" },
  { name: "fills a gap before anything else", pods: ["0:ready", "2:ready@old"], want: "create 1@new" },
  { name: "waits for a terminating pod to go", pods: ["0:ready", "1:terminating"], want: "" },
  { name: "deletes a failed pod and waits", pods: ["0:failed", "1:failed"], want: "delete 0 (finished)" },
  { name: "deletes a succeeded pod just so", pods: ["0:succeeded"], want: "delete 0 (finished)" },
  { name: "has nothing to do when all is well", pods: ["0:ready", "1:ready", "2:ready"], want: "" },
  { name: "does not look at order of the pods given", pods: ["2:ready", "0:ready", "1:ready"], want: "" },

  { name: "scales in from the highest, one at a time", spec: { replicas: 1 }, pods: ["0:ready", "1:ready", "2:ready"], want: "delete 2 (scale-in)" },
  { name: "waits for the one that goes", spec: { replicas: 1 }, pods: ["0:ready", "1:ready", "2:terminating"], want: "" },
  { name: "does not scale in past a living pod that is not well", spec: { replicas: 1 }, pods: ["0:unready", "1:ready", "2:ready"], want: "" },
  {
    name: "lets a well condemned pod go though one below it is not well",
    spec: { replicas: 1 },
    pods: ["0:ready", "1:unready", "2:ready"],
    want: "delete 2 (scale-in)",
  },
  { name: "lets the first unwell pod go when it is on turn", spec: { replicas: 1 }, pods: ["0:ready", "1:unready"], want: "delete 1 (scale-in)" },
  { name: "blocks on an unwell pod that is not the first unwell", spec: { replicas: 1 }, pods: ["0:ready", "1:unready", "2:unready"], want: "" },
  { name: "scales to zero", spec: { replicas: 0 }, pods: ["0:ready"], want: "delete 0 (scale-in)" },
  { name: "scaling in comes before updating", spec: { replicas: 2 }, pods: ["0:ready@old", "1:ready@old", "2:ready@old"], want: "delete 2 (scale-in)" },

  { name: "makes all at once under Parallel", spec: parallel, want: "create 0@new, create 1@new, create 2@new" },
  { name: "Parallel does not wait", spec: parallel, pods: ["0:unready", "1:terminating"], want: "create 2@new" },
  {
    name: "Parallel deletes all condemned at once",
    spec: { ...parallel, replicas: 1 },
    pods: ["0:unready", "1:ready", "2:pending"],
    want: "delete 2 (scale-in), delete 1 (scale-in)",
  },
  { name: "Parallel updates one at a time all the same", spec: parallel, pods: ["0:ready@old", "1:ready@old", "2:ready@old"], want: "delete 2 (update)" },
  { name: "Parallel waits with the next update for the last", spec: parallel, pods: ["0:ready@old", "1:ready@old", "2:unready"], want: "" },
  { name: "Parallel updates past unwell lower pods", spec: parallel, pods: ["0:unready@old", "1:ready@old", "2:ready"], want: "delete 1 (update)" },
  {
    name: "Parallel replaces a finished pod and still updates",
    spec: parallel,
    pods: ["0:failed", "1:ready", "2:ready@old"],
    want: "delete 0 (finished) | delete 2 (update)",
  },

  { name: "updates the highest outdated pod", pods: ["0:ready@old", "1:ready@old", "2:ready@old"], want: "delete 2 (update)" },
  { name: "goes down as pods are updated", pods: ["0:ready@old", "1:ready@old", "2:ready"], want: "delete 1 (update)" },
  { name: "the trap: a broken pod of any revision holds the update up", pods: ["0:ready@old", "1:ready@old", "2:pending@old"], want: "" },
  { name: "recreates below the partition at the old revision", spec: partition(2), pods: ["1:ready@old", "2:ready"], want: "create 0@old" },
  { name: "recreates at the partition at the new revision", spec: partition(2), pods: ["0:ready@old", "1:ready@old"], want: "create 2@new" },
  { name: "leaves pods below the partition alone", spec: partition(2), pods: ["0:ready@old", "1:ready@old", "2:ready"], want: "" },
  { name: "a partition beyond the replicas updates none", spec: partition(99), pods: ["0:ready@old", "1:ready@old", "2:ready@old"], want: "" },
  { name: "OnDelete updates none", spec: { updateStrategy: { type: "OnDelete" } }, pods: ["0:ready@old", "1:ready@old", "2:ready@old"], want: "" },
  {
    name: "OnDelete makes new pods at the new revision",
    spec: { updateStrategy: { type: "OnDelete" } },
    pods: ["0:ready@old", "2:ready@old"],
    want: "create 1@new",
  },
  {
    name: "ignores maxUnavailable",
    spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 2 } } },
    pods: ["0:ready@old", "1:ready@old", "2:ready@old"],
    want: "delete 2 (update)",
  },
  {
    name: "without a rollingUpdate, as many as were current are made at the current revision",
    spec: { updateStrategy: { type: "RollingUpdate" } },
    currentReplicas: 1,
    want: "create 0@old",
  },

  { name: "starts at ordinals.start", spec: { ordinals: { start: 5 } }, want: "create 5@new" },
  {
    name: "moves over when the start moves: new ones first",
    spec: { replicas: 2, ordinals: { start: 6 } },
    pods: ["5:ready", "6:ready"],
    want: "create 7@new",
  },
  {
    name: "then drops what is out of range",
    spec: { replicas: 2, ordinals: { start: 6 } },
    pods: ["5:ready", "6:ready", "7:ready"],
    want: "delete 5 (scale-in)",
  },
  {
    name: "the partition counts indexes",
    spec: { ordinals: { start: 10 }, ...partition(1) },
    pods: ["10:ready@old", "11:ready@old", "12:ready"],
    want: "delete 11 (update)",
  },
  { name: "and stops there", spec: { ordinals: { start: 10 }, ...partition(1) }, pods: ["10:ready@old", "11:ready", "12:ready"], want: "" },

  { name: "waits until minReadySeconds have passed", spec: { minReadySeconds: 60 }, pods: ["0:ready"], now: Date.parse(READY_SINCE) + 59_000, want: "" },
  { name: "and goes on then", spec: { minReadySeconds: 60 }, pods: ["0:ready"], now: Date.parse(READY_SINCE) + 60_000, want: "create 1@new" },
  {
    name: "minReadySeconds holds scale-in as well",
    spec: { replicas: 1, minReadySeconds: 60 },
    pods: ["0:ready", "1:ready"],
    now: Date.parse(READY_SINCE),
    want: "",
  },
];

describe("#3.3 statefulset: plan", () => {
  it.each(CASES)("$name", (c) => expect(words(run(c))).toBe(c.want));

  it("does nothing but report while the set is being deleted", () => {
    const set = statefulSet();
    set.metadata.deletionTimestamp = READY_SINCE;
    const p = plan({ set, current: OLD, update: NEW, collisionCount: 0, pods: [podOf(set, "0:ready")], claim: () => undefined, now: NOW });
    expect(p).toMatchObject({ phases: [], status: { replicas: 1, readyReplicas: 1 } });
  });

  it("corrects labels of a pod that is well, and of any under Parallel", () => {
    const stripped = (spec: object, state: string): string => {
      const set = statefulSet({ replicas: 1, ...spec });
      const pod = podOf(set, `0:${state}`);
      pod.metadata.labels = { app: "nginx", "controller-revision-hash": "web-new" };
      return words(plan({ set, current: OLD, update: NEW, collisionCount: 0, pods: [pod], claim: () => undefined, now: NOW }));
    };
    expect(stripped({}, "ready")).toBe("correct 0");
    expect(stripped({}, "unready")).toBe("");
    expect(stripped(parallel, "unready")).toBe("correct 0");
  });

  it("keeps empty entries of a parallel phase, which count in the batches", () => {
    expect(run({ spec: parallel, pods: ["0:ready"] }).phases[0].work.map((steps) => steps.length)).toEqual([0, 1, 1]);
  });
});

describe("#3.3 statefulset: plan, claims", () => {
  const spec = { replicas: 1, volumeClaimTemplates: [claimTemplate()] };
  const claim = (name: string, owners: object[] = []): PersistentVolumeClaim =>
    ({ metadata: { name, ownerReferences: owners }, spec: {} }) as unknown as PersistentVolumeClaim;
  const ref = (kind: string, name: string, uid: string, controller = true) => ({
    apiVersion: kind === "Pod" ? "v1" : "apps/v1",
    kind,
    name,
    uid,
    controller,
    blockOwnerDeletion: true,
  });
  const bySet = ref("StatefulSet", "web", "set");
  const policy = (whenDeleted: string, whenScaled: string) => ({ persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });
  const planned = (more: Partial<StatefulSet["spec"]>, pods: string[], owners: object[]): string =>
    words(run({ spec: { ...spec, ...more }, pods }, { claim: (name) => claim(name, owners) }));

  it("makes claims a pending pod lacks", () => {
    expect(words(run({ spec, pods: ["0:pending"] }))).toBe("claims 0");
    expect(planned({}, ["0:pending"], [])).toBe("");
    expect(words(run({ spec, pods: ["0:ready"] }))).toBe("");
  });

  it.each([
    ["Retain/Retain, none", policy("Retain", "Retain"), [], ""],
    ["Retain/Retain, owned by the set", policy("Retain", "Retain"), [bySet], "correct 0"],
    ["Delete/Retain, none", policy("Delete", "Retain"), [], "correct 0"],
    ["Delete/Retain, owned", policy("Delete", "Retain"), [bySet], ""],
    ["Delete/Delete, owned", policy("Delete", "Delete"), [bySet], ""],
    ["Retain/Delete, owned by the set", policy("Retain", "Delete"), [bySet], "correct 0"],
    ["Retain/Delete, none", policy("Retain", "Delete"), [], ""],
    ["an owner that is not the controller", policy("Delete", "Retain"), [{ ...bySet, controller: false }], "correct 0"],
    ["a namesake's", policy("Delete", "Retain"), [ref("StatefulSet", "web", "gone")], ""],
    ["another controller's", policy("Delete", "Retain"), [ref("Other", "x", "x")], ""],
    ["another controller's and ours", policy("Delete", "Retain"), [ref("Other", "x", "x"), bySet], "correct 0"],
  ] as const)("owners of a living pod's claims: %s", (_, p, owners, want) => expect(planned(p, ["0:ready"], [...owners])).toBe(want));

  it("gives a condemned pod's claims to the pod before it goes", () => {
    expect(planned({ replicas: 0, ...policy("Delete", "Delete") }, ["0:ready"], [bySet])).toBe("retain 0 | delete 0 (scale-in)");
    expect(planned({ replicas: 0, ...policy("Retain", "Delete") }, ["0:ready"], [])).toBe("retain 0 | delete 0 (scale-in)");
    expect(planned({ replicas: 0, ...policy("Retain", "Delete") }, ["0:ready"], [ref("Pod", "web-0", "pod-0")])).toBe("delete 0 (scale-in)");
    expect(planned({ replicas: 0, ...policy("Delete", "Retain") }, ["0:ready"], [bySet])).toBe("delete 0 (scale-in)");
  });

  it("makes no pod upon a claim that goes with the ordinal's last pod", () => {
    expect(planned(policy("Retain", "Delete"), [], [ref("Pod", "web-0", "earlier")])).toBe("");
    expect(planned(policy("Retain", "Retain"), [], [ref("Pod", "web-0", "earlier")])).toBe("create 0@new");
  });
});

describe("#3.3 statefulset: status", () => {
  it("counts a terminating pod as a replica of no revision", () => {
    expect(run({ pods: ["0:ready@old", "1:terminating@old", "2:pending"] }).status).toEqual({
      observedGeneration: 0,
      replicas: 3,
      readyReplicas: 2,
      availableReplicas: 2,
      currentReplicas: 1,
      updatedReplicas: 1,
      currentRevision: "web-old",
      updateRevision: "web-new",
      collisionCount: 0,
    });
  });
});
