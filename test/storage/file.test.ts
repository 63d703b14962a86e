import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store, StorageError } from "../../storage/index.js";
import { contents, put, record, remove, scratch } from "./helpers.js";

const APPLICATION_ID = 0x6d6b7562;

let folder: ReturnType<typeof scratch>;
let stores: Store[];
beforeEach(() => {
  folder = scratch();
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  folder.remove();
});

function open(file: string): Store {
  const store = openStore({ file });
  stores.push(store);
  return store;
}

/** The error that opening ends with. */
function refusal(file: string): StorageError {
  try {
    open(file);
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
    expect((error as Error).message).not.toContain("\n");
    return error as StorageError;
  }
  throw new Error(`${file} was opened`);
}

/** Every file of the folder with its digest: equal before and after means that nothing was altered, added or removed. */
function fingerprint(): string[] {
  return readdirSync(folder.path("")).map(
    (name) =>
      `${name} ${createHash("sha256")
        .update(readFileSync(folder.path(name)))
        .digest("hex")}`,
  );
}

async function filled(file: string): Promise<void> {
  const store = openStore({ file });
  await put(store, "/a", "one");
  await put(store, "/b", "one");
  await put(store, "/a", "two");
  await remove(store, "/b");
  await store.close();
}

function edit(file: string, work: (db: Database.Database) => void): void {
  const db = new Database(file);
  work(db);
  db.close();
}

describe("#3.2 storage: a file over restarts", () => {
  it("keeps state, revisions and history", async () => {
    const file = folder.path("a.db");
    await filled(file);
    const store = open(file);
    expect(store.revision).toBe(5);
    expect(contents(store.list("/").entries)).toEqual(["/a=two@4"]);
    expect(store.get("/a")).toMatchObject({ revision: 4, created: 2 });
    expect(contents(store.list("/", { at: 3 }).entries)).toEqual(["/a=one@2", "/b=one@3"]);
    const watch = record(store, "/", 1);
    await put(store, "/c");
    expect(watch.lines()).toEqual(["2 put /a one@2<", "3 put /b one@3<", "4 put /a two@4<one@2", "5 delete /b gone@5<one@3", "6 put /c v@6<"]);
  });

  it("keeps the floor, and gives no revision out twice when the newest writes were deletions that are gone", async () => {
    const file = folder.path("a.db");
    await filled(file);
    const store = openStore({ file });
    await remove(store, "/a");
    await store.compact(store.revision);
    await store.close();
    const again = open(file);
    expect([again.revision, again.compacted, again.count("")]).toEqual([6, 6, 0]);
    expect(() => again.list("/", { at: 5 })).toThrow("has been compacted");
    expect(await put(again, "/a")).toMatchObject({ revision: 7, entry: { created: 7 } });
  });

  it("removes what was replaced or deleted at or below the floor, and no live row", async () => {
    const file = folder.path("a.db");
    const store = openStore({ file });
    await put(store, "/kept");
    for (let i = 0; i < 700; i++) {
      await put(store, `/k/${i % 7}`);
      if (i % 10 === 0) await remove(store, `/k/${i % 7}`);
    }
    const floor = store.revision - 50;
    const atFloor = contents(store.list("/", { at: floor }).entries);
    const since = record(store, "/", floor).lines();
    await store.compact(floor);
    await store.close();
    edit(file, (db) => {
      // At or below the floor: one row per key that was live then, no tombstones. Above it: everything.
      expect(db.prepare("SELECT count(*) FROM log WHERE revision <= ?").pluck().get(floor)).toBe(atFloor.length);
      expect(db.prepare("SELECT count(*) FROM log WHERE revision > ?").pluck().get(floor)).toBe(50);
    });
    const again = open(file);
    expect(contents(again.list("/", { at: floor }).entries)).toEqual(atFloor);
    expect(record(again, "/", floor).lines()).toEqual(since);
    expect(again.get("/kept")).toMatchObject({ revision: 2 });
  });

  it("finishes a removal that a close interrupted", async () => {
    const file = folder.path("a.db");
    const store = openStore({ file });
    for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 200 }, () => put(store, "/a")));
    const interrupted = store.compact(store.revision);
    await store.close();
    await interrupted;
    const rows = () => {
      let count: unknown;
      edit(file, (db) => {
        count = db.prepare("SELECT count(*) FROM log").pluck().get();
      });
      return count;
    };
    expect(rows()).toBeGreaterThan(1);
    const again = openStore({ file });
    expect(again.compacted).toBe(2001);
    await again.compact(2001);
    await again.close();
    expect(rows()).toBe(1);
  });

  it("makes the folder, and a file for its owner only", async () => {
    const file = folder.path("not/there/yet.db");
    await put(open(file), "/a");
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(`${file}-wal`).mode & 0o077).toBe(0);
  });

  it("leaves one file behind after a close", async () => {
    await filled(folder.path("a.db"));
    expect(readdirSync(folder.path(""))).toEqual(["a.db"]);
  });
});

