import { bytesOf } from "../api.js";
import { load, withCpu } from "../load.js";
import { configMap, inNamespace } from "../objects.js";
import { type Measurement, scaled } from "../types.js";

const WATCHERS = 50;
const LINE_END = 0x0a;
const LIMIT_MS = 120_000;

/** Writes that 50 watchers hear of: deliveries a second, until the last one has the last event. */
export const watch: Measurement = {
  name: "watch",
  run: (bench) =>
    bench.withSubject((subject) =>
      inNamespace(subject.api, "watch", async (ns) => {
        const { api } = subject;
        const path = `/api/v1/namespaces/${ns}/configmaps`;
        const writes = scaled(1000, bench);
        const watchers = Math.max(2, Math.min(WATCHERS, scaled(WATCHERS, bench)));
        const expected = watchers * writes;
        const { metadata } = await api.json("GET", path);
        const bodies = Array.from({ length: writes }, (_, i) => bytesOf(configMap(`watched-${i}`)));
        let delivered = 0;
        let complete = (): void => {};
        let limit: NodeJS.Timeout | undefined;
        const all = new Promise<void>((resolve, reject) => {
          complete = resolve;
          limit = setTimeout(() => reject(new Error(`${delivered} of ${expected} events came in ${LIMIT_MS / 1000} s`)), LIMIT_MS);
        });
        // an event is a line; counting line ends costs the least
        const count = (chunk: Buffer): void => {
          for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, at + 1)) delivered++;
          if (delivered >= expected) complete();
        };
        const query = `watch=1&allowWatchBookmarks=false&resourceVersion=${metadata.resourceVersion}`;
        const stops = await Promise.all(Array.from({ length: watchers }, () => api.stream(`${path}?${query}`, count)));
        try {
          const from = performance.now();
          const [, cpu] = await withCpu(subject, () => Promise.all([load(bench.workers, writes, (i) => api.must("POST", path, bodies[i])), all]));
          const seconds = (performance.now() - from) / 1000;
          return [
            {
              name: `watch deliveries to ${watchers} watchers`,
              unit: "/s" as const,
              value: expected / seconds,
              cpuMs: cpu && cpu / expected,
              note: `${writes} creates`,
            },
          ];
        } finally {
          clearTimeout(limit);
          for (const stop of stops) stop();
        }
      }),
    ),
};
