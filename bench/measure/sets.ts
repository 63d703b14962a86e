import type { Api } from "../api.js";
import { median, withCpu } from "../load.js";
import { inNamespace, serviceOf, statefulSet } from "../objects.js";
import { pause } from "../server.js";
import { type Figure, type Measurement, scaled } from "../types.js";
import { settled } from "./statefulset.js";

const SETS = 50;
const REPLICAS = 100;
/** Room for all of them. */
const NODES = 6;

/** Creates sets with their services, all at once, and resolves when all their pods are ready. */
async function ready(api: Api, namespace: string, names: readonly string[]): Promise<void> {
  const sets = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
  const { metadata } = await api.json("GET", sets);
  const all = names.map((name) => api.until(sets, name, metadata.resourceVersion, (object) => object.status?.readyReplicas === REPLICAS));
  for (const one of all) one.catch(() => {});
  for (const name of names) {
    await api.must("POST", `/api/v1/namespaces/${namespace}/services`, serviceOf(name));
    await api.must("POST", sets, statefulSet({ name, replicas: REPLICAS, policy: "Parallel", claims: false }));
  }
  await Promise.all(all);
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `web-${i}`);

/** A cluster that fills up at once. */
export const many: Measurement = {
  name: "many",
  run: (bench) =>
    bench.withSubject(
      (subject) =>
        inNamespace(subject.api, "many", async (ns) => {
          const count = scaled(SETS, bench);
          const from = performance.now();
          const [, cpuMs] = await withCpu(subject, () => ready(subject.api, ns, names(count)));
          const title = `${count * REPLICAS} pods over ${count} sets`;
          const figures: Figure[] = [{ name: `${title} to ready`, unit: "ms", value: performance.now() - from, cpuMs }];
          const memory = await settled(subject.rss, bench.scale);
          if (memory) figures.push({ name: `memory with ${title}`, unit: "MB", value: memory / 1e6 });
          return figures;
        }),
      NODES,
    ),
};

/** Sets that are made and taken away first: what a process does for the first time costs several times as much, however many pods there are. */
const WARM = 50;
/** Over how many sets the beginning and the end are measured. */
const SPAN = 5;

/** Resolves when there is no pod any more. */
async function emptied(api: Api): Promise<void> {
  while ((await api.json("GET", "/api/v1/pods?limit=1")).items.length > 0) await pause(50);
}

/** What a pod costs while the cluster fills up, set after set: the last ones against the first. */
export const growing: Measurement = {
  name: "growing",
  run: (bench) =>
    bench.withSubject(async (subject) => {
      const { api } = subject;
      await inNamespace(api, "warm", (ns) => ready(api, ns, names(scaled(WARM, bench))));
      await emptied(api);
      return inNamespace(api, "growing", async (ns) => {
        const count = scaled(SETS, bench);
        const costs: number[] = [];
        for (const name of names(count)) {
          const [, cpuMs] = await withCpu(subject, () => ready(api, ns, [name]));
          if (cpuMs !== undefined) costs.push(cpuMs / REPLICAS);
        }
        if (costs.length === 0) return [];
        const span = Math.min(SPAN, Math.ceil(count / 2));
        const first = median(costs.slice(0, span));
        const last = median(costs.slice(-span));
        return [
          {
            name: `cost of a pod at ${count * REPLICAS} pods, against that at ${span * REPLICAS}`,
            unit: "%" as const,
            value: (last / first) * 100,
            note: `${last.toFixed(2)} against ${first.toFixed(2)} ms CPU each`,
          },
        ];
      });
    }, NODES),
};
