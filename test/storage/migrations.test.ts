import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../storage/index.js";
import { openDatabase } from "../../storage/sqlite/open.js";
import { APPLICATION_ID, type Schema, schema } from "../../storage/sqlite/schema.js";
import { contents, put, record, scratch } from "./helpers.js";

let folder: ReturnType<typeof scratch>;
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

/** A file as version 1 wrote it. */
function versionOne(file: string): void {
  const db = new Database(file);
  db.exec(`
    PRAGMA page_size = 8192;
    CREATE TABLE log (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, previous INTEGER NOT NULL, deleted INTEGER NOT NULL,
      value BLOB NOT NULL) STRICT;
    CREATE INDEX log_by_key ON log (key, revision);
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('compacted', 3);
    INSERT INTO log VALUES (3, '/b', 3, 0, 0, CAST('one@3' AS BLOB)), (4, '/a', 2, 2, 0, CAST('two@4' AS BLOB)), (5, '/b', 3, 3, 1, CAST('gone@5' AS BLOB)),
      (2, '/a', 2, 0, 0, CAST('one@2' AS BLOB));
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
  `);
  db.close();
}

function describeSchema(file: string): unknown[] {
  const db = new Database(file, { readonly: true });
  const normal = (sql: string | null) => sql?.replace(/\s+/g, " ");
  const rows = (db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all() as { name: string; sql: string | null }[]).map((row) => [
    row.name,
    normal(row.sql),
  ]);
  const version = db.pragma("user_version", { simple: true });
  db.close();
  return [version, ...rows];
}

/** The version in the header of the main file, as it lies on the disk. */
function headerVersion(file: string): number {
  return readFileSync(file).readInt32BE(60);
}

describe("#3.2 storage: migrations", () => {
  it("version 1 becomes what a new file is, with all it held", async () => {
    const file = folder.path("old.db");
    versionOne(file);
    const store = openStore({ file });
    expect(headerVersion(file)).toBe(schema.version);
    expect([store.revision, store.compacted]).toEqual([5, 3]);
    expect(contents(store.list("/").entries)).toEqual(["/a=two@4"]);
    expect(contents(store.list("/", { at: 3 }).entries)).toEqual(["/a=one@2", "/b=one@3"]);
    expect(record(store, "/", 3).lines()).toEqual(["4 put /a two@4<one@2", "5 delete /b gone@5<one@3"]);
    expect((await put(store, "/a")).revision).toBe(6);
    await store.compact(6);
    await store.close();

    const fresh = folder.path("new.db");
    await openStore({ file: fresh }).close();
    const indexed = (rows: unknown[]) => rows.filter((row) => !Array.isArray(row) || row[0] !== "log");
    expect(indexed(describeSchema(file))).toEqual(indexed(describeSchema(fresh)));

    const again = openStore({ file });
    expect(contents(again.list("/").entries)).toEqual(["/a=v@6"]);
    await again.close();
  });

  it("lead from every older version to this one, without gaps", () => {
    expect(schema.migrations.map((step) => step.to)).toEqual(Array.from({ length: schema.version - 1 }, (_, i) => i + 2));
  });

  it("run only the steps that are due, in order", () => {
    const file = folder.path("a.db");
    openDatabase(file, schema).close();
    const ran: number[] = [];
    const step = (to: number) => ({ to, up: () => ran.push(to) });
    const newer: Schema = {
      ...schema,
      version: schema.version + 2,
      migrations: [...schema.migrations.map(({ to }) => step(to)), step(schema.version + 1), step(schema.version + 2)],
    };
    openDatabase(file, newer).close();
    expect(ran).toEqual([schema.version + 1, schema.version + 2]);
    openDatabase(file, newer).close();
    expect(ran).toHaveLength(2);
    expect(headerVersion(file)).toBe(schema.version + 2);
    expect(() => openDatabase(file, schema)).toThrow("knows versions up to");
  });

  it("happen as a whole or not at all", async () => {
    const file = folder.path("a.db");
    const store = openStore({ file });
    await put(store, "/a");
    await store.close();
    const failing: Schema = {
      ...schema,
      version: schema.version + 2,
      migrations: [
        { to: schema.version + 1, up: (db) => db.exec("DROP TABLE log") },
        {
          to: schema.version + 2,
          up() {
            throw new Error("half way");
          },
        },
      ],
    };
    expect(() => openDatabase(file, failing)).toThrow("half way");
    expect(headerVersion(file)).toBe(schema.version);
    const again = openStore({ file });
    expect(contents(again.list("/").entries)).toEqual(["/a=v@2"]);
    await again.close();
  });
});
