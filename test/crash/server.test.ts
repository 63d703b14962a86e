import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../cluster/random.js";
import { openStore } from "../../storage/index.js";
import { type Built, buildPackage, Server } from "../support/built.js";
import { until } from "../support/cluster.js";
import type { Api, Doc } from "../support/http.js";
import { longRun } from "../support/long.js";
import { Stream } from "./stream.js";

/** A hundred with MOCKUBE_LONG=1. */
const KILLS = Number(process.env.MOCKUBE_KILLS ?? (longRun(1) > 0 ? 100 : 15));
const SEED = Number(process.env.MOCKUBE_SEED ?? Math.floor(Math.random() * 2 ** 32));
const SET = "/apis/apps/v1/namespaces/default/statefulsets/web";

const manifests: readonly [string, object][] = [
  [
    "/api/v1/namespaces/default/services",
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "nginx" },
      spec: { clusterIP: "None", selector: { app: "nginx" }, ports: [{ name: "web", port: 80 }] },
    },
  ],
  [
    "/apis/apps/v1/namespaces/default/statefulsets",
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "web" },
      spec: {
        serviceName: "nginx",
        replicas: 3,
        selector: { matchLabels: { app: "nginx" } },
        template: {
          metadata: { labels: { app: "nginx" } },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [{ name: "nginx", image: "nginx:1", volumeMounts: [{ name: "www", mountPath: "/www" }] }],
          },
        },
        volumeClaimTemplates: [
          { metadata: { name: "www" }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gp2", resources: { requests: { storage: "1Gi" } } } },
        ],
      },
    },
  ],
];

