import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Built, buildPackage, Server } from "../support/built.js";
import type { Doc } from "../support/http.js";
import { acceptance, KUBECTL, Kubectl } from "../support/kubectl.js";
import { web } from "../support/manifests.js";

acceptance(
  "#3.5 command line",
  () => {
    let built: Built;
    let folder: string;
    beforeAll(async () => {
      built = await buildPackage();
      folder = await mkdtemp(path.join(tmpdir(), "cli-"));
    });
    afterAll(async () => {
      await built?.remove();
      await rm(folder, { recursive: true, force: true });
    });
    const mockube = (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        execFile(process.execPath, [built.cli, ...words], (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }));
      });

    it("up, Ctrl-C and up again: the cluster is as it was, its kubeconfig still good", async () => {
      const state = path.join(folder, "state");
      const first = new Server(built, state);
      (await first.ready()).close();
      const kubectl = new Kubectl(path.join(state, "kubeconfig"), path.join(folder, "cache"), "default", undefined);
      await kubectl.ok("apply -f -", web({ replicas: 2 }));
      await kubectl.ok("rollout status sts/web --timeout=20s");
      const what = "get sts,pods,pvc,pv,svc,nodes,sc -o json";
      const identities = async (): Promise<string[]> =>
        JSON.parse(await kubectl.ok(what)).items.map((item: Doc) => `${item.kind} ${item.metadata.name} ${item.metadata.uid}`);
      const before = await identities();
      const token = /token: (\S+)/.exec(await readFile(kubectl.kubeconfig, "utf8"))?.[1];

      // a second one on the same folder is told who is there
      const second = await mockube("up", "--state", state, "--port", "0", "--dns-port", "0");
      expect(second.code).toBe(1);
      expect(second.stderr).toMatch(/^mockube: .*in use/);

      expect(await first.child.kill("SIGINT")).toBe(0);
      expect(first.child.complaint.trim()).toBe("Stopping");
      expect((await readdir(path.join(state, "volumes"))).length).toBe(2);

      const again = new Server(built, state);
      (await again.ready()).close();
      expect(await identities()).toEqual(before);
      expect(/token: (\S+)/.exec(await readFile(kubectl.kubeconfig, "utf8"))?.[1]).toBe(token);
      expect((await mockube("kubeconfig", "--state", state, "--path")).stdout.trim()).toBe(kubectl.kubeconfig);
      await kubectl.ok("scale sts web --replicas=3");
      await kubectl.until("get sts web -o jsonpath={.status.readyReplicas}", "3");
      expect(await again.child.kill("SIGTERM")).toBe(0);
    });

    it("exec gives a command a cluster and returns what it returns", async () => {
      const found = await mockube("exec", "--environment", "kind", "--nodes", "2", "--", KUBECTL as string, "get", "nodes,sc", "-o", "name");
      expect([found.code, found.stdout, found.stderr]).toEqual([0, "node/node-0\nnode/node-1\nstorageclass.storage.k8s.io/standard\n", ""]);
      expect((await mockube("exec", "--", process.execPath, "-e", "process.exit(7)")).code).toBe(7);
      const nothing = await mockube("exec", "--", "no-such-command");
      expect([nothing.code, nothing.stderr]).toEqual([127, "mockube: no-such-command: command not found\n"]);
    });

    it("says what is wrong with what it was told", async () => {
      expect((await mockube("up", "--environment", "moon")).stderr).toContain("Allowed choices are eks, gke, aks, kind, minikube, k3s, none.");
      expect((await mockube("kubeconfig", "--state", path.join(folder, "none"))).stderr).toMatch(/^mockube: no kubeconfig in /);
      expect((await mockube("--help")).stdout).toContain("mockube up");
    });
  },
  { oursBecause: "it is about our command line", controllers: false },
);
