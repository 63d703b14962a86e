import { describe, expect, it } from "vitest";
import { daemonSetController } from "../../../controllers/daemonset/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { type Live, live } from "../support/live.js";

const template = (image = "i:1", spec: object = {}) => ({ metadata: { labels: { app: "d" } }, spec: { containers: [{ name: "c", image }], ...spec } });
const body = (spec: object = {}) => ({ spec: { selector: { matchLabels: { app: "d" } }, template: template(), ...spec } });

const list = (w: Live, resource: string): KubeObject[] =>
  w.services.store.list(`/registry/${resource}/`).entries.map((entry) => JSON.parse(entry.bytes.toString("utf8")));
const pods = (w: Live): KubeObject[] => list(w, "pods/default");
const nodeOf = (p: KubeObject): string =>
  p.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].values[0];
const events = (w: Live): string[] => list(w, "events").map((e) => `${e.source.component} ${e.type} ${e.reason} ${e.message.replace(/ds-[a-z0-9]{5}/, "POD")}`);
const status = (w: Live) => w.get("daemonsets/ds").status;

async function withNodes(...names: string[]): Promise<Live> {
  const w = await live(daemonSetController);
  for (const name of names) await w.create(`nodes/${name}`, {});
  // what a kubelet would clear
  for (const name of names) await w.patch(`nodes/${name}`, { spec: { taints: null } });
  return w;
}
/** Scheduler and kubelet in one: every pod is placed and Ready. */
async function run(w: Live): Promise<void> {
  await w.settle();
  for (const p of pods(w)) {
    const path = `pods/${p.metadata.name}`;
    if (p.metadata.deletionTimestamp) await w.remove(path, { gracePeriodSeconds: 0 });
    else if (!p.spec.nodeName) {
      const connect = w.services.resources.get("/pods")?.connect?.binding;
      await connect?.(
        { metadata: { name: p.metadata.name }, target: { kind: "Node", name: nodeOf(p) } } as KubeObject,
        w.target(`${path}/binding`),
        w.ctx(),
        w.services,
      );
      const ready = { type: "Ready", status: "True", lastTransitionTime: new Date(w.clock.now()).toISOString() };
      await w.put(`${path}/status`, { ...w.get(path), status: { phase: "Running", conditions: [ready] } });
    }
  }
  await w.settle();
}
async function rollOut(w: Live): Promise<string[]> {
  const steps: string[] = [];
  for (let i = 0; i < 20; i++) {
    await run(w);
    steps.push(
      pods(w)
        .map((p) => `${nodeOf(p)}=${p.spec.containers[0].image}${p.metadata.deletionTimestamp ? "-" : ""}`)
        .sort()
        .join(" "),
    );
    if (steps.at(-1) === steps.at(-2)) break;
  }
  return [...new Set(steps)];
}

