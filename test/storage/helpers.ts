import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry, Outcome, Store, StoreEvent } from "../../storage/index.js";

/** A folder for one test; call `remove` at its end. */
export function scratch(): { path(name: string): string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "storage-"));
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Puts `content@revision`: what is read back tells which write it came from. */
export function put(store: Store, key: string, content = "v"): Promise<Outcome> {
  return store.write(key, () => ({ action: "put", encode: (revision) => ({ bytes: Buffer.from(`${content}@${revision}`) }) }));
}

export function remove(store: Store, key: string): Promise<Outcome> {
  return store.write(key, () => ({ action: "delete", encode: (revision) => ({ bytes: Buffer.from(`gone@${revision}`) }) }));
}

export function text(entry: Entry | undefined): string | undefined {
  return entry?.bytes.toString();
}

/** "key=content" of each entry. */
export function contents(entries: readonly Entry[]): string[] {
  return entries.map((entry) => `${entry.key}=${text(entry)}`);
}

/** "revision type key new<old" of each event. */
export function lines(events: readonly StoreEvent[]): string[] {
  return events.map((event) => `${event.revision} ${event.type} ${event.key} ${text(event.entry)}<${text(event.previous) ?? ""}`);
}

/** A watch that remembers; `runs` keeps the calls apart. */
export function record(store: Store, prefix: string, after = store.revision) {
  const runs: StoreEvent[][] = [];
  const watcher = store.watch({ prefix, after, onEvents: (events) => runs.push([...events]) });
  return { runs, lines: () => lines(runs.flat()), stop: () => watcher.stop() };
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