describe("#3.2 storage: one process per file", () => {
  it("refuses a second store in the same process, and the first keeps its lock against others", async () => {
    const file = folder.path("a.db");
    const store = open(file);
    await put(store, "/a");
    const error = refusal(file);
    expect(error.code).toBe("locked");
    expect(error.message).toBe(`${file} is in use by another mockube: stop that one or choose another file`);
    // From outside, after the look that was refused: a lock of the process would be lost had the file been opened and closed.
    const probe = `const D = require("better-sqlite3"); try { new D(process.argv[1], { timeout: 0 }).prepare("SELECT 1 FROM log").get(); console.log("open") } catch (e) { console.log(e.code) }`;
    expect(execFileSync(process.execPath, ["-e", probe, file], { encoding: "utf8" }).trim()).toBe("SQLITE_BUSY");
    await put(store, "/b");
  });

  it("refuses while another process holds the file, before anything is in it", () => {
    const file = folder.path("a.db");
    edit(file, (db) => {
      db.pragma("locking_mode = EXCLUSIVE");
      db.exec("BEGIN EXCLUSIVE");
      expect(refusal(file).code).toBe("locked");
    });
  });

  it("lets the next one in after a close", async () => {
    const file = folder.path("a.db");
    const store = open(file);
    await put(store, "/a");
    await store.close();
    expect(open(file).count("/")).toBe(1);
  });
});

describe("#3.2 storage: files that are refused are not altered", () => {
  it.each([0, 3, 1000, -1])("schema version %i", async (version) => {
    const file = folder.path("a.db");
    await filled(file);
    edit(file, (db) => db.pragma(`user_version = ${version}`));
    const before = fingerprint();
    const error = refusal(file);
    expect(error.code).toBe("unknown-version");
    expect(error.message).toBe(
      `${file} has schema version ${version}, and this mockube knows versions up to 2: the file is left as it is, use the mockube that wrote it`,
    );
    expect(fingerprint()).toEqual(before);
  });

  it("a newer one that was killed: its WAL is not touched either", async () => {
    const file = folder.path("a.db");
    const script = `const D = require("better-sqlite3"); const db = new D(process.argv[1]); db.pragma("application_id = ${APPLICATION_ID}"); db.pragma("user_version = 9");
      db.pragma("journal_mode = WAL"); db.exec("CREATE TABLE later (x); INSERT INTO later VALUES (1)"); process.kill(process.pid, "SIGKILL")`;
    expect(() => execFileSync(process.execPath, ["-e", script, file], { stdio: "ignore" })).toThrow();
    expect(existsSync(`${file}-wal`)).toBe(true);
    const before = fingerprint();
    expect(refusal(file).code).toBe("unknown-version");
    expect(fingerprint()).toEqual(before);
  });

  it.each([
    ["an SQLite file of somebody else", (file: string) => edit(file, (db) => db.exec("CREATE TABLE log (x); INSERT INTO log VALUES (1)"))],
    ["an SQLite file without anything in it", (file: string) => edit(file, (db) => db.exec("VACUUM"))],
    ["an SQLite file in WAL mode", (file: string) => edit(file, (db) => db.exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 2; CREATE TABLE t (x)"))],
    ["some text", (file: string) => writeFileSync(file, "apiVersion: v1\nkind: Config\n".repeat(20))],
    ["a single byte", (file: string) => writeFileSync(file, "x")],
  ])("%s", (_, make) => {
    const file = folder.path("a.db");
    make(file);
    const before = fingerprint();
    const error = refusal(file);
    expect(error.code).toBe("not-ours");
    expect(error.message).toBe(`${file} was not written by mockube: the file is left as it is, choose another one`);
    expect(fingerprint()).toEqual(before);
  });
});

describe("#3.2 storage: places that cannot be used", () => {
  it.each([
    ["a folder that is a file", "plain/a.db"],
    ["a folder in place of the file", "folder"],
    ["a folder where nothing can be made", "/proc/self/a.db"],
  ])("%s", (_, name) => {
    writeFileSync(folder.path("plain"), "");
    mkdirSync(folder.path("folder"));
    const file = name.startsWith("/") ? name : folder.path(name);
    const error = refusal(file);
    expect(error.code).toBe("unwritable");
    expect(error.message).toContain(`${file} cannot be written: `);
  });

  it("a file that was cut off is damaged, and so is one without its tables", async () => {
    const file = folder.path("a.db");
    await filled(file);
    truncateSync(file, 8192);
    expect(refusal(file).code).toBe("corrupt");
    const other = folder.path("b.db");
    await filled(other);
    edit(other, (db) => db.exec("DROP TABLE log"));
    const error = refusal(other);
    expect(error.code).toBe("corrupt");
    expect(error.message).toBe(`${other} is damaged: no such table: log`);
    // And the lock is gone with the refusal.
    edit(other, (db) => db.exec("CREATE TABLE probe (x)"));
  });
});