let built: Built;
let folder: string;
beforeAll(async () => {
  built = await buildPackage();
  folder = await mkdtemp(path.join(tmpdir(), "crash-server-"));
});
afterAll(async () => {
  await built?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Every key's bytes are one whole object that says the key and the revision it is stored under. */
async function checkStore(file: string): Promise<void> {
  const store = openStore({ file });
  try {
    for (const { key, revision, bytes } of store.list("").entries) {
      const { metadata } = JSON.parse(bytes.toString()) as Doc;
      const segments = key.split("/");
      if (metadata.name !== segments.at(-1) || (metadata.namespace && metadata.namespace !== segments.at(-2)))
        throw new Error(`${key} holds ${metadata.namespace}/${metadata.name}`);
      if (metadata.resourceVersion !== String(revision)) throw new Error(`${key} at ${revision} says ${metadata.resourceVersion}`);
    }
  } finally {
    await store.close();
  }
}

const list = async (api: Api, resource: string): Promise<Doc[]> => {
  const answer = await api.get(resource);
  if (answer.code !== 200) throw new Error(`${resource}: ${answer.text}`);
  return answer.body.items;
};

/** No address is given out twice: the allocators know after a crash what they gave before it. */
async function checkAddresses(api: Api): Promise<void> {
  const pods = (await list(api, "/api/v1/pods")).filter((pod) => pod.status.podIP && !["Failed", "Succeeded"].includes(pod.status.phase));
  expect(new Set(pods.map((pod) => pod.status.podIP)).size).toBe(pods.length);
  const services = (await list(api, "/api/v1/services")).map((service) => service.spec.clusterIP).filter((ip) => ip !== "None");
  expect(new Set(services).size).toBe(services.length);
}

/** The set is complete, every claim and its volume name each other, and every volume has its directory. */
async function checkConverged(api: Api, state: string, replicas: number): Promise<void> {
  await until(
    async () => (await api.get(SET)).body,
    ({ status, metadata }: Doc) =>
      status.observedGeneration === metadata.generation &&
      status.readyReplicas === replicas &&
      status.replicas === replicas &&
      status.updatedReplicas === replicas &&
      status.currentRevision === status.updateRevision,
    30_000,
  );
  const pods = (await list(api, "/api/v1/namespaces/default/pods")).map((pod) => [pod.metadata.name, pod.status.phase, Boolean(pod.spec.nodeName)]);
  expect(pods).toEqual(Array.from({ length: replicas }, (_, i) => [`web-${i}`, "Running", true]));
  const claims = await list(api, "/api/v1/namespaces/default/persistentvolumeclaims");
  expect(claims.length).toBeGreaterThanOrEqual(replicas);
  const bound = await until(
    async () => ({ claims: await list(api, "/api/v1/namespaces/default/persistentvolumeclaims"), volumes: await list(api, "/api/v1/persistentvolumes") }),
    // a claim whose pod was scaled away before a volume was made may wait on; the ones in use may not
    (now) => now.claims.slice(0, replicas).every((c) => c.status.phase === "Bound") && now.volumes.every((v) => v.status.phase === "Bound"),
  );
  for (const claim of bound.claims.filter((c) => c.spec.volumeName)) {
    const volume = bound.volumes.find((v) => v.metadata.name === claim.spec.volumeName);
    expect([claim.metadata.name, volume?.spec.claimRef.name, volume?.spec.claimRef.uid]).toEqual([
      claim.metadata.name,
      claim.metadata.name,
      claim.metadata.uid,
    ]);
  }
  expect(bound.volumes.length).toBe(bound.claims.filter((c) => c.spec.volumeName).length);
  const directories = await readdir(path.join(state, "volumes"));
  expect(directories.sort()).toEqual(bound.volumes.map((v) => v.metadata.name).sort());
}

describe("#3.2 crash: the server under kill -9", () => {
  it(
    `${KILLS} times during a stream of writes: every answered write is there after the restart, no half state, the set still converges (seed ${SEED})`,
    async () => {
      const random = seededRandom(SEED);
      const state = path.join(folder, "state");
      const stream = new Stream(random);
      const starts: number[] = [];
      for (let round = 0; round <= KILLS; round++) {
        const began = performance.now();
        const server = new Server(built, state);
        // now and then it dies while it starts
        if (round > 0 && round < KILLS && random() < 0.2) {
          const dies = setTimeout(() => void server.child.kill(), random() * 300);
          await server.child.ended();
          clearTimeout(dies);
          continue;
        }
        const api = await server.ready();
        starts.push(performance.now() - began);
        try {
          if (round === 0) for (const [at, body] of manifests) expect((await api.ask("POST", at, { body })).code).toBe(201);
          await stream.verify(api);
          await checkAddresses(api);
          if (round === KILLS) {
            expect((await api.ask("PATCH", SET, { type: "application/merge-patch+json", body: { spec: { replicas: 4 } } })).code).toBe(200);
            await checkConverged(api, state, 4);
            break;
          }
          await stream.write(api, 20 + Math.floor(random() ** 2 * 600), () => setTimeout(() => void server.child.kill(), random() * 8));
        } catch (error) {
          throw new Error(`round ${round}: ${(error as Error).message}\n${server.child.complaint}`, { cause: error });
        } finally {
          api.close();
          expect(await server.child.kill()).toBe("SIGKILL");
        }
        expect(server.child.complaint).toBe("");
        await checkStore(path.join(state, "store.db"));
      }
      const { answered, landed, lost } = stream.totals;
      starts.sort((a, b) => a - b);
      console.log(
        `${KILLS} kills: ${answered} writes answered and all there; of those cut off ${landed} had landed and ${lost} had not; a start took ${Math.round(starts[starts.length >> 1])} ms (median), ${Math.round(starts.at(-1) ?? 0)} ms at most`,
      );
      // the kills did hit a stream: otherwise this test would prove nothing
      expect(answered).toBeGreaterThan(KILLS * 30);
      expect(landed + lost).toBeGreaterThan(0);
    },
    60_000 + KILLS * 6000,
  );

  it("in its very first start: the next one makes the cluster whole", async () => {
    const random = seededRandom(SEED);
    for (let round = 0; round < (KILLS > 50 ? 20 : 4); round++) {
      const state = path.join(folder, `first-${round}`);
      const cut = new Server(built, state);
      // a moment between the first file and the summary
      await until(
        () => readdir(state).catch(() => []),
        (files) => files.length > 0,
      );
      setTimeout(() => void cut.child.kill(), random() * 150);
      await cut.child.ended();
      const server = new Server(built, state);
      const api = await server.ready();
      try {
        const names = async (at: string) => (await list(api, at)).map((item) => item.metadata.name);
        expect(await names("/api/v1/namespaces")).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
        expect(await names("/api/v1/nodes")).toEqual(["node-0", "node-1", "node-2"]);
        expect(await names("/apis/storage.k8s.io/v1/storageclasses")).toEqual(["gp2"]);
        expect(await names("/api/v1/services")).toEqual(["kubernetes", "kube-dns"]);
        expect(await names("/api/v1/configmaps")).toContain("coredns");
        expect(await names("/api/v1/namespaces/default/serviceaccounts")).toEqual(["default"]);
      } finally {
        api.close();
        await server.child.kill();
      }
    }
  }, 60_000);
});
