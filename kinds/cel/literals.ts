/** Values of literals. Source: cel-go parser/unescape.go, parser.go VisitInt … VisitBytes. */

const SIMPLE: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

const isScalar = (code: number): boolean => code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);

/** One escape sequence, without the backslash: its value, or what is wrong with it. */
function unescapeOne(sequence: string, bytes: boolean): string | { readonly error: string } {
  const [c] = sequence;
  if (c === undefined) return { error: "unable to textValue string, found '\\' as last character" };
  if (SIMPLE[c] !== undefined) return SIMPLE[c];
  if ("\\'\"`?".includes(c)) return c;
  if ((c === "u" || c === "U") && bytes) return { error: "unable to textValue string" };
  const code = /[xXuU]/.test(c) ? Number.parseInt(sequence.slice(1), 16) : Number.parseInt(sequence, 8);
  if (!bytes && !isScalar(code)) return { error: "invalid unicode code point" };
  // Bytes are kept as a text of characters below 256.
  return String.fromCodePoint(code);
}

/** The value of a text literal as it stands in the source, quotes and prefix included; bytes as a text of one character each. */
export function textValue(literal: string, bytes: boolean): { readonly value: string } | { readonly error: string } {
  let text = literal.replace(/\r\n?/g, "\n");
  const raw = /^[rR]/.test(text);
  if (raw) text = text.slice(1);
  text = /^("""|''')/.test(text) && text.length >= 6 ? text.slice(3, -3) : text.slice(1, -1);
  const encode = (s: string): string => (bytes ? Buffer.from(s, "utf8").toString("latin1") : s);
  if (raw || !text.includes("\\")) return { value: encode(text) };
  let error: string | undefined;
  const parts = text.split(/(\\(?:[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[\s\S]?))/u);
  const value = parts.map((part, i) => {
    if (i % 2 === 0) return encode(part);
    const one = unescapeOne(part.slice(1), bytes);
    if (typeof one === "string") return one;
    error ??= one.error;
    return "";
  });
  return error === undefined ? { value: value.join("") } : { error };
}

const INT_MAX = 2n ** 63n;

/** The value of an int or uint literal without its suffix; undefined when it does not fit. */
export function integer(text: string, negative: boolean, unsigned: boolean): bigint | undefined {
  const value = BigInt(text);
  if (unsigned) return value < 2n * INT_MAX ? value : undefined;
  const signed = negative ? -value : value;
  return signed < INT_MAX && signed >= -INT_MAX ? signed : undefined;
}
