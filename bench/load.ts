import type { Subject } from "./types.js";

/** What a run of many requests came to. */
export interface Load {
  /** A second. */
  readonly rate: number;
  readonly latency: Latency;
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** What `work` took of the server's processor time, in milliseconds, beside its result. */
export async function withCpu<T>(subject: Pick<Subject, "cpu">, work: () => Promise<T>): Promise<[result: T, cpuMs: number | undefined]> {
  const before = await subject.cpu();
  const result = await work();
  const after = await subject.cpu();
  return [result, before === undefined || after === undefined ? undefined : (after - before) * 1000];
}

/** Runs `one(0)` … `one(total - 1)`, `workers` of them at a time, and times them. */
export async function load(workers: number, total: number, one: (index: number) => Promise<unknown>): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(workers, total) }, async () => {
      for (let index = next++; index < total; index = next++) {
        const from = performance.now();
        await one(index);
        times.push(performance.now() - from);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  return { rate: total / seconds, latency: latencyOf(times) };
}

export const latencyOf = (times: readonly number[]): Latency => ({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
