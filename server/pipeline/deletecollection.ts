import type { Kind } from "../../kinds/kind.js";
import { isNotFound } from "../errors.js";
import { type DeleteOptions, remove, warnOfPropagation } from "./delete.js";
import { type ListParameters, list, type Page } from "./list.js";
import type { Selection } from "./selection.js";
import type { RequestContext, Services } from "./types.js";

/** DELETE on a collection: each object on its own, `limit` honoured; answers the list of what was picked. Source: registry.Store.DeleteCollection. */
export async function removeCollection(
  services: Services,
  ctx: RequestContext,
  kind: Kind,
  namespace: string,
  options: DeleteOptions,
  parameters: ListParameters,
  selection: Selection,
): Promise<Page> {
  warnOfPropagation(kind, ctx, options);
  const page = list(services, kind, namespace, parameters, selection);
  await Promise.all(
    page.entries.map(async (entry) => {
      const path = entry.key.split("/");
      const name = path.at(-1) as string;
      const target = { kind, namespace: kind.namespaced ? (path.at(-2) as string) : "", name, subresource: "" };
      try {
        await remove(services, ctx, target, options, true);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }),
  );
  return page;
}
