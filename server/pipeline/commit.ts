import { type Kind, storedKind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import type { Decide, Entry, Outcome } from "../../storage/store.js";
import { encodeAt, objectOf, storedForm } from "./objects.js";
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

/**
 * Runs `decide` against the latest state of a key, inside the commit, and stores what it says. On a dry run `decide` runs against the committed state and
 * nothing
 * is stored, so that every check is made and every default shown.
 */
export async function commit(
  services: Services,
  ctx: RequestContext,
  kind: Kind,
  key: string,
  decide: (current: KubeObject | undefined, entry: Entry | undefined) => Verdict,
): Promise<Committed> {
  if (ctx.dryRun) {
    const entry = services.store.get(key);
    const verdict = decide(entry && objectOf(entry, kind), entry);
    const shown = verdict.action === "delete" ? (verdict.answer ?? verdict.object) : verdict.object;
    return { object: shown, entry: verdict.action === "none" ? entry : undefined, action: verdict.action, created: entry === undefined };
  }
  let verdict: Verdict | undefined;
  const run: Decide = (entry) => {
    const current = entry && objectOf(entry, kind);
    verdict = decide(current, entry);
    if (verdict.action === "none") return { action: "none" };
    const { object } = verdict;
    // what is left as it was needs no way there and back, which may order things anew
    const stored = entry && object === current ? objectOf(entry, storedKind(kind)) : storedForm(kind, object);
    return { action: verdict.action, encode: (revision) => encodeAt(stored, revision) };
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
