import { expect, it } from "vitest";
import { acceptance, type Kubectl } from "../support/kubectl.js";

const pod = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: "c", image: "nginx" }] },
});
const nodeOf = (kubectl: Kubectl, name: string): Promise<string> => kubectl.ok(`get pod ${name} -o jsonpath={.spec.nodeName}`);
const taintsOf = (node: string): string => `get node ${node} -o jsonpath='{range .spec.taints[*]}{.key}:{.effect} {end}'`;

acceptance(
  "#5.3 kubectl and nodes",
  (fresh) => {
    it("cordon keeps new pods away and leaves the others; uncordon lets them in", async () => {
      const kubectl = await fresh("cordon");
      await kubectl.ok("create -f -", pod("before"));
      await kubectl.ok("wait --for=condition=Ready pod/before --timeout=20s");
      const node = await nodeOf(kubectl, "before");
      expect(await kubectl.ok(`cordon ${node}`)).toBe(`node/${node} cordoned`);
      await kubectl.until(`get node ${node}`, /Ready,SchedulingDisabled/);
      await kubectl.until(taintsOf(node), "node.kubernetes.io/unschedulable:NoSchedule");
      for (const name of ["a", "b", "c"]) await kubectl.ok("create -f -", pod(name));
      await kubectl.ok("wait --for=condition=Ready pod/a pod/b pod/c --timeout=20s");
      for (const name of ["a", "b", "c"]) expect(await nodeOf(kubectl, name)).not.toBe(node);
      expect(await kubectl.ok("get pod before -o jsonpath={.status.phase}")).toBe("Running");
      expect(await kubectl.ok(`uncordon ${node}`)).toBe(`node/${node} uncordoned`);
      await kubectl.until(`get node ${node} -o jsonpath={.spec.taints}`, "");
    });

    it("drain asks about pods that nobody would make anew, and waits for budgets", async () => {
      const kubectl = await fresh("drain");
      await kubectl.ok("create deployment web --image=nginx --replicas=2");
      await kubectl.ok("rollout status deploy/web --timeout=20s");
      const [name] = await kubectl.names("pods -l app=web");
      const node = await nodeOf(kubectl, name);
      await kubectl.ok("create -f -", { ...pod("bare"), spec: { ...pod("bare").spec, nodeName: node } });
      await kubectl.ok("wait --for=condition=Ready pod/bare --timeout=20s");
      expect(await kubectl.fails(`drain ${node} --timeout=20s`)).toContain("cannot delete Pods that declare no controller (use --force to override)");

      await kubectl.ok("create poddisruptionbudget web --selector=app=web --min-available=2");
      await kubectl.until("get pdb web -o jsonpath={.status.currentHealthy}", "2");
      expect(await kubectl.fails(`drain ${node} --force --timeout=1s`)).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
      expect(await kubectl.names(`pods ${name}`)).toEqual([name]);

      await kubectl.ok("delete pdb web");
      const said = await kubectl.ok(`drain ${node} --force --timeout=20s`);
      expect(said).toMatch(new RegExp(`node/${node} drained$`));
      await kubectl.ok("rollout status deploy/web --timeout=20s");
      expect(await kubectl.names(`pods --field-selector spec.nodeName=${node}`)).toEqual([]);
      expect(await kubectl.ok(taintsOf(node))).toBe("node.kubernetes.io/unschedulable:NoSchedule");
      await kubectl.ok(`uncordon ${node}`);
    });

    it("a node that is stopped is not drained before it is back: kubectl waits for its pods to go", async () => {
      const kubectl = await fresh("stopped");
      await kubectl.ok("create deployment web --image=nginx");
      await kubectl.ok("rollout status deploy/web --timeout=20s");
      const [name] = await kubectl.names("pods");
      const node = await nodeOf(kubectl, name);
      await kubectl.ok(`annotate node ${node} simulate.mockube.dev/stopped=true`);
      expect(await kubectl.fails(`drain ${node} --timeout=1s`)).toContain(`waiting for pod "${name}"`);
      // the other one runs already
      await kubectl.ok("rollout status deploy/web --timeout=20s");
      expect(await kubectl.names("pods")).toContain(name);
      await kubectl.ok(`annotate node ${node} simulate.mockube.dev/stopped-`);
      await kubectl.ok(`wait --for=delete pod/${name} --timeout=20s`);
      await kubectl.ok(`uncordon ${node}`);
    });
  },
  { oursBecause: "it drains nodes, and stops one" },
);
