import type { ManualClock } from "../controllers/runtime/clock.js";
import type { Activity } from "../controllers/runtime/types.js";

/** How a clock that is moved by hand came to rest. */
export interface Settled {
  /** Milliseconds the clock was moved by. */
  readonly movedMs: number;
  /** Something is left to do that lies beyond the limit: a back-off that goes on for ever, a deadline of tomorrow. */
  readonly pending: boolean;
}

/** The time of a cluster whose clock is moved by hand. Calls run one after the other, in the order in which they were made. */
export interface ManualTime {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves on by so many milliseconds, from timer to timer; the control plane comes to rest in between, as it does between two moments of real time. */
  advance(ms: number): Promise<void>;
  /**
   * Moves on until nothing is left to do: no key is queued and no timer is armed that anybody waits for. What only repeats (leases, resyncs, the schedules of
   * CronJobs) does not count. Ends after `withinMs` at the latest: a container that crashes is started again for ever.
   */
  settle(withinMs?: number): Promise<Settled>;
}

/** How far `settle` moves when nobody says: an hour. */
const SETTLE_WITHIN_MS = 3_600_000;

/** `onMoved` hears where the clock stands whenever a call has moved it, before that call is answered. */
export function manualTime(clock: ManualClock, activity: Pick<Activity, "idle">, onMoved: (now: number) => Promise<void> = async () => {}): ManualTime {
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };
  /** From timer to timer up to `until`, as long as `goOn` says so. */
  const run = async (until: number, goOn: () => boolean): Promise<void> => {
    await activity.idle();
    for (let next = clock.next(); goOn() && next !== undefined && next <= until; next = clock.next()) {
      clock.advance(next - clock.now());
      await activity.idle();
    }
  };
  return {
    now: () => clock.now(),
    advance: (ms) =>
      inTurn(async () => {
        const until = clock.now() + ms;
        await run(until, () => true);
        clock.advance(until - clock.now());
        await activity.idle();
        await onMoved(clock.now());
      }),
    settle: (withinMs = SETTLE_WITHIN_MS) =>
      inTurn(async () => {
        const from = clock.now();
        await run(from + withinMs, () => clock.pending);
        await onMoved(clock.now());
        return { movedMs: clock.now() - from, pending: clock.pending };
      }),
  };
}
