import { CorefileError } from "../../corefile/directive.js";
import { byPart, byPattern, byPrefix, bySuffix, byZone, MATCHES, type Match, normalized, patternOf, type Replace } from "./match.js";
import type { Rule, Undo } from "./rules.js";

interface Answers {
  /** Names of the answer become what they were in the question. */
  readonly auto: boolean;
  readonly undo: readonly Undo[];
}

/** `answer auto`, `answer name FROM TO`, `answer value FROM TO`. Source: CoreDNS plugin/rewrite/name.go parseAnswerRules. */
function answersOf(match: string, args: readonly string[], line: number): Answers {
  if (args.length < 2) throw new CorefileError(line, `invalid arguments for ${match} rule`);
  const undo: Undo[] = [];
  let auto = false;
  let names = 0;
  for (let i = 0; i < args.length; ) {
    if (i === 0 && args[i] !== "answer") throw new CorefileError(line, `exceeded the number of arguments for a non-answer rule argument for ${match} rule`);
    if (args[i] === "answer") i++;
    const kind = args[i++];
    if (kind === undefined) throw new CorefileError(line, `type missing for answer rule for ${match} rule`);
    if (kind === "auto") {
      auto = true;
      continue;
    }
    if (kind !== "name" && kind !== "value") throw new CorefileError(line, `invalid type ${JSON.stringify(kind)} for answer rule for ${match} rule`);
    const [from, to] = args.slice(i, i + 2);
    if (to === undefined) throw new CorefileError(line, `${kind} answer rule for ${match} rule: 2 arguments required`);
    undo.push({ kind, replace: byPattern(patternOf(from, to, line), normalized(to)) });
    if (kind === "name") names++;
    i += 2;
  }
  if (auto && names > 0) throw new CorefileError(line, "auto name answer rule cannot be combined with explicit name anwer rules");
  return { auto, undo };
}

function replaceOf(match: Match, from: string, to: string, line: number): Replace {
  if (match === "regex") return byPattern(patternOf(from, to, line), normalized(to));
  const [before, after] = [normalized(from), normalized(to)];
  switch (match) {
    case "exact":
      return (name) => (name === before ? after : undefined);
    case "prefix":
      return byPrefix(before, after);
    case "suffix":
      return bySuffix(before, after);
    case "substring":
      return byPart(before, after);
  }
}

const both = (replace: Replace): Undo[] => [
  { kind: "name", replace },
  { kind: "value", replace },
];

/** A rule for names: `[MATCH] FROM TO [answer …]`. Errors: CorefileError. Source: CoreDNS plugin/rewrite/name.go newNameRule. */
export function nameRule(stop: boolean, args: readonly string[], line: number): Rule {
  if (args.length < 2) throw new CorefileError(line, "too few arguments for a name rule");
  const [match, from, to] = args.length === 2 ? ["exact", ...args] : [args[0].toLowerCase(), args[1], args[2]];
  if (args[3] === "metadata") throw new CorefileError(line, "metadata is not supported");
  const answers = args.length > 3 ? answersOf(match, args.slice(3), line) : { auto: false, undo: [] };
  if (!(MATCHES as readonly string[]).includes(match)) {
    throw new CorefileError(line, `name rule supports only exact, prefix, suffix, substring, and regex name matching, received: ${match}`);
  }
  const replace = replaceOf(match as Match, from, to, line);
  // an exact name is always turned back; a suffix is by its own rule the other way round, whatever the question was
  const suffix = match === "suffix" && answers.auto ? both(bySuffix(normalized(to), normalized(from))) : [];
  const turned = match === "exact" || (answers.auto && match !== "suffix");
  return {
    stop,
    rewrite(asked) {
      const name = replace(asked.name);
      if (name === undefined) return undefined;
      const back = turned ? both(byZone(name, asked.name)) : suffix;
      return { name, undo: [...back, ...answers.undo] };
    },
  };
}
