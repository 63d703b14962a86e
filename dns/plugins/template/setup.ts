import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argError, argsOf, linesOf } from "../../corefile/read.js";
import { regexpOf } from "../../corefile/regexp.js";
import { fallOf, originsOf } from "../../corefile/zones.js";
import type { Setup } from "../../plugin.js";
import { rcodeOf } from "../../wire/rcodes.js";
import { RCODE } from "../../wire/records.js";
import { classNumber, typeNumber } from "../../wire/types.js";
import { type Template, template } from "./serve.js";
import { type Text, textOf } from "./text.js";

const MAX_REGEXP = 10_000;
const LEFT_OUT: readonly string[] = ["ederror", "var", "expr"];

const many = (property: Directive): readonly string[] => argsOf(property, 1, Number.POSITIVE_INFINITY);

const textsOf = (property: Directive): Text[] =>
  many(property).map((text) => {
    try {
      return textOf(text);
    } catch (error) {
      throw new CorefileError(property.line, `could not compile template: ${text}, ${(error as Error).message}`);
    }
  });

const patternsOf = (property: Directive): Template["patterns"] =>
  many(property).map((written) => {
    if (written.length > MAX_REGEXP) throw new CorefileError(property.line, `regex pattern too long: ${written.length} > ${MAX_REGEXP}`);
    try {
      return { pattern: regexpOf(written, property.line), written };
    } catch (error) {
      throw new CorefileError(property.line, `could not parse regex: ${written}, ${(error as CorefileError).reason}`);
    }
  });

function rcodeAt(property: Directive): number {
  const [name] = many(property);
  const rcode = rcodeOf(name);
  if (rcode === undefined) throw new CorefileError(property.line, `unknown rcode ${name}`);
  return rcode;
}

/** `template CLASS TYPE [ZONES...] { … }`. Errors: CorefileError. Source: CoreDNS plugin/template/setup.go. */
function templateOf(directive: Directive, blockZones: readonly string[]): Template {
  const { line } = directive;
  const [of, type, ...zones] = argsOf(directive, 2, Number.POSITIVE_INFINITY);
  const classOf = classNumber(of);
  if (classOf === undefined) throw new CorefileError(line, `invalid query class ${of}`);
  const number = type === type.toUpperCase() ? typeNumber(type) : undefined;
  if (number === undefined) throw new CorefileError(line, `invalid RR class ${type}`);
  let made: Template = {
    zones: originsOf(zones, blockZones),
    class: classOf,
    type: number,
    patterns: [],
    answers: [],
    authorities: [],
    additionals: [],
    rcode: RCODE.NOERROR,
    fallthrough: [],
  };
  for (const property of linesOf(directive)) {
    switch (property.name) {
      case "match":
        made = { ...made, patterns: [...made.patterns, ...patternsOf(property)] };
        break;
      case "answer":
        made = { ...made, answers: [...made.answers, ...textsOf(property)] };
        break;
      case "additional":
        made = { ...made, additionals: [...made.additionals, ...textsOf(property)] };
        break;
      case "authority":
        made = { ...made, authorities: [...made.authorities, ...textsOf(property)] };
        break;
      case "rcode":
        made = { ...made, rcode: rcodeAt(property) };
        break;
      case "fallthrough":
        made = { ...made, fallthrough: fallOf(property.args) };
        break;
      case "upstream":
        break;
      default:
        if (LEFT_OUT.includes(property.name)) throw new CorefileError(property.line, `${property.name} is not supported`);
        throw argError(property);
    }
  }
  return made.patterns.length > 0 ? made : { ...made, patterns: [{ pattern: /.*/, written: ".*" }] };
}

export const setup: Setup = (_directive, { block, resolve, metrics, server }, all) =>
  template(
    all.map((directive) => templateOf(directive, block.zones)),
    resolve,
    (data) => {
      const labels = { server, zone: data.Zone, view: "", class: data.Class, type: data.Type };
      metrics.counter("coredns_template_matches_total", "Counter of template regex matches.", labels).value++;
    },
  );
