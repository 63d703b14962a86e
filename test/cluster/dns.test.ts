import { Resolver } from "node:dns/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Cluster, type ClusterOptions, startCluster } from "../../cluster/index.js";

const running: Cluster[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((c) => c.stop()));
  await Promise.all(folders.splice(0).map((f) => rm(f, { recursive: true })));
});

async function start(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await startCluster({ nodes: 1, environment: "kind", ...options });
  running.push(cluster);
  return cluster;
}

function resolver(port: number | undefined): Resolver {
  const it = new Resolver({ timeout: 5000, tries: 1 });
  it.setServers([`127.0.0.1:${port}`]);
  return it;
}

function get(cluster: Cluster, path: string, token = cluster.token): Promise<{ code: number | undefined; type: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    https
      .get(cluster.url + path, { ca: cluster.ca, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ code: response.statusCode, type: response.headers["content-type"], text }));
      })
      .on("error", reject);
  });
}

const KUBERNETES = "kubernetes.default.svc.cluster.local";
const configMaps = (cluster: Cluster) => cluster.client.resource({ group: "", version: "v1", resource: "configmaps" });

/** Puts another Corefile into the ConfigMap, and waits until the answer to a question is another one. */
async function change(cluster: Cluster, text: string, changed: () => Promise<boolean>): Promise<void> {
  await configMaps(cluster).modify("kube-system", "coredns", (map) => ({ ...map, data: { Corefile: text } }));
  while (!(await changed())) await new Promise((resolve) => setImmediate(resolve));
}

const ttlOf = async (cluster: Cluster): Promise<number> => (await resolver(cluster.dnsPort).resolve4(KUBERNETES, { ttl: true }))[0].ttl;

