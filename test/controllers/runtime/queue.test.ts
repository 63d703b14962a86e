import { describe, expect, it } from "vitest";
import { createActivity } from "../../../controllers/runtime/activity.js";
import { manualClock } from "../../../controllers/runtime/clock.js";
import { silentLog } from "../../../controllers/runtime/context.js";
import { createQueue } from "../../../controllers/runtime/queue.js";
import { slowStart } from "../../../controllers/runtime/slowstart.js";

const setup = () => ({ clock: manualClock(1_000_000), activity: createActivity(), log: silentLog });

describe("#3.3 controller runtime: queue", () => {
  it("folds a waiting key, runs one key serially and again when it was added meanwhile", async () => {
    const ctx = setup();
    const log: string[] = [];
    let release: () => void = () => {};
    const queue = createQueue(ctx, {
      name: "q",
      workers: 4,
      reconcile: async (key) => {
        log.push(`+${key}`);
        if (key === "a" && log.length === 1) await new Promise<void>((resolve) => (release = resolve));
        log.push(`-${key}`);
      },
    });
    queue.add("a");
    queue.add("a");
    expect(log).toEqual([]);
    expect(ctx.activity.busy).toBe(true);
    await new Promise(setImmediate);
    queue.add("a");
    queue.add("a");
    queue.add("b");
    await new Promise(setImmediate);
    expect(log).toEqual(["+a", "+b", "-b"]);
    release();
    await ctx.activity.idle();
    expect(log).toEqual(["+a", "+b", "-b", "-a", "+a", "-a"]);
  });

  it("lets others work first when it is patient, and folds what comes meanwhile", async () => {
    const ctx = setup();
    const log: string[] = [];
    let release: () => void = () => {};
    const hasty = createQueue(ctx, { name: "hasty", reconcile: () => new Promise<void>((resolve) => (release = resolve)) });
    const patient = ["p", "q"].map((name) => createQueue(ctx, { name, patienceMs: 60_000, reconcile: async (key) => void log.push(name + key) }));
    hasty.add("x");
    for (const queue of patient) queue.add("1");
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    for (const queue of patient) queue.add("1");
    expect(log).toEqual([]);
    release();
    await ctx.activity.idle();
    expect(log).toEqual(["p1", "q1"]);
    patient[0].add("2");
    patient[0].stop();
    await ctx.activity.idle();
    expect(log).toEqual(["p1", "q1"]);
  });

  it("is patient only for so long", async () => {
    const ctx = setup();
    ctx.activity.begin();
    await new Promise<void>((resolve) => {
      const queue = createQueue(ctx, { name: "p", patienceMs: 1, reconcile: async () => resolve() });
      queue.add("1");
    });
    ctx.activity.end();
    await ctx.activity.idle();
  });

  it("keeps to its number of workers", async () => {
    const ctx = setup();
    let now = 0;
    let most = 0;
    const queue = createQueue(ctx, {
      name: "q",
      workers: 3,
      reconcile: async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
      },
    });
    for (let i = 0; i < 20; i++) queue.add(`k${i}`);
    await ctx.activity.idle();
    expect(most).toBe(3);
  });

  it("retries after 5 ms doubling and forgets on success", async () => {
    const ctx = setup();
    const at: number[] = [];
    let failing = true;
    const queue = createQueue(ctx, {
      name: "q",
      reconcile: async () => {
        at.push(ctx.clock.now() - 1_000_000);
        if (failing) throw new Error("no");
      },
    });
    queue.add("k");
    await ctx.activity.idle();
    for (let i = 0; i < 4; i++) {
      ctx.clock.advance((ctx.clock.next() ?? 0) - ctx.clock.now());
      await ctx.activity.idle();
    }
    expect(at).toEqual([0, 5, 15, 35, 75]);
    failing = false;
    ctx.clock.advance(80);
    await ctx.activity.idle();
    failing = true;
    queue.add("k");
    await ctx.activity.idle();
    expect((ctx.clock.next() ?? 0) - ctx.clock.now()).toBe(5);
  });

  it("adds later, at the earliest time asked for, and not after stop", async () => {
    const ctx = setup();
    const at: number[] = [];
    const queue = createQueue(ctx, {
      name: "q",
      reconcile: async () => {
        at.push(ctx.clock.now() - 1_000_000);
        if (at.length === 1) return { requeueAfterMs: 500 };
      },
    });
    queue.addAfter("k", 300);
    queue.addAfter("k", 100);
    queue.addAfter("k", 200);
    ctx.clock.advance(1000);
    await ctx.activity.idle();
    expect(at).toEqual([1000]);
    ctx.clock.advance(499);
    await ctx.activity.idle();
    expect(at).toHaveLength(1);
    ctx.clock.advance(1);
    await ctx.activity.idle();
    expect(at).toEqual([1000, 1500]);
    queue.add("k");
    queue.addAfter("l", 1);
    queue.stop();
    ctx.clock.advance(10);
    await ctx.activity.idle();
    expect(at).toHaveLength(2);
  });
});

describe("#3.3 controller runtime: manual clock", () => {
  it("runs timers in order of time, each at its own now, with those armed on the way", () => {
    const clock = manualClock(0);
    const log: string[] = [];
    clock.setTimeout(() => log.push(`b@${clock.now()}`), 20);
    clock.setTimeout(() => {
      log.push(`a@${clock.now()}`);
      clock.setTimeout(() => log.push(`c@${clock.now()}`), 5);
    }, 10);
    const gone = clock.setTimeout(() => log.push("never"), 12);
    clock.clearTimeout(gone);
    clock.setTimeout(() => log.push("late"), 31);
    clock.advance(30);
    expect(log).toEqual(["a@10", "c@15", "b@20"]);
    expect(clock.now()).toBe(30);
    expect(clock.next()).toBe(31);
  });
});

describe("#3.3 controller runtime: slow start", () => {
  it("doubles its batches and stops after the first that fails", async () => {
    const started: number[] = [];
    const { successes, errors } = await slowStart(20, async (i) => {
      started.push(i);
      if (i === 4) throw new Error("quota");
    });
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([successes, errors.length]).toEqual([6, 1]);
  });
});
