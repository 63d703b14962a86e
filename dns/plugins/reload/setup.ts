import { CorefileError, type Directive, type ServerBlock } from "../../corefile/directive.js";
import { argsOf, durationOf } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";

const MIN_INTERVAL = 2000;
const MIN_JITTER = 1000;
const DEFAULT_INTERVAL = 30_000;

/** Milliseconds after which a file is looked at again. There is but one server, so nothing needs to be spread in time. */
function intervalOf(directive: Directive): number {
  const { line } = directive;
  const [every, jitter] = argsOf(directive, 0, 2);
  const interval = every === undefined ? DEFAULT_INTERVAL : durationOf(every, line);
  if (interval < MIN_INTERVAL) throw new CorefileError(line, "interval value must be greater or equal to 2s");
  const spread = jitter === undefined ? 0 : durationOf(jitter, line);
  if (spread !== 0 && spread < MIN_JITTER) throw new CorefileError(line, "jitter value must be 0 or greater or equal to 1s");
  return interval;
}

/** How often the file that these blocks come from is looked at; undefined: never. */
export function reloadInterval(blocks: readonly ServerBlock[]): number | undefined {
  const directive = blocks.flatMap(({ directives }) => directives).find(({ name }) => name === "reload");
  return directive && intervalOf(directive);
}

/** `reload [INTERVAL] [JITTER]`. A ConfigMap counts at once anyway. Source: CoreDNS plugin/reload/setup.go. */
export const setup: Setup = (directive) => {
  intervalOf(directive);
  return undefined;
};
