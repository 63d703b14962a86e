import type { Activity } from "./types.js";

// Taken once: how long real work may keep others waiting is no matter of a cluster's clock, nor of a test's fake timers.
const { setTimeout: later, clearTimeout: forget } = globalThis;

interface Deferred {
  readonly run: () => void;
  readonly limit: NodeJS.Timeout;
}

/** A counter of work in progress that can be waited on. */
export function createActivity(): Activity {
  let count = 0;
  let waiting: (() => void)[] = [];
  let checking = false;
  const deferred = new Set<Deferred>();
  let releasing = false;
  // Rest is judged a turn later: what just ended may have set off more through an informer's handler or a promise.
  const check = (): void => {
    if (checking || waiting.length === 0) return;
    checking = true;
    setImmediate(() => {
      checking = false;
      if (count > 0) return;
      const wake = waiting;
      waiting = [];
      for (const resolve of wake) resolve();
    });
  };
  const release = (): void => {
    if (releasing || deferred.size === 0 || count > deferred.size) return;
    releasing = true;
    // a turn later, for the same reason
    setImmediate(() => {
      releasing = false;
      if (count > deferred.size) return;
      const due = [...deferred];
      deferred.clear();
      for (const { run, limit } of due) {
        forget(limit);
        run();
      }
    });
  };
  return {
    begin() {
      count++;
    },
    end() {
      count--;
      if (count === 0) check();
      else release();
    },
    defer(run, withinMs) {
      const limit = later(() => {
        if (deferred.delete(entry)) run();
      }, withinMs);
      const entry: Deferred = { run, limit };
      deferred.add(entry);
      release();
    },
    get busy() {
      return count > 0;
    },
    idle() {
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (count === 0) check();
      });
    },
  };
}
