import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { commandScript } from "../../cli/script.js";
import { buildOnce, hasTool, mockube, run, type Started } from "./mockube.js";

const FREE = ["--port", "0", "--dns-port", "0"];
const kubectl = hasTool("kubectl");
let dir: string;
const running: Started[] = [];

beforeAll(() => {
  buildOnce();
  dir = mkdtempSync(path.join(os.tmpdir(), "mockube-cli-"));
});
afterEach(async () => {
  for (const started of running.splice(0)) {
    started.kill("SIGKILL");
    await started.ended;
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function up(...args: string[]): Started {
  const started = mockube(["up", ...FREE, ...args], { env: { HOME: dir } });
  running.push(started);
  return started;
}
const ready = (started: Started): Promise<unknown> => started.shows(/export KUBECONFIG=|no kubeconfig was written/);
const api = (started: Started): string => /API +(\S+)/.exec(started.output())?.[1] ?? "";

/** A one-line complaint: of `mockube`, nothing on stdout, no stack. */
function expectLine(end: { code: unknown; stdout: string; stderr: string }, text: RegExp): void {
  expect(end.stderr).toMatch(text);
  expect(end.stderr).not.toMatch(/\n\s+at |node:internal/);
  expect(
    end.stderr
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("(")).length,
  ).toBe(1);
  expect(end.stdout).toBe("");
  expect(end.code).not.toBe(0);
}

it("starts from the code that was compiled when it was built", () => {
  const script = commandScript(path.join(buildOnce(), "../dist/cli/mockube.cjs"));
  expect(script.cachedDataRejected).toBe(false);
});

describe("#3.5 CLI: help", () => {
  it.each([
    [["--help"], ["up", "exec", "kubeconfig"]],
    [
      ["up", "--help"],
      ["--state", "--memory", "--port", "--dns-port", "--kubeconfig", "--environment", "--nodes", "--pace"],
    ],
    [
      ["exec", "--help"],
      ["--environment", "--nodes", "--pace", "KUBECONFIG"],
    ],
    [
      ["kubeconfig", "--help"],
      ["--state", "--path"],
    ],
  ])("%j", async (args, words) => {
    const end = await run(args);
    expect(end.code).toBe(0);
    expect(end.stderr).toBe("");
    for (const word of [...words, "Examples:"]) expect(end.stdout).toContain(word);
  });
  it("says its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    expect(await run(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe("#3.5 CLI: mistakes get one clear line", () => {
  it.each([
    [["up", "--nope"], /unknown option '--nope'/],
    [["upp"], /unknown command 'upp'/],
    [["up", "--port", "x"], /'--port <port>' argument 'x' is invalid\. must be a whole number from 0 to 65535/],
    [["up", "--port", "65536"], /whole number from 0 to 65535/],
    [["up", "--dns-extra", "verified"], /write it as MODE=PORT, with insecure, verified, disabled for MODE/],
    [["up", "--dns-extra", "verified=1,verified=2"], /verified is named twice/],
    [["up", "--dns-extra", "verified=x"], /whole number from 0 to 65535/],
    [["up", "--dns-pods", "maybe"], /Allowed choices are insecure, verified, disabled/],
    [["up", "--memory", "--grpc-plaintext"], /--grpc-plaintext is about --grpc-port, which is not given/],
    [["up", "--dns-port", "-1"], /whole number from 0 to 65535/],
    [["up", "--nodes", "1.5"], /'--nodes <count>' argument '1\.5' is invalid/],
    [["up", "--pace", "slow"], /Allowed choices are instant, brisk, real/],
    [["up", "--environment", "moon"], /Allowed choices are eks, gke, aks, kind, minikube, k3s, none/],
    [["exec"], /missing required argument 'command'/],
    [["up", "extra"], /too many arguments/],
  ])("%j", async (args, text) => expectLine(await run(args), text));

  it("a busy port", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as net.AddressInfo;
    try {
      expectLine(await run(["up", "--memory", "--port", `${port}`, "--dns-port", "0"]), new RegExp(`^mockube: port ${port} on 127\\.0\\.0\\.1 is in use`));
      expectLine(await run(["up", "--memory", "--port", "0", "--dns-port", `${port}`]), new RegExp(`^mockube: port ${port} on 127\\.0\\.0\\.1 is in use`));
    } finally {
      server.close();
    }
  });
  it("a state folder that is a file, or lies below one", async () => {
    const file = path.join(dir, "file");
    writeFileSync(file, "");
    expectLine(await run(["up", ...FREE, "--state", file]), /^mockube: .*file is not a folder/);
    expectLine(await run(["up", ...FREE, "--state", path.join(file, "below")]), /^mockube: .*file.* is not a folder/);
  });
  // root may write everywhere
  if (process.getuid?.() !== 0)
    it("a state folder that may not be written", async () => {
      const closed = mkdtempSync(path.join(dir, "closed-"));
      chmodSync(closed, 0o500);
      expectLine(await run(["up", ...FREE, "--state", path.join(closed, "state")]), /^mockube: cannot write .*: permission denied/);
    });
  if (existsSync("/proc/self"))
    it.each(["/proc/mockube", "/proc/mockube/deep"])("a state folder nobody can write, not even root: %s", async (state) => {
      expectLine(await run(["up", ...FREE, "--state", state]), /^mockube: cannot write \/proc\/mockube: the system lets nobody create it/);
    });
  it("a state folder that another one uses", async () => {
    const state = path.join(dir, "taken");
    await ready(up("--state", state));
    expectLine(await run(["up", ...FREE, "--state", state]), /^mockube: .*taken/);
  });
  it("no cluster to print the kubeconfig of", async () => {
    expectLine(await run(["kubeconfig", "--state", path.join(dir, "none")]), /^mockube: no kubeconfig in .*none: start a cluster there with/);
  });
  it("a kubeconfig that cannot be written", async () => {
    const file = path.join(dir, "file2");
    writeFileSync(file, "");
    expectLine(await run(["up", "--memory", ...FREE, "--kubeconfig", path.join(file, "kubeconfig")]), /^mockube: .*file2 is not a folder/);
  });
});

describe("#3.5 CLI: up", () => {
  it("says where things are; Ctrl-C and SIGTERM end it with 0, and the next start finds the same cluster", async () => {
    const state = path.join(dir, "kept");
    const first = up("--state", state);
    await ready(first);
    expect(first.output()).toMatch(
      /^mockube is ready \(Kubernetes 1\.36, \d\.\d\d s\)\n {2}API +https:\/\/127\.0\.0\.1:\d+\n {2}DNS +127\.0\.0\.1:\d+ \(UDP and TCP\)\n/,
    );
    expect(first.output()).toContain(`  state       ${state}\n  cluster     3 nodes, storage classes of eks, pace brisk\n  kubeconfig  ${state}/kubeconfig\n`);
    const config = readFileSync(path.join(state, "kubeconfig"), "utf8");
    expect(parse(config).clusters[0].cluster.server).toBe(api(first));
    expect(statSync(path.join(state, "kubeconfig")).mode & 0o777).toBe(0o600);
    first.kill("SIGINT");
    expect(await first.ended).toMatchObject({ code: 0, stderr: "\nStopping\n" });

    const second = up("--state", state);
    await ready(second);
    const again = readFileSync(path.join(state, "kubeconfig"), "utf8");
    expect(parse(again).users).toEqual(parse(config).users);
    expect(parse(again).clusters[0].cluster["certificate-authority-data"]).toBe(parse(config).clusters[0].cluster["certificate-authority-data"]);
    expect((await run(["kubeconfig", "--state", state])).stdout).toBe(again);
    expect((await run(["kubeconfig", "--state", state, "--path"])).stdout).toBe(`${state}/kubeconfig\n`);
    second.kill("SIGTERM");
    expect((await second.ended).code).toBe(0);
  });
  it("Ctrl-C while it starts ends it with 0 and leaves nothing", async () => {
    const home = mkdtempSync(path.join(dir, "early-"));
    const started = mockube(["up", "--memory", ...FREE, "--log-level", "silent"], { env: { HOME: home, TMPDIR: home } });
    running.push(started);
    // its temporary folder is there: it is in the middle of the start
    while (!readdirSync(home).some((name) => name.startsWith("mockube-"))) await new Promise((resolve) => setImmediate(resolve));
    started.kill("SIGINT");
    expect((await started.ended).code).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });
  it("keeps its state in the home folder when nobody says otherwise", async () => {
    await ready(up());
    expect(existsSync(path.join(dir, ".mockube/store.db"))).toBe(true);
    expect(existsSync(path.join(dir, ".mockube/kubeconfig"))).toBe(true);
  });
  it("--memory leaves nothing but the kubeconfig it was asked for, written where it was said", async () => {
    const home = mkdtempSync(path.join(dir, "home-"));
    const started = mockube(["up", "--memory", ...FREE, "--kubeconfig", "config/here"], { cwd: home, env: { HOME: home, TMPDIR: home } });
    running.push(started);
    await ready(started);
    expect(started.output()).toContain(`export KUBECONFIG=${path.join(home, "config/here")}`);
    started.kill("SIGINT");
    await started.ended;
    expect(existsSync(path.join(home, ".mockube"))).toBe(false);
    expect(existsSync(path.join(home, "config/here"))).toBe(true);
    expect(readdirSync(home)).toEqual(["config"]);
  });
  it("the user of the kubeconfig is admin of system:masters", async () => {
    const file = path.join(dir, "admin");
    const started = up("--memory", "--kubeconfig", file);
    await ready(started);
    const config = parse(readFileSync(file, "utf8"));
    expect(config.contexts[0].context.user).toBe(config.users[0].name);
    expect(config.users[0].name).toMatch(/admin/);
  });
});

describe("#3.5 CLI: exec", () => {
  const sh = (script: string, ...flags: string[]) => run(["exec", ...flags, "--", "sh", "-c", script], { env: { TMPDIR: dir } });

  it("returns the command's exit code, output and errors", async () => {
    expect(await sh("echo out; echo err >&2; exit 7")).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect((await sh("true")).code).toBe(0);
    expect((await sh("kill -TERM $$")).code).toBe(143);
  });
  it("hands its own input on, and the words after -- as they are", async () => {
    expect((await run(["exec", "--", "cat"], { input: "given" })).stdout).toBe("given");
    expect((await run(["exec", "--", "printf", "%s|", "a b", "--help", "-x"])).stdout).toBe("a b|--help|-x|");
  });
  it("a command that is not there is 127, in one line", async () => {
    const end = await run(["exec", "--", "no-such-command"]);
    expect(end).toEqual({ code: 127, stdout: "", stderr: "mockube: no-such-command: command not found\n" });
  });
  it("leaves nothing behind", async () => {
    const { stdout } = await sh('printf "%s %s %s" "$KUBECONFIG" "$MOCKUBE_URL" "$MOCKUBE_DNS"; test -s "$KUBECONFIG"');
    const [config, url, dns] = stdout.split(" ");
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(dns).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(existsSync(config)).toBe(false);
    expect(readdirSync(dir).filter((name) => name.startsWith("mockube-"))).toEqual([]);
  });
  it.runIf(kubectl)("kubectl finds the cluster, which is as the flags say", async () => {
    const end = await sh("kubectl get nodes,sc -o name", "--nodes", "2", "--environment", "kind");
    expect(end).toEqual({ code: 0, stdout: "node/node-0\nnode/node-1\nstorageclass.storage.k8s.io/standard\n", stderr: "" });
  });
  it("two at once do not know of each other", async () => {
    const [a, b] = await Promise.all([sh("echo $MOCKUBE_URL"), sh("echo $MOCKUBE_URL")]);
    expect(a.stdout).not.toBe(b.stdout);
  });
});

describe("#3.6 the package", () => {
  it("bin can be started from any folder, through a link", async () => {
    const link = path.join(dir, "linked");
    symlinkSync(path.join(buildOnce(), "mockube"), link);
    const { execFileSync } = await import("node:child_process");
    expect(execFileSync(link, ["--version"], { cwd: "/", encoding: "utf8" })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
