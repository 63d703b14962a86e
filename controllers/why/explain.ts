/** Follows what an object waits for, and what that waits for in turn. Pure. */
import { type Decision, type Named, sameNamed } from "../runtime/journal.js";
import { chain, type Link } from "./sentence.js";

/** How far a chain is followed. */
const MAX_DEPTH = 8;
/** Of the objects that one decision waits for, how many are asked. */
const MAX_WIDTH = 3;

const idOf = ({ by, about, state, because }: Decision): string => [by, about.kind, about.namespace, about.name, state, because].join("\0");

/** One decision with what it waits for below it; each decision once, whatever circle it stands in. */
function linked(root: Decision, decisions: (object: Named) => readonly Decision[]): Link {
  const seen = new Set([idOf(root)]);
  const link = (decision: Decision, depth: number): Link => ({
    ...decision,
    below: depth < MAX_DEPTH ? (decision.waitsFor ?? []).slice(0, MAX_WIDTH).flatMap((waited) => follow(waited, depth + 1)) : [],
  });
  const follow = (waited: Named, depth: number): Link[] => {
    const all = decisions(waited);
    // what holds an object itself up, and not what others would have of it, unless nobody else knows it
    const own = all.filter((decision) => sameNamed(decision.of, waited));
    const fresh = (own.length > 0 ? own : all).filter((decision) => {
      const id = idOf(decision);
      return !seen.has(id) && seen.add(id);
    });
    return fresh.map((decision) => link(decision, depth));
  };
  return link(root, 0);
}

/**
 * Decisions about `object` with the chains below them; none when it waits for nothing. A decision that another one leads to is told there and not once more.
 * `decisions` is a journal's `about`.
 */
export function explain(object: Named, decisions: (object: Named) => readonly Decision[]): Link[] {
  const links = decisions(object).map((decision) => linked(decision, decisions));
  const told = new Set<string>();
  const kept = new Set<Link>();
  for (const link of [...links].sort((a, b) => chain(b).length - chain(a).length)) {
    if (told.has(idOf(link))) continue;
    kept.add(link);
    for (const below of chain(link)) told.add(idOf(below));
  }
  return links.filter((link) => kept.has(link));
}
