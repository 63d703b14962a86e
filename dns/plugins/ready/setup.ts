import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argsOf, linesOf, once } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";
import { webAddress } from "../web.js";
import { ready } from "./serve.js";

const ADDRESS = ":8181";
const MONITOR: readonly string[] = ["until-ready", "continuously"];

/** Once the names of the cluster are known, they stay so: both ways of watching are the same here. */
function checkMonitor(property: Directive): void {
  if (property.name !== "monitor") throw new CorefileError(property.line, `unknown property '${property.name}'`);
  const [type] = argsOf(property, 1);
  if (!MONITOR.includes(type)) throw new CorefileError(property.line, `monitor type '${type}' not supported`);
}

/** `ready [ADDRESS] { monitor until-ready|continuously }`. Source: CoreDNS plugin/ready/setup.go. */
export const setup: Setup = (directive, { cluster, block }, all) => {
  once(all);
  const [text = ADDRESS] = argsOf(directive, 0, 1);
  for (const line of linesOf(directive)) checkMonitor(line);
  const waitsFor = block.directives.some(({ name }) => name === "kubernetes");
  return ready(cluster, webAddress(text, directive.line), () => (waitsFor && !cluster.synced ? ["kubernetes"] : []));
};
