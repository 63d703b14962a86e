import { describe, expect, it } from "vitest";
import { Failures } from "../../../controllers/daemonset/failures.js";
import { daemonTolerations, isUpdated, podFor, shouldRun, targetNode } from "../../../controllers/daemonset/nodes.js";
import { rollingUpdate, upkeep, type World } from "../../../controllers/daemonset/plan.js";
import { calculateStatus } from "../../../controllers/daemonset/status.js";
import type { DaemonSet, Node, Pod } from "../../../controllers/runtime/api.js";
import { timestamp } from "../../../controllers/runtime/time.js";

const NOW = Date.UTC(2026, 0, 2);
const HASH = "new";

const node = (name: string, taints: object[] = [], labels: object = {}): Node => ({ metadata: { name, labels }, spec: { taints } }) as Node;
function set(spec: object = {}, strategy: object = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }): DaemonSet {
  return {
    metadata: { name: "ds", namespace: "ns", uid: "u", generation: 3, annotations: { "deprecated.daemonset.template.generation": "2" } },
    spec: {
      selector: { matchLabels: { a: "b" } },
      updateStrategy: strategy,
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [], ...spec } },
    },
  } as DaemonSet;
}
interface Made {
  hash?: string;
  ready?: boolean;
  readyAgo?: number;
  phase?: string;
  going?: boolean;
  age?: number;
  placed?: boolean;
}
const pod = (name: string, on: string, { hash = HASH, ready = true, readyAgo = 100, phase = "Running", going, age = 100, placed = true }: Made = {}): Pod =>
  ({
    metadata: {
      name,
      namespace: "ns",
      labels: { a: "b", "controller-revision-hash": hash },
      creationTimestamp: timestamp(NOW - age * 1000),
      ...(going ? { deletionTimestamp: timestamp(NOW) } : {}),
    },
    spec: { containers: [], ...(placed ? { nodeName: on } : {}) },
    status: { phase, conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: timestamp(NOW - readyAgo * 1000) }] },
  }) as Pod;
const world = (nodes: string[], pods: Record<string, Pod[]>, s = set()): World => ({
  set: s,
  nodes: nodes.map((name) => node(name)),
  pods: new Map(Object.entries(pods)),
  hash: HASH,
  now: NOW,
});
const SURGE = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
const stale = { hash: "old" };

describe("#4.1 daemonset: where its pods belong", () => {
  const taint = (effect: string, key = "k") => ({ key, effect });
  it.each<[string, object, Node, boolean, boolean]>([
    ["any node", {}, node("n"), true, true],
    ["another node than it names", { nodeName: "m" }, node("n"), false, false],
    ["the node it names", { nodeName: "n" }, node("n"), true, true],
    ["labels that do not fit", { nodeSelector: { disk: "ssd" } }, node("n", [], { disk: "hdd" }), false, false],
    [
      "affinity that does not fit",
      {
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "x", operator: "Exists" }] }] } },
        },
      },
      node("n"),
      false,
      false,
    ],
    ["a taint against newcomers", {}, node("n", [taint("NoSchedule")]), false, true],
    ["a taint against all", {}, node("n", [taint("NoExecute")]), false, false],
    ["a preference", {}, node("n", [taint("PreferNoSchedule")]), true, true],
    ["a taint it tolerates", { tolerations: [{ operator: "Exists" }] }, node("n", [taint("NoExecute")]), true, true],
    [
      "a node that is unwell",
      {},
      node("n", [taint("NoExecute", "node.kubernetes.io/not-ready"), taint("NoSchedule", "node.kubernetes.io/unschedulable")]),
      true,
      true,
    ],
    ["no network", {}, node("n", [taint("NoSchedule", "node.kubernetes.io/network-unavailable")]), false, true],
    ["no network, which it does not need", { hostNetwork: true }, node("n", [taint("NoSchedule", "node.kubernetes.io/network-unavailable")]), true, true],
  ])("%s", (_, spec, on, run, stay) => {
    expect(shouldRun(set(spec), on)).toEqual({ run, stay });
  });

  it("makes a pod that the scheduler can place on one node only", () => {
    const terms = [{ matchExpressions: [{ key: "x", operator: "Exists" }] }];
    const preferred = [{ weight: 1, preference: terms[0] }];
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
      },
    };
    const template = set({ affinity, tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }] });
    const made = podFor(template, "n1", HASH);
    expect(made.metadata).toMatchObject({
      generateName: "ds-",
      labels: { a: "b", "pod-template-generation": "2", "controller-revision-hash": HASH },
      ownerReferences: [{ kind: "DaemonSet", name: "ds", controller: true }],
    });
    expect(made.spec.affinity).toEqual({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] }] },
      },
    });
    // the one that it had was for five seconds only
    expect(made.spec.tolerations?.[0]).toEqual({ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" });
    expect(made.spec.tolerations).toHaveLength(6);
    expect(daemonTolerations({ containers: [], hostNetwork: true })).toHaveLength(7);
    expect([targetNode(made), targetNode(pod("p", "n2")), targetNode({ metadata: {}, spec: { containers: [] } } as Pod)]).toEqual(["n1", "n2", undefined]);
    expect(template.spec.template.spec?.tolerations).toHaveLength(1);
  });

  it("knows its pods by revision, or by the number from before there were revisions", () => {
    const of = (labels: object): Pod => ({ metadata: { labels } }) as Pod;
    expect(
      [of({ "controller-revision-hash": HASH }), of({ "pod-template-generation": "2" }), of({ "pod-template-generation": "1" })].map((p) =>
        isUpdated(set(), p, HASH),
      ),
    ).toEqual([true, true, false]);
  });
});

