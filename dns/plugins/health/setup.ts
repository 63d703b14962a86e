import { parseDuration } from "../../../kinds/time.js";
import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argsOf, linesOf } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";
import { webAddress } from "../web.js";
import { health } from "./serve.js";

const ADDRESS = ":8080";

/** How long a server that stops still answers: read, for it may be wrong, and not waited for. */
function checkLameduck(property: Directive): void {
  if (property.name !== "lameduck") throw new CorefileError(property.line, `unknown property '${property.name}'`);
  const [text] = argsOf(property, 1);
  try {
    parseDuration(text);
  } catch (error) {
    throw new CorefileError(property.line, `unable to parse lameduck duration value: '${text}' : ${(error as Error).message}`);
  }
}

/** `health [ADDRESS] { lameduck DURATION }`. Source: CoreDNS plugin/health/setup.go. */
export const setup: Setup = (_directive, { cluster }, all) => {
  let address = webAddress(ADDRESS, all[0].line);
  for (const directive of all) {
    const [text] = argsOf(directive, 0, 1);
    if (text !== undefined) address = webAddress(text, directive.line);
    for (const line of linesOf(directive)) checkLameduck(line);
  }
  return health(cluster, address);
};
