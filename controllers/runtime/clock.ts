import type { Clock, Timer } from "./types.js";

/** Longest delay the platform's timers take; longer ones are armed again. */
const MAX_DELAY = 0x7fffffff;

interface RealTimer {
  handle?: NodeJS.Timeout;
}

/** The machine's own time. Its timers do not keep the process alive: a server does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(run, ms) {
    const timer: RealTimer = {};
    const due = Date.now() + ms;
    const arm = (delay: number): void => {
      timer.handle = setTimeout(() => (due - Date.now() > 0 && delay === MAX_DELAY ? arm(Math.min(due - Date.now(), MAX_DELAY)) : run()), delay);
      timer.handle.unref();
    };
    arm(Math.min(Math.max(ms, 0), MAX_DELAY));
    return timer;
  },
  clearTimeout(timer) {
    if (timer) clearTimeout((timer as RealTimer).handle);
  },
};

interface ManualTimer {
  readonly due: number;
  /** Order of arming, which breaks ties. */
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves on by so many milliseconds; timers run in order of time, each at its own `now()`, those armed on the way as well. */
  advance(ms: number): void;
  /**
   * When the next timer is due (milliseconds since the epoch), undefined when none is armed. With `advance` it lets a caller move from timer to timer and
   * let the control plane settle in between.
   */
  next(): number | undefined;
  /** Whether a timer is armed that is not periodic: something is left to do. */
  readonly pending: boolean;
}

/** A clock under the caller's control that starts at `start` (milliseconds since the epoch). */
export function manualClock(start: number): ManualClock {
  let now = start;
  let armed = 0;
  // A binary heap by (due, order); cancelled timers leave lazily.
  const heap: ManualTimer[] = [];
  const cancelled = new WeakSet<ManualTimer>();
  /** Armed, and not periodic. */
  const awaited = new Set<ManualTimer>();
  const before = (a: ManualTimer, b: ManualTimer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);
  const push = (timer: ManualTimer): void => {
    let i = heap.push(timer) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && before(heap[i], heap[parent]); i = parent, parent = (i - 1) >> 1) {
      [heap[i], heap[parent]] = [heap[parent], heap[i]];
    }
  };
  const pop = (): void => {
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      let least = i;
      if (left < heap.length && before(heap[left], heap[least])) least = left;
      if (left + 1 < heap.length && before(heap[left + 1], heap[least])) least = left + 1;
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least], heap[i]];
      i = least;
    }
  };
  const peek = (): ManualTimer | undefined => {
    while (heap.length > 0 && cancelled.has(heap[0])) pop();
    return heap[0];
  };
  return {
    now: () => now,
    setTimeout(run, ms, periodic): Timer {
      const timer: ManualTimer = { due: now + Math.max(ms, 0), order: armed++, run };
      if (!periodic) awaited.add(timer);
      push(timer);
      return timer;
    },
    clearTimeout(timer) {
      if (!timer) return;
      cancelled.add(timer as ManualTimer);
      awaited.delete(timer as ManualTimer);
    },
    advance(ms) {
      const until = now + Math.max(ms, 0);
      for (let first = peek(); first && first.due <= until; first = peek()) {
        pop();
        awaited.delete(first);
        now = Math.max(now, first.due);
        first.run();
      }
      now = until;
    },
    next: () => peek()?.due,
    get pending() {
      return awaited.size > 0;
    },
  };
}
