import type { FastifyRequest } from "fastify";
import { custom } from "../errors.js";
import { parsePath } from "../http/requestinfo.js";
import type { UserInfo } from "../pipeline/types.js";

/** What system:public-info-viewer opens to everybody. */
const PUBLIC = /^\/(healthz|livez|readyz|version\/?)$/;
const VERBS: Readonly<Record<string, string>> = { GET: "get", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

/**
 * Lets system:masters do everything and others only what upstream opens to everybody. The 403 reads as upstream's. Roles and bindings are not looked at: this
 * server has none.
 */
export function authorize(user: UserInfo, request: FastifyRequest, pathname: string): void {
  if (user.groups.includes("system:masters") || PUBLIC.test(pathname)) return;
  const parsed = parsePath(pathname);
  const who = `User ${JSON.stringify(user.name)} cannot`;
  if (parsed.type === "other")
    throw custom(403, "Forbidden", `forbidden: ${who} ${(VERBS[request.method] ?? request.method).toLowerCase()} path ${JSON.stringify(pathname)}`, {});
  const { group, resource, namespace, name, subresource } = parsed.path;
  let verb = VERBS[request.method] ?? request.method.toLowerCase();
  if (!name && verb === "get") verb = /[?&]watch=(?!false|0)/.test(request.url) ? "watch" : "list";
  if (!name && verb === "delete") verb = "deletecollection";
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? ` in the namespace ${JSON.stringify(namespace)}` : " at the cluster scope";
  const head = group ? `${resource}.${group}` : resource;
  const message = `${head}${name ? ` ${JSON.stringify(name)}` : ""} is forbidden: ${who} ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)}${where}`;
  throw custom(403, "Forbidden", message, { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource });
}
