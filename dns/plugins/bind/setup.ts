import { isIP } from "node:net";
import { CorefileError } from "../../corefile/directive.js";
import { linesOf } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";

const isLoopback = (address: string): boolean => address === "lo" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));

/** `bind ADDRESS...`: where this responder listens is said when the cluster is started, so all that can be asked for is loopback. Source: CoreDNS plugin/bind. */
export const setup: Setup = (_directive, _context, all) => {
  for (const { args, line, ...directive } of all) {
    if (args.length === 0) throw new CorefileError(line, "at least one address or interface name is expected");
    for (const address of args) {
      if (isLoopback(address)) continue;
      const known = isIP(address) > 0;
      throw new CorefileError(
        line,
        known ? `only loopback addresses are listened on here, not ${address}` : `not a valid IP address or interface name: ${JSON.stringify(address)}`,
      );
    }
    for (const property of linesOf({ args, line, ...directive })) {
      if (property.name !== "except") throw new CorefileError(property.line, `invalid option ${JSON.stringify(property.name)}`);
      if (property.args.length === 0) throw new CorefileError(property.line, "at least one address or interface must be given to except subdirective");
    }
  }
  return undefined;
};
