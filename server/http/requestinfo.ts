/** What a URL path means. Source: apiserver pkg/endpoints/request RequestInfoFactory. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** "" for cluster-scoped paths; for `namespaces/x` itself it is "". */
  readonly namespace: string;
  /** The path had `namespaces/<something>/` in front of the resource, even an empty something. */
  readonly inNamespace: boolean;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource (`/proxy/a/b`), without a leading slash. */
  readonly rest: string;
  /** The legacy `/watch/` form. */
  readonly watch: boolean;
}

export type ParsedPath = { readonly type: "resource"; readonly path: ResourcePath } | { readonly type: "other"; readonly parts: readonly string[] };

const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

/** Splits a URL's path (query already cut off). Throws URIError on a malformed escape. */
export function parsePath(pathname: string): ParsedPath {
  // a double slash at the start is another path altogether; a trailing one is nothing
  if (pathname.startsWith("//")) return { type: "other", parts: [""] };
  const parts = pathname
    .slice(1)
    .replace(/\/$/, "")
    .split("/")
    .map((part) => (part.includes("%") ? decodeURIComponent(part) : part));
  const legacy = parts[0] === "api";
  const head = legacy ? 2 : 3;
  if ((!legacy && parts[0] !== "apis") || parts.length <= head) return { type: "other", parts };
  const group = legacy ? "" : (parts[1] as string);
  const version = parts[head - 1] as string;
  let tail = parts.slice(head);
  const watch = tail[0] === "watch" && tail.length > 1;
  if (watch) tail = tail.slice(1);
  let namespace = "";
  let inNamespace = false;
  if (tail[0] === "namespaces" && tail.length > 2 && !NAMESPACE_SUBRESOURCES.has(tail[2] as string)) {
    namespace = tail[1] as string;
    inNamespace = true;
    tail = tail.slice(2);
  }
  const [resource = "", name = "", subresource = "", ...rest] = tail;
  return { type: "resource", path: { group, version, namespace, inNamespace, resource, name, subresource, rest: rest.join("/"), watch } };
}
