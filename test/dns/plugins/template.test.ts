import { describe, expect, it } from "vitest";
import { createMetrics } from "../../../dns/metrics.js";
import type { SetupContext } from "../../../dns/plugin.js";
import { RCODE, TYPE } from "../../../dns/wire/records.js";
import { parseRecord } from "../../../dns/wire/zonefile.js";
import { addressRecord, answerOf, faultOf, nextOf, pluginOf, request, shown } from "../corefile/support.js";
import { line } from "../support.js";

async function ask(lines: string, text: string, more: Partial<SetupContext> = {}) {
  const plugin = await pluginOf(lines, more);
  const next = nextOf(answerOf({ rcode: RCODE.REFUSED }));
  return plugin.serve(request(text), next);
}

const BY_ADDRESS = `template IN A example.org {
  match ^ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)-([0-9]*)-([0-9]*)[.]example[.]org[.]$
  answer "{{ .Name }} 60 IN A {{ .Group.a }}.{{ index .Group \\"b\\" }}.{{ index .Match 3 }}.{{ .Group.4 }}"
  fallthrough
}`;

describe("#6.4 DNS: template", () => {
  it("answers by what is in the name, with an answer that can be kept", async () => {
    const answer = await ask(BY_ADDRESS, "IP-10-0-0-7.example.org");
    expect(shown(answer)).toEqual(["ip-10-0-0-7.example.org. 60 A 10.0.0.7"]);
    expect(answer).toMatchObject({ rcode: 0, aa: true, fixed: true, by: "template" });
    expect(shown(await ask(BY_ADDRESS, "a.example.org"))).toEqual(["REFUSED"]);
    expect(shown(await ask(BY_ADDRESS, "ip-10-0-0-7.example.org AAAA"))).toEqual(["REFUSED"]);
    expect(shown(await ask(BY_ADDRESS, "ip-10-0-0-7.example.net"))).toEqual(["REFUSED"]);
  });

  it("what matches nothing is a failure without fallthrough, and so is a record that is none", async () => {
    expect(await ask("template IN A {\nmatch ^a\n}", "b.example.org")).toMatchObject({ rcode: RCODE.SERVFAIL, error: undefined });
    expect(await ask('template IN A {\nanswer "{{ .Name }} 60 IN A {{ .Type }}"\n}', "a.example.org")).toMatchObject({
      rcode: RCODE.SERVFAIL,
      error: 'bad A A: "A"',
    });
    expect(await ask('template IN A {\nanswer "{{ index .Match 1 }} 60 IN A 10.0.0.1"\n}', "a.example.org")).toMatchObject({ rcode: RCODE.SERVFAIL });
  });

  it("an rcode, and all sections", async () => {
    const answer = await ask(
      'template ANY ANY test {\nrcode NXDOMAIN\nauthority "{{ .Zone }} 60 IN SOA ns.{{ .Zone }} root.{{ .Zone }} 1 60 60 60 60"\nadditional "x. IN TXT \\"{{ .Class }} {{ .Type }} {{ .Remote }}\\""\n}',
      "a.test MX",
    );
    expect(answer).toMatchObject({ rcode: RCODE.NXDOMAIN, aa: true, answers: [], fixed: false });
    expect([...answer.authorities, ...answer.additionals].map(line)).toEqual([
      "test. 60 SOA ns.test. root.test. 1 60 60 60 60",
      'x. 3600 TXT "IN MX 127.0.0.1"',
    ]);
    expect((await ask("template ANY ANY {\nrcode SERVFAIL\n}", "a.test")).rcode).toBe(RCODE.SERVFAIL);
  });

  it("an alias is followed where addresses are asked for", async () => {
    const asked: string[] = [];
    const more: Partial<SetupContext> = {
      metrics: createMetrics(),
      resolve: ({ name, depth, question }) => {
        asked.push(`${name} ${question.type} ${depth}`);
        return answerOf({ answers: [addressRecord(name, [10, 0, 0, 1])] });
      },
    };
    const lines = 'template IN ANY {\nanswer "{{ .Question.Name }} 60 IN CNAME web.{{- /* at once */ -}} other.test"\n}';
    expect(shown(await ask(lines, "a.test", more))).toEqual(["a.test. 60 CNAME web.other.test.", "web.other.test. 5 A 10.0.0.1"]);
    expect(shown(await ask(lines, "a.test TXT", more))).toEqual(["a.test. 60 CNAME web.other.test."]);
    expect(asked).toEqual(["web.other.test 1 1"]);
    expect(more.metrics?.text()).toContain('coredns_template_matches_total{class="IN",server="dns://:53",type="A",view="",zone="."} 1');
  });

  it.each([
    ["template", "1: plugin/template: Wrong argument count or unexpected line ending after 'template'"],
    ["template XX A", "1: plugin/template: invalid query class XX"],
    ["template IN NOPE", "1: plugin/template: invalid RR class NOPE"],
    ["template IN A {\nmatch (\n}", "2: plugin/template: could not parse regex: (, error parsing regexp: /(/: Unterminated group: `(`"],
    ['template IN A {\nanswer "{{ .Name"\n}', "2: plugin/template: could not compile template: {{ .Name, unclosed action"],
    [
      'template IN A {\nanswer "{{ if .Name }}x{{ end }}"\n}',
      "2: plugin/template: could not compile template: {{ if .Name }}x{{ end }}, {{ if .Name }} is not supported; understood are .Name, .Zone, .Type, .Class, .Regex, .Remote, .Question.Name, .Group.NAME and index .Match NUMBER",
    ],
    ["template IN A {\nrcode nope\n}", "2: plugin/template: unknown rcode nope"],
    ["template IN A {\nederror 3\n}", "2: plugin/template: ederror is not supported"],
    ["template IN A {\nreply x\n}", "2: plugin/template: Wrong argument count or unexpected line ending after 'x'"],
  ])("%j: %s", async (lines, message) => {
    expect(await faultOf(lines)).toBe(message);
  });
});

