import { FieldSelectorError, parseFieldSelector } from "../../kinds/fields.js";
import { nameIsPathSegment } from "../../kinds/validation/names.js";
import { flag } from "../http/query.js";
import type { ParsedPath } from "../http/requestinfo.js";
import type { UserInfo } from "../pipeline/types.js";
import type { Attributes } from "./authorizer.js";

const VERBS: Readonly<Record<string, string>> = { GET: "get", HEAD: "get", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

/**
 * What a request asks for, as authorizers see it; of the path the dispatcher will act on, so that they cannot be of two minds about it.
 * Source: apiserver pkg/endpoints/request NewRequestInfo, pkg/endpoints/filters GetAuthorizerAttributes.
 */
export function attributesOf(user: UserInfo, method: string, pathname: string, parsed: ParsedPath, query: URLSearchParams): Attributes {
  if (parsed.type === "other") return { user, verb: method.toLowerCase(), path: unescaped(pathname) };
  const { group, resource, subresource, watch } = parsed.path;
  let { name, namespace } = parsed.path;
  // a namespace is in itself: whoever may do something in it may be given a right on it
  if (resource === "namespaces" && name && !parsed.path.inNamespace) namespace = name;
  let verb = watch ? "watch" : (VERBS[method] ?? "");
  if (!name && verb === "get") {
    verb = flag(query, "watch") === true ? "watch" : "list";
    name = nameSelected(query);
  }
  if (!name && verb === "delete") verb = "deletecollection";
  return { user, verb, group, resource, subresource, name, namespace };
}

function unescaped(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** A list or watch of one name is allowed by a right on that name. */
function nameSelected(query: URLSearchParams): string {
  const text = query.get("fieldSelector");
  if (!text) return "";
  try {
    const name = parseFieldSelector(text).exact("metadata.name") ?? "";
    return nameIsPathSegment(name, false).length === 0 ? name : "";
  } catch (error) {
    if (error instanceof FieldSelectorError) return "";
    throw error;
  }
}
