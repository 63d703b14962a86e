/**
 * YAML in and out, as sigs.k8s.io/yaml (on go.yaml.in/yaml/v2) does it. The only place that knows the `yaml` package, which is loaded when the
 * first YAML comes by.
 */
import type { Node, Pair, Scalar, YAMLError } from "yaml";
import { quote } from "../../kinds/field.js";
import { DecodeError } from "./errors.js";
import { Entries, keysIn, NumberText, parseExactly, plain, RawText, survey, type Value } from "./json.js";
import { define, sortedDeep } from "./specials.js";
import { emitYaml } from "./yamlout.js";
import { FLOAT, INFINITE, wholeNumber, wordValue } from "./yamlscalar.js";

/** Bundled, a CommonJS package has all it exports under `default`. */
const library = async (): Promise<typeof import("yaml")> => {
  const module: typeof import("yaml") & { default?: unknown } = await import("yaml");
  return (module.default as typeof import("yaml") | undefined) ?? module;
};

/** A YAML document as JSON: keys sorted, as they are once Go has turned it into JSON. */
export interface YamlJson {
  readonly value: unknown;
  /** Findings of strict reading: `line 6: key "a" already set in map`. */
  readonly duplicates: readonly string[];
}

/** How yaml.v2 words several findings in one error. */
export const duplicatesMessage = (duplicates: readonly string[]): string => `yaml: unmarshal errors:\n  ${duplicates.join("\n  ")}`;

/** What a plain scalar means. Source: yaml.v2 resolve; timestamps stay text, sexagesimals are text. */
export function resolvePlain(text: string): string | number | boolean | null | NumberText {
  const word = wordValue(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text)) return text;
  if (/^\d{4}-/.test(text)) return text;
  if (INFINITE.test(text)) {
    const shown = text.toLowerCase().endsWith("nan") ? "NaN" : text.startsWith("-") ? "-Inf" : "+Inf";
    throw new DecodeError(`json: unsupported value: ${shown}`);
  }
  const digits = text.replaceAll("_", "");
  const whole = wholeNumber(digits);
  if (whole !== undefined) return Number.isSafeInteger(Number(whole)) ? Number(whole) : new NumberText(String(whole));
  if (FLOAT.test(digits) && Number.isFinite(Number(digits))) {
    const value = Number(digits);
    // Go writes these out in full, and reads them as integers again
    return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63 ? new NumberText(String(BigInt(value))) : value;
  }
  return text;
}

const bySize = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How much of a document may come out of aliases: 99 % of a small one, 10 % of a large one. Source: yaml.v2 allowedAliasRatio. */
function aliasShare(reads: number): number {
  const [low, high] = [400_000, 4_000_000];
  if (reads <= low) return 0.99;
  return reads >= high ? 0.1 : 0.99 - (0.89 * (reads - low)) / (high - low);
}

/**
 * How deep a document that is no JSON may nest. The library composes recursively, and what overflows the stack there can end the process. Upstream's limit is
 * the one that is told.
 */
const MAX_DEPTH = 1_000;

/** Whether a document nests too deep, by the library's own lexer and parser, which do not recurse. */
function tooDeep(text: string, { Lexer, Parser }: typeof import("yaml")): boolean {
  // every level has a bracket, an indicator or a colon of its own
  if ((text.match(/[[{?:-]/g)?.length ?? 0) <= MAX_DEPTH) return false;
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) return true;
  }
  return false;
}

