import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argsOf, linesOf } from "../../corefile/read.js";
import { zoneOf } from "../../corefile/zones.js";
import type { Setup } from "../../plugin.js";
import { COMBINED, COMMON } from "./format.js";
import { type Class, log, type Rule } from "./serve.js";

const CLASSES: readonly string[] = ["all", "success", "denial", "error"] satisfies Class[];

function classesOf(property: Directive): Class[] {
  if (property.name !== "class") throw new CorefileError(property.line, `unknown property '${property.name}'`);
  return argsOf(property, 1, Number.POSITIVE_INFINITY).map((name) => {
    if (!CLASSES.includes(name)) throw new CorefileError(property.line, `invalid Class: ${name}`);
    return name as Class;
  });
}

/** `log [NAMES...] [FORMAT] { class CLASSES... }`. Source: CoreDNS plugin/log/setup.go. */
function rulesOf(directive: Directive): Rule[] {
  const { args } = directive;
  const last = args.at(-1) ?? "";
  // a single argument is a name, whatever it looks like
  const own = args.length > 1 && last.includes("{");
  const format = own ? last.replaceAll("{common}", COMMON).replaceAll("{combined}", COMBINED) : COMMON;
  const names = own ? args.slice(0, -1) : args;
  const classes = linesOf(directive).flatMap(classesOf);
  return (names.length > 0 ? names : ["."]).map((name) => ({ zone: zoneOf(name), format, classes: classes.length > 0 ? classes : ["all"] }));
}

export const setup: Setup = (_directive, { print }, all) => log(all.flatMap(rulesOf), print, () => performance.now());
