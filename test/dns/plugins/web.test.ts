import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createMetrics } from "../../../dns/metrics.js";
import type { Plugin, SetupContext } from "../../../dns/plugin.js";
import { Zone } from "../../../dns/plugins/kubernetes/zone.js";
import { faultOf, pluginsOf } from "../corefile/support.js";

const running: Plugin[] = [];
afterEach(async () => {
  for (const plugin of running.splice(0)) await plugin.stop?.();
});

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function start(lines: string, more: Partial<SetupContext> = {}): Promise<readonly Plugin[]> {
  const plugins = await pluginsOf(`. {\n${lines}\n}`, more);
  for (const plugin of plugins) {
    await plugin.start?.();
    running.push(plugin);
  }
  return plugins;
}

async function get(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
  return `${response.status} ${await response.text()}`;
}

describe("#6.4 DNS: health, ready and prometheus", () => {
  it("health says OK, and a path that is not there that it is not", async () => {
    const port = await freePort();
    await start(`health :${port} {\nlameduck 5s\n}`);
    expect(await get(port, "/health?verbose")).toBe("200 OK");
    expect(await get(port, "/healthz")).toBe("404 404 page not found\n");
  });

  it("ready names the plugin that is not, until the cluster is known", async () => {
    const port = await freePort();
    const cluster = new Zone(() => 0);
    cluster.synced = false;
    await start(`ready 127.0.0.1:${port}\nkubernetes cluster.local`, { cluster });
    expect(await get(port, "/ready")).toBe("503 kubernetes");
    cluster.synced = true;
    expect(await get(port, "/ready")).toBe("200 OK");
  });

  it("prometheus shows what was counted", async () => {
    const port = await freePort();
    const metrics = createMetrics();
    metrics.panicked();
    await start(`prometheus localhost:${port}`, { metrics });
    expect(await get(port, "/metrics")).toMatch(/^200 # HELP coredns_panics_total .*\n# TYPE coredns_panics_total counter\ncoredns_panics_total 1\n/);
  });

  it("plugins of one cluster share an address, those of two cannot; when the last one stops it is free", async () => {
    const port = await freePort();
    const cluster = new Zone(() => 0);
    await start(`health :${port}\nready :${port}`, { cluster });
    expect([await get(port, "/health"), await get(port, "/ready")]).toEqual(["200 OK", "200 OK"]);
    await expect(start(`health :${port}`)).rejects.toMatchObject({ code: "EADDRINUSE" });
    for (const plugin of running.splice(0)) await plugin.stop?.();
    await start(`health :${port}`);
    expect(await get(port, "/health")).toBe("200 OK");
  });

  it.each([
    ["health 8080", "1: plugin/health: address 8080: missing port in address"],
    ["health 0.0.0.0:8080", "1: plugin/health: address 0.0.0.0:8080: only loopback addresses are listened on here"],
    ["health ::1:8080", "1: plugin/health: address ::1:8080: too many colons in address"],
    ["health :http", "1: plugin/health: address :http: invalid port"],
    ["health {\nlameduck long\n}", "2: plugin/health: unable to parse lameduck duration value: 'long' : time: invalid duration \"long\""],
    ["health {\nfast\n}", "2: plugin/health: unknown property 'fast'"],
    ["health [::1]:8080", "no error"],
    ["ready :8181 {\nmonitor never\n}", "2: plugin/ready: monitor type 'never' not supported"],
    ["ready\nready", "2: plugin/ready: this plugin can only be used once per Server Block"],
    ["prometheus :9153 :9154", "1: plugin/prometheus: Wrong argument count or unexpected line ending after ':9154'"],
    ["prometheus {\ntls a\n}", "2: plugin/prometheus: tls is not supported"],
    ["reload 1s", "1: plugin/reload: interval value must be greater or equal to 2s"],
    ["reload 2s 1ms", "1: plugin/reload: jitter value must be 0 or greater or equal to 1s"],
    ["reload 30s 15s", "no error"],
    ["loop 1", "1: plugin/loop: Wrong argument count or unexpected line ending after '1'"],
    ["debug on", "1: plugin/debug: Wrong argument count or unexpected line ending after 'on'"],
    ["bind", "1: plugin/bind: at least one address or interface name is expected"],
    ["bind 127.0.0.1 ::1 lo", "no error"],
    ["bind 192.0.2.1", "1: plugin/bind: only loopback addresses are listened on here, not 192.0.2.1"],
    ["bind nowhere", '1: plugin/bind: not a valid IP address or interface name: "nowhere"'],
  ])("%j: %s", async (lines, message) => {
    expect(await faultOf(lines)).toBe(message);
  });
});
