import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { startCluster } from "../../cluster/index.js";
import { buildOnce, run } from "./mockube.js";

const NAMESPACES = { group: "", version: "v1", resource: "namespaces" };

describe("#3.5 library", () => {
  it("many clusters in one process, each with its own objects, ports and tokens", async () => {
    const clusters = await Promise.all([1, 2, 3].map((seed) => startCluster({ seed })));
    try {
      await clusters[0].client.resource(NAMESPACES).create("", { metadata: { name: "only-here" } });
      const names = await Promise.all(
        clusters.map(async (c) => (await c.client.resource(NAMESPACES).list("")).items.map((n) => n.metadata.name).includes("only-here")),
      );
      expect(names).toEqual([true, false, false]);
      expect(new Set(clusters.flatMap((c) => [c.port, c.dnsPort])).size).toBe(6);
      expect(new Set(clusters.map((c) => c.token)).size).toBe(3);
    } finally {
      await Promise.all(clusters.map((c) => c.stop()));
    }
  });
  it("stop can be called twice and frees the port", async () => {
    const cluster = await startCluster({ dnsPort: false, nodes: 0 });
    await Promise.all([cluster.stop(), cluster.stop()]);
    const next = await startCluster({ dnsPort: false, nodes: 0, port: cluster.port });
    await next.stop();
  });
  it("a stopped cluster keeps no process alive", async () => {
    const library = pathToFileURL(path.join(buildOnce(), "../dist/cluster/index.js")).href;
    const script = path.join(buildOnce(), "../once.mjs");
    writeFileSync(
      script,
      `import { startCluster } from ${JSON.stringify(library)};\nconst c = await startCluster();\nawait c.stop();\nconsole.log("stopped");\n`,
    );
    const { spawnSync } = await import("node:child_process");
    const end = spawnSync(process.execPath, [script], { encoding: "utf8", timeout: 15_000 });
    expect(end).toMatchObject({ status: 0, stdout: "stopped\n", stderr: "" });
  });
  it("a start that fails leaves nothing open", async () => {
    const cluster = await startCluster({ dnsPort: false, nodes: 0 });
    try {
      await expect(startCluster({ port: cluster.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
      expect((await run(["exec", "--", "true"])).code).toBe(0);
    } finally {
      await cluster.stop();
    }
  });
});
