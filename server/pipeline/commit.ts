import { type Kind, storedKind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import type { BatchInHand, Decide, Decision, Entry, Outcome } from "../../storage/store.js";
import { encodeAt, objectOf, storedForm } from "./objects.js";
import { hookOf } from "./resources/types.js";
import type { RequestContext, Services } from "./types.js";

/** What a verb decides about one key. `value` travels to the verb's caller and is the answer where nothing is stored. */
export type Verdict =
  | { readonly action: "put"; readonly object: KubeObject }
  /** `answer`: what the request shows instead of the tombstone. */
  | { readonly action: "delete"; readonly object: KubeObject; readonly answer?: KubeObject }
  | { readonly action: "none"; readonly object: KubeObject };

export interface Committed {
  /** The object as it is now stored, or as it would be (dry run), or as it was last (delete, none). */
  readonly object: KubeObject;
  /** The stored entry; absent on dry runs that would have changed something. */
  readonly entry: Entry | undefined;
  readonly action: Verdict["action"];
  /** Whether the key held nothing before. */
  readonly created: boolean;
}

function decisionOf(kind: Kind, { action, object }: Verdict, entry: Entry | undefined, current: KubeObject | undefined): Decision {
  if (action === "none") return { action };
  // what is left as it was needs no way there and back, which may order things anew
  const stored = entry && object === current ? objectOf(entry, storedKind(kind)) : storedForm(kind, object);
  return { action, encode: (revision) => encodeAt(stored, revision) };
}

/** A write that goes with the one in hand: in the same commit, or not at all. */
export function commitAlong(batch: BatchInHand, kind: Kind, key: string, decide: (current: KubeObject | undefined) => Verdict): void {
  batch.write(key, (entry) => {
    const current = entry && objectOf(entry, kind);
    return decisionOf(kind, decide(current), entry, current);
  });
}

/**
 * Runs `decide` against the latest state of a key, inside the commit, and stores what it says. On a dry run `decide` runs against the committed state and
 * nothing
 * is stored, so that every check is made and every default shown; there is no batch then.
 */
export async function commit(
  services: Services,
  ctx: RequestContext,
  kind: Kind,
  key: string,
  decide: (current: KubeObject | undefined, batch: BatchInHand | undefined) => Verdict,
): Promise<Committed> {
  if (ctx.dryRun) {
    const entry = services.store.get(key);
    const verdict = decide(entry && objectOf(entry, kind), undefined);
    const shown = verdict.action === "delete" ? (verdict.answer ?? verdict.object) : verdict.object;
    return { object: shown, entry: verdict.action === "none" ? entry : undefined, action: verdict.action, created: entry === undefined };
  }
  let verdict: Verdict | undefined;
  const run: Decide = (entry, batch) => {
    const current = entry && objectOf(entry, kind);
    verdict = decide(current, batch);
    if (verdict.action !== "none") hookOf(services, kind)?.alongside?.(current, verdict.action === "put" ? verdict.object : undefined, batch, services);
    return decisionOf(kind, verdict, entry, current);
  };
  const outcome: Outcome = await services.store.write(key, run);
  const { action, object } = verdict as Verdict;
  const answer = verdict?.action === "delete" ? verdict.answer : undefined;
  return {
    object: answer ?? (outcome.entry ? objectOf(outcome.entry, kind) : object),
    entry: outcome.entry,
    action,
    created: outcome.previous === undefined,
  };
}
