import { argsOf } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";

/** `debug`: a plugin that throws is no end of the server here anyway. Source: CoreDNS plugin/debug. */
export const setup: Setup = (_directive, _context, all) => {
  for (const directive of all) argsOf(directive, 0);
  return undefined;
};
