import { describe, expect, it } from "vitest";
import { FieldSelectorError, parseFieldSelector } from "../../kinds/fields.js";
import { formatLabelSelector, labelSelectorAsSelector, parseLabelSelector, SelectorError } from "../../kinds/labels.js";

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (err) {
    if (err instanceof SelectorError || err instanceof FieldSelectorError) return err.message;
    throw err;
  }
  return "no error";
};

describe("#3.1 label selectors", () => {
  const labels = { app: "web", tier: "front", n: "7" };
  it.each([
    ["", true],
    ["app", true],
    ["!app", false],
    ["app=web,tier!=back", true],
    ["app==db", false],
    ["app in (db, web)", true],
    ["tier notin (front)", false],
    ["none notin (a)", true],
    ["none!=a", true],
    ["n>6", true],
    ["n<7", false],
    ["app>1", false],
    ["in in (in)", false],
    ["empty=", false],
    ["app in (,web)", true],
  ])("%s on the labels is %s", (text, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected);
  });

  it.each([
    ["x=>1", "unable to parse requirement: found '>', expected: identifier"],
    ["x in (1", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["x=1 2", "found '2', expected: ',' or 'end of string'"],
    ["x 1=2", "unable to parse requirement: found '1', expected: in, notin, =, ==, !=, gt, lt"],
    ["x,", "found '', expected: identifier after ','"],
    [",", "found ',', expected: !, identifier, or 'end of string'"],
    ["x>a", `unable to parse requirement: values[0]: Invalid value: "a": for 'Gt', 'Lt' operators, the value must be an integer`],
    [`x=${"a".repeat(64)}`, `unable to parse requirement: values[0][x]: Invalid value: "${"a".repeat(64)}": must be no more than 63 bytes`],
    ["x in a", "unable to parse requirement: found 'a' expected: '('"],
  ])("%s is refused", (text, message) => {
    expect(failure(() => parseLabelSelector(text))).toBe(message);
  });

  it("an absent object selector selects nothing, an empty one everything", () => {
    expect(labelSelectorAsSelector(undefined).matches({})).toBe(false);
    expect(labelSelectorAsSelector({}).matches({})).toBe(true);
    expect(formatLabelSelector({})).toBe("<none>");
  });

  it("prints terms by key and values in order", () => {
    const selector = {
      matchLabels: { b: "1" },
      matchExpressions: [
        { key: "a", operator: "In", values: ["z", "y"] },
        { key: "c", operator: "DoesNotExist" },
      ],
    };
    expect(formatLabelSelector(selector)).toBe("a in (y,z),b=1,!c");
    expect(formatLabelSelector({ matchExpressions: [{ key: "a", operator: "Has" }] })).toBe("<error>");
  });
});

describe("#3.1 field selectors", () => {
  it("matches exact and negated terms, absent fields being empty", () => {
    const get = (path: string) => ({ "metadata.name": "a,b" })[path] ?? "";
    expect(parseFieldSelector("metadata.name=a\\,b").matches(get)).toBe(true);
    expect(parseFieldSelector("metadata.name!=x,spec.other=").matches(get)).toBe(true);
    expect(parseFieldSelector("metadata.name==x").matches(get)).toBe(false);
    expect(parseFieldSelector("metadata.name=x").exact("metadata.name")).toBe("x");
    expect(parseFieldSelector("").empty).toBe(true);
  });

  it.each([
    ["plain", "invalid selector: 'plain'; can't understand 'plain'"],
    ["a=b\\x", "invalid field selector: invalid escape sequence: \\x"],
    ["a=b=c", "invalid field selector: unescaped character in value: 61"],
  ])("%s is refused", (text, message) => {
    expect(failure(() => parseFieldSelector(text))).toBe(message);
  });
});
