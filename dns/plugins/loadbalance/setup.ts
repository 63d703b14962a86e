import { CorefileError } from "../../corefile/directive.js";
import { linesOf, once, unknownProperty } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";
import { loadbalance } from "./serve.js";

/** `loadbalance [round_robin]`. Source: CoreDNS plugin/loadbalance/setup.go. */
export const setup: Setup = (directive, _context, all) => {
  once(all);
  const [policy = "round_robin", ...more] = directive.args;
  if (policy === "weighted") throw new CorefileError(directive.line, "the policy weighted is not supported; round_robin is");
  if (policy !== "round_robin") throw new CorefileError(directive.line, `unknown policy: ${policy}`);
  if (more.length > 0) throw new CorefileError(directive.line, `unknown property for ${policy}`);
  for (const line of linesOf(directive)) {
    if (line.name === "prefer") throw new CorefileError(line.line, "prefer is not supported");
    throw unknownProperty(line);
  }
  return loadbalance();
};
