import { expect, it } from "vitest";
import type { Doc } from "../support/http.js";
import { acceptance, type Kubectl, story } from "../support/kubectl.js";
import { web } from "../support/manifests.js";

const done = (kubectl: Kubectl, n: number) =>
  kubectl.until("get deploy d -o json", (text) => {
    const { metadata, spec, status } = JSON.parse(text);
    const counts = [spec.replicas, status.replicas, status.updatedReplicas, status.availableReplicas].map((c) => c ?? 0);
    return status.observedGeneration === metadata.generation && counts.every((c) => c === n);
  });
const image = (kubectl: Kubectl): Promise<string> => kubectl.ok("get deploy d -o jsonpath={.spec.template.spec.containers[0].image}");

acceptance("#3.3 Deployment", (fresh) => {
  it("rolls out, keeps history, undoes, pauses, resumes and restarts", async () => {
    const kubectl = await fresh("deploy");
    expect(await kubectl.ok("create deployment d --image=nginx:1.25 --replicas=2")).toBe("deployment.apps/d created");
    expect(await kubectl.ok("rollout status deploy/d --timeout=30s")).toMatch(/deployment "d" successfully rolled out$/);
    await kubectl.ok("set image deploy/d nginx=nginx:1.26");
    await kubectl.ok("annotate deploy d kubernetes.io/change-cause='to 1.26'");
    await done(kubectl, 2);
    await kubectl.until("rollout history deploy/d", "deployment.apps/d \nREVISION  CHANGE-CAUSE\n1         <none>\n2         to 1.26\n".trimEnd());
    expect(await kubectl.ok("rollout undo deploy/d --to-revision=1")).toBe("deployment.apps/d rolled back");
    await done(kubectl, 2);
    expect(await image(kubectl)).toBe("nginx:1.25");
    expect(
      (await kubectl.ok("rollout history deploy/d"))
        .split("\n")
        .slice(2)
        .map((line) => line.split(/\s/)[0]),
    ).toEqual(["2", "3"]);

    expect(await kubectl.ok("rollout pause deploy/d")).toBe("deployment.apps/d paused");
    expect(await kubectl.fails("rollout pause deploy/d")).toBe('error: deployments.apps "d" is already paused');
    await kubectl.ok("set image deploy/d nginx=nginx:1.27");
    await kubectl.until(
      "get deploy d -o jsonpath='{.status.observedGeneration}{.metadata.generation}{.status.updatedReplicas}'",
      (text) => text[0] === text[1],
    );
    expect(await kubectl.names("pods")).toHaveLength(2);
    expect((await kubectl.json("get pods")).items.map((p: Doc) => p.spec.containers[0].image)).toEqual(["nginx:1.25", "nginx:1.25"]);
    await kubectl.ok("rollout resume deploy/d");
    await done(kubectl, 2);
    const before = await kubectl.names("pods");
    await kubectl.ok("rollout restart deploy/d");
    await done(kubectl, 2);
    await kubectl.until("get pods -o name", (text) => text.trim().split("\n").length === 2);
    const after = await kubectl.names("pods");
    expect(after.filter((name) => before.includes(name))).toEqual([]);
  });

  it("never has fewer ready pods than maxUnavailable allows, nor more than maxSurge", async () => {
    const kubectl = await fresh("surge");
    await kubectl.ok("create deployment d --image=nginx:1.25 --replicas=4");
    await done(kubectl, 4);
    await kubectl.ok(`patch deploy d -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}'`);
    await done(kubectl, 4);
    const from = await kubectl.revision();
    await kubectl.ok("set image deploy/d nginx=nginx:1.26");
    const old = new Set(await kubectl.names("pods -l app=d"));
    await done(kubectl, 4);
    const events = await kubectl.history("pods", from, (es) => es.filter((e) => e.type === "DELETED").length === 4);
    const ready = new Set<string>(old);
    const there = new Set<string>(old);
    for (const { type, object } of events) {
      const name = object.metadata?.name as string;
      const isReady =
        type !== "DELETED" && !object.metadata?.deletionTimestamp && object.status?.conditions?.some((c: Doc) => c.type === "Ready" && c.status === "True");
      if (isReady) ready.add(name);
      else if (type === "DELETED" || object.metadata?.deletionTimestamp) ready.delete(name);
      if (type === "DELETED" || object.metadata?.deletionTimestamp) there.delete(name);
      else there.add(name);
      expect(ready.size).toBeGreaterThanOrEqual(4);
      expect(there.size).toBeLessThanOrEqual(5);
    }
  });

  it("is not a StatefulSet: its pods have names by chance, come at once, and do not return by name", async () => {
    const kubectl = await fresh("versus");
    await kubectl.ok("apply -f -", web({ replicas: 3, claims: false }));
    await kubectl.ok("rollout status sts/web --timeout=30s");
    const from = await kubectl.revision();
    await kubectl.ok("create deployment d --image=nginx --replicas=3");
    await done(kubectl, 3);
    const made = story(await kubectl.history("pods", from, (es) => story(es).filter((l) => l.endsWith("ready")).length === 3));
    expect(made.slice(0, 3).every((line) => line.endsWith("made"))).toBe(true);
    const hash = await kubectl.ok("get rs -l app=d -o jsonpath={.items[0].metadata.labels.pod-template-hash}");
    const pods = await kubectl.names("pods -l app=d");
    for (const name of pods) expect(name).toMatch(new RegExp(`^d-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`));
    await kubectl.ok(`delete pod ${pods[0]} web-0 --wait=false`);
    await kubectl.until("get pods -o json", (text) => {
      const { items } = JSON.parse(text);
      const ready = items.filter((p: Doc) => !p.metadata.deletionTimestamp && p.status.phase === "Running").map((p: Doc) => p.metadata.name);
      return ready.length === 6 && !ready.includes(pods[0]);
    });
    const now = await kubectl.names("pods");
    expect(now).not.toContain(pods[0]);
    expect(now).toContain("web-0");
    expect(now).toHaveLength(6);
  });

  it("deleted, it takes ReplicaSets and pods along; orphaned ones stay", async () => {
    const kubectl = await fresh("cascade");
    await kubectl.ok("create deployment d --image=nginx --replicas=2");
    await done(kubectl, 2);
    await kubectl.ok("delete deploy d --cascade=orphan");
    await kubectl.until("get rs -o jsonpath={.items[*].metadata.ownerReferences}", "");
    expect(await kubectl.names("pods")).toHaveLength(2);
    expect(await kubectl.ok("delete rs -l app=d --cascade=foreground")).toMatch(/^replicaset\.apps "d-[a-z0-9]+" deleted$/);
    await kubectl.until("get rs,pods -o name", "");
  });
});
