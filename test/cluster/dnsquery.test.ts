import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shown } from "../../cli/dns/query.js";
import type { dnsQuery } from "../../cluster/dnsquery.js";
import { type Cluster, startCluster } from "../../cluster/index.js";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 1, environment: "kind" });
  const create = (resource: string, object: object) => cluster.client.resource({ group: "", version: "v1", resource }).create("default", object as never);
  await create("services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "nginx", namespace: "default" },
    spec: { clusterIP: "None", selector: { app: "nginx" }, ports: [{ name: "web", port: 80 }] },
  });
  const pod = (name: string, more: object) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: "nginx" } },
    spec: { subdomain: "nginx", hostname: name, containers: [{ name: "c", image: "nginx" }], ...more },
  });
  await create("pods", pod("web-0", {}));
  await create("pods", pod("outside", { dnsPolicy: "Default" }));
});
afterAll(() => cluster.stop());

/** What the route answers, once there is as much as is waited for. */
async function ask(query: Readonly<Record<string, string>>, records = 0) {
  const url = `${cluster.url}/mockube/dns/query?${new URLSearchParams(query)}`;
  const { get } = await import("node:https");
  for (;;) {
    const { code, body } = await new Promise<{ code: number; body: never }>((resolve, reject) => {
      get(url, { ca: cluster.ca, headers: { authorization: `Bearer ${cluster.token}` } }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk;
        });
        response.on("end", () => resolve({ code: response.statusCode ?? 0, body: JSON.parse(text) as never }));
      }).on("error", reject);
    });
    const found = body as Awaited<ReturnType<typeof dnsQuery>> & { readonly message?: string };
    if (code !== 200 || found.answers.length >= records) return { code, ...found };
  }
}

describe("#6.7 DNS: mockube dns query", () => {
  it("asks as a pod does, and shows what stands behind the answer", async () => {
    const found = await ask({ name: "web-0.nginx", from: "default/web-0" }, 1);
    expect(found).toMatchObject({
      from: { namespace: "default", pod: "web-0", cluster: true, ndots: 5 },
      tried: [{ name: "web-0.nginx.default.svc.cluster.local", rcode: "NOERROR", records: 1 }],
      type: "A",
      plugin: "kubernetes",
      rule: "one endpoint by its hostname, or by its address with dashes",
    });
    expect(found.answers[0]).toMatch(/^web-0\.nginx\.default\.svc\.cluster\.local\. 5 IN A 10\.244\.0\.\d+$/);
    expect(found.objects[0]).toBe("Service default/nginx (headless)");
    expect(found.objects.slice(1)).toEqual([expect.stringMatching(/^EndpointSlice default\/nginx-\w+: 10\.244\.0\.\d+ web-0 ready, Pod web-0$/)]);
    const all = await ask({ name: "nginx", from: "default/web-0" }, 2);
    expect(all.objects).toHaveLength(3);
    expect(shown(found)).toMatch(
      /^from {5}pod default\/web-0, ndots:5\nsearch {3}default\.svc.*\ntried {4}web-0\.nginx\.default\.svc\.cluster\.local\. 1 record\nanswer /,
    );
  });

  it("a name that nobody has is tried with the whole list; the first that could have been meant is explained", async () => {
    const found = await ask({ name: "nope" });
    expect(found.tried.map(({ name, rcode }) => `${name} ${rcode}`)).toEqual([
      "nope.default.svc.cluster.local NXDOMAIN",
      "nope.svc.cluster.local NXDOMAIN",
      "nope.cluster.local NXDOMAIN",
      "nope REFUSED",
    ]);
    expect(found).toMatchObject({ name: "nope.default.svc.cluster.local", answers: [], rule: "there is no service default/nope" });
    expect(shown(found)).toContain("tried    nope.default.svc.cluster.local. NXDOMAIN\n         nope.svc");
  });

  it("a pod that asks its node does not ask the cluster", async () => {
    const found = await ask({ name: "nginx", from: "default/outside" });
    expect(found).toMatchObject({ from: { cluster: false, search: [], ndots: 1 }, tried: [], answers: [] });
    expect(found.rule).toMatch(/asks the resolver of its node/);
  });

  it.each([
    [{ name: "nginx", type: "NOPE" }, 400, "there is no type NOPE"],
    [{ name: "a..b" }, 400, "a..b is no name"],
    [{ type: "A" }, 400, "parameter name is required"],
    [{ name: "nginx", from: "default/gone" }, 404, 'pods "gone" not found'],
  ])("%j is %i: %s", async (query, code, message) => {
    expect(await ask(query as never)).toMatchObject({ code, message });
  });
});
