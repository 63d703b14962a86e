import { describe, expect, it } from "vitest";
import { COMMON, lineOf } from "../../../dns/plugins/log/format.js";
import { classOf, log } from "../../../dns/plugins/log/serve.js";
import { setup } from "../../../dns/plugins/log/setup.js";
import { type Answer, RCODE, TYPE } from "../../../dns/wire/records.js";
import { addressRecord, answerOf, contextOf, directiveOf, faultOf, pluginOf, request } from "../corefile/support.js";

const found = answerOf({ aa: true, fixed: true, answers: [addressRecord("a.example.org", [10, 0, 0, 1])] });
const denied = answerOf({ rcode: RCODE.NXDOMAIN, aa: true });
const refused = answerOf({ rcode: RCODE.REFUSED });

/** The lines that a `log` writes for a question that is answered so. */
async function linesOf(lines: string, answer: Answer, text = "a.example.org A"): Promise<string[]> {
  const printed: string[] = [];
  const plugin = await pluginOf(lines, { print: (level, line) => printed.push(`${level} ${line}`) });
  await plugin.serve(request(text), () => answer);
  return printed;
}

describe("#6.4 DNS: log", () => {
  it("the line of a question, as CoreDNS has it", () => {
    const asked = request("a.example.org A", { id: 15389, size: 42, edns: { size: 1232, ttl: 0 }, peer: { address: "127.0.0.1", port: 42836 } });
    const exchanged = { request: asked, answer: found, took: 0.1 };
    const common = '127.0.0.1:42836 - 15389 "A IN a.example.org. udp 42 false 1232" NOERROR qr,aa,rd 60 0.0001s';
    const printed: string[] = [];
    const times = [1, 1.1];
    log(
      [{ zone: "", format: COMMON, classes: ["all"] }],
      (_, line) => printed.push(line),
      () => times.shift() ?? 0,
    ).serve(asked, () => found);
    expect(printed).toEqual([common]);
    expect(
      lineOf("{proto} {>bufsize} {>do} {type} {remote} {>opcode} {local} {/a/b} {none} {}", { ...exchanged, request: { ...asked, transport: "tcp" } }),
    ).toBe("tcp 65535 false A 127.0.0.1 0 - - {none} {}");
    const cookie = { ...asked, size: 54, edns: { size: 1232, ttl: 0, options: Buffer.alloc(12) } };
    expect(lineOf("{size}", { ...exchanged, request: cookie })).toBe("42");
    expect(lineOf("{size}", { ...exchanged, request: cookie, answer: answerOf({ rcode: RCODE.SERVFAIL }) })).toBe("54");
    const other = request("a.example.org 4711", { peer: { address: "::1", port: 1 }, edns: { size: 4096, ttl: 0x8000 } });
    expect(lineOf("{remote}:{port} {type} {>do} {>bufsize} {rcode} {duration}", { request: other, answer: answerOf({ rcode: 16 }), took: 1500 })).toBe(
      "[::1]:1 TYPE4711 true 4096 BADSIG 1.5s",
    );
  });

  it.each([
    [found, TYPE.A, "success"],
    [denied, TYPE.A, "denial"],
    [refused, TYPE.A, "error"],
    [found, TYPE.AXFR, "error"],
    [
      answerOf({
        authorities: [{ name: "x", ttl: 5, data: { type: TYPE.SOA, primary: "", mailbox: "", serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 } }],
      }),
      TYPE.A,
      "denial",
    ],
  ] as const)("%# is of the class it is", (answer, type, expected) => {
    expect(classOf(answer, type)).toBe(expected);
  });

  it("the first rule for the name decides, by the class of the answer", async () => {
    expect(await linesOf('log example.org "{name}"', found)).toEqual(["info a.example.org."]);
    expect(await linesOf('log example.net "{name}"', found)).toEqual([]);
    expect(await linesOf('log . "{rcode} {combined}" {\nclass denial error\n}', found)).toEqual([]);
    expect(await linesOf('log . "{rcode}" {\nclass denial error\n}', denied)).toEqual(["info NXDOMAIN"]);
    expect(await linesOf('log . "{rcode}" {\nclass denial\nclass error\n}', refused)).toEqual(["info REFUSED"]);
    expect(await linesOf('log example.org {\nclass error\n}\nlog . "{name}"', found)).toEqual([]);
  });

  it("each question is seen, also the second of its kind", async () => {
    const plugin = setup(directiveOf(". {\nlog\n}"), { ...contextOf(), block: { zones: [""], line: 1, directives: [] } }, [directiveOf(". {\nlog\n}")]);
    expect(await plugin?.serve(request("a.example.org"), () => found)).toMatchObject({ fixed: false });
  });

  it.each([
    ["log {\nclass some\n}", "2: plugin/log: invalid Class: some"],
    ["log {\nclass\n}", "2: plugin/log: Wrong argument count or unexpected line ending after 'class'"],
    ["log {\nformat x\n}", "2: plugin/log: unknown property 'format'"],
  ])("%j: %s", async (lines, message) => {
    expect(await faultOf(lines)).toBe(message);
  });
});