/** JSON text is YAML that means the same, and is read much faster. Undefined for what is no JSON, or needs more care. */
function jsonInYaml(text: string): YamlJson | undefined {
  if (!text.startsWith("{") || text.includes("\t")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const keys = survey(text);
    if (keys < 0) {
      const exact = parseExactly(text);
      return needsYaml(exact) ? undefined : { value: sortedDeep(plain(exact)), duplicates: [] };
    }
    // fewer keys in the value than in the text: one was given twice
    return keys === keysIn(value) ? { value: sortedDeep(value), duplicates: [] } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an exact value says something else, or something more, as YAML: a key that stands twice, a number that no float holds (it is a text there). */
function needsYaml(value: Value): boolean {
  if (value instanceof NumberText) return !Number.isFinite(value.value);
  if (value === null || typeof value !== "object" || value instanceof RawText) return false;
  if (Array.isArray(value)) return value.some(needsYaml);
  const entries = value instanceof Entries ? value.list : Object.entries(value);
  return new Set(entries.map(([key]) => key)).size < entries.length || entries.some(([, item]) => needsYaml(item));
}

/** Reads the first document. Throws DecodeError: `yaml: line 3: …`. */
export async function yamlToJson(text: string): Promise<YamlJson> {
  const json = jsonInYaml(text);
  if (json) return json;
  const yaml = await library();
  if (tooDeep(text, yaml)) throw new DecodeError("yaml: exceeded max depth of 10000");
  const { parseAllDocuments, LineCounter, isAlias, isMap, isPair, isScalar, isSeq } = yaml;
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    uniqueKeys: false,
    lineCounter: lines,
    merge: false,
    logLevel: "silent",
    prettyErrors: false,
  });
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (!document) return { value: null, duplicates: [] };
  const { version, explicit } = document.directives?.yaml ?? {};
  if (explicit && version !== "1.1") throw new DecodeError("yaml: found incompatible YAML document");
  if (document.errors.length > 0) throw new DecodeError(`yaml: ${wordsOf(document.errors[0], text, lines)}`);

  const duplicates: string[] = [];
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;

  const scalar = (node: Scalar): unknown => {
    const tag = node.tag;
    if (node.type !== "PLAIN" || tag === "tag:yaml.org,2002:str" || tag === "!")
      return tag === "tag:yaml.org,2002:binary" ? binary(String(node.value)) : String(node.value ?? "");
    if (tag === "tag:yaml.org,2002:binary") return binary(String(node.value));
    return resolvePlain(node.source ?? String(node.value ?? ""));
  };
  const binary = (source: string): string => Buffer.from(source, "base64").toString("utf8");

  const open = new Set<unknown>();
  let reads = 0;
  let aliased = 0;
  const read = (node: unknown): unknown => {
    if (node === null || node === undefined) return null;
    reads++;
    if (open.size > 0) aliased++;
    if (aliased > 100 && reads > 1000 && aliased / reads > aliasShare(reads)) throw new DecodeError("yaml: document contains excessive aliasing");
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (!target) throw new DecodeError(`yaml: unknown anchor '${node.source}' referenced`);
      // an alias below its own anchor is met once more before it is seen
      if (open.has(target)) throw new DecodeError(`yaml: anchor '${node.source}' value contains itself`);
      open.add(target);
      const value = read(target);
      open.delete(target);
      return value;
    }
    if (isScalar(node)) return scalar(node);
    if (isSeq(node)) return node.items.map(read);
    if (!isMap(node)) return null;
    const entries = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    for (const item of node.items as Pair[]) {
      if (!isPair(item)) continue;
      const keyNode = item.key as Node;
      if (isScalar(keyNode) && keyNode.type === "PLAIN" && keyNode.value === "<<") {
        const sources = read(item.value);
        for (const source of (Array.isArray(sources) ? sources : [sources]) as Record<string, unknown>[]) {
          if (typeof source !== "object" || source === null) throw new DecodeError("yaml: map merge requires map or sequence of maps as the value");
          for (const [key, value] of Object.entries(source)) if (!merged.has(key)) merged.set(key, value);
        }
        continue;
      }
      const raw = read(keyNode);
      const key = raw instanceof NumberText ? raw.text : raw === null ? undefined : typeof raw === "object" ? undefined : String(raw);
      // Go prints the type of a nil as this
      if (key === undefined) throw new DecodeError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${goSyntax(read(item.value))}`);
      if (entries.has(key)) duplicates.push(`line ${lineOf(keyNode)}: key ${typeof raw === "string" ? JSON.stringify(raw) : key} already set in map`);
      entries.set(key, read(item.value));
    }
    for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value);
    const out: Record<string, unknown> = {};
    for (const key of [...entries.keys()].sort(bySize)) define(out, key, entries.get(key));
    return out;
  };
  return { value: read(document.contents), duplicates };
}

/** A value as Go's `%#v` has it. */
function goSyntax(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (value === null || typeof value !== "object") return value === null ? "<nil>" : String(value);
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[]interface {}{${value.map(goElement).join(", ")}}`;
  return `map[interface {}]interface {}{${Object.entries(value)
    .map(([key, item]) => `${quote(key)}:${goElement(item)}`)
    .join(", ")}}`;
}
const goElement = (value: unknown): string => (value === null ? "interface {}(nil)" : goSyntax(value));

/** libyaml's words for what the `yaml` package found. Its parser counts lines from nought, its scanner from one; nought is not told. */
function wordsOf(error: YAMLError, text: string, lines: { linePos(offset: number): { line: number } }): string {
  const at = lines.linePos(error.pos[0]).line;
  const say = (words: string, line: number): string => (line > 0 ? `line ${line}: ${words}` : words);
  const said = error.message;
  const flow = /flow (sequence|map)|must end with a [\]}]/i.exec(said);
  if (flow) {
    // the end of the text stands on a line of its own
    const line = Math.max(1, at - 1);
    if (/[[{,:]\s*$/.test(text)) return say("did not find expected node content", line);
    return say(`did not find expected ',' or '${/sequence|\]/.test(flow[0]) ? "]" : "}"}'`, line);
  }
  switch (error.code) {
    case "TAB_AS_INDENT":
      return say("found character that cannot start any token", at);
    case "MISSING_CHAR":
      if (/closing ["']/i.test(said)) return say("found unexpected end of stream", lines.linePos(text.length).line);
      return say("could not find expected ':'", at + 1);
    case "BLOCK_AS_IMPLICIT_KEY":
      return say("mapping values are not allowed in this context", at > 1 ? at : 0);
    case "MULTILINE_IMPLICIT_KEY":
      return say("could not find expected ':'", at + 1);
    case "BAD_SCALAR_START":
      return say("found character that cannot start any token", at);
    case "BAD_DQ_ESCAPE":
      return say("found unknown escape character", at);
    case "BAD_ALIAS":
      return say("did not find expected alphabetic or numeric character", at);
    default:
      return say("did not find expected key", at > 1 ? at - 1 : 0);
  }
}

/** Whether something in a value is too deep to be walked. */
function hasRaw(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof RawText) return true;
  const items = value instanceof Entries ? value.list.map(([, item]) => item) : Object.values(value);
  return items.some(hasRaw);
}

/** JSON text as YAML text. What nests deeper than there are walks for stays JSON, which is YAML too. */
export function jsonToYaml(json: string): string {
  const value = survey(json) < 0 ? parseExactly(json) : (JSON.parse(json) as Value);
  return hasRaw(value) ? `${json}\n` : emitYaml(value);
}
