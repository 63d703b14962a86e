import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNotFound } from "../../client/index.js";
import { type Cluster, type ClusterOptions, startCluster } from "../../cluster/index.js";
import { DEFAULT_COREFILE, defaultCorefile } from "../../dns/corefile/default.js";

const ref = (resource: string, group = "") => ({ group, version: "v1", resource });
const start = (options: ClusterOptions = {}): Promise<Cluster> => startCluster({ dnsPort: false, nodes: 1, ...options });
/** The object, or undefined. */
const read = (cluster: Cluster, resource: string, name: string, group?: string) =>
  cluster.client
    .resource(ref(resource, group))
    .get("kube-system", name)
    .catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });

const COREFILE = `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    loadbalance
}
`;

describe("#6.4 kube-dns and its configuration", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await start({ environment: "kind" });
  });
  afterAll(() => cluster.stop());

  it("the Service is kubeadm's, with no pod behind it", async () => {
    expect(await read(cluster, "services", "kube-dns")).toMatchObject({
      metadata: {
        labels: { "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
        annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
      },
      spec: {
        type: "ClusterIP",
        clusterIP: "10.96.0.10",
        clusterIPs: ["10.96.0.10"],
        selector: { "k8s-app": "kube-dns" },
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
          { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
        ],
      },
    });
    await cluster.settle();
    const slices = await cluster.client.resource(ref("endpointslices", "discovery.k8s.io")).list("kube-system");
    expect(slices.items.flatMap((slice) => slice.endpoints ?? [])).toEqual([]);
  });
  it("the ConfigMap says what the responder does", async () => {
    expect((await read(cluster, "configmaps", "coredns"))?.data).toEqual({ Corefile: COREFILE });
  });
  it("the default Corefile follows the options", () => {
    expect(defaultCorefile(DEFAULT_COREFILE)).toBe(COREFILE);
    expect(defaultCorefile({ domain: "corp.test", ttl: 30, pods: "verified" })).toBe(
      COREFILE.replaceAll("cluster.local", "corp.test").replace("insecure", "verified").replace("ttl 5", "ttl 30"),
    );
  });
  it("an environment that ships nothing has neither, and their address is free", async () => {
    const bare = await start({ environment: "none" });
    try {
      expect(await read(bare, "services", "kube-dns")).toBeUndefined();
      expect(await read(bare, "configmaps", "coredns")).toBeUndefined();
      const spec = { clusterIP: "10.96.0.10", ports: [{ port: 53 }] };
      const made = await bare.client.resource(ref("services")).create("kube-system", { metadata: { name: "kube-dns" }, spec });
      expect(made.spec).toMatchObject({ clusterIP: "10.96.0.10" });
    } finally {
      await bare.stop();
    }
  });
  it("they are made once: a start later finds them changed or deleted as the user left them", async () => {
    const state = mkdtempSync(path.join(os.tmpdir(), "mockube-bootstrap-"));
    try {
      const first = await start({ state });
      await first.client.resource(ref("services")).delete("kube-system", "kube-dns");
      await first.client.resource(ref("configmaps")).modify("kube-system", "coredns", (map) => ({ ...map, data: { Corefile: "." } }));
      await first.stop();
      const second = await start({ state });
      expect(await read(second, "services", "kube-dns")).toBeUndefined();
      expect((await read(second, "configmaps", "coredns"))?.data).toEqual({ Corefile: "." });
      await second.stop();
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  });
});
