import type { Api, Doc } from "../api.js";
import { median, withCpu } from "../load.js";
import { headlessService, inNamespace, statefulSet } from "../objects.js";
import { pause } from "../server.js";
import { type Figure, type Measurement, scaled } from "../types.js";

/** Creates service and set; milliseconds from the answer to the set's creation to readyReplicas at `replicas`. */
async function toReady(api: Api, set: Doc, namespace: string): Promise<number> {
  await api.must("POST", `/api/v1/namespaces/${namespace}/services`, headlessService);
  const sets = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
  // the watch is there before the set, so that opening it costs nothing of what is timed
  const { metadata } = await api.json("GET", sets);
  const ready = api.until(sets, "web", metadata.resourceVersion, (object) => object.status?.readyReplicas === set.spec.replicas);
  ready.catch(() => {});
  await pause(50);
  await api.must("POST", sets, set);
  const from = performance.now();
  return (await ready) - from;
}

/** The corrected manifest with its claims, made ready again and again. */
export const corrected: Measurement = {
  name: "corrected",
  run: (bench) =>
    bench.withSubject(async ({ api }) => {
      const times: number[] = [];
      for (let i = 0; i < bench.runs; i++)
        times.push(await inNamespace(api, "corrected", (ns) => toReady(api, statefulSet({ replicas: 3, claims: true }), ns)));
      return [{ name: "corrected manifest to readyReplicas 3", unit: "ms" as const, value: median(times), runs: times }];
    }),
};

const sized = (name: string, title: string, full: number, policy: "OrderedReady" | "Parallel"): Measurement => ({
  name,
  run: (bench) =>
    bench.withSubject(async (subject) => {
      const { api, rss } = subject;
      const replicas = scaled(full, bench);
      return inNamespace(api, name, async (ns) => {
        const figures: Figure[] = [];
        const [value, cpuMs] = await withCpu(subject, () => toReady(api, statefulSet({ replicas, policy, claims: false }), ns));
        figures.push({ name: `${title} to ready`, unit: "ms", value, cpuMs, ...(replicas === full ? {} : { note: `${replicas} replicas` }) });
        const memory = full >= 1000 ? await settled(rss, bench.scale) : undefined;
        if (memory) figures.push({ name: `memory with ${replicas} pods`, unit: "MB", value: memory / 1e6 });
        return figures;
      });
    }),
});

export const ordered = sized("ordered", "100 replicas OrderedReady", 100, "OrderedReady");
export const parallel = sized("parallel", "1,000 replicas Parallel", 1000, "Parallel");

/** Milliseconds after which a server that has nothing to do is at rest. */
const REST_MS = 3000;

/** Resident memory after a while of rest, in bytes; undefined where it is not to be seen. */
export async function settled(rss: () => Promise<number | undefined>, scale: number): Promise<number | undefined> {
  if ((await rss()) === undefined) return undefined;
  await pause(REST_MS * Math.min(1, scale));
  return rss();
}

/** Memory of a server that has just started. */
export const memory: Measurement = {
  name: "memory",
  run: (bench) =>
    bench.withSubject(async ({ rss }) => {
      const bytes = await settled(rss, bench.scale);
      return bytes === undefined ? [] : [{ name: "memory, idle", unit: "MB" as const, value: bytes / 1e6 }];
    }),
};
