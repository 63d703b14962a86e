import type { Kind } from "../../kinds/kind.js";
import type { Entry } from "../../storage/store.js";
import { isNotFound } from "../errors.js";
import { type DeleteOptions, remove, warnOfPropagation } from "./delete.js";
import { type ListParameters, list, type Page } from "./list.js";
import type { Selection } from "./selection.js";
import type { RequestContext, Services } from "./types.js";

/** Objects are listed so many at a time. Source: registry.deleteCollectionPageSize. */
const PAGE_SIZE = 10_000;

/**
 * DELETE on a collection: each object on its own, one after the other until one will not go, `limit` honoured; answers the list of what was picked.
 * Source: registry.Store.DeleteCollection.
 */
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
  const first = list(services, kind, namespace, { ...parameters, limit: parameters.limit || PAGE_SIZE }, selection);
  await removeAll(services, ctx, kind, first.entries, options);
  if (parameters.limit > 0) return first;
  const entries = [...first.entries];
  for (let page = first; page.continue !== ""; entries.push(...page.entries)) {
    page = list(services, kind, namespace, { limit: PAGE_SIZE, continue: page.continue, resourceVersion: "", resourceVersionMatch: "" }, selection);
    await removeAll(services, ctx, kind, page.entries, options);
  }
  return { ...first, entries };
}

async function removeAll(services: Services, ctx: RequestContext, kind: Kind, entries: readonly Entry[], options: DeleteOptions): Promise<void> {
  for (const { key } of entries) {
    const path = key.split("/");
    const target = { kind, namespace: kind.namespaced ? (path.at(-2) as string) : "", name: path.at(-1) as string, subresource: "" };
    try {
      await remove(services, ctx, target, options, true);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
