import { ALL_VERBS, type Kind, type Verb } from "../../../kinds/kind.js";
import { gvkType } from "../../../kinds/schema/index.js";
import { viewOf } from "../../pipeline/strategy.js";
import { CODES, type Method, type Param, type Payload, type Route } from "./model.js";
import { metaParams, objectParams, type ParamText, pathParam, prettyParam } from "./options.js";

/** What an answer can be written as, and a stream of watch events besides. Source: negotiation.MediaTypesForSerializer with the default serializers. */
export const MEDIA_TYPES: readonly string[] = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const STREAM_TYPES: readonly string[] = [...MEDIA_TYPES, "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const PATCH_TYPES: readonly string[] = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const CONNECT_METHODS: Readonly<Record<string, readonly Method[]>> = {
  attach: ["get", "post"],
  exec: ["get", "post"],
  portforward: ["get", "post"],
  proxy: ["get", "post", "put", "patch", "delete", "head", "options"],
};

const titled = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();

/** ` a ` or ` an ` before a kind, nothing but a space before a plural. Source: installer.GetArticleForNoun. */
const article = (noun: string): string => (noun.endsWith("s") && !noun.endsWith("ss") ? " " : /^[aeiou]/i.test(noun) ? " an " : " a ");

/** The definitions that stand for a kind. */
interface Definitions {
  readonly object: string;
  readonly list: string;
}

const definitionsOf = (kind: Kind): Definitions => ({
  object: kind.schema,
  list: gvkType(kind.group, kind.version, kind.listKind ?? `${kind.kind}List`) ?? `${kind.schema}List`,
});

/**
 * Whether a deletion is declared to answer the object. A namespace's deletion does answer it, but its storage does not say so
 * (rest.MayReturnFullObjectDeleter).
 */
const declaresObject = (kind: Kind): boolean => kind.returnDeletedObject === true && !(kind.group === "" && kind.resource === "namespaces");

interface Context {
  readonly kind: Kind;
  readonly definitions: Definitions;
  readonly text: ParamText;
  /** `/apis/apps/v1` */
  readonly root: string;
  readonly out: Route[];
}

/** A route's common parts: what it is about and where it stands. */
interface Target {
  readonly path: string;
  readonly params: readonly Param[];
  /** Kind of the route's own object, which for a subresource may be another than the parent's. */
  readonly gvk: { readonly group: string; readonly version: string; readonly kind: string };
  readonly sub?: string;
  readonly scope: "Namespaced" | "";
  readonly suffix?: string;
}