describe("#4.1 daemonset: upkeep", () => {
  it.each<[string, World, string[], string[]]>([
    ["makes what is missing", world(["a", "b"], { a: [pod("p", "a")] }), ["b"], []],
    ["waits for one that is going", world(["a"], { a: [pod("p", "a", { going: true })] }), [], []],
    [
      "keeps the oldest that is placed",
      world(["a"], { a: [pod("young", "a", { age: 1 }), pod("unplaced", "a", { placed: false, age: 900 }), pod("old", "a")] }),
      [],
      ["young", "unplaced"],
    ],
    ["takes away what is not to be there", world(["a"], { a: [pod("p", "a"), pod("q", "a", { going: true })] }, set({ nodeName: "b" })), [], ["p"]],
    ["leaves those that came before a taint", { ...world([], { a: [pod("p", "a")] }), nodes: [node("a", [{ key: "k", effect: "NoSchedule" }])] }, [], []],
    ["replaces what has ended", world(["a"], { a: [pod("done", "a", { phase: "Succeeded" })] }), [], ["done"]],
    [
      "takes away what was made for a node that has gone",
      world(["a"], { a: [pod("p", "a")], gone: [pod("q", "gone", { placed: false }), pod("r", "gone")] }),
      [],
      ["q"],
    ],
    ["surging, makes one beside one that is going", world(["a"], { a: [pod("p", "a", { going: true })] }, set({}, SURGE)), ["a"], []],
    ["surging, keeps both while the old one works alone", world(["a"], { a: [pod("o", "a", stale), pod("n", "a", { ready: false })] }, set({}, SURGE)), [], []],
    [
      "surging, keeps only the new one when the old one fails",
      world(["a"], { a: [pod("o", "a", { ...stale, ready: false }), pod("n", "a", { ready: false })] }, set({}, SURGE)),
      [],
      ["o"],
    ],
    ["surging, lets go of the old one when the new one works", world(["a"], { a: [pod("o", "a", stale), pod("n", "a")] }, set({}, SURGE)), [], ["o"]],
    [
      "surging, keeps one of each",
      world(
        ["a"],
        {
          a: [pod("o1", "a", { ...stale, age: 9 }), pod("o2", "a", { ...stale, age: 1 }), pod("n1", "a", { ready: false, age: 5 }), pod("n2", "a", { age: 2 })],
        },
        set({}, SURGE),
      ),
      [],
      ["n2", "o2"],
    ],
  ])("%s", (_, w, create, remove) => {
    const plan = upkeep(w, () => 0);
    expect([plan.create, plan.delete]).toEqual([create, remove]);
  });

  it("replaces failed pods at ever longer intervals", () => {
    const failures = new Failures();
    const failed = world(["a"], { a: [pod("p", "a", { phase: "Failed" })] });
    const at = (ms: number) => upkeep(failed, () => failures.wait("a", NOW + ms));
    expect(at(0)).toMatchObject({ delete: ["p"], retryMs: undefined, ended: [{ node: "a" }] });
    expect(at(500)).toMatchObject({ delete: [], retryMs: 1000, ended: [] });
    expect(at(1000).delete).toEqual(["p"]);
    expect(at(2500)).toMatchObject({ delete: [], retryMs: 2000 });
    // forgotten after twice the longest wait
    expect(at(3_000_000).delete).toEqual(["p"]);
    expect(at(3_000_500).retryMs).toBe(1000);
  });
});

