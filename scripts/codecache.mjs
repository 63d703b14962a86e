// Writes beside dist/cli/mockube.cjs what V8 compiles of it: starts a cluster as `mockube up` does, lets it answer and end, and keeps the functions that took.
// usage: node scripts/codecache.mjs PATH-OF/cli/main.js
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const main = path.resolve(process.argv[2]);
const home = mkdtempSync(path.join(os.tmpdir(), "mockube-build-"));
const kubeconfig = path.join(home, "kubeconfig");
process.argv.splice(1, 2, main, "up", "--state", path.join(home, "state"), "--port", "0", "--dns-port", "0", "--kubeconfig", kubeconfig);
process.stdout.write = () => true;
process.stderr.write = () => true;
await import(pathToFileURL(main).href);

/** The kubeconfig is written when the cluster is ready. */
async function access() {
  for (const until = Date.now() + 60_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 20))) {
    try {
      const text = readFileSync(kubeconfig, "utf8");
      return { url: /server: "?([^"\s]+)/.exec(text)[1], token: /token: "?([^"\s]+)/.exec(text)[1] };
    } catch {
      // not yet
    }
  }
  throw new Error("the cluster did not start");
}

const { url, token } = await access();
const get = (what) =>
  new Promise((resolve, reject) => {
    https
      .get(url + what, { rejectUnauthorized: false, headers: { authorization: `Bearer ${token}` } }, (res) => res.resume().on("end", resolve))
      .on("error", reject);
  });
for (const what of ["/readyz", "/api/v1/nodes", "/api/v1/namespaces/default", "/apis"]) await get(what);
writeFileSync(path.join(path.dirname(main), "mockube.cjs.cache"), globalThis.mockubeScript.createCachedData());
process.on("exit", () => rmSync(home, { recursive: true, force: true }));
process.emit("SIGTERM");
