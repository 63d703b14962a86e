import type { Activity } from "./types.js";

/** A counter of work in progress that can be waited on. */
export function createActivity(): Activity {
  let count = 0;
  let waiting: (() => void)[] = [];
  let checking = false;
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
  return {
    begin() {
      count++;
    },
    end() {
      count--;
      if (count === 0) check();
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
