import { ChangeEvent } from "./event.js";
import { compareKeys } from "./keys.js";
import type { BatchInHand, Decide, Entry, Outcome } from "./store.js";

/** A write that waits for its commit. */
export interface PendingWrite {
  readonly key: string;
  readonly decide: Decide;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** The committed state below a batch. */
export interface Live {
  get(key: string): Entry | undefined;
  list(prefix: string): readonly Entry[];
}

/** What became of one write of a batch: an outcome, or the error that its own decision threw. */
export type Verdict = { readonly outcome: Outcome } | { readonly error: unknown };

export interface Batch {
  /** In revision order, without gaps. */
  readonly events: ChangeEvent[];
  /** One per write, in the same order. */
  readonly verdicts: Verdict[];
}

/**
 * Decides writes one after the other, each seeing what those before it in the batch did. Changes nothing: the batch is laid over the live state, and
 * if its commit fails it is forgotten as a whole.
 */
export function decideBatch(writes: readonly PendingWrite[], live: Live, revision: number): Batch {
  const overlay = new Map<string, Entry | undefined>();
  const events: ChangeEvent[] = [];
  const verdicts: Verdict[] = [];
  /** What the write in hand has changed so far; it stands when that write does. */
  let staged: ChangeEvent[] = [];

  const look = (key: string): Entry | undefined => {
    for (let i = staged.length - 1; i >= 0; i--) if (staged[i].key === key) return staged[i].type === "put" ? staged[i].entry : undefined;
    return overlay.has(key) ? overlay.get(key) : live.get(key);
  };
  const take = (key: string, decide: Decide): Outcome => {
    const current = look(key);
    const decision = decide(current, batch);
    if (decision.action === "none" || (decision.action === "delete" && current === undefined))
      return { changed: false, entry: current, previous: current, revision: revision + events.length };
    const next = revision + events.length + staged.length + 1;
    const { bytes, memo } = decision.encode(next);
    const entry: Entry = { key, revision: next, created: current?.created ?? next, bytes, memo };
    staged.push(new ChangeEvent(decision.action, entry, current));
    return { changed: true, entry, previous: current, revision: next };
  };
  const list = (prefix: string): readonly Entry[] => {
    const entries = live.list(prefix);
    const changed = new Set<string>();
    for (const key of overlay.keys()) if (key.startsWith(prefix)) changed.add(key);
    for (const { key } of staged) if (key.startsWith(prefix)) changed.add(key);
    if (changed.size === 0) return entries;
    const others = entries.filter((entry) => !changed.has(entry.key));
    return [...others, ...[...changed].flatMap((key) => look(key) ?? [])].sort((a, b) => compareKeys(a.key, b.key));
  };
  const batch: BatchInHand = { get: look, list, write: take };

  for (const { key, decide } of writes) {
    staged = [];
    try {
      const outcome = take(key, decide);
      if (outcome.changed) {
        for (const event of staged) {
          overlay.set(event.key, event.type === "put" ? event.entry : undefined);
          events.push(event);
        }
      }
      verdicts.push({ outcome });
    } catch (error) {
      verdicts.push({ error });
    }
    staged = [];
  }
  return { events, verdicts };
}
