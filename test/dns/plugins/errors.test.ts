import { describe, expect, it } from "vitest";
import { errors } from "../../../dns/plugins/errors/serve.js";
import { RCODE } from "../../../dns/wire/records.js";
import { answerOf, faultOf, pluginOf, request } from "../corefile/support.js";

const failed = (error: string) => answerOf({ rcode: RCODE.SERVFAIL, error, fixed: true });

describe("#6.4 DNS: errors", () => {
  it("says which question failed and why, each time; other answers it leaves alone", async () => {
    const printed: string[] = [];
    const plugin = await pluginOf("errors", { print: (level, line) => printed.push(`${level} ${line}`) });
    expect(await plugin.serve(request("A.example.org SRV"), () => failed("i/o timeout"))).toMatchObject({ fixed: false });
    const fine = answerOf({ fixed: true });
    expect(await plugin.serve(request("a.example.org"), () => fine)).toBe(fine);
    expect(printed).toEqual(["error plugin/errors: 2 a.example.org. SRV: i/o timeout"]);
  });

  it.each([
    [false, ["warning plugin/errors: 3 errors like 'timeout$' occurred in last 5m"]],
    [true, ["warning plugin/errors: 2 a.example.org. A: i/o timeout", "warning plugin/errors: 3 errors like 'timeout$' occurred in last 5m"]],
  ])("counts those that are alike (the first is shown: %s)", async (showFirst, expected) => {
    const printed: string[] = [];
    const waiting: (() => void)[] = [];
    const plugin = errors(
      [{ pattern: /timeout$/, written: "timeout$", period: { ms: 300_000, text: "5m" }, level: "warning", showFirst }],
      (level, line) => printed.push(`${level} ${line}`),
      (run, ms) => {
        expect(ms).toBe(300_000);
        waiting.push(run);
        return run;
      },
    );
    for (let i = 0; i < 3; i++) await plugin.serve(request("a.example.org"), () => failed("i/o timeout"));
    expect(waiting).toHaveLength(1);
    waiting[0]();
    expect(printed).toEqual(expected);
    await plugin.serve(request("b.example.org"), () => failed("no route"));
    expect(printed.at(-1)).toBe("error plugin/errors: 2 b.example.org. A: no route");
    await plugin.serve(request("a.example.org"), () => failed("i/o timeout"));
    const before = printed.length;
    await plugin.stop?.();
    expect(printed.slice(before)).toEqual(showFirst ? [] : ["warning plugin/errors: 1 errors like 'timeout$' occurred in last 5m"]);
  });

  it.each([
    ["errors file", "1: plugin/errors: invalid log file: file"],
    ["errors {\nconsolidate 5m\n}", "2: plugin/errors: Wrong argument count or unexpected line ending after '5m'"],
    ["errors {\nconsolidate 5m ( \n}", "2: plugin/errors: error parsing regexp: /(/: Unterminated group: `(`"],
    ["errors {\nconsolidate 5m a(?=b) \n}", "2: plugin/errors: error parsing regexp: invalid or unsupported Perl syntax: `a(?=b)`"],
    ["errors {\nconsolidate 5m a loud\n}", "2: plugin/errors: unknown option in consolidate: loud"],
    ["errors {\nconsolidate 5m a info debug\n}", "2: plugin/errors: multiple log levels specified in consolidate"],
    ["errors {\nconsolidate 5m a show_first info\n}", "2: plugin/errors: log level must come before show_first in consolidate"],
    ["errors {\nquiet\n}", "2: plugin/errors: Syntax error: Unexpected token 'quiet', expecting 'Unknown field quiet'"],
    ["errors {\nstacktrace\nconsolidate 5m ^a$ info show_first\n}", "no error"],
  ])("%j: %s", async (lines, message) => {
    expect(await faultOf(lines)).toBe(message);
  });
});
