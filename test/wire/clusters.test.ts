import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, manualClock, startCluster } from "../../cluster/index.js";
import { Child } from "../crash/child.js";
import { type Built, buildPackage } from "../support/built.js";
import { until } from "../support/cluster.js";
import { Api, type Doc } from "../support/http.js";
import { APPS, config, HOME } from "./support.js";

const COUNT = 10;
const set = (replicas: number): Doc => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "db" },
  spec: {
    serviceName: "db",
    replicas,
    selector: { matchLabels: { app: "db" } },
    template: {
      metadata: { labels: { app: "db" } },
      spec: { containers: [{ name: "db", image: "shop/db:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }] },
    },
    volumeClaimTemplates: [
      { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gp2", resources: { requests: { storage: "1Gi" } } } },
    ],
  },
});
const readySet = (api: Api, replicas: number): Promise<Doc> =>
  until(
    async () => (await api.get(`${APPS}/statefulsets/db`)).body.status,
    (status) => status.readyReplicas === replicas,
  );

describe("#3.5 library: many clusters in one process", () => {
  // a temporary folder that nobody else uses: what is left in it is ours
  const usual = process.env.TMPDIR;
  let temporary: string;
  beforeAll(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), "clusters-"));
    process.env.TMPDIR = temporary;
  });
  afterAll(async () => {
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
    await rm(temporary, { recursive: true, force: true });
  });

  it(`${COUNT} start side by side, each with its own objects, keys, addresses and volumes, and leave nothing`, async () => {
    const handles = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP|UDP|TLS|Timeout|FSEvent/.test(kind));
    const before = handles().length;
    const clusters = await Promise.all(Array.from({ length: COUNT }, () => startCluster()));
    const apis = clusters.map((cluster) => new Api(cluster.url, cluster));
    try {
      await Promise.all(
        apis.map(async (api, i) => {
          expect((await api.ask("POST", `${HOME}/configmaps`, { body: config(`only-${i}`) })).code).toBe(201);
          expect((await api.ask("POST", `${APPS}/statefulsets`, { body: set(1 + (i % 3)) })).code).toBe(201);
          await readySet(api, 1 + (i % 3));
        }),
      );
      for (const [i, api] of apis.entries()) {
        const own = (await api.get(`${HOME}/configmaps`)).body.items.map((item: Doc) => item.metadata.name).filter((name: string) => name.startsWith("only-"));
        expect(own).toEqual([`only-${i}`]);
        expect((await api.get("/api/v1/persistentvolumes")).body.items).toHaveLength(1 + (i % 3));
        expect(readdirSync(clusters[i].volumesDir)).toHaveLength(1 + (i % 3));
      }
      expect(new Set(clusters.map((c) => c.token)).size).toBe(COUNT);
      expect(new Set(clusters.flatMap((c) => [c.port, c.dnsPort])).size).toBe(COUNT * 2);

      // neither a token nor a CA of one is good for another
      const stranger = new Api(clusters[0].url, { ca: clusters[0].ca, token: clusters[1].token });
      expect((await stranger.get("/version")).code).toBe(401);
      stranger.close();
      const misled = new Api(clusters[0].url, { ca: clusters[1].ca, token: clusters[0].token });
      await expect(misled.get("/version")).rejects.toThrow(/self-signed|unable to|certificate/);
      misled.close();

      // one goes, the others go on
      await clusters[0].stop();
      expect(
        (await apis[1].ask("PATCH", `${APPS}/statefulsets/db/scale`, { body: { spec: { replicas: 1 } }, type: "application/merge-patch+json" })).code,
      ).toBe(200);
      await until(
        async () => (await apis[1].get(`${HOME}/pods`)).body.items,
        (pods) => pods.length === 1,
      );
      await expect(apis[0].get("/version")).rejects.toThrow();
    } finally {
      for (const api of apis) api.close();
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    }
    expect(readdirSync(temporary)).toEqual([]);
    // sockets take a turn or two to be closed
    await until(handles, (open) => open.length <= before);
  });

  it("stop ends watches and requests that are open, once, however often it is called", async () => {
    const cluster = await startCluster({ dnsPort: false });
    const api = new Api(cluster.url, cluster);
    let begun = (): void => {};
    const first = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const watching = api.watch("/api/v1/pods?watch=1", () => false, 10_000).catch(() => "cut");
    const other = api
      .watch(
        "/api/v1/namespaces?watch=1",
        () => {
          begun();
          return false;
        },
        10_000,
      )
      .catch(() => "cut");
    await first;
    const writes = Array.from({ length: 20 }, (_, i) =>
      api.ask("POST", `${HOME}/configmaps`, { body: config(`late-${i}`) }).then(
        ({ code }) => code,
        () => 0,
      ),
    );
    await Promise.all([cluster.stop(), cluster.stop()]);
    await cluster.stop();
    // each was answered in full or not at all
    for (const code of await Promise.all(writes)) expect([0, 201]).toContain(code);
    await Promise.all([watching, other]);
    api.close();
  });

  it("the same seed and clock tell the same story", async () => {
    const tell = async (): Promise<string[]> => {
      const clock = manualClock(Date.UTC(2030, 0, 1));
      const cluster: Cluster = await startCluster({ clock, seed: 7, dnsPort: false, controllers: false });
      const made = await cluster.client.resource({ group: "", version: "v1", resource: "configmaps" }).create("default", { metadata: { generateName: "x-" } });
      await cluster.stop();
      return [made.metadata.name, made.metadata.uid, made.metadata.resourceVersion, made.metadata.creationTimestamp] as string[];
    };
    const first = await tell();
    expect(await tell()).toEqual(first);
    expect(first[3]).toBe("2030-01-01T00:00:00Z");
  });

  it("a start that fails leaves nothing either", async () => {
    const there = await startCluster({ dnsPort: false, controllers: false });
    const before = readdirSync(temporary);
    await expect(startCluster({ port: there.port })).rejects.toThrow("EADDRINUSE");
    expect(readdirSync(temporary)).toEqual(before);
    await there.stop();
  });
});

describe("#3.5 library: as it is built", () => {
  let built: Built;
  let folder: string;
  beforeAll(async () => {
    built = await buildPackage();
    folder = await mkdtemp(path.join(tmpdir(), "library-"));
  });
  afterAll(async () => {
    await built?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it("a program that starts and stops clusters ends by itself: nothing is left open", async () => {
    const program = `
      import { mkdtempSync, readdirSync } from "node:fs";
      import { tmpdir } from "node:os";
      const { startCluster } = await import(${JSON.stringify(built.library)});
      const clusters = await Promise.all([startCluster(), startCluster({ environment: "kind" }), startCluster({ controllers: false, dnsPort: false })]);
      await Promise.all(clusters.map((c) => c.client.resource({ group: "apps", version: "v1", resource: "statefulsets" }).create("default", ${JSON.stringify(set(1))})));
      await Promise.all(clusters.map((c) => c.settle()));
      await Promise.all(clusters.map((c) => c.stop()));
      console.log(JSON.stringify(readdirSync(tmpdir()).filter((n) => n.startsWith("mockube-"))));
      process.once("exit", () => console.log("by itself"));
    `;
    const child = new Child("--input-type=module", ["-e", program], { TMPDIR: folder });
    const limit = setTimeout(() => void child.kill(), 20_000);
    const end = await child.ended();
    clearTimeout(limit);
    expect([end, child.complaint, child.lines]).toEqual([0, "", ["[]", "by itself"]]);
  });
});
