import type { FastifyReply, FastifyRequest } from "fastify";
import { scale as SCALE } from "../../kinds/autoscaling/scale/index.js";
import type { Kind, Verb } from "../../kinds/kind.js";
import { ALL_VERBS } from "../../kinds/kind.js";
import { structFact } from "../../kinds/schema/index.js";
import { isUpstreamResource } from "../../kinds/upstream.js";
import { type ApiError, badRequest, custom, methodNotSupported, notServedHere, notSupportedHere, notSupportedOn, unknownResource } from "../errors.js";
import { create } from "../pipeline/create.js";
import { remove } from "../pipeline/delete.js";
import { removeCollection } from "../pipeline/deletecollection.js";
import { get } from "../pipeline/get.js";
import { list } from "../pipeline/list.js";
import { resourceName } from "../pipeline/objects.js";
import { type Patch, type PatchType, patch } from "../pipeline/patch.js";
import { put } from "../pipeline/put.js";
import { getScale, putScale, SCALE_SCHEMA } from "../pipeline/scale.js";
import { selectionOf } from "../pipeline/selection.js";
import { viewOf } from "../pipeline/strategy.js";
import type { RequestContext, Services, Target, UserInfo } from "../pipeline/types.js";
import { decodeApply, decodeBody, decodeDeleteOptions } from "./body.js";
import { negotiate } from "./negotiate.js";
import { protobufFor } from "./protobuf.js";
import { deleteQuery, listQuery, type WriteQuery, writeQuery } from "./query.js";
import type { ResourcePath } from "./requestinfo.js";
import { includeObjectOf, type Rendering, sendAnswer, sendPage } from "./respond.js";
import { Warnings } from "./warnings.js";
import { type StreamClock, streamWatch } from "./watchstream.js";

