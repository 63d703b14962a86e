import type { KindLookup } from "../pipeline/lookup.js";
import { plainNotFound } from "./app.js";
import type { NonResource } from "./nonresource.js";

/** Not yet. */
export function openApiHandler(_kinds: KindLookup): NonResource {
  return ({ reply }) => plainNotFound(reply);
}