describe("#4.1 daemonset: rolling update", () => {
  const strategy = (maxUnavailable: number | string, maxSurge: number | string = 0) => ({ type: "RollingUpdate", rollingUpdate: { maxUnavailable, maxSurge } });
  const all = (made: Made, names = ["a", "b", "c", "d"]) => Object.fromEntries(names.map((name) => [name, [pod(`p-${name}`, name, made)]]));
  const names = ["a", "b", "c", "d"];
  it.each<[string, World, string[], string[]]>([
    ["nothing is old", world(names, all({})), [], []],
    ["one at a time", world(names, all(stale)), [], ["p-a"]],
    ["a share, rounded up", world(names, all(stale), set({}, strategy("30%"))), [], ["p-a", "p-b"]],
    ["not while another is down", world(names, { ...all(stale), d: [pod("p-d", "d", { ready: false })] }), [], []],
    ["what does not work goes first, and counts", world(names, { ...all(stale), d: [pod("p-d", "d", { ...stale, ready: false })] }), [], ["p-d"]],
    ["nodes without a pod are down", world([...names, "e"], all(stale)), [], []],
    [
      "new ones must have been ready for long enough",
      world(names, { ...all(stale), d: [pod("p-d", "d", { readyAgo: 5 })] }, { ...set(), spec: { ...set().spec, minReadySeconds: 10 } }),
      [],
      [],
    ],
    ["neither said: one", world(names, all(stale), set({}, strategy(0))), [], ["p-a"]],
    ["surge: a new one beside an old one", world(names, all(stale), set({}, SURGE)), ["a"], []],
    [
      "surge: not while one is not available yet",
      world(names, { ...all(stale), b: [pod("o", "b", stale), pod("n", "b", { ready: false })] }, set({}, SURGE)),
      [],
      [],
    ],
    ["surge: the old one goes when the new one is", world(names, { ...all({}), b: [pod("o", "b", stale), pod("n", "b")] }, set({}, SURGE)), [], ["o"]],
    ["surge: old ones that do not work are replaced at once", world(names, all({ ...stale, ready: false }), set({}, SURGE)), names, []],
  ])("%s", (_, w, create, remove) => {
    expect(rollingUpdate(w)).toEqual({ create, delete: remove });
  });

  it("surge: what works on a node it is to leave stays until enough works elsewhere", () => {
    const onlyB = (b: Pod[]) => world(["a", "b"], { a: [pod("o", "a", stale)], b }, set({ nodeName: "b" }, SURGE));
    expect(rollingUpdate(onlyB([pod("n", "b", { ready: false })])).delete).toEqual([]);
    expect(rollingUpdate(onlyB([pod("n", "b")])).delete).toEqual(["o"]);
    expect(rollingUpdate(world(["a", "b"], { a: [pod("o", "a", { ...stale, ready: false })] }, set({ nodeName: "b" }, SURGE))).delete).toEqual(["o"]);
  });
});

describe("#4.1 daemonset: status", () => {
  it("counts by the oldest pod of each node", () => {
    const w = world(["a", "b", "c", "d"], {
      a: [pod("n", "a", { age: 1 }), pod("o", "a", { ...stale, ready: false })],
      b: [pod("p", "b")],
      c: [pod("q", "c", { readyAgo: 1 })],
    });
    const minReady = { ...w.set, spec: { ...w.set.spec, minReadySeconds: 10 }, status: { collisionCount: 2 } } as DaemonSet;
    expect(calculateStatus({ ...w, set: minReady })).toEqual({
      currentNumberScheduled: 3,
      numberMisscheduled: 0,
      desiredNumberScheduled: 4,
      numberReady: 2,
      observedGeneration: 3,
      updatedNumberScheduled: 2,
      numberAvailable: 1,
      numberUnavailable: 3,
      collisionCount: 2,
    });
  });
  it("counts what is where it should not be, and leaves zeros out", () => {
    expect(calculateStatus(world(["a"], { a: [pod("p", "a")] }, set({ nodeName: "b" })))).toEqual({
      currentNumberScheduled: 0,
      numberMisscheduled: 1,
      desiredNumberScheduled: 0,
      numberReady: 0,
      observedGeneration: 3,
    });
  });
});
