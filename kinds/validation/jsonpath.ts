/** Syntax of JSONPath templates as client-go reads them. Source: client-go util/jsonpath/parser.go. */

class Malformed extends Error {}

const TERMINATOR = /[ \t\r\n.,[\]$@{}]/;
const escaped = (char: string): string => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")} '${char}'`;

/** Reads `text`, which begins inside an action, up to and including the brace that closes it; the rest is returned. */
function action(text: string): string {
  let rest = text;
  let recursive: boolean = false;
  const take = (length: number): void => {
    rest = rest.slice(length);
  };
  const field = (start: number): void => {
    let i = start;
    while (i < rest.length && !TERMINATOR.test(rest[i] as string)) i += rest[i] === "\\" ? 2 : 1;
    take(i);
  };
  for (;;) {
    const [char] = rest;
    if (char === undefined || char === "\r" || char === "\n") throw new Malformed("unclosed action");
    if (char === "}") return rest.slice(1);
    const wasRecursive: boolean = recursive;
    recursive = false;
    if (rest.startsWith("[?(")) rest = filter(rest.slice(3));
    else if (rest.startsWith("..")) {
      if (wasRecursive) throw new Malformed("invalid multiple recursive descent");
      take(2);
      if (/^[\p{L}\p{Nd}_]/u.test(rest)) field(0);
      else recursive = true;
    } else if (char === " " || char === "@" || char === "$") {
      take(1);
      recursive = wasRecursive;
    } else if (char === "[") rest = array(rest);
    else if (char === '"' || char === "'") rest = quoted(rest, char);
    else if (char === ".") field(1);
    else if (/[+\-\d]/.test(char)) {
      const number = /^[+-]?[\d.]*/.exec(rest)?.[0] ?? "";
      if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(number)) throw new Malformed(`cannot parse number ${number}`);
      take(number.length);
    } else if (/^[\p{L}_]/u.test(rest)) field(0);
    else throw new Malformed(`unrecognized character in action: ${escaped(String.fromCodePoint(rest.codePointAt(0) ?? 0))}`);
  }
}

function quoted(text: string, quote: string): string {
  for (let i = 1; i < text.length && text[i] !== "\n"; i++) if (text[i] === quote && text[i - 1] !== "\\") return text.slice(i + 1);
  throw new Malformed("unterminated quoted string");
}

function array(text: string): string {
  const end = text.search(/[\]\n]/);
  if (end < 0 || text[end] === "\n") throw new Malformed("unterminated array");
  const index = text.slice(1, end);
  const parts = index.split(",");
  if (parts.length > 1) for (const part of parts) action(`[${part.replace(/^ +| +$/g, "")}]}`);
  else if (/^'([^']*)'$/.test(index)) action(`.${index.slice(1, -1)}}`);
  else if (index !== "*" && !/^-?\d*(?::-?\d*)?(?::-?\d*)?$/.test(index)) throw new Malformed(`invalid array index ${index}`);
  return text.slice(end + 1);
}

function filter(text: string): string {
  let quote = "";
  let closed = false;
  for (let i = 0; i < text.length && text[i] !== "\n"; i++) {
    const char = text[i] as string;
    if (char === '"' || char === "'") {
      if (quote === "") quote = char;
      else if (text[i - 1] !== "\\" && char === quote) closed = true;
    } else if (char === ")" && (quote !== "") === closed) {
      if (text[i + 1] !== "]") throw new Malformed("unclosed array expect ]");
      const inner = text.slice(0, i);
      const sides = /^([^!<>=]+)[!<>=]+(.+?)$/s.exec(inner);
      for (const side of sides ? [sides[1], sides[2]] : [inner]) action(`${side}}`);
      return text.slice(i + 2);
    }
  }
  throw new Malformed("unterminated filter");
}

/** What is wrong with a template, if anything. */
export function jsonPathError(template: string): string | undefined {
  try {
    for (let at = template.indexOf("{"), rest = template; at >= 0; at = rest.indexOf("{")) rest = action(rest.slice(at + 1));
    return undefined;
  } catch (e) {
    if (e instanceof RangeError) return "filters are nested too deeply";
    if (!(e instanceof Malformed)) throw e;
    return e.message;
  }
}
