/** Decisions in words. Pure. */
import type { Decision, Named } from "../runtime/journal.js";

/** A decision, and what those that it waits for have decided. */
export interface Link extends Decision {
  readonly below: readonly Link[];
}

const WORDS: Readonly<Record<string, string>> = { PersistentVolumeClaim: "claim", PersistentVolume: "volume" };

/** Pods by their names alone, all else with a word before. */
export const subject = ({ kind, name }: Named): string => (kind === "Pod" ? name : `${WORDS[kind] ?? kind.toLowerCase()} ${name}`);

/** `20 s`, `4 min 10 s`, `2 h 5 min`; what has begun counts. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = (whole: number, unit: string, rest: number, small: string): string => `${whole} ${unit}${rest ? ` ${rest} ${small}` : ""}`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return parts(Math.floor(seconds / 60), "min", seconds % 60, "s");
  return parts(Math.floor(seconds / 3600), "h", Math.floor((seconds % 3600) / 60), "min");
}

const next = ({ next }: Decision, now: number): string => (next ? `, ${next.what} ${next.at > now ? `in ${span(next.at - now)}` : "now"}` : "");

function clause(link: Link, now: number, first: boolean): string {
  const { about, state, because, rule } = link;
  if (link.part && !first) return `${subject(about)}'s ${because}${next(link, now)}`;
  return `${subject(about)} ${state}: ${because}${next(link, now)}${rule ? `; ${rule}` : ""}`;
}

/** A decision and all below it, as they are told. */
export const chain = (link: Link): Link[] => [link, ...link.below.flatMap(chain)];

/** `web-1 is not created: web-0 is not Ready; OrderedReady; web-0's container is in CrashLoopBackOff, next try in 20 s`. `now` in milliseconds. */
export const sentence = (link: Link, now: number): string =>
  chain(link)
    .map((one, i) => clause(one, now, i === 0))
    .join("; ");

/** The sentence, and below it what would unblock each part of it, with who says so and for how long. What several say alike is told once. */
export function paragraph(link: Link, now: number): string[] {
  const ways = chain(link).flatMap(({ unblocks, by, since }) =>
    unblocks ? [`  goes on when ${unblocks} (${by}${since === undefined ? "" : `, for ${span(now - since)}`})`] : [],
  );
  return [sentence(link, now), ...new Set(ways)];
}