const VERB_OF: Readonly<Record<string, string>> = { GET: "get", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

/** What the dispatcher needs of the server it is part of. */
export interface DispatchServices {
  readonly services: Services;
  readonly clock: StreamClock;
  /** Streams that are open, so that closing the server ends them. */
  readonly streams: Set<() => void>;
}

const PATCH_TYPES: readonly PatchType[] = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** One request on a resource path, from the kind it names to the bytes of its answer. Throws ApiErrors. */
export async function dispatch(
  server: DispatchServices,
  user: UserInfo,
  path: ResourcePath,
  query: URLSearchParams,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { services } = server;
  const kind = services.kinds.find(path.group, path.version, path.resource);
  if (!kind) throw missing(path, path.resource);
  const call = new Call(server, user, kind, path, query, request, reply);
  if (path.watch) return call.watchPath();
  return path.subresource ? call.subresource() : path.name ? call.object() : call.collection();
}

/** What is not there; where kube-apiserver has it, this says who has not. */
export function missing({ group, version }: ResourcePath, name: string): ApiError {
  return isUpstreamResource(group, version, name) ? notServedHere(group ? `${name}.${group}` : name) : unknownResource();
}

class Call {
  private readonly target: Target;
  private readonly warnings: Warnings;
  constructor(
    private readonly server: DispatchServices,
    private readonly user: UserInfo,
    private readonly kind: Kind,
    private readonly path: ResourcePath,
    private readonly query: URLSearchParams,
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
  ) {
    this.target = { kind, namespace: path.namespace, name: path.name, subresource: path.subresource };
    if (!kind.namespaced && path.inNamespace) throw unknownResource();
    if (kind.namespaced && !path.inNamespace && path.name) throw unknownResource();
    if (path.rest && path.subresource !== "proxy") throw unknownResource();
    // what is asked and not kept has one path only
    if (kind.verbs?.length === 1 && (path.name || (kind.namespaced && !path.inNamespace))) throw unknownResource();
    this.warnings = new Warnings(reply);
    if (kind.deprecated) this.warnings.add(kind.deprecated);
  }

  private rendering(tables = true): Rendering {
    const protobuf = structFact(this.kind.schema)?.proto !== undefined;
    const accepted = negotiate(this.request.headers.accept, { watchable: !this.path.name && this.request.method === "GET", protobuf, tables });
    return { accepted, now: this.server.services.now(), includeObject: () => includeObjectOf(this.query) };
  }

  /** The router refuses, not the handler that would warn. */
  private methodNotSupported(): Error {
    this.reply.removeHeader("warning");
    return methodNotSupported();
  }

  private allow(verb: Verb): void {
    if (!(this.kind.verbs ?? ALL_VERBS).includes(verb)) throw this.methodNotSupported();
  }

  private context(options: Pick<WriteQuery, "dryRun" | "fieldManager" | "fieldValidation">): RequestContext {
    return {
      user: this.user,
      verb: VERB_OF[this.request.method],
      userAgent: this.request.headers["user-agent"] ?? "",
      fieldManager: options.fieldManager,
      dryRun: options.dryRun,
      fieldValidation: options.fieldValidation,
      warn: (text) => this.warnings.add(text),
    };
  }

  private needNamespace(): void {
    if (this.kind.namespaced && this.path.inNamespace && this.path.namespace === "") throw badRequest("Namespace parameter required.");
  }

  async collection(): Promise<void> {
    switch (this.request.method) {
      case "GET":
        return this.listOrWatch(false);
      case "POST":
        this.allow("create");
        if (this.kind.namespaced && !this.path.inNamespace) throw this.methodNotSupported();
        return this.create();
      case "DELETE":
        this.allow("deletecollection");
        if (this.kind.namespaced && !this.path.inNamespace) throw this.methodNotSupported();
        return this.deleteCollection();
      default:
        throw this.methodNotSupported();
    }
  }

  async object(): Promise<void> {
    this.needNamespace();
    const { services } = this.server;
    switch (this.request.method) {
      case "GET": {
        this.allow("get");
        const rendering = this.rendering();
        // upstream does not look at `watch` here: a watch on one object is asked of the collection, by field selector
        return sendAnswer(this.reply, get(services, this.target, this.query.get("resourceVersion") ?? ""), this.kind, rendering);
      }
      case "PUT": {
        this.allow("update");
        const rendering = this.rendering();
        const options = writeQuery(this.query, "UpdateOptions");
        const ctx = this.context(options);
        const object = await decodeBody(this.request, this.kind.schema, this.kind, ctx);
        return sendAnswer(this.reply, await put(services, ctx, this.target, object), this.kind, rendering);
      }
      case "PATCH":
        this.allow("patch");
        return this.patch();
      case "DELETE": {
        this.allow("delete");
        const rendering = this.rendering();
        const { options, dryRun } = deleteQuery(this.query, await decodeDeleteOptions(this.request));
        const ctx = this.context({ dryRun, fieldManager: "", fieldValidation: "Ignore" });
        return sendAnswer(this.reply, await remove(services, ctx, this.target, options), this.kind, rendering);
      }
      default:
        throw this.methodNotSupported();
    }
  }

  async subresource(): Promise<void> {
    this.needNamespace();
    const { kind, path, target, reply } = this;
    const { services } = this.server;
    const { method } = this.request;
    if (path.subresource === "scale" && kind.scale) return this.scale();
    const view = viewOf(kind, path.subresource);
    if (view) {
      const verb: Verb | undefined = method === "GET" ? "get" : method === "PUT" ? "update" : method === "PATCH" ? "patch" : undefined;
      if (!verb || !view.verbs.includes(verb)) throw this.methodNotSupported();
      if (verb === "patch") return this.patch();
      const rendering = this.rendering();
      if (verb === "get") return sendAnswer(reply, get(services, target, this.query.get("resourceVersion") ?? ""), kind, rendering);
      const ctx = this.context(writeQuery(this.query, "UpdateOptions"));
      const object = await decodeBody(this.request, kind.schema, kind, ctx);
      return sendAnswer(reply, await put(services, ctx, target, object), kind, rendering);
    }
    const connect = kind.connect?.find((c) => c.name === path.subresource);
    if (!connect) throw missing(path, `${path.resource}/${path.subresource}`);
    const verb = VERB_OF[method] ?? "";
    if (!connect.verbs.includes(verb)) throw this.methodNotSupported();
    const handler = services.resources.get(`${kind.group}/${kind.resource}`)?.connect?.[path.subresource];
    if (!handler) {
      get(services, target);
      throw notSupportedHere(`${kind.resource}/${path.subresource}`);
    }
    if (verb !== "create") throw this.methodNotSupported();
    const rendering = this.rendering(false);
    const ctx = this.context(writeQuery(this.query, "CreateOptions"));
    const answered = { ...kind, ...connect, printer: undefined } as Kind;
    const body = await decodeBody(this.request, undefined, answered, ctx, connect.accepts);
    return sendAnswer(reply, await handler(body, target, ctx, services), answered, rendering);
  }

  private async scale(): Promise<void> {
    const { services } = this.server;
    const { method } = this.request;
    const rendering = this.rendering();
    if (method === "GET") return sendAnswer(this.reply, getScale(services, this.target), SCALE, rendering);
    if (method === "PATCH") return this.patch();
    if (method !== "PUT") throw this.methodNotSupported();
    const ctx = this.context(writeQuery(this.query, "UpdateOptions"));
    const scale = await decodeBody(this.request, SCALE_SCHEMA, { ...this.kind, kind: "Scale", group: "autoscaling", version: "v1" }, ctx);
    return sendAnswer(this.reply, await putScale(services, ctx, this.target, scale), SCALE, rendering);
  }

  private async create(): Promise<void> {
    this.needNamespace();
    const rendering = this.rendering();
    const ctx = this.context(writeQuery(this.query, "CreateOptions"));
    const object = await decodeBody(this.request, this.kind.schema, this.kind, ctx);
    return sendAnswer(this.reply, await create(this.server.services, ctx, this.target, object), this.kind, rendering);
  }

  private async patch(): Promise<void> {
    const type = this.request.givenType.split(";")[0]?.trim() as PatchType;
    // the router refuses what no patch route consumes, in its own words (go-restful)
    if (!PATCH_TYPES.includes(type)) throw custom(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
    const rendering = this.rendering();
    const applying = type === "application/apply-patch+yaml";
    const options = writeQuery(this.query, "PatchOptions", applying);
    const ctx = this.context(options);
    const body: Patch = applying
      ? { type, ...(await decodeApply(this.request)), force: options.force, manager: options.fieldManager }
      : { type, body: this.request.body ?? Buffer.alloc(0) };
    const kind = this.path.subresource === "scale" ? SCALE : this.kind;
    return sendAnswer(this.reply, await patch(this.server.services, ctx, this.target, body), kind, rendering);
  }

  private async deleteCollection(): Promise<void> {
    this.needNamespace();
    const rendering = this.rendering();
    const parameters = listQuery(this.query);
    const selection = selectionOf(this.kind, parameters.labelSelector, parameters.fieldSelector);
    const { options, dryRun } = deleteQuery(this.query, await decodeDeleteOptions(this.request));
    const ctx = this.context({ dryRun, fieldManager: "", fieldValidation: "Ignore" });
    const page = await removeCollection(this.server.services, ctx, this.kind, this.path.namespace, options, parameters, selection);
    return sendPage(this.reply, page, rendering);
  }

  watchPath(): Promise<void> {
    if (this.request.method !== "GET") throw this.methodNotSupported();
    if (this.path.subresource) throw unknownResource();
    return this.listOrWatch(true);
  }

  private async listOrWatch(forceWatch: boolean): Promise<void> {
    this.allow("list");
    // the legacy watch paths take an empty namespace for all of them
    if (!forceWatch) this.needNamespace();
    const { kind, path } = this;
    const { services, clock, streams } = this.server;
    const rendering = this.rendering();
    const query = listQuery(this.query, forceWatch);
    if (query.watch && !(kind.verbs ?? ALL_VERBS).includes("watch")) throw notSupportedOn(resourceName(kind), "watch");
    const selection = selectionOf(kind, query.labelSelector, query.fieldSelector, path.name);
    if (!query.watch) return sendPage(this.reply, list(services, kind, path.namespace, query, selection), rendering);
    const { accepted, includeObject } = rendering;
    const protobuf = await protobufFor(accepted.mediaType);
    const response = this.reply.raw;
    for (const [name, value] of Object.entries(this.reply.getHeaders())) if (value !== undefined) response.setHeader(name, value as string);
    const stop = streamWatch(services, clock, () => services.random(), response, {
      kind,
      namespace: path.namespace,
      query,
      selection,
      accepted,
      includeObject,
      protobuf,
    });
    this.reply.hijack();
    streams.add(stop);
    response.on("close", () => streams.delete(stop));
  }
}
