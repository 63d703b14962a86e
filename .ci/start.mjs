// Runs the README's main command for real: waits until the cluster is ready, applies the example with kubectl, asks DNS, ends it with Ctrl-C.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const LIMIT = 300_000;
const home = mkdtempSync(path.join(os.tmpdir(), "mockube-ci-"));
const kubeconfig = path.join(home, ".mockube", "kubeconfig");

/** The default ports belong to whoever has them; then any free ones do. */
const free = (port) =>
  new Promise((resolve) => {
    const probe = net
      .createServer()
      .once("error", () => resolve(false))
      .listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
const usual = (await free(6443)) && (await free(10053));
const command = process.argv[2] + (usual ? "" : " -- --port 0 --dns-port 0");
console.log(`$ ${command}`);

// a group of its own, so that Ctrl-C can reach npm and the cluster alike, as in a terminal; npm keeps its own home
const child = spawn("bash", ["-c", command], {
  detached: true,
  stdio: ["ignore", "pipe", "pipe"],
  env: {
    ...process.env,
    NO_COLOR: "1",
    npm_config_userconfig: path.join(os.homedir(), ".npmrc"),
    npm_config_cache: path.join(os.homedir(), ".npm"),
    HOME: home,
  },
});
let output = "";
child.stdout.on("data", (data) => {
  output += data;
  process.stdout.write(data);
});
let errors = "";
child.stderr.on("data", (data) => {
  errors += data;
  process.stderr.write(data);
});
const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
const group = (signal) => {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it is gone
  }
};

function run(file, args, { fails = false } = {}) {
  console.log(`$ ${file} ${args.join(" ")}`);
  let text;
  try {
    text = execFileSync(file, args, {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      encoding: "utf8",
      timeout: 90_000,
      stdio: ["ignore", "pipe", fails ? "pipe" : "inherit"],
    });
    if (fails) throw Object.assign(new Error("should have been refused"), { status: 0 });
  } catch (error) {
    if (!fails || !error.status) throw error;
    text = error.stdout + error.stderr;
  }
  process.stdout.write(text);
  return text;
}
function expect(text, pattern) {
  if (!pattern.test(text)) throw new Error(`expected ${pattern} in:\n${text}`);
}

try {
  const until = Date.now() + LIMIT;
  while (!(existsSync(kubeconfig) && /export KUBECONFIG=/.test(output))) {
    if (Date.now() > until || child.exitCode !== null) throw new Error(`not ready (exit code ${child.exitCode})`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(run("kubectl", ["apply", "-f", "examples/statefulset/as-printed.yaml"], { fails: true }), /unknown field "spec\.template\.spec\.volumeMounts"/);
  run("kubectl", ["apply", "-f", "examples/statefulset/corrected.yaml"]);
  run("kubectl", ["rollout", "status", "statefulset/web", "--timeout=60s"]);
  expect(run("kubectl", ["get", "pods"]), /web-0 +1\/1 +Running[\s\S]*web-1 +1\/1 +Running[\s\S]*web-2 +1\/1 +Running/);
  expect(run("kubectl", ["get", "pvc"]), /data-web-0 +Bound[\s\S]*data-web-1 +Bound[\s\S]*data-web-2 +Bound/);
  const dns = /DNS +127\.0\.0\.1:(\d+)/.exec(output)?.[1] ?? "";
  expect(run("dig", ["@127.0.0.1", "-p", dns, "+short", "web-0.nginx.default.svc.cluster.local"]), /^10\.\d+\.\d+\.\d+\n$/);
  group("SIGINT");
  const end = await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve("still running"), 10_000))]);
  // npm hands the signal on to its shell once the cluster has ended; the cluster's own exit code is test/cli's
  if (end !== 0 && end !== 130 && end !== "SIGINT") throw new Error(`Ctrl-C should end it: ${end}`);
  if (!/\nStopping\n$/.test(errors)) throw new Error("it should have stopped, and had nothing more to say");
  const url = /API +(\S+)/.exec(output)?.[1];
  if (!(await free(Number(new URL(url).port)))) throw new Error(`something still listens at ${url}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  if (child.exitCode === null) group("SIGKILL");
  rmSync(home, { recursive: true, force: true });
}
