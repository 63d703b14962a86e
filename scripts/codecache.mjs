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
process.argv.splice(1, 2, main, "up", "--pace", "instant", "--state", path.join(home, "state"), "--port", "0", "--dns-port", "0", "--kubeconfig", kubeconfig);
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
const ask = (method, what, body) =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const request = https.request(url + what, { method, rejectUnauthorized: false, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    request.on("error", reject).end(body && JSON.stringify(body));
  });
for (const what of ["/readyz", "/api/v1/nodes", "/api/v1/namespaces/default", "/apis"]) await ask("GET", what);

// what the first pods of a cluster go through
const labels = { app: "web" };
await ask("POST", "/api/v1/namespaces/default/services", { metadata: { name: "web" }, spec: { clusterIP: "None", selector: labels, ports: [{ port: 80 }] } });
await ask("POST", "/apis/apps/v1/namespaces/default/statefulsets", {
  metadata: { name: "web" },
  spec: {
    serviceName: "web",
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx:1.27", ports: [{ containerPort: 80 }] }] } },
  },
});
for (const until = Date.now() + 60_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 20)))
  if (JSON.parse(await ask("GET", "/apis/apps/v1/namespaces/default/statefulsets/web")).status?.readyReplicas === 2) break;
writeFileSync(path.join(path.dirname(main), "mockube.cjs.cache"), globalThis.mockubeScript.createCachedData());
process.on("exit", () => rmSync(home, { recursive: true, force: true }));
process.emit("SIGTERM");
