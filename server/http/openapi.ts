import type { Kind } from "../../kinds/kind.js";
import type { KindLookup } from "../pipeline/lookup.js";
import { plainNotFound } from "./app.js";
import type { NonResource } from "./nonresource.js";
import type { CustomSchemas } from "./openapi/custom.js";
import type { Documents } from "./openapi/documents.js";

/**
 * Serves /openapi/v2 and /openapi/v3. The documents derive from the kinds and are built at the first request that needs them; nothing of it is loaded
 * before. They are built anew when the set of kinds has changed: a kind whose schema changes has to become another object. `customSchema` tells which
 * kinds are custom resources, and their schemas.
 */
export function openApiHandler(kinds: KindLookup, options: { readonly customSchema?: CustomSchemas } = {}): NonResource {
  let built: { readonly kinds: readonly Kind[]; readonly documents: Documents } | undefined;
  return async (call) => {
    const [, version] = call.parts;
    const { pathname, reply } = call;
    if (version === "v2" ? pathname !== "/openapi/v2" : version !== "v3") return plainNotFound(reply);
    const [{ documentsOf }, { serveIndex, serveV2, serveV3 }] = await Promise.all([import("./openapi/documents.js"), import("./openapi/serve.js")]);
    const current = kinds.all;
    if (!built || !sameKinds(built.kinds, current)) built = { kinds: [...current], documents: documentsOf(current, options) };
    const { documents } = built;
    if (version === "v2") await serveV2(documents, call);
    else if (pathname === "/openapi/v3") serveIndex(documents, call);
    else serveV3(documents, pathname.slice("/openapi/v3/".length), call);
  };
}

const sameKinds = (a: readonly Kind[], b: readonly Kind[]): boolean => a.length === b.length && a.every((kind, i) => kind === b[i]);