describe("#6.4 DNS: records as zone files have them", () => {
  it.each([
    ["a.test. 60 IN A 10.0.0.1", "a.test. 60 A 10.0.0.1"],
    ["a.test IN 1m30s A 10.0.0.1 ; an address", "a.test. 90 A 10.0.0.1"],
    ["a.test. AAAA 2001:DB8::1", "a.test. 3600 AAAA 2001:db8::1"],
    ["a.test. ch 7 TXT x", 'a.test. 7 TXT "x"'],
    ["a.test. CNAME b", "a.test. 3600 CNAME b."],
    ["a.test. mx 10 mail.test.", "a.test. 3600 MX 10 mail.test."],
    ["_web._tcp.a.test. SRV 1 2 80 b.test.", "_web._tcp.a.test. 3600 SRV 1 2 80 b.test."],
    ["test. 60 IN SOA ns.test. root.test. (1 2 3 4 5)", "test. 60 SOA ns.test. root.test. 1 2 3 4 5"],
    ["test. SOA ns.test. root.test. (1 ; serial\n 2 3\n(4) 5 )", "test. 3600 SOA ns.test. root.test. 1 2 3 4 5"],
    ['a.test. TXT "(" \\( (x)', 'a.test. 3600 TXT "(" "(" "x"'],
    ['a.test. TXT "one two" three "four\\"\\065"', 'a.test. 3600 TXT "one two" "three" "four\\"A"'],
  ])("%s", (text, expected) => {
    expect(line(parseRecord(text))).toBe(expected);
  });

  it("a text that is too long for one is several", () => {
    const { data } = parseRecord(`a. TXT "${"x".repeat(600)}"`);
    expect(data.type === TYPE.TXT && data.texts.map(({ length }) => length)).toEqual([255, 255, 90]);
  });

  it.each([
    ["", "no record"],
    ["a.test. A (10.0.0.1", "unbalanced brace"],
    ["a.test. A 10.0.0.1)", "extra closing brace"],
    ["a.test. 60 IN", 'no type of record: "a.test. 60 IN"'],
    ["a.test. A 10.0.0", 'bad A A: "10.0.0"'],
    ["a.test. AAAA 10.0.0.1", 'bad AAAA AAAA: "10.0.0.1"'],
    ["a.test. SRV 1 2 80", "SRV needs 4 values, not 3"],
    ["a.test. MX x mail.test.", 'bad MX "x"'],
    ["a.test. NOPE x", 'unknown RR type "NOPE"'],
    ["a.test. CAA 0 issue x", "records of type CAA are not supported"],
  ])("%j: %s", (text, message) => {
    expect(() => parseRecord(text)).toThrow(message);
  });
});
