import { type Block, Blocks, seesQuestions } from "./blocks.js";
import { buildBlocks } from "./corefile/build.js";
import type { ServerBlock } from "./corefile/directive.js";
import type { Plugin, SetupContext } from "./plugin.js";

/** What a Corefile is turned into plugins with. */
export type Parts = Omit<SetupContext, "block" | "resolve">;

/**
 * The server that a Corefile describes, and the one after it: `use` makes and starts the next one whole, or leaves everything as it is and throws. A question
 * is answered by the server it came to.
 */
export class Server {
  readonly #parts: Parts;
  readonly #beside: boolean;
  #blocks = new Blocks([]);
  #plugins: readonly Plugin[] = [];

  /** `beside`: there is another server of the same Corefile, which holds the ports that plugins open. */
  constructor(parts: Parts, beside = false) {
    this.#parts = parts;
    this.#beside = beside;
  }

  get blocks(): Blocks {
    return this.#blocks;
  }

  /** Errors: CorefileError, or the operating system's for ports that plugins open. `file` is what errors call it. */
  async use(blocks: readonly ServerBlock[], file?: string): Promise<void> {
    const built = await buildBlocks(blocks, { ...this.#parts, resolve: (request) => next.resolve(request) }, { file });
    const next = new Blocks(built);
    const before = this.#plugins;
    const plugins = built.flatMap((block) => block.plugins).filter((plugin) => !(this.#beside && plugin.exclusive));
    // what holds a port gives it back before the next one asks for it
    const holders = before.filter((plugin) => plugin.exclusive);
    await stopAll(holders);
    try {
      await startAll(plugins);
    } catch (error) {
      await startAll(holders);
      throw error;
    }
    this.#blocks = next;
    this.#plugins = plugins;
    if (!this.#beside) this.#tell(built);
    await stopAll(before.filter((plugin) => !plugin.exclusive));
  }

  /** Which plugins are in use, where. Source: CoreDNS plugin/metrics/setup.go. */
  #tell(blocks: readonly Block[]): void {
    const { metrics, server } = this.#parts;
    const name = "coredns_plugin_enabled";
    metrics.forget(name);
    for (const { zones, plugins } of blocks) {
      const handlers = plugins.filter((plugin) => plugin.name === "prometheus" || seesQuestions(plugin.name));
      for (const zone of zones) {
        for (const plugin of handlers) {
          const labels = { name: plugin.name, server, view: "", zone: `${zone}.` };
          metrics.gauge(name, "A metric that indicates whether a plugin is enabled on per server and zone basis.", labels).value = 1;
        }
      }
    }
  }

  async stop(): Promise<void> {
    await stopAll(this.#plugins);
    this.#plugins = [];
  }
}

async function stopAll(plugins: readonly Plugin[]): Promise<void> {
  for (const plugin of plugins.toReversed()) await plugin.stop?.();
}

/** All of them, or none. */
async function startAll(plugins: readonly Plugin[]): Promise<void> {
  for (const [i, plugin] of plugins.entries()) {
    try {
      await plugin.start?.();
    } catch (error) {
      await stopAll(plugins.slice(0, i));
      throw error;
    }
  }
}
