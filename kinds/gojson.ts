import { jsonText } from "./exact.js";

/** What Go's encoder escapes in strings beyond JSON.stringify: HTML's characters and the two line separators. */
const ESCAPED: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029" };

/** JSON text with those escaped. They stand in strings only, so replacing them in the text is safe. */
export const escaped = (text: string): string => (/[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, (c) => ESCAPED[c] as string) : text);

/** JSON text as Go's encoding/json writes it, with `indent` as MarshalIndent does. */
export function goJson(value: unknown, indent?: string): string {
  const text = escaped(jsonText(value).text);
  return indent === undefined ? text : indented(text, indent);
}

/** JSON text laid out for a reader, token by token. Source: encoding/json Indent. */
export function indented(json: string, unit = "  "): string {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  const line = (at: number): void => {
    out.push(json.slice(from, at), "\n", unit.repeat(depth));
    from = at;
  };
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === '"') {
      for (i++; json[i] !== '"'; i++) if (json[i] === "\\") i++;
    } else if (c === "{" || c === "[") {
      if (json[i + 1] === "}" || json[i + 1] === "]") i++;
      else {
        depth++;
        line(i + 1);
      }
    } else if (c === "}" || c === "]") {
      depth--;
      line(i);
    } else if (c === ",") line(i + 1);
    else if (c === ":") {
      out.push(json.slice(from, i), ": ");
      from = i + 1;
    } else if (c === " ") {
      // what marks inexact stored text
      out.push(json.slice(from, i));
      from = i + 1;
    }
  }
  out.push(json.slice(from));
  return out.join("");
}