describe("#4.1 daemonset: stories", () => {
  it("one pod on every node, also on those that come later; not on those that go", async () => {
    const w = await withNodes("a", "b");
    await w.create("daemonsets/ds", body());
    await run(w);
    expect(pods(w).map(nodeOf).sort()).toEqual(["a", "b"]);
    expect(status(w)).toEqual({
      currentNumberScheduled: 2,
      desiredNumberScheduled: 2,
      numberAvailable: 2,
      numberMisscheduled: 0,
      numberReady: 2,
      observedGeneration: 1,
      updatedNumberScheduled: 2,
    });
    expect(events(w)).toEqual(Array(2).fill("daemonset-controller Normal SuccessfulCreate Created pod: POD"));
    await w.create("nodes/c", {});
    await run(w);
    // its first taint is not one of those that daemons pass over
    expect(pods(w).map(nodeOf).sort()).toEqual(["a", "b"]);
    await w.patch("nodes/c", { spec: { taints: null } });
    await run(w);
    expect(pods(w).map(nodeOf).sort()).toEqual(["a", "b", "c"]);
    await w.patch("nodes/a", { spec: { taints: [{ key: "k", effect: "NoExecute" }] } });
    await run(w);
    await run(w);
    expect(pods(w).map(nodeOf).sort()).toEqual(["b", "c"]);
    expect(status(w)).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2, numberMisscheduled: 0 });
    w.stop();
  });

  it("keeps its template as a revision, and goes back to one it has", async () => {
    const w = await withNodes("a");
    await w.create("daemonsets/ds", body());
    await run(w);
    const [first] = list(w, "controllerrevisions");
    const hash = pods(w)[0]?.metadata.labels?.["controller-revision-hash"];
    expect(first).toMatchObject({
      metadata: {
        name: `ds-${hash}`,
        labels: { app: "d", "controller-revision-hash": hash },
        annotations: { "deprecated.daemonset.template.generation": "1" },
        ownerReferences: [{ kind: "DaemonSet", name: "ds" }],
      },
      revision: 1,
      data: { spec: { template: { $patch: "replace", metadata: { labels: { app: "d" } } } } },
    });
    for (const image of ["i:2", "i:1"]) {
      await w.patch("daemonsets/ds", { spec: { template: template(image) } });
      await rollOut(w);
    }
    expect(
      list(w, "controllerrevisions")
        .map((r) => [r.metadata.name === first?.metadata.name, r.revision])
        .sort(),
    ).toEqual([
      [false, 2],
      [true, 3],
    ]);
    expect(pods(w)[0]?.metadata.labels).toMatchObject({ "controller-revision-hash": hash, "pod-template-generation": "3" });
    w.stop();
  });

  it("drops old revisions that no pod is of", async () => {
    const w = await withNodes("a");
    await w.create("daemonsets/ds", body({ revisionHistoryLimit: 1 }));
    for (const image of ["i:2", "i:3", "i:4"]) {
      await run(w);
      await w.patch("daemonsets/ds", { spec: { template: template(image) } });
      await rollOut(w);
    }
    expect(
      list(w, "controllerrevisions")
        .map((r) => r.revision)
        .sort(),
    ).toEqual([3, 4]);
    w.stop();
  });

  it("rolls node by node, or beside the old pods, or not at all", async () => {
    const w = await withNodes("a", "b");
    await w.create("daemonsets/ds", body());
    await run(w);
    await w.patch("daemonsets/ds", { spec: { template: template("i:2") } });
    expect(await rollOut(w)).toEqual(["a=i:2 b=i:1", "a=i:2 b=i:1-", "a=i:2 b=i:2"]);
    expect(status(w)).toMatchObject({ updatedNumberScheduled: 2, observedGeneration: 2, numberAvailable: 2 });

    await w.patch("daemonsets/ds", { spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }, template: template("i:3") } });
    const surged = await rollOut(w);
    expect(surged.at(-1)).toBe("a=i:3 b=i:3");
    expect(surged.every((step) => step.split(" ").filter((p) => !p.endsWith("-")).length >= 2)).toBe(true);

    await w.patch("daemonsets/ds", { spec: { updateStrategy: { type: "OnDelete", rollingUpdate: null }, template: template("i:4") } });
    expect(await rollOut(w)).toEqual(["a=i:3 b=i:3"]);
    await w.remove(`pods/${pods(w).find((p) => nodeOf(p) === "a")?.metadata.name}`);
    expect((await rollOut(w)).at(-1)).toBe("a=i:4 b=i:3");
    w.stop();
  });

  it("tells of pods that ended, takes in orphans that match, and lets go of those that no longer do", async () => {
    const w = await withNodes("a");
    await w.create("daemonsets/ds", body());
    await run(w);
    const name = pods(w)[0]?.metadata.name as string;
    await w.put(`pods/${name}/status`, { ...w.get(`pods/${name}`), status: { phase: "Failed" } });
    await run(w);
    expect(events(w)).toContain(`daemonset-controller Warning FailedDaemonPod Found failed daemon pod default/POD on node a, will try to kill it`);
    await run(w);
    const next = pods(w)[0]?.metadata.name as string;
    expect(next).not.toBe(name);
    await w.patch(`pods/${next}`, { metadata: { labels: { app: "other" } } });
    await run(w);
    expect(w.get(`pods/${next}`).metadata.ownerReferences).toBeUndefined();
    await w.patch("daemonsets/ds", { spec: { template: { spec: { nodeSelector: { none: "such" } } } } });
    await run(w);
    await run(w);
    await w.patch("daemonsets/ds", { spec: { template: { spec: { nodeSelector: null } } } });
    await w.patch(`pods/${next}`, { metadata: { labels: { app: "d" } } });
    await run(w);
    expect(w.get(`pods/${next}`).metadata.ownerReferences).toMatchObject([{ kind: "DaemonSet", name: "ds" }]);
    w.stop();
  });

  it("a name that is another template's raises the collision count", async () => {
    const w = await withNodes("a");
    await w.create("daemonsets/ds", body());
    await run(w);
    const [first] = list(w, "controllerrevisions") as [KubeObject];
    await w.remove("daemonsets/ds", { propagationPolicy: "Orphan" });
    await w.patch("daemonsets/ds", { metadata: { finalizers: null } });
    await w.remove(`controllerrevisions/${first.metadata.name}`);
    await w.create(`controllerrevisions/${first.metadata.name}`, { data: { other: 1 }, revision: 1 });
    await w.create("daemonsets/ds", body());
    await w.settle();
    w.clock.advance(1000);
    await run(w);
    expect(status(w).collisionCount).toBe(1);
    expect(list(w, "controllerrevisions")).toHaveLength(2);
    w.stop();
  });
});
