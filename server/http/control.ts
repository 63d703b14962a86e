import { badRequest, methodNotSupported, unknownResource } from "../errors.js";
import type { NonResourceRequest } from "./nonresource.js";
import { sendRawJson } from "./respond.js";

/** A question or an order to mockube itself; answers what is sent as JSON. Throws ApiErrors. */
export type ControlRoute = (query: URLSearchParams) => object | Promise<object>;

/** By method and name: `POST clock/advance`. */
export type ControlRoutes = Readonly<Record<string, ControlRoute>>;

/**
 * What lies below `/mockube/`: things a Kubernetes API has no words for. Roles of the cluster's own let nobody in but administrators, as with every path that
 * is no resource; arguments come in the query, so that curl does.
 */
export async function control(routes: ControlRoutes, { parts, query, request, reply }: NonResourceRequest): Promise<void> {
  const name = parts.slice(1).join("/");
  const route = Object.hasOwn(routes, `${request.method} ${name}`) ? routes[`${request.method} ${name}`] : undefined;
  if (route) return sendRawJson(reply, await route(query));
  if (Object.keys(routes).some((key) => key.endsWith(` ${name}`))) throw methodNotSupported();
  throw unknownResource();
}

/** An argument that must be there. 400 where it is not. */
export function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (!value) throw badRequest(`parameter ${name} is required`);
  return value;
}
