/** One cluster's pipeline over a store in memory: no wire, no controllers, time under control. */
import { seededRandom, uuidFrom } from "../../cluster/random.js";
import { type ManualClock, manualClock } from "../../controllers/runtime/clock.js";
import type { Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { KINDS, Registry } from "../../kinds/registry.js";
import { withPrivileged } from "../../server/auth/authorizer.js";
import { rbacAuthorizer } from "../../server/auth/rbac/index.js";
import { ADMIN } from "../../server/auth/tokens.js";
import { ApiError, type Status } from "../../server/errors.js";
import { createApp } from "../../server/http/app.js";
import { nonResourceHandler } from "../../server/http/nonresource.js";
import { chainOf, PLUGINS } from "../../server/pipeline/admission/chain.js";
import { create } from "../../server/pipeline/create.js";
import { type DeleteOptions, remove } from "../../server/pipeline/delete.js";
import { get } from "../../server/pipeline/get.js";
import { lookupOf } from "../../server/pipeline/lookup.js";
import { cloneJson } from "../../server/pipeline/objects.js";
import { type PatchType, patch } from "../../server/pipeline/patch.js";
import { put } from "../../server/pipeline/put.js";
import { resourceHooks } from "../../server/pipeline/resources/index.js";
import { DEFAULT_RANGES, type ServiceRanges } from "../../server/pipeline/resources/services.js";
import type { RequestContext, Services, Target } from "../../server/pipeline/types.js";
import { openStore } from "../../storage/index.js";
import type { Store } from "../../storage/store.js";

/** Where the clock of every world stands at first. */
export const START = Date.parse("2026-01-02T03:04:05Z");

export interface World {
  readonly services: Services;
  readonly store: Store;
  readonly clock: ManualClock;
  /** What the requests so far were warned of. */
  readonly warnings: string[];
  ctx(changes?: Partial<RequestContext>): RequestContext;
  /** `pods/web-0` in default, `kube-system:pods/web-0`, `nodes/n`; `pods/web-0/status` for a view. */
  target(path: string): Target;
  create(path: string, object: Record<string, unknown>, changes?: Partial<RequestContext>): Promise<KubeObject>;
  put(path: string, object: KubeObject, changes?: Partial<RequestContext>): Promise<KubeObject>;
  patch(path: string, body: unknown, type?: PatchType, changes?: Partial<RequestContext>): Promise<KubeObject>;
  remove(path: string, options?: DeleteOptions, changes?: Partial<RequestContext>): Promise<KubeObject>;
  get(path: string): KubeObject;
  /** Whether the store holds it. */
  has(path: string): boolean;
}

export interface WorldOptions {
  readonly ranges?: ServiceRanges;
  readonly seed?: number;
  /** Default: a store in memory. One that has been a world's before goes on where that ended; it needs another seed, or uids come twice. */
  readonly file?: string;
  readonly clock?: ManualClock;
}

/** A world with the namespaces `default` and `kube-system`, each with its account `default`. */
export async function world(options: WorldOptions = {}): Promise<World> {
  const clock = options.clock ?? manualClock(START);
  const store = openStore({ file: options.file ?? ":memory:" });
  const random = seededRandom(options.seed ?? 1);
  const kinds = lookupOf(KINDS);
  const services: Services = {
    store,
    kinds,
    admission: chainOf(PLUGINS),
    resources: resourceHooks(options.ranges),
    authorizer: withPrivileged(rbacAuthorizer(store)),
    authenticateToken: (token) => (token === "admin" ? ADMIN : undefined),
    now: () => clock.now(),
    uid: () => uuidFrom(random),
    random,
  };
  const warnings: string[] = [];
  const ctx = (changes: Partial<RequestContext> = {}): RequestContext => ({
    user: ADMIN,
    userAgent: "test/1",
    fieldManager: "",
    dryRun: false,
    fieldValidation: "Warn",
    warn: (text) => warnings.push(text),
    ...changes,
  });
  const target = (path: string): Target => {
    const [, namespace = "default", resource = "", name = "", subresource = ""] = /^(?:([^:/]*):)?([^/]+)\/?([^/]*)\/?(.*)$/.exec(path) ?? [];
    const kind = KINDS.find((k) => k.resource === resource) as Kind;
    return { kind, namespace: kind.namespaced ? namespace : "", name, subresource };
  };
  const made: World = {
    services,
    store,
    clock,
    warnings,
    ctx,
    target,
    create: async (path, object, changes) => {
      const at = target(path);
      const body = cloneJson({ metadata: {}, ...object }) as KubeObject;
      if (at.name) body.metadata.name = at.name;
      return (await create(services, ctx(changes), at, body)).object;
    },
    put: async (path, object, changes) => (await put(services, ctx(changes), target(path), cloneJson(object))).object,
    patch: async (path, body, type = "application/merge-patch+json", changes = {}) => {
      const given = type === "application/apply-patch+yaml" ? { force: false, manager: changes.fieldManager } : {};
      return (await patch(services, ctx(changes), target(path), { type, body, ...given })).object;
    },
    remove: async (path, deletion = {}, changes = {}) => (await remove(services, ctx(changes), target(path), deletion)).object,
    get: (path) => get(services, target(path)).object,
    has: (path) => {
      try {
        get(services, target(path));
        return true;
      } catch {
        return false;
      }
    },
  };
  if (made.has("namespaces/default")) return made;
  const { clusterIPs } = options.ranges ?? DEFAULT_RANGES;
  await made.create("servicecidrs/kubernetes", { spec: { cidrs: [clusterIPs] } });
  for (const name of ["default", "kube-system"]) {
    await made.create(`namespaces/${name}`, {});
    await made.create(`${name}:serviceaccounts/default`, {});
  }
  return made;
}

/** The Status of what a promise was refused with. */
export async function refusal(promise: Promise<unknown>): Promise<Status> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  throw new Error("was not refused");
}

/** The HTTP side of a world, to be asked with `inject`; `internal` collects the errors that are ours. */
export function appOf(made: World) {
  const internal: { readonly error: unknown; readonly url: string }[] = [];
  const registry = new Registry(KINDS);
  const app = createApp({
    services: made.services,
    clock: made.clock,
    authenticator: { header: () => ADMIN, token: () => ADMIN },
    nonResource: nonResourceHandler({ kinds: made.services.kinds, groups: () => registry.groups, address: () => "127.0.0.1:6443", ready: () => true }),
    onInternalError: (error, request) => internal.push({ error, url: `${request.method} ${request.url}` }),
  });
  return { app, internal };
}

export const podSpec = { containers: [{ name: "c", image: "nginx" }] };
