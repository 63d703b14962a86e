import type { Plugin, Setup, SetupContext } from "../plugin.js";
import { ORDER, PLUGINS } from "../plugins/registry.js";
import { CorefileError, type ServerBlock } from "./directive.js";

/** A server block as it runs. */
export interface BuiltBlock {
  readonly zones: readonly string[];
  /** In the order in which they see a question. */
  readonly plugins: readonly Plugin[];
}

/** Directive → how its setup is loaded, in the order of the chain. */
export type Registry = Readonly<Record<string, () => Promise<Setup>>>;

function unknown(name: string, registry: Registry): string {
  const understood = `understood are ${Object.keys(registry).toSorted().join(", ")}`;
  return ORDER.includes(name) ? `plugin '${name}' is not supported here; ${understood}` : `Unknown directive '${name}'; ${understood}`;
}

/**
 * Makes the plugins of all blocks; nothing is started. Directives are set up in the order of the chain, each for all blocks before the next (Caddy's
 * executeDirectives), so that of several mistakes the one is reported that CoreDNS reports. Throws a CorefileError.
 */
export async function buildBlocks(
  blocks: readonly ServerBlock[],
  parts: Omit<SetupContext, "block">,
  { registry = PLUGINS as Registry, file = "Corefile" } = {},
): Promise<BuiltBlock[]> {
  const at = (line: number, reason: string): CorefileError => new CorefileError(line, reason, file);
  for (const { directives } of blocks) {
    for (const { name, line } of directives) if (!Object.hasOwn(registry, name)) throw at(line, unknown(name, registry));
  }
  const built = blocks.map((block) => ({ block, context: { ...parts, block }, plugins: [] as Plugin[] }));
  for (const [name, load] of Object.entries(registry)) {
    for (const { block, context, plugins } of built) {
      const all = block.directives.filter((d) => d.name === name);
      if (all.length === 0) continue;
      const setup = await load();
      try {
        const plugin = setup(all[0], context, all);
        if (plugin) plugins.push(plugin);
      } catch (error) {
        throw error instanceof CorefileError ? at(error.line, `plugin/${name}: ${error.reason}`) : error;
      }
    }
  }
  return built.map(({ block, plugins }) => ({ zones: block.zones, plugins }));
}
