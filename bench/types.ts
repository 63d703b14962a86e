import type { Api } from "./api.js";
import type { Latency } from "./load.js";

/** One measured figure. */
export interface Figure {
  /** What was measured, in words. */
  readonly name: string;
  /** `ms`: how long, median of `runs` where there are several; `/s`: how many a second; `MB`: 10^6 bytes; `%` of what the name says. */
  readonly unit: "ms" | "/s" | "MB" | "%";
  /** Null when it could not be measured; `note` says why. */
  readonly value: number | null;
  /** The single results, when it is a median of several. */
  readonly runs?: readonly number[];
  /** Latency of single requests in milliseconds, where a rate was measured. */
  readonly latency?: Latency;
  /** Processor time of the server: milliseconds a request where a rate was measured, else milliseconds in all. Other work on the machine does not change it much. */
  readonly cpuMs?: number;
  /** What bare Fastify over TLS with a bare better-sqlite3 insert reaches with the same bytes and the same client. */
  readonly ceiling?: number;
  readonly note?: string;
}

/** An API server under measurement. */
export interface Subject {
  readonly api: Api;
  /** Resident memory of its process in bytes; undefined when it is not ours to see. */
  rss(): Promise<number | undefined>;
  /** Processor time its process has used, in seconds; undefined likewise. */
  cpu(): Promise<number | undefined>;
}

export interface Settings {
  /** Repetitions of what is measured as a median (cold start, the corrected manifest). */
  readonly runs: number;
  /** Factor on every number of objects; 1 is what the names of the figures say. */
  readonly scale: number;
  /** Requests in flight at once. */
  readonly workers: number;
}

/** Everything a measurement may use. */
export interface Bench extends Settings {
  /** Runs against the given API server, or against one of our own with so many nodes (3), started for this measurement and stopped after it. */
  withSubject<T>(run: (subject: Subject) => Promise<T>, nodes?: number): Promise<T>;
  /** Starts one of our own on an empty state folder and stops it again: milliseconds from the spawn to the first 200 on /readyz. Undefined for a given API server. */
  readonly coldStart: (() => Promise<number>) | undefined;
  /** Starts the ceiling; undefined when it is not wanted. */
  readonly ceiling: (() => Promise<Subject & { stop(): Promise<void> }>) | undefined;
}

export interface Measurement {
  /** What --only calls it. */
  readonly name: string;
  run(bench: Bench): Promise<Figure[]>;
}

export interface Report {
  readonly target: string;
  readonly node: string;
  readonly cpus: number;
  readonly settings: Settings;
  readonly figures: readonly Figure[];
}

/** A number of objects at this scale, at least one. */
export const scaled = (count: number, { scale }: Settings): number => Math.max(1, Math.round(count * scale));
