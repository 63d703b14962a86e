import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore, type Store, type StoreEvent } from "../../storage/index.js";
import { bundle, Child } from "./child.js";

const ROUNDS = 100;

let folder: string;
let writer: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "crash-"));
  writer = join(folder, "writer.mjs");
  await bundle("store-writer.ts", writer);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly type: string;
  readonly key: string;
  readonly revision: number;
  readonly content: string;
}

function answers(lines: readonly string[]): Answer[] {
  return lines
    .filter((line) => /^(put|delete) /.test(line))
    .map((line) => {
      const [type, key, revision, content] = line.split(" ");
      return { type, key, revision: Number(revision), content };
    });
}

/** The content of an entry, after checking that it is whole and belongs to its revision. */
function content({ revision, bytes }: { revision: number; bytes: Buffer }): string {
  const parts = bytes.toString().split("|");
  const whole = parts.length === 4 && parts[0] === String(revision) && parts[3] === parts[0] && /^x*$/.test(parts[2]);
  if (!whole) throw new Error(`not the content written at revision ${revision}: ${bytes}`);
  return parts[1];
}

/** The live state as "key" → "revision content created". */
function state(store: Store, at?: number): Map<string, string> {
  return new Map(store.list("", { at }).entries.map((entry) => [entry.key, `${entry.revision} ${content(entry)} ${entry.created}`]));
}

/** Checks a store after a crash; returns how many writes were committed and not answered any more. */
function verify(store: Store, answered: readonly Answer[], before: { revision: number; state: Map<string, string> }): number {
  const events: StoreEvent[] = [];
  store.watch({ prefix: "", after: store.compacted, onEvents: (run) => events.push(...run) }).stop();

  // The log has every revision above the floor, and leads from the state at the floor to the live one.
  // (An empty store is at revision 1 already.)
  const floor = Math.max(store.compacted, 1);
  expect(events.map((event) => event.revision)).toEqual(Array.from({ length: store.revision - floor }, (_, i) => floor + 1 + i));
  const replayed = state(store, floor);
  for (const event of events) {
    const replaced = replayed.get(event.key)?.split(" ")[0];
    if (replaced !== event.previous?.revision.toString()) throw new Error(`revision ${event.revision} does not follow ${replaced}`);
    if (event.type === "delete") replayed.delete(event.key);
    else replayed.set(event.key, `${event.revision} ${content(event.entry)} ${event.entry.created}`);
  }
  const live = state(store);
  expect(new Map([...replayed].sort())).toEqual(new Map([...live].sort()));
  expect(store.count("")).toBe(live.size);

  // What was there before this run is there still.
  if (before.revision >= store.compacted) expect(state(store, before.revision)).toEqual(before.state);

  // Every answered write is there: as itself in the log, or, below the floor, as nothing older than it in the live state.
  const byRevision = new Map(events.map((event) => [event.revision, event]));
  for (const { type, key, revision, content: expected } of answered) {
    if (revision > store.compacted) {
      const event = byRevision.get(revision);
      const found = event && [event.type, event.key, content(event.entry)].join(" ");
      if (found !== [type, key, expected].join(" ")) throw new Error(`${type} ${key} was answered at revision ${revision}, and there is ${found}`);
      continue;
    }
    const entry = store.get(key);
    if (entry === undefined) continue; // deleted later: the replay above has seen to it that nothing is missing
    if (entry.revision === revision) expect([type, content(entry)]).toEqual(["put", expected]);
    else expect(entry.revision).toBeGreaterThan(revision);
  }

  // The writes of one commit: all or none.
  const group = store.list("/group/").entries.map(content);
  expect(new Set(group).size).toBe(group.length === 0 ? 0 : 1);
  expect([0, 24]).toContain(group.length);
  return store.revision - Math.max(before.revision, ...answered.map((answer) => answer.revision));
}

describe("#3.2 storage: kill -9", () => {
  it(`${ROUNDS} times during a stream of writes: every answered write is there after the restart, and no half state`, async () => {
    const totals = { answered: 0, unanswered: 0, compacted: 0 };
    const lane = async (number: number, rounds: number) => {
      let file = "";
      let before = { revision: 1, state: new Map<string, string>() };
      for (let round = 0; round < rounds; round++) {
        // A new file now and then, so that kills hit its making as well.
        if (round % 10 === 0) {
          file = join(folder, `${number}-${round}.db`);
          before = { revision: 1, state: new Map() };
        }
        const child = new Child(writer, [file, `${number}.${round}`]);
        // One line: it is about to open the file. Two: it has. The others: so many answers.
        const lines = round % 5 === 0 ? 1 : 2 + Math.floor(Math.random() ** 2 * 700);
        await child.said(lines);
        if (lines > 1) expect(() => openStore({ file })).toThrow("is in use by another mockube");
        expect([await child.kill(), child.complaint]).toEqual(["SIGKILL", ""]);

        const answered = answers(child.lines);
        expect(answered.length).toBeGreaterThanOrEqual(lines - 2);
        const store = openStore({ file });
        totals.unanswered += verify(store, answered, before);
        totals.answered += answered.length;
        totals.compacted += store.compacted > before.revision ? 1 : 0;
        before = { revision: store.revision, state: state(store) };
        await store.close();
      }
      const db = new Database(file, { readonly: true });
      expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
      db.close();
    };
    await Promise.all([lane(0, ROUNDS / 2), lane(1, ROUNDS / 2)]);
    // The kills did hit a stream: otherwise this test would prove nothing.
    expect(totals.answered).toBeGreaterThan(ROUNDS * 50);
    expect(totals.unanswered).toBeGreaterThan(0);
    expect(totals.compacted).toBeGreaterThan(0);
  }, 120_000);

  it("of one lets another in; of several that start together exactly one gets the file", async () => {
    const file = join(folder, "race.db");
    for (let round = 0; round < 3; round++) {
      const children = Array.from({ length: 4 }, (_, i) => new Child(writer, [file, `race-${round}-${i}`]));
      await Promise.all(children.map((child) => child.said(2)));
      const verdicts = children.map((child) => child.lines[1]);
      const ends = await Promise.all(children.map((child, i) => (verdicts[i] === "open" ? child.kill() : child.ended())));
      expect(verdicts.sort()).toEqual(["open", "refused locked", "refused locked", "refused locked"]);
      expect(ends.filter((end) => end === "SIGKILL")).toHaveLength(1);
    }
  });
});
