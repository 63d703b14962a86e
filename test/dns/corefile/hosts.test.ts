import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type HostsFile, hosts } from "../../../dns/plugins/hosts/serve.js";
import { hostsOptions, setup } from "../../../dns/plugins/hosts/setup.js";
import type { Answer } from "../../../dns/wire/records.js";
import { contextOf, directiveOf, faultOf, logOf, nextOf, request, shown } from "./support.js";

const FILE = `
127.0.0.1 localhost localhost.domain # comment
::1 localhost
10.0.0.1  a.example.org. A2.Example.Org
10.0.0.2	a.example.org
fe80::1%lo0 link.example.org
::ffff:10.0.0.9 mapped.example.org
10.0.0.3 *.wild.example.org
10.0.0.4 own.wild.example.org
2001:db8:0::5 own6.wild.example.org
010.0.0.1 octal.example.org
nonsense b.example.org
#10.0.0.5 c.example.org
10.0.0.6
`;

const never: HostsFile = { read: async () => undefined, every: () => () => {}, changed: () => {} };

/** The plugin of the lines in braces, with the file above. */
async function started(lines = "", args = "/etc/hosts", file: Partial<HostsFile> = {}) {
  const options = hostsOptions(directiveOf(`. {\nhosts ${args} {\n${lines}\n}\n}`), [""], "/");
  const plugin = hosts(options, { ...never, read: async () => FILE, ...file });
  await plugin.start?.();
  return plugin;
}

/** What "name TYPE" is answered, by the plugin or by the next. */
async function ask(text: string, lines?: string, args?: string): Promise<string[]> {
  const next = nextOf();
  const answer = (await (await started(lines, args)).serve(request(text), next)) as Answer;
  return next.asked.length > 0 ? ["next"] : shown(answer);
}

