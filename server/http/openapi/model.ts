/** What both OpenAPI versions are rendered from: routes as kube-apiserver registers them with go-restful, and the vocabulary of the two documents. */

/** A JSON document, or a part of one. */
export interface Doc {
  [key: string]: unknown;
}

/** A parameter that is not the body. */
export interface Param {
  readonly name: string;
  readonly in: "path" | "query";
  readonly type: "string" | "integer" | "boolean";
  readonly description?: string | undefined;
}

export type Method = "get" | "put" | "post" | "delete" | "options" | "head" | "patch";

/** A schema of a body: a definition's name, or plain text. */
export type Payload = { readonly ref: string } | "string";

/** One operation on one path. */
export interface Route {
  readonly path: string;
  readonly method: Method;
  /** The verb that the operation's id starts with, and what follows it, before group and version are put between. */
  readonly verb: string;
  readonly noun: string;
  readonly description: string;
  readonly params: readonly Param[];
  readonly body?: { readonly payload: Payload; readonly required: boolean };
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  /** By status code; 401 is every route's and not listed. */
  readonly responses: readonly { readonly code: number; readonly description: string; readonly payload: Payload }[];
  readonly action?: string;
  readonly gvk?: { readonly group: string; readonly version: string; readonly kind: string };
}

/** What the status codes of successes are called. */
export const CODES: Readonly<Record<number, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };

/** The order in which a path item names its methods. */
export const METHODS: readonly Method[] = ["get", "put", "post", "delete", "options", "head", "patch"];

/** One path: its routes, and the parameters they all have. */
export interface PathRoutes {
  readonly path: string;
  readonly routes: readonly Route[];
  readonly common: readonly Param[];
  /** What a route has beyond the common ones, by name. */
  own(route: Route): Param[];
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byNameAndPlace = (a: Param, b: Param): number => byText(a.name, b.name) || byText(a.in, b.in);
const keyOf = (p: Param): string => `${p.in} ${p.name}`;

/** Routes by path, paths sorted; parameters of all of a path's routes become the path's. Source: kube-openapi builder findCommonParameters. */
export function groupByPath(routes: readonly Route[]): PathRoutes[] {
  const paths = new Map<string, Route[]>();
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  return [...paths]
    .sort(([a], [b]) => byText(a, b))
    .map(([path, of]) => {
      const found = new Map<string, { param: Param; count: number }>();
      for (const param of of.flatMap((r) => r.params)) found.set(keyOf(param), { param, count: (found.get(keyOf(param))?.count ?? 0) + 1 });
      const common = [...found.values()].filter((f) => f.count === of.length).map((f) => f.param);
      const isCommon = new Set(common.map(keyOf));
      return {
        path,
        routes: of,
        common: common.sort(byNameAndPlace),
        own: (route) => route.params.filter((p) => !isCommon.has(keyOf(p))).sort(byNameAndPlace),
      };
    });
}

/** Letters, digits and underscores of a text, what follows anything else capitalised. Source: apiserver pkg/endpoints/openapi ToValidOperationID. */
function identifier(text: string, capitalise: boolean): string {
  let out = "";
  let upper = capitalise;
  for (const [i, c] of [...text].entries()) {
    if (!/[\p{L}_]/u.test(c) && !(i > 0 && /[0-9]/.test(c))) upper = true;
    else {
      out += upper ? c.toUpperCase() : c;
      upper = false;
    }
  }
  return out;
}

/** Id and tag of an operation: group and version of its path go between verb and noun. Source: apiserver pkg/endpoints/openapi GetOperationIDAndTags. */
export function operationId(route: Route): { readonly id: string; readonly tag: string } {
  let parts = route.path.split("/").filter((p) => p !== "");
  if (parts[0] === "api") parts = ["apis", "core", ...parts.slice(1)];
  const [head = "", group, version] = parts;
  const noun = identifier(route.noun, true);
  if (head !== "apis" || group === undefined) return { id: route.verb + noun, tag: identifier(head, false) };
  const short = group.replace(/\.k8s\.io$/, "");
  const tag = identifier(short, false);
  if (version === undefined) return { id: route.verb + identifier(short, true) + noun, tag };
  return { id: route.verb + identifier(short, true) + identifier(version, true) + noun, tag: `${tag}_${identifier(version, false)}` };
}