describe("#6.7 DNS: metrics", () => {
  it("are at /metrics of the API, under CoreDNS's names, for whoever may read them", async () => {
    const cluster = await start();
    const dns = resolver(cluster.dnsPort);
    await dns.resolve4(KUBERNETES);
    await dns.resolve4(KUBERNETES);
    await expect(dns.resolve4("gone.default.svc.cluster.local")).rejects.toThrow();
    const { code, type, text } = await get(cluster, "/metrics");
    expect([code, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"]);
    const lines = text.split("\n");
    const place = 'server="dns://:53",view="",zone="cluster.local."';
    expect(lines).toContain('coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="cluster.local."} 3');
    expect(lines).toContain(`coredns_dns_responses_total{plugin="errors",rcode="NOERROR",${place}} 2`);
    expect(lines).toContain(`coredns_dns_responses_total{plugin="errors",rcode="NXDOMAIN",${place}} 1`);
    for (const plugin of ["errors", "kubernetes", "loadbalance"]) expect(lines).toContain(`coredns_plugin_enabled{name="${plugin}",${place}} 1`);
    expect((await get(cluster, "/metrics", "")).code).toBe(403);
    expect((await get(cluster, "/metrics/x")).code).toBe(404);
  });

  it("a cluster without DNS has none", async () => {
    const cluster = await start({ dnsPort: false });
    expect((await get(cluster, "/metrics")).code).toBe(404);
  });
});

describe("#6.4 DNS: the Corefile", () => {
  const corefile = (ttl: number): string => `cluster.local {\n  kubernetes {\n    ttl ${ttl}\n  }\n}\n`;

  it("of the ConfigMap counts, and each change of it; one that is wrong changes nothing", async () => {
    const errors: string[] = [];
    const quiet = (): void => {};
    const log = { debug: quiet, info: quiet, warn: quiet, error: (_: object, message: string) => void errors.push(message) };
    const cluster = await start({ log });
    expect(await ttlOf(cluster)).toBe(5);
    await change(cluster, corefile(77), async () => (await ttlOf(cluster)) === 77);
    await change(cluster, "cluster.local {\n  kubernetes {\n    podz\n  }\n}\n", async () => errors.length > 0);
    expect(errors).toEqual(["the Corefile of the ConfigMap kube-system/coredns is not used: Corefile:3: plugin/kubernetes: unknown property 'podz'"]);
    expect(await ttlOf(cluster)).toBe(77);
    await change(cluster, corefile(88), async () => (await ttlOf(cluster)) === 88);
    // one that goes away leaves what it said
    await configMaps(cluster).delete("kube-system", "coredns");
    expect(await ttlOf(cluster)).toBe(88);
  });

  it("of a file goes before the ConfigMap; one that is wrong, or not there, keeps the cluster from starting", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "mockube-test-"));
    folders.push(folder);
    const file = path.join(folder, "Corefile");
    await writeFile(file, corefile(99));
    const cluster = await start({ dns: { corefile: file } });
    expect(await ttlOf(cluster)).toBe(99);
    await writeFile(file, "cluster.local {\n  whoami\n}\n");
    await expect(start({ dns: { corefile: file } })).rejects.toThrow(`${file}:2: plugin 'whoami' is not supported here`);
    await expect(start({ dns: { corefile: path.join(folder, "none") } })).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("#6.1 DNS: names of pods", () => {
  it("insecure, verified and disabled, side by side on one cluster", async () => {
    const cluster = await start({ dns: { extra: { verified: 0, disabled: 0 } } });
    const name = "10-1-2-3.default.pod.cluster.local";
    expect(await resolver(cluster.dnsPort).resolve4(name)).toEqual(["10.1.2.3"]);
    for (const mode of ["verified", "disabled"] as const) {
      await expect(resolver(cluster.dnsExtra[mode]).resolve4(name)).rejects.toMatchObject({ code: "ENOTFOUND" });
      expect(await resolver(cluster.dnsExtra[mode]).resolve4(KUBERNETES)).toEqual(["10.96.0.1"]);
    }
  });

  it("a mode that is asked for goes before what the Corefile says", async () => {
    const cluster = await start({ dns: { pods: "disabled" } });
    await expect(resolver(cluster.dnsPort).resolve4("10-1-2-3.default.pod.cluster.local")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

describe("#6.3 DNS: names outside the cluster", () => {
  it("are refused, or with an upstream asked of it; where the Corefile says whom to ask, that counts", async () => {
    const outside = await start();
    const at = `127.0.0.1:${outside.dnsPort}`;
    const foreign = "kubernetes.default.svc.corp.test";
    await configMaps(outside).modify("kube-system", "coredns", (map) => ({
      ...map,
      data: { Corefile: "corp.test in-addr.arpa {\n kubernetes corp.test {\n ttl 30\n }\n hosts {\n 192.0.2.7 printer.corp.test\n fallthrough\n }\n}" },
    }));
    await expect
      .poll(
        async () =>
          (
            await resolver(outside.dnsPort)
              .resolve4(foreign)
              .catch(() => [])
          ).length,
        { interval: 5 },
      )
      .toBe(1);

    await expect(resolver((await start()).dnsPort).resolve4(foreign)).rejects.toMatchObject({ code: "EREFUSED" });
    const cluster = await start({ dns: { upstream: at } });
    expect(await resolver(cluster.dnsPort).resolve4(foreign, { ttl: true })).toEqual([{ address: "10.96.0.1", ttl: 30 }]);
    expect(await resolver(cluster.dnsPort).resolve4(KUBERNETES)).toEqual(["10.96.0.1"]);
    // addresses, too, as in a cluster that kubeadm made
    expect(await resolver(cluster.dnsPort).reverse("192.0.2.7")).toEqual(["printer.corp.test"]);
    expect(await resolver(cluster.dnsPort).reverse("10.96.0.1")).toEqual([KUBERNETES]);
    await change(cluster, ". {\n kubernetes cluster.local\n}", async () => {
      const answer = resolver(cluster.dnsPort).resolve4(foreign);
      return answer.then(
        () => false,
        (error: NodeJS.ErrnoException) => error.code !== "ENOTFOUND",
      );
    });
  });

  it.each([
    ["dns.example.org", /no names can be asked of "dns.example.org": names of servers are not supported/],
    ["tls://127.0.0.1", /'tls' is not supported as a destination protocol/],
  ])("%s is no upstream, and the cluster does not start", async (upstream, message) => {
    await expect(startCluster({ nodes: 0, environment: "none", dns: { upstream } })).rejects.toThrow(message);
  });
});
