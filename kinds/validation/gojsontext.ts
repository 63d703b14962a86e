/** What encoding/json says of text that should be JSON: its words stand in findings on Secrets and annotations. Source: Go encoding/json scanner.go, decode.go. */

const quoteChar = (ch: string): string => (ch === "'" ? "'\\''" : ch === '"' ? "'\"'" : `'${ch}'`);

/** The error's text, "" when the text is a JSON object (or a list, if that is wanted) or null. `go` names the type it should have been. */
export function goJSONError(text: string, wanted: "object" | "array" = "object", go = "map[string]interface {}"): string {
  let at = 0;
  const fail = (where: string): never => {
    const ch = [...text.slice(at)][0];
    throw new SyntaxError(ch === undefined ? "unexpected end of JSON input" : `invalid character ${quoteChar(ch)} ${where}`);
  };
  const space = (): void => {
    while (at < text.length && " \t\r\n".includes(text[at] as string)) at++;
  };
  const string = (): void => {
    at++;
    for (;;) {
      const ch = text[at];
      if (ch === undefined || ch < " ") fail("in string literal");
      at++;
      if (ch === '"') return;
      if (ch !== "\\") continue;
      const code = text[at];
      if (code === undefined || !'bfnrt\\/"u'.includes(code)) fail("in string escape code");
      at++;
      if (code === "u") for (let i = 0; i < 4; i++, at++) if (!/[0-9a-fA-F]/.test(text[at] ?? "")) fail("in \\u hexadecimal character escape");
    }
  };
  const digits = (where: string): void => {
    if (!/[0-9]/.test(text[at] ?? "")) fail(where);
    while (/[0-9]/.test(text[at] ?? "")) at++;
  };
  const number = (): void => {
    if (text[at] === "-") at++;
    if (text[at] === "0") at++;
    else digits("in numeric literal");
    if (text[at] === ".") {
      at++;
      digits("after decimal point in numeric literal");
    }
    if (text[at] === "e" || text[at] === "E") {
      at++;
      if (text[at] === "+" || text[at] === "-") at++;
      digits("in exponent of numeric literal");
    }
  };
  const literal = (word: string): void => {
    for (const expected of word) {
      if (text[at] !== expected) fail(`in literal ${word} (expecting ${quoteChar(expected)})`);
      at++;
    }
  };
  const value = (): string => {
    space();
    const ch = text[at];
    if (ch === "{") {
      at++;
      space();
      for (let first = true; !(first && text[at] === "}"); first = false) {
        space();
        if (text[at] !== '"') fail("looking for beginning of object key string");
        string();
        space();
        if (text[at] !== ":") fail("after object key");
        at++;
        value();
        space();
        if (text[at] === "}") break;
        if (text[at] !== ",") fail("after object key:value pair");
        at++;
      }
      at++;
      return "object";
    }
    if (ch === "[") {
      at++;
      space();
      for (let first = true; !(first && text[at] === "]"); first = false) {
        value();
        space();
        if (text[at] === "]") break;
        if (text[at] !== ",") fail("after array element");
        at++;
      }
      at++;
      return "array";
    }
    if (ch === '"') {
      string();
      return "string";
    }
    if (ch === "-" || /[0-9]/.test(ch ?? "")) {
      number();
      return "number";
    }
    if (ch === "t" || ch === "f" || ch === "n") {
      literal(ch === "t" ? "true" : ch === "f" ? "false" : "null");
      return ch === "n" ? "null" : "bool";
    }
    return fail("looking for beginning of value");
  };
  try {
    const type = value();
    space();
    if (at < text.length) fail("after top-level value");
    return type === wanted || type === "null" ? "" : `json: cannot unmarshal ${type} into Go value of type ${go}`;
  } catch (err) {
    if (err instanceof SyntaxError) return err.message;
    throw err;
  }
}
