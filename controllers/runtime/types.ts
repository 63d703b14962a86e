import type { Client, Informers } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import type { Journal } from "./journal.js";

/** A running timer, opaque. */
export type Timer = unknown;

/** Where all time comes from. Tests hold it still and move it; nothing below may ask Date or the global timers. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * `periodic` says that nobody waits for this one: it looks after things, or repeats for as long as the cluster runs (leases, resyncs, the next run of a
   * schedule). Time that is moved until nothing is left to do does not stop for those.
   */
  setTimeout(run: () => void, ms: number, periodic?: "periodic"): Timer;
  clearTimeout(timer: Timer | undefined): void;
}

/** Log lines of the controllers; pino's shape, so that pino fits. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Writes core/v1 Events the way client-go's recorder and correlator do: same source, object, reason and message within the window raise `count` of one Event; a burst is dropped.
 * Never throws, never waits: an Event that cannot be written is lost, as upstream.
 */
export interface Recorder {
  /** `fieldPath` names a part of the object in involvedObject: `spec.containers{nginx}`. */
  event(about: KubeObject, type: "Normal" | "Warning", reason: string, message: string, fieldPath?: string): void;
}

/** What a controller is started with. */
export interface ControllerContext {
  /** Acts as `system:serviceaccount:kube-system:<name>-controller` or as the component named. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Log;
  /** `component` is the Event's source: `statefulset-controller`, `default-scheduler`, `kubelet`; `host` only for kubelets. */
  recorder(component: string, host?: string): Recorder;
  /** Where a component states what it holds back, and why. */
  readonly journal: Journal;
  /** Seeded randomness in [0,1): jitter, names, placement. */
  random(): number;
  /** Counts work in progress, so that `settle` knows when the control plane is at rest. */
  readonly activity: Activity;
}

/** Work that is queued or running; idle when zero. Timers in the future do not count as work. */
export interface Activity {
  begin(): void;
  end(): void;
  readonly busy: boolean;
  /** Resolves in the next turn in which nothing is queued or running. */
  idle(): Promise<void>;
  /**
   * Calls back when all that is at work is deferred, after so many milliseconds of real time at the latest. What is deferred holds one count from before this call
   * until it is done.
   */
  defer(run: () => void, withinMs: number): void;
}

/** What a reconcile asks for next: nothing, or itself again after so many milliseconds; `periodic` as for a Clock's timers. */
// biome-ignore lint/suspicious/noConfusingVoidType: an async function that returns nothing is the usual reconcile
export type ReconcileResult = { readonly requeueAfterMs: number; readonly periodic?: "periodic" } | undefined | void;

/**
 * Level-triggered reconcile of one key (`namespace/name`, or `name`): reads informers, decides (plan.ts), acts. Runs at most once at a time per key. A throw
 * means again after an exponential back-off (client-go's default item limiter: 5 ms doubling to 1000 s), a clean return forgets the back-off.
 */
export type Reconcile = (key: string) => Promise<ReconcileResult>;

export interface Queue {
  /** Reconcile soon; a key that waits is not added twice, one that runs is run again after. */
  add(key: string): void;
  addAfter(key: string, ms: number, periodic?: "periodic"): void;
  stop(): void;
}

export interface QueueOptions {
  readonly name: string;
  /** How many keys at a time; 1 by default. */
  readonly workers?: number;
  /**
   * Milliseconds for which the queue lets others work first; absent: none. For summaries of many objects, which cost as much for one change as for a hundred:
   * while changes keep coming they are made once in this time, and at once when nothing else is at work.
   */
  readonly patienceMs?: number;
  /** Which keys have that patience; all by default. One that has not brings the waiting ones along. */
  patient?(key: string): boolean;
  readonly reconcile: Reconcile;
}

/** A controller that runs. */
export interface Running {
  stop(): void;
}

/**
 * Every controller folder's index.ts exports one of these. `start` wires informers to a queue (controllers/runtime/queue.ts: `createQueue(ctx, options)`) and returns at once.
 */
export interface Controller {
  readonly name: string;
  start(ctx: ControllerContext): Running;
}
