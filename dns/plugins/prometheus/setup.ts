import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argsOf, linesOf, once } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";
import { webAddress } from "../web.js";
import { prometheus } from "./serve.js";

const ADDRESS = "localhost:9153";

/** Metrics of Go's runtime: there is none. */
function check(property: Directive): void {
  if (property.name === "tls") throw new CorefileError(property.line, "tls is not supported");
  if (property.name !== "runtime_metrics") throw new CorefileError(property.line, `unknown option: ${property.name}`);
  argsOf(property, 0);
}

/** `prometheus [ADDRESS]`. Source: CoreDNS plugin/metrics/setup.go. */
export const setup: Setup = (directive, { cluster, metrics }, all) => {
  once(all);
  const [text = ADDRESS] = argsOf(directive, 0, 1);
  for (const line of linesOf(directive)) check(line);
  return prometheus(cluster, webAddress(text, directive.line), () => metrics.text());
};
