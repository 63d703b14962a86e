import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, connect } from "../../cli/api.js";
import { buildOnce, type Ended, mockube, run, type Started } from "./mockube.js";

const STOPPED = "simulate.mockube.dev/stopped";
let home: string;
let config: string;
let cluster: Started;
let api: Api;

async function up(): Promise<void> {
  cluster = mockube(["up", "--state", path.join(home, "state"), "--port", "0", "--dns-port", "0", "--pace", "instant"], { env: { HOME: home } });
  await cluster.shows(/export KUBECONFIG=/);
  api = await connect(config);
}
beforeAll(async () => {
  buildOnce();
  home = mkdtempSync(path.join(os.tmpdir(), "mockube-node-"));
  config = path.join(home, "state/kubeconfig");
  await up();
});
afterAll(async () => {
  cluster.kill("SIGKILL");
  await cluster.ended;
  rmSync(home, { recursive: true, force: true });
});

const node = (args: readonly string[], env: NodeJS.ProcessEnv = { KUBECONFIG: config }): Promise<Ended> =>
  run(["node", ...args], { env: { HOME: home, ...env } });
const says = async (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> => {
  const end = await node(args, env);
  expect(end).toMatchObject({ code: 0, stderr: "" });
  return end.stdout;
};
const complains = async (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> => {
  const end = await node(args, env);
  expect(end.stdout).toBe("");
  expect(end.code).toBe(1);
  return end.stderr;
};
const annotation = async (name: string): Promise<string | undefined> => (await api.ask("GET", `/api/v1/nodes/${name}`)).body.metadata.annotations?.[STOPPED];
const pod = async (): Promise<{ code: number; phase: string | undefined }> => {
  const { code, body } = await api.ask("GET", "/api/v1/namespaces/default/pods/p");
  return { code, phase: body.status?.phase };
};
/** Asks for the pod until it is so. */
async function until(holds: (pod: { code: number; phase: string | undefined }) => boolean): Promise<void> {
  while (!holds(await pod()));
}

describe("#5.3 mockube node", () => {
  it("stops nodes and starts them, and says where there was nothing to do", async () => {
    expect(await says(["stop", "node-0", "node-1"])).toBe("node/node-0 stopped\nnode/node-1 stopped\n");
    expect(await annotation("node-0")).toBe("true");
    expect(await says(["stop", "node-1", "node-2"])).toBe("node/node-1 is stopped already\nnode/node-2 stopped\n");
    expect(await says(["start", "node-0", "node-1", "node-2"])).toBe("node/node-0 started\nnode/node-1 started\nnode/node-2 started\n");
    expect(await annotation("node-0")).toBeUndefined();
    expect(await says(["start", "node-0"])).toBe("node/node-0 is not stopped\n");
  });

  it("finds the cluster by --kubeconfig, --state, $KUBECONFIG or in the home folder", async () => {
    for (const [args, env] of [
      [["--kubeconfig", config], { KUBECONFIG: "/none" }],
      [["--state", path.join(home, "state")], { KUBECONFIG: "/none" }],
      [[], { KUBECONFIG: `${config}${path.delimiter}/none` }],
    ] as const)
      expect(await says(["start", "node-0", ...args], env)).toBe("node/node-0 is not stopped\n");
    expect(await complains(["start", "node-0"], { KUBECONFIG: undefined })).toContain(`no kubeconfig in ${path.join(home, ".mockube")}: start a cluster with`);
  });

  it("a stopped node starts and ends no pod, also over kill -9; started again it does both", async () => {
    await says(["stop", "node-0"]);
    const spec = { nodeName: "node-0", containers: [{ name: "c", image: "nginx" }], tolerations: [{ operator: "Exists" }] };
    const made = await api.ask("POST", "/api/v1/namespaces/default/pods", { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec });
    expect(made.code).toBe(201);
    cluster.kill("SIGKILL");
    await cluster.ended;
    await up();
    // it is ready when all that was to be done is done
    expect(await pod()).toEqual({ code: 200, phase: "Pending" });
    expect(await annotation("node-0")).toBe("true");
    await says(["start", "node-0"]);
    await until(({ phase }) => phase === "Running");
    await says(["stop", "node-0"]);
    expect((await api.ask("DELETE", "/api/v1/namespaces/default/pods/p")).code).toBe(200);
    cluster.kill("SIGKILL");
    await cluster.ended;
    await up();
    expect(await pod()).toEqual({ code: 200, phase: "Running" });
    await says(["start", "node-0"]);
    await until(({ code }) => code === 404);
  });

  it("complains in one line of what is not there, and touches nothing then", async () => {
    expect(await complains(["stop", "node-0", "nope"])).toBe("mockube: no node nope; there are node-0, node-1, node-2\n");
    expect(await annotation("node-0")).toBeUndefined();
    expect(await complains(["stop", "node-0", "--kubeconfig", "/none"])).toMatch(
      /^mockube: no kubeconfig at \/none: start a cluster with `mockube up`, or say where it is with --kubeconfig or --state\n$/,
    );
    const broken = path.join(home, "broken");
    writeFileSync(broken, "clusters: []\n");
    expect(await complains(["stop", "node-0", "--kubeconfig", broken])).toMatch(/^mockube: \S+broken cannot be read as a kubeconfig: /);
    writeFileSync(broken, readFileSync(config, "utf8").replace(/(server: https:\/\/127\.0\.0\.1):\d+/, "$1:1"));
    expect(await complains(["stop", "node-0", "--kubeconfig", broken])).toMatch(
      /^mockube: nobody answers at https:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\), where \S+ says that the cluster is\n$/,
    );
    writeFileSync(broken, readFileSync(config, "utf8").replace(/token: .*/, "token: wrong"));
    expect(await complains(["stop", "node-0", "--kubeconfig", broken])).toBe("mockube: Unauthorized\n");
    expect(await complains(["stop"])).toMatch(/missing required argument 'name'/);
    expect(await complains(["halt", "node-0"])).toMatch(/unknown command 'halt'/);
  });

  it("leaves nodes alone that are somebody else's", async () => {
    const real = { apiVersion: "v1", kind: "Node", metadata: { name: "real", annotations: { [STOPPED]: "true" } } };
    await api.ask("POST", "/api/v1/nodes", real);
    const status = { status: { nodeInfo: { osImage: "Debian GNU/Linux 12" } } };
    await api.ask("PATCH", "/api/v1/nodes/real/status", status, "application/merge-patch+json");
    expect(await complains(["start", "real"])).toBe("mockube: node real is not simulated by mockube (it runs Debian GNU/Linux 12): it would not listen\n");
    await api.ask("DELETE", "/api/v1/nodes/real");
  });

  it.each([["node"], ["node stop"], ["node start"]])("%s has examples", async (words) => {
    const end = await run([...words.split(" "), "--help"]);
    expect(end).toMatchObject({ code: 0, stderr: "" });
    for (const word of ["Examples:", "mockube node stop node-1", STOPPED]) expect(end.stdout).toContain(word);
  });
});
