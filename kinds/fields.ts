/** Field selectors of list, watch and delete-collection. Source: apimachinery pkg/fields/selector.go. */

/** One term: `field = value` or, with `not`, `field != value`. */
export interface FieldTerm {
  readonly field: string;
  readonly value: string;
  readonly not: boolean;
}

/** All terms must hold; no terms select everything. */
export interface FieldSelector {
  readonly terms: readonly FieldTerm[];
  readonly empty: boolean;
  /** `get` answers a field's value as text, "" when absent. */
  matches(get: (field: string) => string): boolean;
  /** The value a field must have, when the selector pins it. */
  exact(field: string): string | undefined;
  toString(): string;
}

/** A field selector that cannot be parsed; the message is upstream's. */
export class FieldSelectorError extends Error {}

/** Cuts at commas that no backslash protects; the backslashes stay. */
function splitTerms(text: string): string[] {
  const out: string[] = [];
  let start = 0;
  let escaped = false;
  for (let i = 0; i < text.length; i++) {
    if (escaped) escaped = false;
    else if (text[i] === "\\") escaped = true;
    else if (text[i] === ",") {
      out.push(text.slice(start, i));
      start = i + 1;
    }
  }
  out.push(text.slice(start));
  return out;
}

function unescapeValue(text: string): string {
  let out = "";
  let escaped = false;
  for (const ch of text) {
    if (escaped) {
      if (ch !== "\\" && ch !== "," && ch !== "=") throw new FieldSelectorError(`invalid field selector: invalid escape sequence: \\${ch}`);
      out += ch;
      escaped = false;
    } else if (ch === "\\") escaped = true;
    // Upstream prints the rune with %v, which is its number.
    else if (ch === "," || ch === "=") throw new FieldSelectorError(`invalid field selector: unescaped character in value: ${ch.codePointAt(0)}`);
    else out += ch;
  }
  if (escaped) throw new FieldSelectorError("invalid field selector: invalid escape sequence: \\");
  return out;
}

const escapeValue = (s: string): string => s.replace(/[\\,=]/g, "\\$&");

function parseTerm(selector: string, term: string): FieldTerm {
  for (let i = 0; i < term.length; i++) {
    // Longest first, so that "==" leaves no "=" on the value.
    const op = ["!=", "==", "="].find((candidate) => term.startsWith(candidate, i));
    if (op) return { field: term.slice(0, i), value: unescapeValue(term.slice(i + op.length)), not: op === "!=" };
  }
  throw new FieldSelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
}

export function fieldSelectorOf(terms: readonly FieldTerm[]): FieldSelector {
  return {
    terms,
    empty: terms.length === 0,
    matches: (get) => terms.every((t) => (get(t.field) === t.value) !== t.not),
    exact: (field) => terms.find((t) => !t.not && t.field === field)?.value,
    toString: () => terms.map((t) => `${t.field}${t.not ? "!=" : "="}${escapeValue(t.value)}`).join(","),
  };
}

/** Parses the `fieldSelector` query. Which fields a kind knows is judged elsewhere. Throws FieldSelectorError. */
export const parseFieldSelector = (text: string): FieldSelector =>
  fieldSelectorOf(
    splitTerms(text)
      .sort()
      .filter((term) => term !== "")
      .map((term) => parseTerm(text, term))
      // nothing at all selects everything (hasTerm.Transform)
      .filter(({ field, value }) => field !== "" || value !== ""),
  );