/** All operations on a built-in kind and its subresources. Source: apiserver pkg/endpoints/installer.go registerResourceHandlers. */
export function routesOf(kind: Kind, text: ParamText): Route[] {
  const definitions = definitionsOf(kind);
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`;
  const ctx: Context = { kind, definitions, text, root, out: [] };
  const scope = kind.namespaced ? "Namespaced" : "";
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const within = kind.namespaced ? [pathParam("namespace", text("request", "namespace"))] : [];
  const collection = kind.namespaced ? `namespaces/{namespace}/${kind.resource}` : kind.resource;
  const named = [...within, pathParam("name", `name of the ${kind.kind}`)];
  const verbs = kind.verbs ?? ALL_VERBS;
  const lists: Target = { path: collection, params: within, gvk, scope };
  const items: Target = { path: `${collection}/{name}`, params: named, gvk, scope };
  collectionRoutes(ctx, lists, verbs);
  itemRoutes(ctx, items, verbs, { ref: definitions.object });
  if (kind.namespaced) collectionRoutes(ctx, { path: kind.resource, params: [], gvk, scope: "", suffix: "ForAllNamespaces" }, verbs.filter(readsMany));
  subresourceRoutes(ctx, within, items.path);
  return ctx.out;
}

const readsMany = (verb: Verb): boolean => verb === "list" || verb === "watch";

function add(
  ctx: Context,
  target: Target,
  action: string,
  route: Omit<Route, "path" | "gvk" | "action" | "consumes" | "noun"> & { consumes?: readonly string[]; noun?: string },
): void {
  ctx.out.push({
    consumes: ["*/*"],
    noun: target.scope + ctx.kind.kind + (target.sub ? titled(target.sub) : "") + (target.suffix ?? ""),
    ...route,
    path: `${ctx.root}/${target.path}`,
    action,
    gvk: target.gvk,
    params: [...route.params, ...target.params],
  });
}

const answers = (payload: Payload, ...codes: number[]): Route["responses"] => codes.map((code) => ({ code, description: CODES[code] ?? "", payload }));

function collectionRoutes(ctx: Context, target: Target, verbs: readonly Verb[]): void {
  const { kind, definitions, text } = ctx;
  const pretty = prettyParam(text);
  const list: Payload = { ref: definitions.list };
  const status: Payload = { ref: `${META}.Status` };
  if (verbs.includes("list"))
    add(ctx, target, "list", {
      method: "get",
      verb: "list",
      description: `list ${verbs.includes("watch") ? "or watch " : ""}objects of kind ${kind.kind}`,
      params: [pretty, ...metaParams("ListOptions", text)],
      produces: STREAM_TYPES,
      responses: answers(list, 200),
    });
  if (verbs.includes("create")) createRoute(ctx, target, { ref: definitions.object });
  if (verbs.includes("deletecollection"))
    add(ctx, target, "deletecollection", {
      method: "delete",
      verb: "delete",
      noun: `Collection${target.scope}${kind.kind}`,
      description: `delete collection of ${kind.kind}`,
      params: [pretty, ...metaParams("DeleteOptions", text), ...metaParams("ListOptions", text, ["watch", "allowWatchBookmarks"])],
      body: { payload: { ref: `${META}.DeleteOptions` }, required: false },
      produces: MEDIA_TYPES,
      responses: answers(status, 200),
    });
  if (verbs.includes("watch") && verbs.includes("list"))
    add(ctx, { ...target, path: `watch/${target.path}` }, "watchlist", {
      method: "get",
      verb: "watch",
      noun: `${target.scope}${kind.kind}List${target.suffix ?? ""}`,
      description: `watch individual changes to a list of ${kind.kind}. deprecated: use the 'watch' parameter with a list operation instead.`,
      params: [pretty, ...metaParams("ListOptions", text)],
      produces: STREAM_TYPES,
      responses: answers({ ref: `${META}.WatchEvent` }, 200),
    });
}

function createRoute(ctx: Context, target: Target, payload: Payload): void {
  const { kind, text } = ctx;
  add(ctx, target, "post", {
    method: "post",
    verb: "create",
    description: target.sub ? `create ${target.sub} of${article(kind.kind)}${kind.kind}` : `create${article(kind.kind)}${kind.kind}`,
    params: [prettyParam(text), ...metaParams("CreateOptions", text)],
    body: { payload, required: true },
    produces: MEDIA_TYPES,
    responses: answers(payload, 200, 201, 202),
  });
}

function itemRoutes(ctx: Context, target: Target, verbs: readonly string[], payload: Payload): void {
  const { kind, text } = ctx;
  const pretty = prettyParam(text);
  const of = target.sub ? `${target.sub} of the specified` : "the specified";
  if (verbs.includes("get"))
    add(ctx, target, "get", {
      method: "get",
      verb: "read",
      description: `read ${of} ${kind.kind}`,
      params: [pretty],
      produces: MEDIA_TYPES,
      responses: answers(payload, 200),
    });
  if (verbs.includes("update"))
    add(ctx, target, "put", {
      method: "put",
      verb: "replace",
      description: `replace ${of} ${kind.kind}`,
      params: [pretty, ...metaParams("UpdateOptions", text)],
      body: { payload, required: true },
      produces: MEDIA_TYPES,
      responses: answers(payload, 200, 201),
    });
  if (verbs.includes("patch"))
    add(ctx, target, "patch", {
      method: "patch",
      verb: "patch",
      description: `partially update ${of} ${kind.kind}`,
      params: [pretty, ...metaParams("PatchOptions", text)],
      body: { payload: { ref: `${META}.Patch` }, required: true },
      consumes: PATCH_TYPES,
      produces: MEDIA_TYPES,
      responses: answers(payload, 200, 201),
    });
  if (verbs.includes("delete"))
    add(ctx, target, "delete", {
      method: "delete",
      verb: "delete",
      description: `delete${article(kind.kind)}${kind.kind}`,
      params: [pretty, ...metaParams("DeleteOptions", text)],
      body: { payload: { ref: `${META}.DeleteOptions` }, required: false },
      produces: MEDIA_TYPES,
      responses: answers(declaresObject(kind) ? payload : { ref: `${META}.Status` }, 200, 202),
    });
  if (verbs.includes("watch"))
    add(ctx, { ...target, path: `watch/${target.path}` }, "watch", {
      method: "get",
      verb: "watch",
      description: `watch changes to an object of kind ${kind.kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`,
      params: [pretty, ...metaParams("ListOptions", text)],
      produces: STREAM_TYPES,
      responses: answers({ ref: `${META}.WatchEvent` }, 200),
    });
}

function subresourceRoutes(ctx: Context, within: readonly Param[], itemPath: string): void {
  const { kind, definitions } = ctx;
  const scope = kind.namespaced ? "Namespaced" : "";
  const own = { group: kind.group, version: kind.version, kind: kind.kind };
  const target = (sub: string, gvk: Target["gvk"]): Target => ({
    path: `${itemPath}/${sub}`,
    params: [...within, pathParam("name", `name of the ${gvk.kind}`)],
    gvk,
    sub,
    scope,
  });
  for (const name of [...(kind.status ? ["status"] : []), ...(kind.views ?? []).map((v) => v.name)]) {
    const view = viewOf(kind, name);
    if (view) itemRoutes(ctx, target(name, own), view.verbs, { ref: definitions.object });
  }
  if (kind.scale) {
    const gvk = { group: "autoscaling", version: "v1", kind: "Scale" };
    itemRoutes(ctx, target("scale", gvk), ["get", "patch", "update"], { ref: "io.k8s.api.autoscaling.v1.Scale" });
  }
  for (const sub of kind.connect ?? []) {
    const gvk = { group: sub.group ?? kind.group, version: sub.version ?? kind.version, kind: sub.kind };
    const at = target(sub.name, gvk);
    if (sub.name === "log") logRoute(ctx, at);
    else if (CONNECT_METHODS[sub.name] && sub.kind.endsWith("Options")) connectRoutes(ctx, at);
    else {
      const schema = gvkType(gvk.group, gvk.version, gvk.kind);
      if (schema) createRoute(ctx, at, { ref: schema });
    }
  }
}

/** A pod's log is read like an object, but what comes is text. */
function logRoute(ctx: Context, target: Target): void {
  const options = objectParams("io.k8s.api.core.v1.PodLogOptions", ctx.text);
  add(ctx, target, "get", {
    method: "get",
    verb: "read",
    description: `read ${target.sub} of the specified ${ctx.kind.kind}`,
    params: [prettyParam(ctx.text), ...options],
    produces: ["text/plain", ...MEDIA_TYPES],
    responses: answers("string", 200),
  });
}

function connectRoutes(ctx: Context, target: Target): void {
  const { kind, text } = ctx;
  const sub = target.sub ?? "";
  const options = objectParams(gvkType(target.gvk.group, target.gvk.version, target.gvk.kind) ?? "", text);
  const rest: Target = { ...target, path: `${target.path}/{path}`, suffix: "WithPath", params: [...target.params, pathParam("path", text("request", "path"))] };
  for (const at of sub === "proxy" ? [target, rest] : [target])
    for (const method of CONNECT_METHODS[sub] ?? [])
      add(ctx, at, "connect", {
        method,
        verb: "connect",
        noun: `${titled(method)}${at.scope}${kind.kind}${titled(sub)}${at.suffix ?? ""}`,
        description: `connect ${method.toUpperCase()} requests to ${sub} of ${kind.kind}`,
        params: options,
        produces: ["*/*"],
        responses: answers("string", 200),
      });
}
