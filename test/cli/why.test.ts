import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targets } from "../../cli/why.js";
import type { Explanation } from "../../cluster/index.js";
import { set, tell } from "../controllers/why/support.js";
import { Api } from "../support/http.js";
import { buildOnce, type Ended, mockube, run, type Started } from "./mockube.js";

let home: string;
let cluster: Started;
const why = (...args: string[]): Promise<Ended> => run(["why", ...args, "--state", path.join(home, "state")], { env: { HOME: home } });
const mockubeClock = (...args: string[]): Promise<Ended> => run(["clock", ...args, "--state", path.join(home, "state")], { env: { HOME: home } });

beforeAll(async () => {
  buildOnce();
  home = mkdtempSync(path.join(os.tmpdir(), "mockube-why-"));
  cluster = mockube(["up", "--state", path.join(home, "state"), "--port", "0", "--dns-port", "0", "--clock", "manual", "--pace", "instant"], {
    env: { HOME: home },
  });
  await cluster.shows(/export KUBECONFIG=/);
  const { readKubeconfig } = await import("../../cluster/access.js");
  const { url, ca, token } = await readKubeconfig(path.join(home, "state/kubeconfig"));
  const api = new Api(url, { ca: String(ca), token: token ?? "" });
  const made = await api.ask("POST", "/apis/apps/v1/namespaces/default/statefulsets", { body: set("StatefulSet", "web", { annotations: tell("exit", "1") }) });
  api.close();
  expect(made.code).toBe(201);
  await mockubeClock("advance", "5s");
});
afterAll(async () => {
  cluster.kill("SIGKILL");
  await cluster.ended;
  rmSync(home, { recursive: true, force: true });
});

const SENTENCE = "web-1 is not created: web-0 is not Ready; OrderedReady; web-0's container is in CrashLoopBackOff, next try in 5 s";

describe("#5.5 mockube why", () => {
  it.each([
    [["pod/web-1"]],
    [["pods/web-1"]],
    [["po", "web-1"]],
    [["sts/web"]],
    [["statefulset", "web"]],
    [["StatefulSets.v1.apps", "web"]],
    [["statefulsets.apps/web", "-n", "default"]],
  ])("%j", async (args) => {
    const { code, stdout, stderr } = await why(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      SENTENCE,
      "  goes on when web-0 is Ready (statefulset-controller, for 5 s)",
      "  goes on when the container stays up (it ended with exit code 1 (Error)) (kubelet, for 5 s)",
      "",
    ]);
  });
  it("as JSON, with all there is", async () => {
    const told = JSON.parse((await why("pod/web-1", "-o", "json")).stdout) as Explanation;
    expect(told).toMatchObject({
      apiVersion: "mockube.dev/v1",
      kind: "Explanation",
      object: { apiVersion: "v1", kind: "Pod", namespace: "default", name: "web-1", exists: false },
      reasons: [
        {
          by: "statefulset-controller",
          about: { kind: "Pod", name: "web-1" },
          state: "is not created",
          because: "web-0 is not Ready",
          rule: "OrderedReady",
          waitsFor: [{ kind: "Pod", namespace: "default", name: "web-0" }],
          unblocks: "web-0 is Ready",
          sentence: SENTENCE,
          below: [{ by: "kubelet", because: "container is in CrashLoopBackOff", next: { what: "next try" }, below: [] }],
        },
      ],
    });
    const [{ since, below }] = told.reasons;
    expect(Date.parse(below[0].next?.at ?? "") - Date.parse(since ?? "")).toBe(10_000);
  });
  it("several objects, a list of them as JSON", async () => {
    expect((await why("node", "node-0", "node-1")).stdout).toBe("node node-0 waits for nothing\nnode node-1 waits for nothing\n");
    expect(JSON.parse((await why("node/node-0", "sts/web", "-o", "json")).stdout)).toMatchObject({
      kind: "List",
      items: [{ reasons: [] }, { object: { kind: "StatefulSet" } }],
    });
  });
  it.each([
    [["pod/web-9"], 'pods "web-9" not found'],
    [["sts/web", "-n", "kube-system"], 'statefulsets.apps "web" not found'],
    [["foo/bar"], 'the server doesn\'t have a resource type "foo"'],
    [["a/b/c"], "arguments in resource/name form may not have more than one slash"],
    [["pod/"], "arguments in resource/name form must have a single resource and name"],
    [["pod"], "which one? say pod/NAME"],
  ])("%j is refused in one line", async (args, text) => {
    expect(await why(...args)).toMatchObject({ code: 1, stdout: "", stderr: `mockube: ${text}\n` });
  });
  it("takes words as kubectl does", () => {
    expect(targets(["pod", "a", "b"])).toEqual(["pod/a", "pod/b"]);
    expect(targets(["pod/a", "sts/b"])).toEqual(["pod/a", "sts/b"]);
    expect(() => targets(["pod", "pod/a"])).toThrow(
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form",
    );
  });
});
