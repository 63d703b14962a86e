import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CompactedError, FutureRevisionError, type Store, type StoreEvent } from "../../storage/index.js";
import { contents, lines, nextTurn, put, record, remove, text } from "./helpers.js";

/** What every store must do. `open` makes an empty one; the contract closes it. */
export function storeContract(name: string, open: () => Store): void {
  describe(name, () => {
    let store: Store;
    beforeEach(() => {
      store = open();
    });
    afterEach(() => store.close());

    describe("writes", () => {
      it("starts empty at revision 1", () => {
        expect([store.revision, store.compacted, store.count(""), store.list("").entries.length, store.get("/a")]).toEqual([1, 0, 0, 0, undefined]);
      });

      it("gives each change the next revision, tells the encoder, and keeps the revision of creation", async () => {
        const created = await put(store, "/a", "one");
        const updated = await put(store, "/a", "two");
        expect(created).toMatchObject({ changed: true, previous: undefined, revision: 2, entry: { key: "/a", revision: 2, created: 2 } });
        expect(updated).toMatchObject({ changed: true, revision: 3, entry: { revision: 3, created: 2 } });
        expect(text(updated.previous)).toBe("one@2");
        expect(text(store.get("/a"))).toBe("two@3");
        expect(store.get("/a")).toBe(updated.entry);
      });

      it("deletes with final content, and a key made again is new", async () => {
        await put(store, "/a");
        const deleted = await remove(store, "/a");
        expect(deleted).toMatchObject({ changed: true, revision: 3, entry: { revision: 3, created: 2 }, previous: { revision: 2 } });
        expect(text(deleted.entry)).toBe("gone@3");
        expect([store.get("/a"), store.count("/"), store.revision]).toEqual([undefined, 0, 3]);
        expect((await put(store, "/a")).entry).toMatchObject({ revision: 4, created: 4 });
      });

      it("takes no revision for a decision to change nothing, nor for deleting what is not there", async () => {
        const { entry } = await put(store, "/a");
        expect(await store.write("/a", () => ({ action: "none" }))).toEqual({ changed: false, entry, previous: entry, revision: 2 });
        expect(await remove(store, "/b")).toMatchObject({ changed: false, entry: undefined, revision: 2 });
        expect(store.revision).toBe(2);
      });

      it("lets go of memos that are of no more use: of what was replaced, and of what nobody watches", async () => {
        store.watch({ prefix: "/watched/", after: store.revision, onEvents: () => {} });
        const put = (key: string) => store.write(key, () => ({ action: "put", encode: () => ({ bytes: Buffer.from("{}"), memo: {} }) }));
        const entries = [await put("/watched/a"), await put("/watched/b"), await put("/other")].map((o) => o.entry);
        await put("/watched/a");
        await put("/watched/c");
        expect(entries.map((entry) => entry?.memo !== undefined)).toEqual([false, true, false]);
      });
      it("keeps a memo that came with the write", async () => {
        const memo = { parsed: true };
        await store.write("/a", () => ({ action: "put", encode: () => ({ bytes: Buffer.from("{}"), memo }) }));
        expect(store.get("/a")?.memo).toBe(memo);
      });

      it("keeps bytes as they are, also none and also binary ones", async () => {
        const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
        await store.write("/all", () => ({ action: "put", encode: () => ({ bytes: all }) }));
        await store.write("/none", () => ({ action: "put", encode: () => ({ bytes: Buffer.alloc(0) }) }));
        const at = store.revision;
        await put(store, "/all");
        await put(store, "/none");
        const [first, second] = store.list("/", { at }).entries;
        expect(Buffer.compare(first.bytes, all)).toBe(0);
        expect(second.bytes.length).toBe(0);
      });
    });

    describe("writes that arrive together", () => {
      it("see those before them, in order, while readers see nothing until the commit", async () => {
        const seen: unknown[] = [];
        const first = put(store, "/a", "one");
        const second = store.write("/a", (current) => {
          seen.push(text(current), store.get("/a"), store.revision);
          return { action: "put", encode: (revision) => ({ bytes: Buffer.from(`two@${revision}`) }) };
        });
        const third = remove(store, "/a");
        const fourth = store.write("/a", (current) => {
          seen.push(current);
          return { action: "none" };
        });
        expect([store.revision, store.get("/a")]).toEqual([1, undefined]);
        const outcomes = await Promise.all([first, second, third, fourth]);
        expect(outcomes.map((outcome) => outcome.revision)).toEqual([2, 3, 4, 4]);
        expect(seen).toEqual(["one@2", undefined, 1, undefined]);
        expect(text(outcomes[2].previous)).toBe("two@3");
      });

      it("reach watchers as one run, before anyone has his answer", async () => {
        const order: string[] = [];
        store.watch({
          prefix: "/",
          after: store.revision,
          onEvents: (events) => order.push(`watch ${events.map((event) => event.revision)} at ${store.revision}`),
        });
        const answer = (outcome: { revision: number }) => order.push(`answer ${outcome.revision}`);
        await Promise.all(["/a", "/b", "/c"].map((key) => put(store, key).then(answer)));
        expect(order).toEqual(["watch 2,3,4 at 4", "answer 2", "answer 3", "answer 4"]);
      });

      it("fail one by one when a decision or an encoder throws: the others go on without a gap", async () => {
        const watch = record(store, "/");
        const results = await Promise.allSettled([
          put(store, "/a"),
          store.write("/b", () => {
            throw new Error("conflict");
          }),
          store.write("/c", () => ({
            action: "put",
            encode() {
              throw new Error("too large");
            },
          })),
          put(store, "/d"),
        ]);
        expect(results.map((result) => (result.status === "fulfilled" ? result.value.revision : result.reason.message))).toEqual([
          2,
          "conflict",
          "too large",
          3,
        ]);
        expect(watch.lines()).toEqual(["2 put /a v@2<", "3 put /d v@3<"]);
        expect(store.revision).toBe(3);
      });

      it("are never lost to one another, whoever reads and writes back", async () => {
        const increment = () =>
          store.write("/n", (current) => ({ action: "put", encode: () => ({ bytes: Buffer.from(String(Number(text(current) ?? 0) + 1)) }) }));
        const burst = Array.from({ length: 1500 }, increment);
        await Promise.all(burst);
        for (let i = 0; i < 10; i++) await Promise.all([increment(), nextTurn().then(increment)]);
        expect(text(store.get("/n"))).toBe("1520");
      });

      it("may bring others along, which come before them in the same commit and see the batch so far", async () => {
        await put(store, "/n", "zero");
        const watch = record(store, "/");
        const seen: unknown[] = [];
        const counted = (key: string) =>
          store.write(key, (_, batch) => {
            batch.write("/n", (current) => ({ action: "put", encode: (revision) => ({ bytes: Buffer.from(`${text(current)?.split("@")[0]}+@${revision}`) }) }));
            seen.push(text(batch.get("/n")), text(store.get("/n")));
            return { action: "put", encode: (revision) => ({ bytes: Buffer.from(`v@${revision}`) }) };
          });
        const outcomes = await Promise.all([counted("/a"), counted("/b")]);
        expect(outcomes.map((outcome) => outcome.revision)).toEqual([4, 6]);
        expect(seen).toEqual(["zero+@3", "zero@2", "zero++@5", "zero@2"]);
        expect(watch.lines()).toEqual(["3 put /n zero+@3<zero@2", "4 put /a v@4<", "5 put /n zero++@5<zero+@3", "6 put /b v@6<"]);
        expect(watch.runs).toHaveLength(1);
      });

      it("may list what the batch has done so far, in key order", async () => {
        await put(store, "/p/b", "old");
        await put(store, "/p/d", "old");
        const seen: string[][] = [];
        const look = (key: string, action: "put" | "delete") =>
          store.write(key, (_, batch) => {
            batch.write("/p/e", () => ({ action: "put", encode: () => ({ bytes: Buffer.from("along") }) }));
            seen.push(batch.list("/p/").map((entry) => `${entry.key} ${text(entry)}`));
            return { action, encode: () => ({ bytes: Buffer.from(action) }) };
          });
        await Promise.all([look("/p/c", "put"), look("/p/b", "delete"), look("/q", "put")]);
        expect(seen).toEqual([
          ["/p/b old@2", "/p/d old@3", "/p/e along"],
          ["/p/b old@2", "/p/c put", "/p/d old@3", "/p/e along"],
          ["/p/c put", "/p/d old@3", "/p/e along"],
        ]);
      });

      it("take what they brought along with them when they fail or change nothing, and so does what they brought", async () => {
        const along = { action: "put", encode: () => ({ bytes: Buffer.from("along") }) } as const;
        const results = await Promise.allSettled([
          store.write("/a", (_, batch) => {
            batch.write("/n", () => along);
            throw new Error("conflict");
          }),
          store.write("/b", (_, batch) => {
            batch.write("/n", () => along);
            return { action: "none" };
          }),
          store.write("/c", (_, batch) => {
            batch.write("/n", () => {
              throw new Error("exceeded");
            });
            return along;
          }),
          store.write("/d", (_, batch) => {
            batch.write("/n", () => ({ action: "none" }));
            return along;
          }),
        ]);
        expect(results.map((result) => (result.status === "fulfilled" ? result.value.revision : result.reason.message))).toEqual([
          "conflict",
          1,
          "exceeded",
          2,
        ]);
        expect([store.get("/n"), text(store.get("/d")), store.revision]).toEqual([undefined, "along", 2]);
      });

      it("may be started by watchers, and come after", async () => {
        let again: Promise<unknown> | undefined;
        store.watch({
          prefix: "/a",
          after: store.revision,
          onEvents() {
            again ??= put(store, "/b");
          },
        });
        const watch = record(store, "/");
        await put(store, "/a");
        expect(watch.lines()).toEqual(["2 put /a v@2<"]);
        await again;
        expect(watch.lines()).toEqual(["2 put /a v@2<", "3 put /b v@3<"]);
      });
    });

    describe("lists", () => {
      const keys = ["/r/pods/x-b/p", "/r/pods/x/p", "/r/pods/x/q", "/r/podsets/x/p", "/r/pod"];

      it("hold a prefix in byte order, and nothing beside it", async () => {
        for (const key of keys) await put(store, key);
        expect(store.list("/r/pods/").entries.map((entry) => entry.key)).toEqual(["/r/pods/x-b/p", "/r/pods/x/p", "/r/pods/x/q"]);
        expect([store.count("/r/pods/"), store.count("/r/pods"), store.count(""), store.count("/r/z"), store.count("/r/pods/x/")]).toEqual([3, 4, 5, 0, 2]);
      });

      it("sort keys beyond ASCII as UTF-8 does, now and in the past", async () => {
        const names = ["/\u{1F600}", "/\uFFFD", "/\uE000", "/é", "/z", "/\uD7FF", "/\u{10FFFF}x"];
        for (const name of names) await put(store, name);
        const byBytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const at = store.revision;
        await put(store, "/later");
        expect(store.list("/", { at }).entries.map((entry) => entry.key)).toEqual(byBytes);
        expect(store.list("/").entries.map((entry) => entry.key)).toEqual(["/later", ...byBytes]);
        for (const prefix of ["/\uD7FF", "/\u{10FFFF}", "/\uFFFD"]) {
          expect([store.count(prefix), store.list(prefix, { at }).entries.length]).toEqual([1, 1]);
        }
      });

      it("go page by page, saying how much is left, and stay the state of their revision while the store moves on", async () => {
        await Promise.all(Array.from({ length: 25 }, (_, i) => put(store, `/p/${String(i).padStart(2, "0")}`)));
        await put(store, "/q/0");
        const before = contents(store.list("/p/").entries);
        const pages: string[] = [];
        const left: number[] = [];
        const at = store.revision;
        for (let after: string | undefined; ; ) {
          const page = store.list("/p/", { from: after && `${after}\0`, limit: 10, at });
          expect(page.revision).toBe(at);
          pages.push(...contents(page.entries));
          left.push(page.remaining);
          if (page.remaining === 0) break;
          after = page.entries[page.entries.length - 1].key;
          await put(store, `/p/${after.slice(-2)}x`);
          await put(store, "/p/20", "changed");
          await remove(store, "/p/24");
          await put(store, "/p/24", "again");
        }
        expect(pages).toEqual(before);
        expect(left).toEqual([15, 5, 0]);
      });

      it("begin at a key that need not be there, wherever it lies", async () => {
        for (const key of keys) await put(store, key);
        const at = store.revision;
        await put(store, "/r/later");
        for (const options of [{}, { at }]) {
          const from = (key: string) => store.list("/r/pods/", { ...options, from: key }).entries.map((entry) => entry.key);
          expect(from("/r/pods/x/o")).toEqual(["/r/pods/x/p", "/r/pods/x/q"]);
          expect(from("/a")).toHaveLength(3);
          expect(from("/r/pods/x/q")).toEqual(["/r/pods/x/q"]);
          expect(from("/r/pods/x/q\0")).toEqual([]);
          expect(from("/z")).toEqual([]);
          expect(store.list("/r/pods/", { ...options, limit: 0 })).toMatchObject({ entries: [], remaining: 3 });
        }
      });

      it("agree with a plain sorted map under random writes, now and at every revision", async () => {
        const model = new Map<string, string>();
        const history: { revision: number; state: string[] }[] = [];
        let seed = 42;
        const random = (below: number) => {
          seed = (seed * 1103515245 + 12345) % 2147483648;
          return Math.floor((seed / 2147483648) * below);
        };
        for (let i = 0; i < 3000; i++) {
          const key = `/k/${random(40)}/${random(30)}`;
          if (random(3) === 0) model.delete(key);
          else model.set(key, `v@${store.revision + 1}`);
          await (model.has(key) ? put(store, key) : remove(store, key));
          if (i % 100 === 0) {
            history.push({ revision: store.revision, state: [...model].map(([name, value]) => `${name}=${value}`).sort() });
          }
        }
        const sorted = [...model.keys()].sort();
        expect(store.list("/k/").entries.map((entry) => entry.key)).toEqual(sorted);
        for (let i = 0; i < 40; i++) {
          const prefix = `/k/${i}/`;
          const under = sorted.filter((key) => key.startsWith(prefix));
          expect(store.count(prefix)).toBe(under.length);
          const after = `/k/${i}/${random(30)}`;
          const later = under.filter((key) => key > after);
          expect(store.list(prefix, { from: `${after}\0`, limit: 5 })).toMatchObject({ remaining: Math.max(0, later.length - 5) });
          expect(store.list(prefix, { from: `${after}\0`, limit: 5 }).entries.map((entry) => entry.key)).toEqual(later.slice(0, 5));
        }
        for (const { revision, state } of history) {
          expect(contents(store.list("/k/", { at: revision }).entries).sort()).toEqual(state);
        }
      });

      it("at a revision to come are refused", () => {
        expect(() => store.list("/", { at: 2 })).toThrow(FutureRevisionError);
      });
    });

    describe("watches", () => {
      it("tell what is under their prefix, with what was before, until they are stopped", async () => {
        const pods = record(store, "/pods/");
        const one = record(store, "/pods/a");
        const all = record(store, "");
        await put(store, "/pods/a");
        await put(store, "/sets/a");
        await put(store, "/pods/a");
        await put(store, "/pods/b");
        one.stop();
        one.stop();
        await remove(store, "/pods/a");
        expect(pods.lines()).toEqual(["2 put /pods/a v@2<", "4 put /pods/a v@4<v@2", "5 put /pods/b v@5<", "6 delete /pods/a gone@6<v@4"]);
        expect(one.lines()).toEqual(["2 put /pods/a v@2<", "4 put /pods/a v@4<v@2"]);
        expect(all.lines()).toHaveLength(5);
      });

      it("begin with the past, in order, before they return", async () => {
        for (let i = 0; i < 5; i++) await put(store, `/a/${i % 2}`);
        await remove(store, "/a/1");
        await put(store, "/b/1");
        const late = record(store, "/a/", 3);
        expect(late.lines()).toEqual(["4 put /a/0 v@4<v@2", "5 put /a/1 v@5<v@3", "6 put /a/0 v@6<v@4", "7 delete /a/1 gone@7<v@5"]);
        await put(store, "/a/1");
        expect(late.lines().slice(4)).toEqual(["9 put /a/1 v@9<"]);
      });

      it("from a revision to come are silent until it is passed, also in the middle of a run", async () => {
        const future = record(store, "/", 4);
        await put(store, "/a");
        await Promise.all(["/b", "/c", "/d", "/e"].map((key) => put(store, key)));
        await put(store, "/f");
        expect(future.lines()).toEqual(["5 put /d v@5<", "6 put /e v@6<", "7 put /f v@7<"]);
      });

      it("that begin or end inside a callback neither miss nor repeat anything", async () => {
        const inner: StoreEvent[] = [];
        const doomed: StoreEvent[] = [];
        let victim: { stop(): void } | undefined;
        let begun = false;
        store.watch({
          prefix: "/",
          after: store.revision,
          onEvents() {
            victim?.stop();
            if (begun) return;
            begun = true;
            store.watch({ prefix: "/", after: 1, onEvents: (events) => inner.push(...events) });
          },
        });
        victim = store.watch({ prefix: "/", after: store.revision, onEvents: (events) => doomed.push(...events) });
        await Promise.all([put(store, "/a"), put(store, "/b")]);
        await put(store, "/c");
        expect(lines(inner)).toEqual(["2 put /a v@2<", "3 put /b v@3<", "4 put /c v@4<"]);
        expect(doomed).toEqual([]);
      });

      it("share events, so that an encoding made by one serves all", async () => {
        const first = record(store, "/");
        const second = record(store, "/a");
        await put(store, "/a");
        const event = first.runs[0][0];
        event.encoded.set("json", Buffer.from("{}"));
        expect(second.runs[0][0].encoded.get("json")?.toString()).toBe("{}");
        expect(event.entry).toBe(store.get("/a"));
        // From memory or from the log: the live entry is not there twice.
        expect(record(store, "/", 1).runs[0][0].entry).toBe(event.entry);
      });
    });

    describe("compaction", () => {
      async function history(): Promise<void> {
        await put(store, "/a", "one"); // 2
        await put(store, "/b", "one"); // 3
        await put(store, "/a", "two"); // 4
        await remove(store, "/b"); // 5
        await put(store, "/c", "one"); // 6
        await put(store, "/a", "three"); // 7
        await put(store, "/b", "two"); // 8
      }

      it("moves the floor at once: reads and watches from below it fail, from it on they are whole", async () => {
        await history();
        const watch = record(store, "/", 5);
        const done = store.compact(5);
        expect(store.compacted).toBe(5);
        await done;
        expect(() => store.list("/", { at: 4 })).toThrow(CompactedError);
        expect(() => record(store, "/", 4)).toThrow("revision 4 has been compacted (floor 5)");
        expect(contents(store.list("/", { at: 5 }).entries)).toEqual(["/a=two@4"]);
        expect(contents(store.list("/", { at: 7 }).entries)).toEqual(["/a=three@7", "/c=one@6"]);
        expect(contents(store.list("/").entries)).toEqual(["/a=three@7", "/b=two@8", "/c=one@6"]);
        const expected = ["6 put /c one@6<", "7 put /a three@7<two@4", "8 put /b two@8<"];
        expect(record(store, "/", 5).lines()).toEqual(expected);
        expect(watch.lines()).toEqual(expected);
      });

      it("up to now leaves the live state and goes on", async () => {
        await history();
        await store.compact(8);
        expect(contents(store.list("/", { at: 8 }).entries)).toEqual(["/a=three@7", "/b=two@8", "/c=one@6"]);
        const watch = record(store, "/");
        await put(store, "/a", "four");
        expect(watch.lines()).toEqual(["9 put /a four@9<three@7"]);
        expect(contents(store.list("/", { at: 8 }).entries)).toEqual(["/a=three@7", "/b=two@8", "/c=one@6"]);
      });

      it("does nothing below the floor and refuses the future", async () => {
        await history();
        await store.compact(5);
        await store.compact(3);
        expect(store.compacted).toBe(5);
        await expect(store.compact(9)).rejects.toThrow(FutureRevisionError);
      });

      it("lets writes through while it removes", async () => {
        for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 100 }, (_, k) => put(store, `/k/${k}`)));
        let finished = false;
        const done = store.compact(store.revision).then(() => {
          finished = true;
        });
        await put(store, "/k/1");
        expect(finished).toBe(false);
        await done;
        expect(store.count("/k/")).toBe(100);
      });
    });

    describe("close", () => {
      it("commits what was accepted, refuses what comes after, and can be repeated", async () => {
        const pending = put(store, "/a");
        const closed = store.close();
        await expect(put(store, "/b")).rejects.toMatchObject({ code: "closed" });
        expect((await pending).revision).toBe(2);
        await Promise.all([closed, store.close()]);
        expect(() => record(store, "/")).toThrow("is closed");
        await expect(store.compact(1)).rejects.toMatchObject({ code: "closed" });
      });

      it("from inside a watcher waits for the commit in hand", async () => {
        const second = record(store, "/a");
        let closed: Promise<void> | undefined;
        store.watch({
          prefix: "/",
          after: 1,
          onEvents() {
            closed = store.close();
          },
        });
        await Promise.all([put(store, "/a"), put(store, "/a")]);
        await closed;
        expect(second.lines()).toHaveLength(2);
      });
    });
  });
}
