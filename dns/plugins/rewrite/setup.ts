import { CorefileError, type Directive } from "../../corefile/directive.js";
import { linesOf } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";
import { rcodeOf } from "../../wire/rcodes.js";
import { typeNumber } from "../../wire/types.js";
import { MATCHES, type Match, matcherOf } from "./match.js";
import { nameRule } from "./name.js";
import type { Rule, Undo } from "./rules.js";
import { rewrite } from "./serve.js";

const LEFT_OUT: readonly string[] = ["class", "edns0", "cname"];
const MAX_TTL = 0xffffffff;
const OPEN_TTL = 2_147_483_647;
const MAX_RCODE = 23;

function typeRule(stop: boolean, args: readonly string[], line: number): Rule {
  const [from, to] = args.map((name) => {
    const type = typeNumber(name);
    if (type === undefined) throw new CorefileError(line, `invalid type ${JSON.stringify(name.toUpperCase())}`);
    return type;
  });
  return { stop, rewrite: (asked) => (asked.type === from ? { type: to, undo: [] } : undefined) };
}

/** `30`, `30-`, `-30`, `30-60`. */
function ttlsOf(text: string, line: number): { readonly min: number; readonly max: number } {
  const [, single, least, most] = /^(?:(\d+)|(\d*)-(\d*))$/.exec(text) ?? [];
  const min = Number(single ?? (least || 0));
  const max = Number(single ?? (most || OPEN_TTL));
  const given = single !== undefined || least || most;
  if (!given || min > max || max > MAX_TTL) throw new CorefileError(line, `invalid TTL '${text}' for a ttl rule`);
  return { min, max };
}

/** A rule that is only about the answer: `[MATCH] NAME …`, with as many arguments behind the name as `own`. */
function answerRule(kind: "ttl" | "rcode", own: number, stop: boolean, args: readonly string[], line: number, undo: (own: readonly string[]) => Undo): Rule {
  if (args.length < own + 1) throw new CorefileError(line, `too few (${args.length}) arguments for a ${kind} rule`);
  if (args.length > own + 2) throw new CorefileError(line, `many few arguments for a ${kind} rule`);
  const [match, name] = args.length === own + 2 ? [args[0].toLowerCase(), args[1]] : ["exact", args[0]];
  const what = undo(args.slice(-own));
  if (!(MATCHES as readonly string[]).includes(match)) {
    throw new CorefileError(line, `${kind} rule supports only exact, prefix, suffix, substring, and regex name matching`);
  }
  const matches = matcherOf(match as Match, name, line);
  return { stop, rewrite: (asked) => (matches(asked.name) ? { undo: [what] } : undefined) };
}

const rcodeAt = (text: string, what: string, line: number): number => {
  const rcode = /^\d+$/.test(text) && Number(text) <= MAX_RCODE ? Number(text) : rcodeOf(text.toUpperCase());
  if (rcode === undefined) throw new CorefileError(line, `invalid ${what} RCODE '${text}' for a rcode rule`);
  return rcode;
};

/** One directive. Errors: CorefileError. Source: CoreDNS plugin/rewrite/rewrite.go newRule. */
function ruleOf(directive: Directive): Rule {
  const { line } = directive;
  const args = directive.args.length < 2 ? [...directive.args, ...linesOf(directive).flatMap((one) => [one.name, ...one.args])] : directive.args;
  if (args.length === 0) throw new CorefileError(line, "no rule type specified for rewrite");
  const mode = args[0].toLowerCase();
  const has = mode === "stop" || mode === "continue";
  if (has && args.length < 2) throw new CorefileError(line, `${mode} rule must begin with a rule type`);
  const [type, ...rest] = has ? args.slice(1) : args;
  const stop = mode !== "continue";
  const kind = type.toLowerCase();
  switch (kind) {
    case "answer":
      throw new CorefileError(line, "response rewrites must begin with a name rule");
    case "name":
      return nameRule(stop, rest, line);
    case "type":
      if (rest.length !== 2) throw new CorefileError(line, "type rules must have exactly two arguments");
      return typeRule(stop, rest, line);
    case "ttl":
      return answerRule("ttl", 1, stop, rest, line, ([text]) => ({ kind: "ttl", ...ttlsOf(text, line) }));
    case "rcode":
      return answerRule("rcode", 2, stop, rest, line, ([from, to]) => ({
        kind: "rcode",
        from: rcodeAt(from, "matching", line),
        to: rcodeAt(to, "replacement", line),
      }));
    default:
      throw new CorefileError(
        line,
        LEFT_OUT.includes(kind) ? `${kind} rules are not supported; name, type, ttl and rcode rules are` : `invalid rule type ${JSON.stringify(args[0])}`,
      );
  }
}

export const setup: Setup = (_directive, _context, all) => rewrite(all.map(ruleOf));
