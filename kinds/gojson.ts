/** What Go's encoder escapes in strings beyond JSON.stringify: HTML's characters and the two line separators. */
const ESCAPED: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029" };

/**
 * JSON text as Go's encoding/json writes it, with `indent` as MarshalIndent does. These characters stand in strings only, so replacing them in the text
 * is safe.
 */
export function goJson(value: unknown, indent?: string): string {
  const text = JSON.stringify(value, null, indent);
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, (c) => ESCAPED[c] as string) : text;
}
