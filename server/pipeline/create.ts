import { type Kind, storageKey } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import type { BatchInHand } from "../../storage/store.js";
import { forbiddenBy } from "../auth/forbidden.js";
import { ApiError, alreadyExists, bareError, custom, invalid, isAlreadyExists, qualified } from "../errors.js";
import type { Attributes } from "./admission/types.js";
import { commit, type Verdict } from "./commit.js";
import { trackUpdate } from "./managed.js";
import { ensureNamespace, foldOwnerReferences, setTypeMeta } from "./metadata.js";
import { generateName } from "./names.js";
import { answerEntry, answerObject, canonicalOf, cloneJson, invalidKind, resourceName, timestamp } from "./objects.js";
import { hookOf, type ResourceHook } from "./resources/types.js";
import { prepareForCreate, validateCreate } from "./strategy.js";
import type { Answer, RequestContext, Services, Target } from "./types.js";
import { versionFault } from "./version.js";

/** How often a generated name is drawn anew when it is taken. Source: registry.Store.Create (RetryGenerateName). */
const MAX_NAME_ATTEMPTS = 8;

/**
 * POST. `object` is decoded, belongs to the caller no more, and has no defaults yet.
 * Order: namespace → defaults → managed fields → mutating admission → allocation → strategy → validation → validating admission → store; all inside the
 * commit, so
 * that what admission and allocation read is what the object is stored beside.
 */
export async function create(services: Services, ctx: RequestContext, target: Target, object: KubeObject): Promise<Answer> {
  const { kind } = target;
  wipeSystemFields(object);
  ensureNamespace(object, kind, target.namespace);
  const hook = hookOf(services, kind);
  if (hook?.create) return hook.create(object, target, ctx, services);
  if (hook?.answer) return answered(services, ctx, target, object, hook.answer);
  const { name, generateName: base } = object.metadata;
  if (name || !base) return createOnce(services, ctx, target, object, name || (kind.namelessGetsUid ? services.uid() : ""));
  for (let attempt = 1; ; attempt++) {
    const drawn = generateName(base, () => services.random());
    try {
      return await createOnce(services, ctx, target, attempt < MAX_NAME_ATTEMPTS ? cloneJson(object) : object, drawn);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      if (attempt >= MAX_NAME_ATTEMPTS) throw nameConflict(kind, error as ApiError);
    }
  }
}

/**
 * What a client says of these on a POST is nothing, not even to the managed fields; a PUT or an apply that creates keeps a deletionTimestamp that it came with.
 * Source: rest.WipeObjectMetaSystemFields.
 */
