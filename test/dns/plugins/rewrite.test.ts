import { describe, expect, it } from "vitest";
import type { Handler } from "../../../dns/plugin.js";
import { type Answer, RCODE, type ResourceRecord, TYPE } from "../../../dns/wire/records.js";
import { addressRecord, answerOf, faultOf, pluginOf, request, shown } from "../corefile/support.js";

/** Asks a `rewrite` of these lines; behind it every name has an address, and what `more` says. Gives what was asked there, and the answer. */
async function ask(lines: string, text: string, more: (name: string) => readonly ResourceRecord[] = () => [], rcode: number = RCODE.NOERROR) {
  const plugin = await pluginOf(lines);
  const asked: string[] = [];
  const next: Handler = ({ question, name }) => {
    asked.push(`${question.labels.join(".")} ${question.type}`);
    const answers = rcode === RCODE.NOERROR ? [addressRecord(name, [10, 0, 0, 1]), ...more(name)] : [];
    return answerOf({ answers, rcode });
  };
  const answer: Answer = await plugin.serve(request(text), next);
  return { asked, lines: shown(answer), rcode: answer.rcode };
}

const alias = (target: string) => (name: string) => [{ name, ttl: 5, data: { type: TYPE.CNAME, target } } as const];

describe("#6.4 DNS: rewrite", () => {
  it.each([
    ["rewrite name a.example.org b.example.org", "A.example.org", "b.example.org 1", "a.example.org."],
    ["rewrite name exact a.example.org b.example.org", "c.a.example.org", "c.a.example.org 1", "c.a.example.org."],
    ["rewrite name prefix a.b. c.", "a.b.example.org", "c.example.org 1", "c.example.org."],
    ["rewrite name suffix .corp.test .svc.cluster.local", "api.corp.test", "api.svc.cluster.local 1", "api.svc.cluster.local."],
    ["rewrite name suffix .corp.test .svc.cluster.local answer auto", "api.corp.test", "api.svc.cluster.local 1", "api.corp.test."],
    ["rewrite stop name suffix .corp.test .svc.cluster.local answer auto", "api.example.org", "api.example.org 1", "api.example.org."],
    ["rewrite name substring .x. .y.z.", "a.x.example.org", "a.y.z.example.org 1", "a.y.z.example.org."],
    ["rewrite name substring .x. .y.z. answer auto", "a.x.example.org", "a.y.z.example.org 1", "a.x.example.org."],
    [
      "rewrite name regex (.*)\\.corp\\.test {1}.default.svc.cluster.local",
      "api.corp.test",
      "api.default.svc.cluster.local 1",
      "api.default.svc.cluster.local.",
    ],
    [
      "rewrite {\nname regex (.*)\\.corp\\.test {1}.default.svc.cluster.local\nanswer name (.*)\\.default\\.svc\\.cluster\\.local {1}.corp.test\n}",
      "api.corp.test",
      "api.default.svc.cluster.local 1",
      "api.corp.test.",
    ],
    ["rewrite type A AAAA", "a.example.org", "a.example.org 28", "a.example.org."],
    ["rewrite type ANY A", "A.example.org 255", "A.example.org 1", "a.example.org."],
    ["rewrite continue type ANY A\nrewrite name A.example.org b.example.org", "A.example.org 255", "b.example.org 1", "a.example.org."],
    ["rewrite continue name a.example.org b.example.org\nrewrite name b.example.org c.example.org", "a.example.org", "c.example.org 1", "a.example.org."],
    ["rewrite name a.example.org b.example.org\nrewrite name b.example.org c.example.org", "a.example.org", "b.example.org 1", "a.example.org."],
  ])("%j: %s is asked as %s, and answered for %s", async (lines, text, asked, name) => {
    expect(await ask(lines, text)).toMatchObject({ asked: [asked], lines: [`${name} 5 A 10.0.0.1`] });
  });

  it("what records say is turned back where it is asked for, and below the name that was put in", async () => {
    const auto = await ask("rewrite name a.example.org b.example.org", "a.example.org", alias("x.b.example.org"));
    expect(auto.lines).toEqual(["a.example.org. 5 A 10.0.0.1", "a.example.org. 5 CNAME x.a.example.org."]);
    const value = await ask("rewrite name suffix .o .p answer value (.*)\\.svc {1}.corp", "a.o", alias("x.svc"));
    expect(value.lines).toEqual(["a.p. 5 A 10.0.0.1", "a.p. 5 CNAME x.corp."]);
    const none = await ask("rewrite name suffix .o .p", "a.o", alias("x.svc"));
    expect(none.lines).toEqual(["a.p. 5 A 10.0.0.1", "a.p. 5 CNAME x.svc."]);
  });

  it.each([
    ["rewrite ttl a.example.org 30", 30],
    ["rewrite ttl suffix .org -3", 3],
    ["rewrite ttl regex ^a 10-", 10],
    ["rewrite ttl prefix b. 10", 5],
    ["rewrite ttl substring example 1-60", 5],
  ])("%s: %i seconds", async (lines, ttl) => {
    expect((await ask(lines, "a.example.org")).lines).toEqual([`a.example.org. ${ttl} A 10.0.0.1`]);
  });

  it("rcodes are changed where they are those, also of an answer without records", async () => {
    const lines = "rewrite rcode regex .* SERVFAIL NXDOMAIN";
    expect((await ask(lines, "a.example.org", undefined, RCODE.SERVFAIL)).rcode).toBe(RCODE.NXDOMAIN);
    expect((await ask(lines, "a.example.org", undefined, RCODE.REFUSED)).rcode).toBe(RCODE.REFUSED);
    expect((await ask("rewrite rcode a.example.org 2 0", "a.example.org", undefined, RCODE.SERVFAIL)).rcode).toBe(RCODE.NOERROR);
  });

  it("a name that cannot be one is a failure, and nobody is asked", async () => {
    const { asked, rcode } = await ask(`rewrite name regex (a).* {1}..b`, "a.example.org");
    expect([asked, rcode]).toEqual([[], RCODE.SERVFAIL]);
  });

  it.each([
    ["rewrite", "1: plugin/rewrite: no rule type specified for rewrite"],
    ["rewrite continue", "1: plugin/rewrite: continue rule must begin with a rule type"],
    ["rewrite name a", "1: plugin/rewrite: too few arguments for a name rule"],
    ["rewrite name nearly a b", "1: plugin/rewrite: name rule supports only exact, prefix, suffix, substring, and regex name matching, received: nearly"],
    ["rewrite name regex a(b {1}", "1: plugin/rewrite: error parsing regexp: /a(b/: Unterminated group: `a(b`"],
    [
      "rewrite name regex ab {1}",
      "1: plugin/rewrite: the rewrite regex pattern ({1}) uses more subexpressions than its corresponding matching regex pattern (ab)",
    ],
    ["rewrite name exact a b answer", "1: plugin/rewrite: invalid arguments for exact rule"],
    ["rewrite name exact a b reply auto", "1: plugin/rewrite: exceeded the number of arguments for a non-answer rule argument for exact rule"],
    ["rewrite name suffix a b answer name x", "1: plugin/rewrite: name answer rule for suffix rule: 2 arguments required"],
    ["rewrite name suffix a b answer auto answer name x y", "1: plugin/rewrite: auto name answer rule cannot be combined with explicit name anwer rules"],
    ["rewrite answer name a b", "1: plugin/rewrite: response rewrites must begin with a name rule"],
    ["rewrite type A", "1: plugin/rewrite: type rules must have exactly two arguments"],
    ["rewrite type A NOPE", '1: plugin/rewrite: invalid type "NOPE"'],
    ["rewrite ttl a -", "1: plugin/rewrite: invalid TTL '-' for a ttl rule"],
    ["rewrite ttl a 9-3", "1: plugin/rewrite: invalid TTL '9-3' for a ttl rule"],
    ["rewrite rcode a X NXDOMAIN", "1: plugin/rewrite: invalid matching RCODE 'X' for a rcode rule"],
    ["rewrite edns0 local set 0xffee 0x61", "1: plugin/rewrite: edns0 rules are not supported; name, type, ttl and rcode rules are"],
    ["rewrite colour a b", '1: plugin/rewrite: invalid rule type "colour"'],
  ])("%j: %s", async (lines, message) => {
    expect(await faultOf(lines)).toBe(message);
  });
});
