import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../storage/index.js";
import type { Log } from "../../storage/log.js";
import { LogStore } from "../../storage/logstore.js";
import { SqliteLog } from "../../storage/sqlite/log.js";
import { openDatabase } from "../../storage/sqlite/open.js";
import { schema } from "../../storage/sqlite/schema.js";
import { contents, lines, put, record, remove } from "./helpers.js";

/** A log in memory whose commits can be made to fail, and that counts them. */
function fragileLog(): { log: Log; state: { fail: boolean; commits: number; historyReads: number } } {
  const log = new SqliteLog(openDatabase(":memory:", schema));
  const state = { fail: false, commits: 0, historyReads: 0 };
  const append = log.append.bind(log);
  log.append = (events) => {
    if (state.fail) throw new Error("database or disk is full");
    state.commits++;
    append(events);
  };
  const events = log.events.bind(log);
  log.events = (...args) => {
    state.historyReads++;
    return events(...args);
  };
  return { log, state };
}

const ring = { events: 8, bytes: 1_000_000 };

describe("#3.2 storage: one commit for writes that arrive together", () => {
  let fragile: ReturnType<typeof fragileLog>;
  let store: LogStore;
  let strayed: unknown[];
  beforeEach(() => {
    fragile = fragileLog();
    strayed = [];
    store = new LogStore(fragile.log, { name: "a.db", ring, onWatcherError: (error) => strayed.push(error) });
  });
  afterEach(() => store.close());

  it("commits once per turn, and bounds a commit", async () => {
    await Promise.all(Array.from({ length: 100 }, (_, i) => put(store, `/${i}`)));
    expect(fragile.state.commits).toBe(1);
    await put(store, "/a");
    await put(store, "/a");
    expect(fragile.state.commits).toBe(3);
    await Promise.all(Array.from({ length: 1025 }, (_, i) => put(store, `/${i}`)));
    expect(fragile.state.commits).toBe(6);
  });

  it("does not commit when nothing changes", async () => {
    await Promise.all([remove(store, "/a"), store.write("/b", () => ({ action: "none" }))]);
    expect(fragile.state.commits).toBe(0);
  });

  it("takes all of them back when the commit fails, tells nobody, and goes on from where it was", async () => {
    await put(store, "/a");
    const watch = record(store, "/");
    fragile.state.fail = true;
    const results = await Promise.allSettled([put(store, "/a"), remove(store, "/a"), put(store, "/b"), store.write("/a", () => ({ action: "none" }))]);
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: "failed", message: "a.db: the write could not be committed: database or disk is full" },
      });
    }
    expect([store.revision, contents(store.list("/").entries), watch.lines()]).toEqual([2, ["/a=v@2"], []]);
    fragile.state.fail = false;
    expect((await put(store, "/b")).revision).toBe(3);
    expect(watch.lines()).toEqual(["3 put /b v@3<"]);
    expect(record(store, "/", 1).lines()).toEqual(["2 put /a v@2<", "3 put /b v@3<"]);
  });

  it("rolls the transaction back when a row of it is refused", async () => {
    const database = openDatabase(":memory:", schema);
    const other = new LogStore(new SqliteLog(database), { name: "b.db", ring, onWatcherError() {} });
    database.db.exec("CREATE TRIGGER refuse BEFORE INSERT ON log WHEN NEW.key = '/bad' BEGIN SELECT RAISE(ABORT, 'refused'); END");
    await expect(Promise.all([put(other, "/a"), put(other, "/bad")])).rejects.toMatchObject({ code: "failed" });
    expect(database.db.prepare("SELECT count(*) FROM log").pluck().get()).toBe(0);
    expect(await put(other, "/a")).toMatchObject({ revision: 2 });
    await other.close();
  });

  it("stops a watcher that throws, and serves the others and the writers", async () => {
    let calls = 0;
    store.watch({
      prefix: "/",
      after: 1,
      onEvents() {
        calls++;
        throw new Error("bug");
      },
    });
    const watch = record(store, "/");
    await put(store, "/a");
    await put(store, "/a");
    expect([calls, strayed.length, watch.lines().length]).toEqual([1, 1, 2]);
  });
});

describe("#3.2 storage: recent history", () => {
  it("is served from memory, older from the log, with the same answers", async () => {
    const { log, state } = fragileLog();
    const store = new LogStore(log, { name: "a.db", ring, onWatcherError() {} });
    for (let i = 0; i < 30; i++) await (i % 5 === 4 ? remove(store, `/k/${(i - 1) % 3}`) : put(store, `/k/${i % 3}`));
    const all = record(store, "/", 1).lines();
    expect(all).toHaveLength(30);
    expect(state.historyReads).toBe(1);
    for (let after = 1; after <= store.revision; after++) {
      state.historyReads = 0;
      expect(record(store, "/", after).lines()).toEqual(all.slice(after - 1));
      expect(state.historyReads).toBe(after < store.revision - ring.events ? 1 : 0);
    }
    await store.close();
  });

  it("of any length comes in bounded runs", async () => {
    const store = openStore({ file: ":memory:", recent: { events: 100 } });
    for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 400 }, (_, k) => put(store, `/${k % 2 ? "odd" : "even"}/${k}`)));
    const odd = record(store, "/odd/", 1);
    expect(odd.runs.length).toBeGreaterThan(1);
    expect(Math.max(...odd.runs.map((run) => run.length))).toBeLessThanOrEqual(512);
    const revisions = odd.runs.flat().map((event) => event.revision);
    expect(revisions).toEqual(Array.from({ length: 800 }, (_, i) => 3 + 2 * i));
    await store.close();
  });

  it("is bounded in bytes, however large one entry is", async () => {
    const { log, state } = fragileLog();
    const store = new LogStore(log, { name: "a.db", ring: { events: 100, bytes: 1000 }, onWatcherError() {} });
    await put(store, "/a", "x".repeat(2000));
    for (let i = 0; i < 5; i++) await put(store, "/b", "y".repeat(100));
    const reads = (after: number) => {
      state.historyReads = 0;
      expect(lines(record(store, "/", after).runs.flat())).toHaveLength(store.revision - after);
      return state.historyReads;
    };
    expect(reads(1)).toBe(1);
    expect(reads(3)).toBe(0);
    await store.close();
  });
});
