import { apiVersionOf, type Kind } from "../kinds/kind.js";
import type { KubeObject } from "../kinds/object.js";
import { type ApiError, badRequest, unknownResource } from "../server/errors.js";
import { create } from "../server/pipeline/create.js";
import { remove } from "../server/pipeline/delete.js";
import { get } from "../server/pipeline/get.js";
import { list } from "../server/pipeline/list.js";
import { cloneJson, objectOf } from "../server/pipeline/objects.js";
import { patch } from "../server/pipeline/patch.js";
import { modify, put } from "../server/pipeline/put.js";
import { getScale, writeScale } from "../server/pipeline/scale.js";
import { selectionOf } from "../server/pipeline/selection.js";
import type { RequestContext, Services, Target } from "../server/pipeline/types.js";
import type { Client, ResourceClient, ResourceRef, WriteOptions } from "./client.js";

/** The API without a wire: the same verbs, with the same checks, for the components that live in this process. */
export function createClient(services: Services, user = "system:apiserver", fieldManager = "mockube"): Client {
  return {
    as: (nextUser, nextManager) => createClient(services, nextUser, nextManager),
    resource: <T extends KubeObject>(ref: ResourceRef) => resourceClient(services, user, fieldManager, ref) as unknown as ResourceClient<T>,
  };
}

function resourceClient(services: Services, user: string, fieldManager: string, ref: ResourceRef): ResourceClient {
  // looked up at the call, not before: kinds may come and go while a cluster runs
  const kindOf = (): Kind => {
    const kind = services.kinds.find(ref.group, ref.version, ref.resource);
    if (!kind) throw unknownResource();
    return kind;
  };
  const target = (namespace: string, name: string, subresource = ""): Target => ({ kind: kindOf(), namespace, name, subresource });
  const context = (options: WriteOptions = {}): RequestContext => ({
    user: { name: user, groups: groupsOf(user) },
    userAgent: fieldManager,
    fieldManager: options.fieldManager ?? fieldManager,
    dryRun: options.dryRun === true,
    fieldValidation: "Ignore",
    trusted: true,
    warn: () => {},
  });
  // what a caller hands in may be shared with an informer; the pipeline edits what it is given
  const owned = (kind: Kind, object: KubeObject): KubeObject => ({ ...cloneJson(object), kind: kind.kind, apiVersion: apiVersionOf(kind) });
  return {
    get: async (namespace, name) => get(services, target(namespace, name)).object,
    list: async (namespace, options = {}) => {
      const kind = kindOf();
      const page = list(services, kind, namespace, undefined, selectionOf(kind, options.labelSelector ?? "", options.fieldSelector ?? ""));
      return { items: page.entries.map((entry) => objectOf(entry, kind)), resourceVersion: page.resourceVersion };
    },
    create: async (namespace, object, options) =>
      (await create(services, context(options), target(namespace, object.metadata.name ?? ""), owned(kindOf(), object))).object,
    update: async (namespace, object, options) =>
      (await put(services, context(options), target(namespace, object.metadata.name ?? ""), owned(kindOf(), object))).object,
    updateStatus: async (namespace, object, options) =>
      (await put(services, context(options), target(namespace, object.metadata.name ?? "", "status"), owned(kindOf(), object))).object,
    modify: async (namespace, name, change, options) =>
      (await modify(services, context(options), target(namespace, name, options?.subresource), change)).object,
    patch: async (namespace, name, type, body, options) =>
      (
        await patch(services, context(options), target(namespace, name, options?.subresource), {
          type,
          body,
          force: options?.force,
          manager: options?.fieldManager ?? fieldManager,
        })
      ).object,
    delete: async (namespace, name, options = {}) => {
      const { gracePeriodSeconds, propagationPolicy, preconditions } = options;
      await remove(services, context(options), target(namespace, name), { gracePeriodSeconds, propagationPolicy, preconditions });
    },
    getScale: async (namespace, name) => getScale(services, scaled(target(namespace, name, "scale"))).object,
    updateScale: async (namespace, scale, options) =>
      (
        await writeScale(services, context(options), scaled(target(namespace, scale.metadata.name ?? "", "scale")), {
          applied: false,
          next: () => cloneJson(scale),
        })
      ).object,
    createSubresource: async (namespace, name, subresource, body, options) => {
      const kind = kindOf();
      const connect = services.resources.get(`${kind.group}/${kind.resource}`)?.connect?.[subresource];
      if (!connect) throw missing(kind, subresource);
      return (await connect(body, target(namespace, name, subresource), context(options), services)).object;
    },
  };
}

function scaled(target: Target): Target {
  if (!target.kind.scale) throw unknownResource();
  return target;
}

const missing = (kind: Kind, subresource: string): ApiError => badRequest(`${kind.resource} has no subresource ${subresource}`);

/** Groups as the authenticators give them. */
function groupsOf(user: string): string[] {
  const account = /^system:serviceaccount:([^:]+):/.exec(user);
  const node = user.startsWith("system:node:") ? ["system:nodes"] : [];
  return account
    ? ["system:serviceaccounts", `system:serviceaccounts:${account[1]}`, "system:authenticated"]
    : [...node, "system:masters", "system:authenticated"];
}
