import { bytesOf } from "../api.js";
import { load, median, withCpu } from "../load.js";
import { configMap, inNamespace, pod } from "../objects.js";
import { type Bench, type Figure, type Measurement, type Subject, scaled } from "../types.js";

const PATCH = Buffer.from(JSON.stringify({ metadata: { labels: { patched: "yes" } } }));
const LISTS = 5;

/** The same steps for an API server and for the ceiling, which takes them for plain bytes. */
interface Paths {
  readonly pods: string;
  readonly configMaps: string;
  /** The pods' list. */
  readonly list: string;
}

/** create, get, list, patch, apply and delete, with `workers` requests in flight. */
export const requests: Measurement = {
  name: "requests",
  async run(bench) {
    const count = scaled(2000, bench);
    const figures = await bench.withSubject((subject) =>
      inNamespace(subject.api, "requests", async (ns) => {
        const base = `/api/v1/namespaces/${ns}`;
        return steps(subject, { pods: `${base}/pods`, configMaps: `${base}/configmaps`, list: `${base}/pods` }, count, bench, true);
      }),
    );
    const ceiling = await bench.ceiling?.();
    if (!ceiling) return figures;
    try {
      const bare = await steps(ceiling, { pods: "/pods", configMaps: "/configmaps", list: "/pods/" }, count, bench, false);
      return figures.map((figure) => ({ ...figure, ceiling: bare.find((b) => b.name === figure.name)?.value ?? undefined }));
    } finally {
      await ceiling.stop();
    }
  },
};

async function steps(subject: Subject, paths: Paths, count: number, { workers, scale }: Bench, real: boolean): Promise<Figure[]> {
  const { api } = subject;
  const rate = async (name: string, total: number, one: (index: number) => Promise<unknown>): Promise<void> => {
    const [{ rate: value, latency }, cpu] = await withCpu(subject, () => load(workers, total, one));
    figures.push({ name, unit: "/s", value, latency, cpuMs: cpu && cpu / total });
  };
  const names = Array.from({ length: count }, (_, i) => `bench-${i}`);
  const at = (i: number): string => `${paths.pods}/${names[i]}`;
  // what the ceiling stores are the bytes that the API server answers with
  let stored = bytesOf(pod(names[0]));
  const figures: Figure[] = [];
  const bodies = names.map((name) => bytesOf(pod(name)));
  const maps = names.map((name) => bytesOf(configMap(name)));
  if (real) stored = await api.must("POST", `${paths.pods}?dryRun=All`, bodies[0]);
  else stored = Buffer.concat([stored, Buffer.alloc(Math.max(0, CEILING_POD_BYTES - stored.length), 0x20)]);
  const create = (i: number): Promise<Buffer> => (real ? api.must("POST", paths.pods, bodies[i]) : api.must("PUT", at(i), stored));
  const createMap = (i: number): Promise<Buffer> =>
    real ? api.must("POST", paths.configMaps, maps[i]) : api.must("PUT", `${paths.configMaps}/${names[i]}`, maps[i]);
  await rate("create pods", count, create);
  await rate("create config maps", count, createMap);
  await rate("get pods", count * 2, (i) => api.must("GET", at(i % count)));
  const lists: number[] = [];
  const [, cpu] = await withCpu(subject, async () => {
    for (let i = 0; i < LISTS; i++) {
      const from = performance.now();
      await api.must("GET", paths.list);
      lists.push(performance.now() - from);
    }
  });
  figures.push({ name: `list 2,000 pods${scale === 1 ? "" : ` (x ${scale})`}`, unit: "ms", value: median(lists), runs: lists, cpuMs: cpu && cpu / LISTS });
  await rate("patch pods", count, (i) => api.must("PATCH", at(i), PATCH, "application/strategic-merge-patch+json"));
  const apply = (i: number): Promise<Buffer> => {
    const path = `${paths.configMaps}/applied-${i}`;
    const body = bytesOf(configMap(`applied-${i}`));
    return api.must("PATCH", `${path}?fieldManager=bench`, body, "application/apply-patch+yaml");
  };
  await rate("apply config maps", count, apply);
  await rate("delete pods", count, (i) => api.must("DELETE", at(i)));
  return figures;
}

/** About what a pod that has its defaults and managed fields weighs. */
const CEILING_POD_BYTES = 2600;
