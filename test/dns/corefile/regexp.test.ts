import { describe, expect, it } from "vitest";
import { regexpOf } from "../../../dns/corefile/regexp.js";

describe("#6.4 DNS: regular expressions of Go", () => {
  it.each([
    ["(?i)^WEB-\\d+$", "web-12", true],
    ["(?P<name>[a-z]+)\\.(?<rest>.*)", "web.nginx", true],
    ["\\Aweb\\z", "web\n", false],
    ["^[[:alpha:]]+[[:digit:]]$", "web1", true],
    ["(?s)a.b", "a\nb", true],
    ["a.b", "a\nb", false],
    ["\\\\1", "\\1", true],
  ])("%s of %j: %s", (text, subject, matches) => {
    expect(regexpOf(text, 1).test(subject)).toBe(matches);
  });

  it.each(["a(?=b)", "(?<!a)b", "(a)\\1", "\\pL", "\\Qa\\E", "(?i:a)b", "a(?i)b", "[[:^alpha:]]", "("])("%s is an error with its line", (text) => {
    expect(() => regexpOf(text, 3)).toThrow(/^Corefile:3: error parsing regexp: /);
  });
});
