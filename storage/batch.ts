import { ChangeEvent } from "./event.js";
import type { Known } from "./log.js";
import type { Decide, Entry, Outcome } from "./store.js";

/** A write that waits for its commit. */
export interface PendingWrite {
  readonly key: string;
  readonly decide: Decide;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
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
export function decideBatch(writes: readonly PendingWrite[], live: Known, revision: number): Batch {
  const overlay = new Map<string, Entry | undefined>();
  const events: ChangeEvent[] = [];
  const verdicts: Verdict[] = [];
  let latest = revision;
  for (const { key, decide } of writes) {
    try {
      const current = overlay.has(key) ? overlay.get(key) : live(key);
      const decision = decide(current);
      if (decision.action === "none" || (decision.action === "delete" && current === undefined)) {
        verdicts.push({ outcome: { changed: false, entry: current, previous: current, revision: latest } });
        continue;
      }
      const next = latest + 1;
      const { bytes, memo } = decision.encode(next);
      const entry: Entry = { key, revision: next, created: current?.created ?? next, bytes, memo };
      latest = next;
      overlay.set(key, decision.action === "put" ? entry : undefined);
      events.push(new ChangeEvent(decision.action, entry, current));
      verdicts.push({ outcome: { changed: true, entry, previous: current, revision: next } });
    } catch (error) {
      verdicts.push({ error });
    }
  }
  return { events, verdicts };
}
