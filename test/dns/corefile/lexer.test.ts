import { describe, expect, it } from "vitest";
import { lex } from "../../../dns/corefile/lexer.js";

/** `word@line …` */
const words = (text: string): string =>
  lex(text)
    .map((t) => `${t.text}@${t.line}`)
    .join(" ");

describe("#6.4 Corefile: words", () => {
  it.each([
    ["", ""],
    [". {\n  log\n}\n", ".@1 {@1 log@2 }@3"],
    ["\u{feff}a b", "a@1 b@1"],
    ["a\r\nb\rc", "a@1 bc@2"],
    ["a\u00a0b\u2003c", "a@1 b@1 c@1"],
    ["# all of it\na # rest\nb", "a@2 b@3"],
    ["a#b", "a@1"],
    // the comment ends with the word it stands in
    ["a#b c", "a@1 c@1"],
    ['"a b" c', "a b@1 c@1"],
    ['"a\nb" c\nd', "a\nb@1 c@2 d@3"],
    ['""', "@1"],
    ['a "" b', "a@1 @1 b@1"],
    ['"a # b"', "a # b@1"],
    ['"a \\" b"', 'a " b@1'],
    ['"\\d\\\\"', "\\d\\\\@1"],
    ["(.*)\\.example\\.org", "(.*)\\.example\\.org@1"],
    ['a"b', 'a"b@1'],
    ['"a"b', "a@1 b@1"],
    ['"never closed', "never closed@1"],
    ['"', ""],
    ["{}", "{}@1"],
  ])("%j", (text, expected) => expect(words(text)).toBe(expected));
});
