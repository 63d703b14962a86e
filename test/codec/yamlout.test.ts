import { describe, expect, it } from "vitest";
import { jsonToYaml } from "../../server/codec/yaml.js";
import { byNature } from "../../server/codec/yamlout.js";

const LONG = "word ".repeat(20).trim();

describe("#4.2 YAML as sigs.k8s.io/yaml writes it", () => {
  it.each<[what: string, value: unknown, text: string]>([
    ["scalars", { a: 1, b: true, c: null, d: "x", e: 1.5, f: [], g: {} }, "a: 1\nb: true\nc: null\nd: x\ne: 1.5\nf: []\ng: {}\n"],
    [
      "words that mean something else",
      { a: "yes", b: "1", c: "", d: "null", e: "1.5", f: "0x1F", g: "12:30", h: "1_000", i: ".5" },
      'a: "yes"\nb: "1"\nc: ""\nd: "null"\ne: "1.5"\nf: "0x1F"\ng: "12:30"\nh: "1_000"\ni: ".5"\n',
    ],
    [
      "dates and times",
      { a: "2026-01-02", b: "2026-01-02T03:04:05Z", c: "2026-13-01", d: "2026-02-30" },
      'a: "2026-01-02"\nb: "2026-01-02T03:04:05Z"\nc: 2026-13-01\nd: 2026-02-30\n',
    ],
    [
      "indicators",
      { a: "- x", b: "x: y", c: "#x", d: "x #y", e: "it's", f: "*a", g: "a:b", h: "-x" },
      "a: '- x'\nb: 'x: y'\nc: '#x'\nd: 'x #y'\ne: it's\nf: '*a'\ng: a:b\nh: -x\n",
    ],
    ["spaces at the ends", { a: " x", b: "x " }, "a: ' x'\nb: 'x '\n"],
    [
      "lines",
      { a: "x\ny", b: "x\n", c: "x\n\n", d: " x\ny", e: "x \ny", f: "\n" },
      'a: |-\n  x\n  y\nb: |\n  x\nc: |+\n  x\n\nd: |2-\n   x\n  y\ne: "x \\ny"\nf: |2+\n\n',
    ],
    ["what is escaped", { a: "\t", b: 'q"\u0007\u001b', c: "😀", d: "é日" }, 'a: "\\t"\nb: "q\\"\\a\\e"\nc: "\\U0001F600"\nd: é日\n'],
    ["a long plain text", { a: LONG }, `a: ${"word ".repeat(15)}word\n  word word word word\n`],
    ["a long quoted text", { a: `: ${LONG}` }, `a: ': ${"word ".repeat(15)}word\n  word word word word'\n`],
    ["a long text in double quotes", { a: `\t${LONG}` }, `a: "\\t${"word ".repeat(15)}word\n  word word word word"\n`],
    ["lists at the indentation of their key, lists in lists", { a: [1, [2, [3]], { b: 1, c: [4] }] }, "a:\n- 1\n- - 2\n  - - 3\n- b: 1\n  c:\n  - 4\n"],
    ["keys in natural order", { b10: 1, b9: 2, B: 3, "1": 4, a: 5, _: 6 }, '_: 6\n"1": 4\nB: 3\na: 5\nb9: 2\nb10: 1\n'],
    ["keys that mean something else", { yes: 1, "": 2, "x: y": 3 }, '"": 2\nx: y: 3\n"yes": 1\n'.replace("x: y: 3", "'x: y': 3")],
    ["a key that is too long for its line", { ["k".repeat(129)]: [1] }, `? ${"k".repeat(129)}\n: - 1\n`],
  ])("%s", (_what, value, text) => {
    expect(jsonToYaml(JSON.stringify(value))).toBe(text);
  });

  it.each([
    ["9223372036854775807", "9223372036854775807"],
    ["18446744073709551615", "18446744073709551615"],
    ["18446744073709551616", "1.8446744073709552e+19"],
    ["1e21", "1e+21"],
    ["1234567.5", "1.2345675e+06"],
    ["123456.5", "123456.5"],
    ["0.0001", "0.0001"],
    ["0.00001", "1e-05"],
    ["1.0", "1"],
    ["-0.5", "-0.5"],
  ])("the number %s", (given, text) => {
    expect(jsonToYaml(`{"a":${given}}`)).toBe(`a: ${text}\n`);
  });

  it("leaves what nests too deep JSON", () => {
    const deep = `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`;
    expect(jsonToYaml(deep)).toBe(`${deep}\n`);
  });

  it("orders runs of digits by their size, letters last", () => {
    expect(["a10", "a9", "a", "A", "1", "02", "2", "-", "a1b", "ab"].sort(byNature)).toEqual(["-", "1", "2", "02", "A", "a", "a1b", "a9", "a10", "ab"]);
  });
});
