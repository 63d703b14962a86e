import { describe, expect, it } from "vitest";
import { type BuiltBlock, buildBlocks, type Registry } from "../../../dns/corefile/build.js";
import type { CorefileError } from "../../../dns/corefile/directive.js";
import { parseCorefile } from "../../../dns/corefile/parse.js";
import { once, unknownProperty } from "../../../dns/corefile/read.js";
import type { Setup, SetupContext } from "../../../dns/plugin.js";
import { ORDER, PLUGINS } from "../../../dns/plugins/registry.js";
import { DEFAULTS } from "./defaults.js";
import { contextOf } from "./support.js";

const parts = {} as Omit<SetupContext, "block">;

/** Plugins that keep their arguments in their name. */
const named: Setup = (directive, _, all) => {
  for (const line of directive.block ?? []) throw unknownProperty(line);
  return { name: all.map((d) => [d.name, ...d.args].join(" ")).join("+"), serve: (request, next) => next(request) };
};
const single: Setup = (directive, context, all) => {
  once(all);
  return named(directive, context, all);
};
const registry: Registry = { errors: async () => single, debug: async () => () => undefined, rewrite: async () => named, forward: async () => named };

const build = (text: string): Promise<BuiltBlock[]> => buildBlocks(parseCorefile(text), parts, { registry });
const failure = (text: string): Promise<string> =>
  build(text).then(
    () => "no error",
    (error: CorefileError) => error.message,
  );

describe("#6.4 Corefile: plugins of its blocks", () => {
  it("stand in the order of the chain, not of the file", async () => {
    const built = await build("a.org b.org {\n forward . 1\n debug\n errors\n rewrite x\n rewrite y\n}\nc.org {\n errors\n}");
    expect(built.map((b) => [b.zones, b.plugins.map((p) => p.name)])).toEqual([
      [
        ["a.org", "b.org"],
        ["errors", "rewrite x+rewrite y", "forward . 1"],
      ],
      [["c.org"], ["errors"]],
    ]);
  });

  it.each([
    [". {\n errors\n podz\n}", "Corefile:3: Unknown directive 'podz'; understood are debug, errors, forward, rewrite"],
    [". {\n dnssec\n}", "Corefile:2: plugin 'dnssec' is not supported here; understood are debug, errors, forward, rewrite"],
    // `constructor` is no directive, either
    [". {\n constructor\n}", "Corefile:2: Unknown directive 'constructor'; understood are debug, errors, forward, rewrite"],
    [". {\n errors\n errors\n}", "Corefile:3: plugin/errors: this plugin can only be used once per Server Block"],
    [". {\n rewrite {\n  x\n }\n}", "Corefile:3: plugin/rewrite: unknown property 'x'"],
    // of two mistakes that of the plugin that comes first
    [". {\n rewrite {\n  x\n }\n errors {\n  y\n }\n}", "Corefile:6: plugin/errors: unknown property 'y'"],
    ["a.org {\n rewrite {\n  x\n }\n}\nb.org {\n errors {\n  y\n }\n}", "Corefile:8: plugin/errors: unknown property 'y'"],
  ])("%j", async (text, message) => expect(await failure(text)).toBe(message));

  it("names the file", async () => {
    await expect(buildBlocks(parseCorefile(". {\n x\n}"), parts, { registry, file: "the coredns ConfigMap" })).rejects.toThrow("the coredns ConfigMap:2: ");
  });

  it("registers plugins in the order of plugin.cfg, by names it has", async () => {
    const names = Object.keys(PLUGINS);
    expect(names).toEqual(ORDER.filter((name) => names.includes(name)));
    for (const load of Object.values(PLUGINS)) expect(typeof (await load())).toBe("function");
  });
});

describe("#6.4 Corefile: those that clusters come with are made into plugins", () => {
  it.each(Object.entries(DEFAULTS))("%s", async (_, { text }) => {
    const [block] = await buildBlocks(parseCorefile(text.replace("/etc/resolv.conf", "127.0.0.1")), contextOf());
    const wanted = ["ready", "health", "prometheus", "errors", "log", "loadbalance", "cache", "hosts", "kubernetes", "forward"];
    expect(block.plugins.map(({ name }) => name)).toEqual(wanted.filter((name) => new RegExp(`^ *${name}\\b`, "m").test(text)));
  });
});