function wipeSystemFields({ metadata }: KubeObject): void {
  for (const field of ["creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] as const) delete metadata[field];
}

/** POST on a kind that is not kept: the way is the same, but at its end stands an answer and no store. */
function answered(services: Services, ctx: RequestContext, target: Target, given: KubeObject, answer: NonNullable<ResourceHook["answer"]>): Answer {
  const { kind, namespace } = target;
  setTypeMeta(given, kind);
  kind.defaults?.(given);
  foldOwnerReferences(given, ctx, false);
  const object = trackUpdate(services, ctx, kind, "", undefined, given);
  const name = object.metadata.name || (object.metadata.generateName ?? "");
  const attributes: Attributes = { operation: "CREATE", kind, subresource: "", namespace, name, object, old: undefined };
  services.admission.admit(attributes, ctx, services);
  const said = answer(object, target, ctx, services);
  services.admission.validate(attributes, ctx, services);
  return answerObject(201, canonicalOf(kind, said));
}

/** Source: errors.NewGenerateNameConflict. */
function nameConflict(kind: Kind, error: ApiError): ApiError {
  const name = error.status.details?.name ?? "";
  return custom(
    409,
    "AlreadyExists",
    `${qualified(resourceName(kind))} "${name}" already exists, the server was not able to generate a unique name for the object`,
    {
      name,
      ...(kind.group ? { group: kind.group } : {}),
      kind: kind.resource,
      retryAfterSeconds: 1,
    },
  );
}

async function createOnce(services: Services, ctx: RequestContext, target: Target, object: KubeObject, name: string): Promise<Answer> {
  const { kind } = target;
  const key = storageKey(kind, target.namespace, name);
  const done = await commit(services, ctx, kind, key, (current, batch) => {
    setTypeMeta(object, kind);
    kind.defaults?.(object);
    foldOwnerReferences(object, ctx, false);
    const verdict = createTracked(services, ctx, target, trackUpdate(services, ctx, kind, "", undefined, object), name, batch);
    // a text that is no version is passed over (etcd3 store.Create), and in a dry run every version is
    const version = object.metadata.resourceVersion ?? "";
    if (!ctx.dryRun && versionFault(version) === undefined && Number(version) !== 0)
      throw bareError("resourceVersion should not be set on objects to be created");
    if (current) throw existsAlready(kind, verdict.object, current);
    return verdict;
  });
  return done.entry ? answerEntry(201, kind, done.entry) : answerObject(201, done.object);
}

/**
 * From an object with defaults and managed fields to its place in the store: what POST does, and what PUT and apply do to a name that is not there. `name` is
 * what a name that the client left to us came out as.
 */
export function createTracked(
  services: Services,
  ctx: RequestContext,
  target: Target,
  object: KubeObject,
  name: string,
  batch: BatchInHand | undefined,
  byUpdate = false,
): Verdict {
  const { kind } = target;
  setTypeMeta(object, kind);
  const attributes: Attributes = {
    operation: "CREATE",
    kind,
    subresource: "",
    namespace: target.namespace,
    // plugins run before a name is generated, and name the object by its prefix in what they say (admission.extractResourceName)
    name: object.metadata.name || (object.metadata.generateName ?? ""),
    object,
    old: undefined,
    batch,
  };
  services.admission.admit(attributes, ctx, services);
  foldOwnerReferences(object, ctx, true);
  const version = byUpdate ? object.metadata.resourceVersion : undefined;
  const fault = version ? versionFault(version) : undefined;
  if (fault !== undefined) throw bareError(fault);
  const hook = hookOf(services, kind);
  hook?.guardCreate?.(object, target, ctx, services);

  // registry.Store.Create and rest.BeforeCreate
  const meta = object.metadata;
  meta.creationTimestamp = timestamp(services.now());
  meta.uid = services.uid();
  if (name && !meta.name) meta.name = name;
  hook?.beginCreate?.(object, ctx, services, batch);
  const { name: user, ...asker } = ctx.user;
  prepareForCreate(kind, object, { ...asker, now: services.now(), user });
  const errors = validateCreate(kind, object, hook?.findings?.(object, undefined, target, ctx, services));
  if (errors.length) throw invalid(invalidKind(kind), meta.name ?? "", errors);
  for (const warning of kind.warnings?.(object) ?? []) ctx.warn(warning);
  if (byUpdate) mayCreate(services, ctx, target);
  kind.readBack?.(object);
  const next = canonicalOf(kind, object);
  services.admission.validate({ ...attributes, name: next.metadata.name ?? "", object: next }, ctx, services);
  return { action: "put", object: next };
}

/** A PUT or an apply that creates wants the right to create as well. Source: handlers.withAuthorization. */
function mayCreate({ authorizer }: Services, { user, trusted }: RequestContext, { kind, namespace, name }: Target): void {
  if (trusted) return;
  const attributes = { user, verb: "create", group: kind.group, resource: kind.resource, subresource: "", namespace, name };
  const { allowed, reason } = authorizer.authorize(attributes);
  if (!allowed) throw forbiddenBy(attributes, reason);
}

function existsAlready(kind: Kind, object: KubeObject, current: KubeObject): ApiError {
  const name = object.metadata.name ?? "";
  const error = alreadyExists(resourceName(kind), name);
  // told whoever gave a prefix, even beside a name of its own
  if (object.metadata.generateName) return nameConflict(kind, error);
  if (!current.metadata.deletionTimestamp) return error;
  // a name that is on its way out says so (registry.Store.Create)
  return new ApiError({ ...error.status, message: `object is being deleted: ${error.status.message}` });
}
