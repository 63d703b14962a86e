import { CorefileError } from "../../corefile/directive.js";
import { regexpOf } from "../../corefile/regexp.js";

// Names here are lower case and end with a dot, as in CoreDNS: what a prefix or a part of a name is depends on it.

/** Another text for a name, or undefined when it does not match. */
export type Replace = (name: string) => string | undefined;

const MAX_REGEXP = 10_000;

/** Lower case, with a dot at the end. Source: CoreDNS plugin/normalize.go. */
export function normalized(name: string): string {
  const lower = name.toLowerCase();
  return /(?<!\\)\.$/.test(lower) ? lower : `${lower}.`;
}

/** `{1}` stands for the first group. Source: CoreDNS plugin/rewrite/name.go. */
function fill(text: string, groups: readonly (string | undefined)[]): string {
  return groups.reduce<string>((filled, group, i) => filled.replaceAll(`{${i}}`, group ?? ""), text);
}

const groupsOf = (pattern: RegExp): number => (new RegExp(`${pattern.source}|`).exec("")?.length ?? 1) - 1;
const usedBy = (text: string): number => new Set(text.match(/\{(?:\d{1,2}|100)\}/g)).size;

/** A pattern, and a text that uses no more groups than it has. Errors: CorefileError. */
export function patternOf(from: string, to: string, line: number): RegExp {
  if (from.length > MAX_REGEXP) throw new CorefileError(line, `regex pattern too long: ${from.length} > ${MAX_REGEXP}`);
  const pattern = regexpOf(from, line);
  if (usedBy(to) > groupsOf(pattern)) {
    throw new CorefileError(line, `the rewrite regex pattern (${to}) uses more subexpressions than its corresponding matching regex pattern (${from})`);
  }
  return pattern;
}

/** Replaces the whole name where the pattern is found anywhere in it. */
export const byPattern = (pattern: RegExp, to: string): Replace => {
  return (name) => {
    const groups = pattern.exec(name);
    return groups ? fill(to, groups) : undefined;
  };
};

/** A name, and all names below it. */
export const byZone =
  (from: string, to: string): Replace =>
  (name) => {
    if (name === from) return to;
    return name.endsWith(`.${from}`) ? name.slice(0, -from.length) + to : undefined;
  };

export const bySuffix =
  (from: string, to: string): Replace =>
  (name) =>
    name.endsWith(from) ? name.slice(0, name.length - from.length) + to : undefined;

export const byPrefix =
  (from: string, to: string): Replace =>
  (name) =>
    name.startsWith(from) ? to + name.slice(from.length) : undefined;

export const byPart =
  (from: string, to: string): Replace =>
  (name) =>
    name.includes(from) ? name.replaceAll(from, to) : undefined;

export const MATCHES = ["exact", "prefix", "suffix", "substring", "regex"] as const;
export type Match = (typeof MATCHES)[number];

/** Whether a name is one of those a rule is for. */
export function matcherOf(match: Match, text: string, line: number): (name: string) => boolean {
  if (match === "regex") {
    const pattern = patternOf(text, "", line);
    return (name) => pattern.test(name);
  }
  const part = normalized(text);
  switch (match) {
    case "exact":
      return (name) => name === part;
    case "prefix":
      return (name) => name.startsWith(part);
    case "suffix":
      return (name) => name.endsWith(part);
    case "substring":
      return (name) => name.includes(part);
  }
}
