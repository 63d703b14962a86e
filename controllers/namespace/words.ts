import type { Named, Statement } from "../runtime/journal.js";

/** Most objects that are named. */
export const FEW = 3;

/** Why a namespace that is being deleted is still there: objects that are left in it, and what could not be deleted. */
export function held(namespace: string, left: readonly Named[], errors: readonly string[]): Statement[] {
  const about: Named = { kind: "Namespace", name: namespace };
  const state = "is not gone";
  if (errors.length > 0) return [{ about, state, because: errors.slice(0, FEW).join(", "), unblocks: "they can be deleted; it is tried again" }];
  if (left.length === 0) return [];
  const names = left.slice(0, FEW).map(({ kind, name }) => `${kind.toLowerCase()} ${name}`);
  return [
    {
      about,
      state,
      because: `${names.join(", ")}${left.length > FEW ? " and others" : ""} ${left.length === 1 ? "is" : "are"} still in it`,
      rule: "what is in a namespace goes first, pods before all else",
      waitsFor: left.slice(0, FEW),
      unblocks: left.length === 1 ? "it is gone" : "they are gone",
    },
  ];
}