describe("#6.4 Corefile: hosts", () => {
  it.each<[string, string[]]>([
    ["localhost A", ["localhost. 3600 A 127.0.0.1"]],
    ["LOCALHOST AAAA", ["localhost. 3600 AAAA ::1"]],
    ["a.example.org A", ["a.example.org. 3600 A 10.0.0.1", "a.example.org. 3600 A 10.0.0.2"]],
    ["a2.example.org A", ["a2.example.org. 3600 A 10.0.0.1"]],
    ["link.example.org AAAA", ["link.example.org. 3600 AAAA fe80::1"]],
    ["mapped.example.org A", ["mapped.example.org. 3600 A 10.0.0.9"]],
    ["any.wild.example.org A", ["any.wild.example.org. 3600 A 10.0.0.3"]],
    ["deep.any.wild.example.org A", ["SERVFAIL"]],
    ["wild.example.org A", ["SERVFAIL"]],
    ["own.wild.example.org A", ["own.wild.example.org. 3600 A 10.0.0.4"]],
    // a family it has none of is its wildcard's
    ["own6.wild.example.org A", ["own6.wild.example.org. 3600 A 10.0.0.3"]],
    ["a.example.org AAAA", ["NODATA"]],
    ["a.example.org TXT", ["NODATA"]],
    ["octal.example.org A", ["SERVFAIL"]],
    ["b.example.org A", ["SERVFAIL"]],
    ["c.example.org A", ["SERVFAIL"]],
    ["1.0.0.127.in-addr.arpa PTR", ["1.0.0.127.in-addr.arpa. 3600 PTR localhost.", "1.0.0.127.in-addr.arpa. 3600 PTR localhost.domain."]],
    ["9.0.0.10.in-addr.arpa PTR", ["9.0.0.10.in-addr.arpa. 3600 PTR mapped.example.org."]],
    [`${"1.".padEnd(64, "0.")}ip6.arpa PTR`, [`${"1.".padEnd(64, "0.")}ip6.arpa. 3600 PTR localhost.`]],
    // pointers to wildcards there are none
    ["3.0.0.10.in-addr.arpa PTR", ["next"]],
    ["7.0.0.10.in-addr.arpa PTR", ["next"]],
    ["1.0.0.127.in-addr.arpa A", ["SERVFAIL"]],
    ["localhost PTR", ["next"]],
  ])("%s", async (text, expected) => expect(await ask(text)).toEqual(expected));

  it.each<[string, string, string, string[]]>([
    ["lines in the Corefile come after those of the file", "10.1.0.1 a.example.org", "a.example.org A", ["10.0.0.1", "10.0.0.2", "10.1.0.1"]],
    ["a name of a line alone", "10.1.0.1 x.org y.org", "y.org A", ["10.1.0.1"]],
    ["ttl", "ttl 7", "a2.example.org A", ["7 A"]],
    ["no_reverse", "no_reverse", "1.0.0.127.in-addr.arpa PTR", ["next"]],
    ["fallthrough", "fallthrough", "x.org A", ["next"]],
    ["fallthrough only where nothing is", "fallthrough", "a.example.org AAAA", ["NODATA"]],
    ["fallthrough of a zone", "fallthrough example.org", "x.example.org A", ["next"]],
    ["fallthrough of another zone", "fallthrough example.org", "x.org A", ["SERVFAIL"]],
    ["types that are none of its own", "fallthrough", "a.example.org TXT", ["NODATA"]],
    ["types that are none of its own, handed on", "fallthrough\nfallthrough_unsupported", "a.example.org TXT", ["next"]],
    ["addresses with those handed on", "fallthrough\nfallthrough_unsupported", "a.example.org AAAA", ["NODATA"]],
  ])("%s", async (_, lines, text, expected) => {
    const got = await ask(text, lines);
    expect(got).toHaveLength(expected.length);
    for (const [i, part] of expected.entries()) expect(got[i]).toContain(part);
  });

  it("knows only names of its zones, but pointers anywhere", async () => {
    expect(await ask("a.example.org A", "", "/etc/hosts example.org")).toHaveLength(2);
    expect(await ask("localhost A", "", "/etc/hosts example.org")).toEqual(["next"]);
    expect(await ask("1.0.0.10.in-addr.arpa PTR", "", "/etc/hosts example.org")).toHaveLength(2);
    expect(await ask("1.0.0.127.in-addr.arpa PTR", "", "/etc/hosts example.org")).toEqual(["next"]);
  });

  it("looks at its file again, and says so", async () => {
    const texts: (string | undefined)[] = ["10.0.0.1 a.org", undefined, "10.0.0.2 a.org"];
    let [period, changes, ended, run] = [0, 0, 0, () => {}];
    const plugin = await started("reload 2s", "/etc/hosts", {
      read: async () => texts.shift(),
      every(ms, again) {
        [period, run] = [ms, again];
        return () => ended++;
      },
      changed: () => changes++,
    });
    const addresses = (): string[] => shown(plugin.serve(request("a.org A"), nextOf()) as Answer);
    expect([addresses(), period, changes]).toEqual([["a.org. 3600 A 10.0.0.1"], 2000, 1]);
    run();
    await Promise.resolve();
    expect([addresses(), changes]).toEqual([["a.org. 3600 A 10.0.0.1"], 1]);
    run();
    await expect.poll(() => changes).toBe(2);
    expect(addresses()).toEqual(["a.org. 3600 A 10.0.0.2"]);
    await plugin.stop?.();
    expect(ended).toBe(1);
  });

  it("never looks again with 'reload 0s'", async () => {
    const plugin = await started("reload 0s", "/etc/hosts", {
      every: () => {
        throw new Error("a timer");
      },
    });
    await plugin.stop?.();
  });

  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  it("reads a file beside the Corefile, also one that comes later", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "hosts-"));
    folders.push(folder);
    const lines: string[] = [];
    const context = contextOf({ folder, log: logOf(lines) });
    const directive = directiveOf(". {\nhosts names {\nreload 1ms\n}\n}");
    const plugin = setup(directive, { ...context, block: { zones: [""], line: 1, directives: [] } }, [directive]);
    expect(lines).toEqual([`warn File does not exist: ${path.join(folder, "names")}`]);
    await plugin?.start?.();
    try {
      const generation = context.cluster.generation;
      await writeFile(path.join(folder, "names"), "10.0.0.1 a.org\n");
      await expect.poll(() => context.cluster.generation).toBeGreaterThan(generation);
      await expect.poll(() => shown(plugin?.serve(request("a.org A"), nextOf()) as Answer)).toEqual(["a.org. 3600 A 10.0.0.1"]);
    } finally {
      await plugin?.stop?.();
    }
  });

  it.each([
    ["hosts\nhosts", "2: plugin/hosts: this plugin can only be used once per Server Block"],
    ["hosts {\n ttl\n}", "2: plugin/hosts: ttl needs a time in second"],
    ["hosts {\n ttl x\n}", "2: plugin/hosts: ttl needs a number of second"],
    ["hosts {\n ttl 0\n}", "2: plugin/hosts: ttl provided is invalid"],
    ["hosts {\n ttl 65536\n}", "2: plugin/hosts: ttl provided is invalid"],
    ["hosts {\n reload\n}", "2: plugin/hosts: reload needs a duration (zero seconds to disable)"],
    ["hosts {\n reload x\n}", "2: plugin/hosts: invalid duration for reload 'x'"],
    ["hosts {\n reload -5s\n}", "2: plugin/hosts: invalid negative duration for reload '-5s'"],
    ["hosts {\n fallthrough\n 10.0.0.1 a.org\n}", "3: plugin/hosts: unknown property '10.0.0.1'"],
    ["hosts {\n fallthrough_unsupported\n}", "1: plugin/hosts: fallthrough_unsupported requires fallthrough"],
    ["hosts {\n fallthrough_unsupported x\n}", "2: plugin/hosts: Wrong argument count or unexpected line ending after 'x'"],
  ])("%j", async (text, message) => expect(await faultOf(text)).toBe(message));
});
