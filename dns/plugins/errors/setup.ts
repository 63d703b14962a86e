import { argsOf, linesOf, once, unknownProperty } from "../../corefile/read.js";
import type { Setup } from "../../plugin.js";
import { errors } from "./serve.js";

/** `errors [stdout]`. Source: CoreDNS plugin/errors/setup.go. */
export const setup: Setup = (directive, context, all) => {
  once(all);
  argsOf(directive, 0, 1);
  for (const line of linesOf(directive)) throw unknownProperty(line);
  return errors(context.log);
};
