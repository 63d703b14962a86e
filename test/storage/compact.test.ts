import { describe, expect, it } from "vitest";
import { type CompactionClock, openStore, type Store, startCompaction } from "../../storage/index.js";
import { put } from "./helpers.js";

const MINUTE = 60_000;

/** A clock that stands still until it is moved. */
class StillClock implements CompactionClock {
  #now = 0;
  readonly #timers = new Map<object, { at: number; callback: () => void }>();

  setTimeout(callback: () => void, milliseconds: number): object {
    const handle = {};
    this.#timers.set(handle, { at: this.#now + milliseconds, callback });
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as object);
  }

  get pending(): number {
    return this.#timers.size;
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = due[1].at;
      due[1].callback();
    }
    this.#now = end;
  }
}

describe("#3.2 storage: compaction by time", () => {
  it("keeps five to ten minutes, as the API server's compactor does", async () => {
    const store = openStore({ file: ":memory:" });
    const clock = new StillClock();
    const compaction = startCompaction(store, { clock });
    await put(store, "/a");
    clock.advance(5 * MINUTE - 1);
    await put(store, "/a");
    clock.advance(1); // notes revision 3
    await put(store, "/a");
    expect(store.compacted).toBe(0);
    clock.advance(5 * MINUTE - 1);
    expect(store.compacted).toBe(0);
    await put(store, "/a");
    clock.advance(1); // compacts to 3, notes 5
    expect(store.compacted).toBe(3);
    clock.advance(5 * MINUTE);
    expect(store.compacted).toBe(5);
    clock.advance(20 * MINUTE);
    expect([store.compacted, store.revision]).toEqual([5, 5]);
    compaction.stop();
    expect(clock.pending).toBe(0);
    await store.close();
  });

  it("takes another interval, and none at 0", async () => {
    const store = openStore({ file: ":memory:" });
    const clock = new StillClock();
    startCompaction(store, { clock, everyMs: 0 }).stop();
    const never = startCompaction(store, { clock, everyMs: 0 });
    expect(clock.pending).toBe(0);
    never.stop();
    const compaction = startCompaction(store, { clock, everyMs: MINUTE });
    await put(store, "/a");
    clock.advance(2 * MINUTE);
    expect(store.compacted).toBe(2);
    compaction.stop();
    await store.close();
  });

  it("tells of a failure and tries again", async () => {
    const clock = new StillClock();
    const asked: number[] = [];
    const store = { revision: 7, compact: (revision: number) => Promise.reject(new Error(`no ${asked.push(revision)}`)) } as unknown as Store;
    const errors: string[] = [];
    const compaction = startCompaction(store, { clock, everyMs: MINUTE, onError: (error) => errors.push((error as Error).message) });
    clock.advance(3 * MINUTE);
    await new Promise((resolve) => setImmediate(resolve));
    expect([asked, errors]).toEqual([
      [7, 7],
      ["no 1", "no 2"],
    ]);
    compaction.stop();
  });
});
