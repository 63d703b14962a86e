import { exponentialBackoff } from "./backoff.js";
import type { ControllerContext, Queue, QueueOptions, Timer } from "./types.js";

/**
 * The work queue of one controller. Order is first come, first served; a key waits at most once and runs at most once at a time.
 * Work starts after the current turn's callbacks, never on a poll: everything a commit (or several of one turn) sets off folds into one reconcile.
 */
export function createQueue(ctx: Pick<ControllerContext, "clock" | "log" | "activity">, options: QueueOptions): Queue {
  const workers = options.workers ?? 1;
  const backoff = exponentialBackoff();
  const { patienceMs } = options;
  /** Keys that need work: waiting, or added again while they run. Each holds one count of `ctx.activity`; those of a patient queue hold one together. */
  const dirty = new Set<string>();
  const running = new Set<string>();
  let waiting: string[] = [];
  const delayed = new Map<string, { due: number; timer: Timer }>();
  /** What will pump: the end of this turn, a quiet moment, or both. */
  const scheduled = { soon: false, quiet: false };
  let stopped = false;

  const schedule = (): void => {
    if (stopped || waiting.length === 0 || running.size >= workers) return;
    const when = patienceMs !== undefined && waiting.every((key) => options.patient?.(key) ?? true) ? "quiet" : "soon";
    if (scheduled[when]) return;
    scheduled[when] = true;
    if (patienceMs !== undefined) ctx.activity.begin();
    const go = (): void => {
      scheduled[when] = false;
      pump();
      if (patienceMs !== undefined) ctx.activity.end();
    };
    if (when === "soon") setImmediate(go);
    else ctx.activity.defer(go, patienceMs as number);
  };

  const pump = (): void => {
    if (stopped) return;
    let taken = 0;
    while (taken < waiting.length && running.size < workers) void work(waiting[taken++]);
    if (taken > 0) waiting = waiting.slice(taken);
  };

  const work = async (key: string): Promise<void> => {
    dirty.delete(key);
    running.add(key);
    if (patienceMs !== undefined) ctx.activity.begin();
    try {
      const next = await options.reconcile(key);
      backoff.forget(key);
      if (next) addAfter(key, next.requeueAfterMs, next.periodic);
    } catch (error) {
      if (!stopped) {
        const delay = backoff.next(key);
        ctx.log.debug({ queue: options.name, key, delay, error: error instanceof Error ? error.message : String(error) }, "reconcile failed, will retry");
        addAfter(key, delay);
      }
    }
    running.delete(key);
    if (dirty.has(key) && !stopped) waiting.push(key);
    schedule();
    ctx.activity.end();
  };

  const add = (key: string): void => {
    if (stopped || dirty.has(key)) return;
    dirty.add(key);
    if (patienceMs === undefined) ctx.activity.begin();
    // A key that runs goes back in line when it is done.
    if (!running.has(key)) waiting.push(key);
    schedule();
  };

  const addAfter = (key: string, ms: number, periodic?: "periodic"): void => {
    if (stopped) return;
    if (ms <= 0) {
      add(key);
      return;
    }
    const due = ctx.clock.now() + ms;
    const earlier = delayed.get(key);
    if (earlier && earlier.due <= due) return;
    if (earlier) ctx.clock.clearTimeout(earlier.timer);
    const again = (): void => {
      delayed.delete(key);
      add(key);
    };
    const timer = ctx.clock.setTimeout(again, ms, periodic);
    delayed.set(key, { due, timer });
  };

  return {
    add,
    addAfter,
    stop() {
      if (stopped) return;
      stopped = true;
      for (const { timer } of delayed.values()) ctx.clock.clearTimeout(timer);
      delayed.clear();
      // What runs ends its own count.
      if (patienceMs === undefined) for (const _ of dirty) ctx.activity.end();
      dirty.clear();
      waiting = [];
    },
  };
}
