import { argsOf, once } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";

/** `loop`: it ends a CoreDNS that forwards to itself; here such a question ends as SERVFAIL, with its deadline. Source: CoreDNS plugin/loop. */
export const setup: Setup = (directive, _context, all) => {
  once(all);
  argsOf(directive, 0);
  return undefined;
};
