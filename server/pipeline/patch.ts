import { invalid as invalidValue, quote } from "../../kinds/field.js";
import { apiVersionOf, convert, type Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { checkPatched } from "../codec/body.js";
import { type Decoded, decodeValue } from "../codec/decode.js";
import { stringify } from "../codec/encode.js";
import { DecodeError } from "../codec/errors.js";
import { duplicateFields, parsePatch } from "../codec/json.js";
import { sortedDeep } from "../codec/specials.js";
import { fromUnstructured } from "../codec/unstructured.js";
import { type ApiError, badRequest, bareError, conflict, invalid, notFound } from "../errors.js";
import { formOf } from "./lookup.js";
import { conversionOf, managerOf, resetFieldsOf, trackUpdate } from "./managed.js";
import { checkName, ensureNamespace } from "./metadata.js";
import { mutate } from "./mutate.js";
import { canonicalOf, resourceName, timestamp } from "./objects.js";
import { apply } from "./patch/apply/index.js";
import { goPlain, isObject } from "./patch/gofmt.js";
import { applyJsonPatch, jsonPatchStrictErrors } from "./patch/jsonpatch.js";
import { applyMergePatch } from "./patch/mergepatch.js";
import { applyStrategicMergePatch } from "./patch/strategic.js";
import { SCALE_KIND, SCALE_SCHEMA, writeScale } from "./scale.js";
import type { Answer, RequestContext, Services, Target } from "./types.js";

export type PatchType =
  | "application/json-patch+json"
  | "application/merge-patch+json"
  | "application/strategic-merge-patch+json"
  | "application/apply-patch+yaml";

export interface Patch {
  readonly type: PatchType;
  /** The body as it came, or its value; for apply the decoded value. */
  readonly body: unknown;
  /** Strict findings of the body itself (duplicate fields), by the wire. */
  readonly strictErrors?: readonly string[];
  /** Apply only: take over what others own. */
  readonly force?: boolean;
  /** Apply only: the manager the client must name. */
  readonly manager?: string;
}

/** PATCH on an object, a view of it, or its scale. Source: handlers.PatchResource. */
export function patch(services: Services, ctx: RequestContext, target: Target, request: Patch): Promise<Answer> {
  const { kind, subresource } = target;
  const applying = request.type === "application/apply-patch+yaml";
  if (subresource === "scale")
    return writeScale(services, ctx, target, {
      applied: applying,
      next: (scale) => (applying ? appliedScale(services, ctx, target, scale, request) : patched(ctx, SCALE_SCHEMA, scale, request)),
    });
  return mutate(services, ctx, target, {
    allowCreate: (applying && subresource === "") || kind.allowCreateOnUpdate === true,
    transform: (current) => {
      if (applying) return applied(services, ctx, target, current, request);
      if (!current) throw notFound(resourceName(kind), target.name);
      const next = patched(ctx, kind.schema, current, request, (given) => inForm(kind, formOf(services.kinds, kind, given.apiVersion ?? "") ?? kind, given));
      // a strategic patch is not read but converted, and what fails there is nobody's fault
      const fault = kind.conversionFault?.(next);
      if (fault !== undefined) throw bareError(fault);
      ensureNamespace(next, kind, target.namespace);
      checkName(next, target);
      kind.defaults?.(next);
      return trackUpdate(services, ctx, kind, subresource, current, next);
    },
  });
}

/** What a patch made of an object that may have become one in another form of its kind, which is read as such. */
function inForm(kind: Kind, form: Kind, given: KubeObject): Decoded {
  const decoded = decodeValue(form.schema, given);
  const fault = form.conversionFault?.(decoded.object);
  if (fault !== undefined) throw new DecodeError(fault);
  if (form === kind) return decoded;
  form.defaults?.(decoded.object);
  return { object: canonicalOf(kind, convert(decoded.object, form, kind)), strictErrors: decoded.strictErrors };
}

/** The object after a json, merge or strategic patch, decoded (by `decode`, if it is not strategic) strictly as the request asks. */
function patched(
  ctx: RequestContext,
  schema: string,
  current: KubeObject,
  request: Patch,
  decode = (given: KubeObject): Decoded => decodeValue(schema, given),
): KubeObject {
  const { type, body } = request;
  const strict: string[] = [...(request.strictErrors ?? [])];
  let value: unknown;
  if (type === "application/json-patch+json") {
    value = applyJsonPatch(current, body, { fieldValidation: ctx.fieldValidation });
    strict.push(...jsonPatchStrictErrors(parsed(body)));
  } else if (type === "application/merge-patch+json") value = applyMergePatch(current, body, { fieldValidation: ctx.fieldValidation });
  else value = applyStrategicMergePatch(schema, current, body);
  if (type !== "application/json-patch+json" && body instanceof Uint8Array && ctx.fieldValidation !== "Ignore")
    strict.push(...duplicateFields(Buffer.from(body).toString("utf8")));
  // upstream quotes the patched document, or for a strategic patch the patch itself
  const quoted = (): string => (type === "application/strategic-merge-patch+json" ? goPlain(parsed(body)) : patchedText(value, touchedBy(type, parsed(body))));
  const bad = (why: string): ApiError => invalid({ group: "", kind: "" }, "", [invalidValue("patch", quoted(), why)]);
  const strategic = type === "application/strategic-merge-patch+json";
  let decoded: Decoded;
  try {
    // a strategic patch is merged into the very type, whatever it says it is
    if (strategic) decoded = fromUnstructured(schema, value);
    else if (checkPatched(value, { ...gvkOf(current), schema }) === "versioned") decoded = decode(value as KubeObject);
    else {
      // read into a type that knows none of these names: what is left has no name either
      const unknown = Object.keys(value as object).filter((key) => key !== "kind" && key !== "apiVersion");
      decoded = { object: { metadata: {} }, strictErrors: unknown.sort().map((key) => `unknown field ${quote(key)}`) };
    }
  } catch (error) {
    if (error instanceof DecodeError) throw bad(error.message);
    throw error;
  }
  const findings = [...strict, ...decoded.strictErrors];
  if (findings.length && ctx.fieldValidation === "Strict") throw bad(`strict decoding error: ${findings.join(", ")}`);
  if (ctx.fieldValidation === "Warn") for (const f of findings) ctx.warn(f);
  return decoded.object;
}

function gvkOf({ apiVersion = "", kind = "" }: KubeObject): { group: string; version: string; kind: string } {
  const slash = apiVersion.indexOf("/");
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1), kind };
}

const parsed = (body: unknown): unknown => {
  if (!(body instanceof Uint8Array)) return body;
  try {
    return parsePatch(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
};

/** Server-side apply. Source: applyPatcher.applyPatchToCurrentObject and managedfields.FieldManager.Apply. */
function applied(services: Services, ctx: RequestContext, target: Target, current: KubeObject | undefined, request: Patch): KubeObject {
  const { kind, subresource } = target;
  const patchObject = request.body as KubeObject;
  checkApplied(kind, patchObject);
  const uid = patchObject.metadata?.uid;
  if (!current && uid)
    throw conflict(resourceName(kind), target.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
  const { object } = apply({
    struct: kind.schema,
    live: current,
    patchObject,
    manager: request.manager ?? managerOf(ctx),
    force: request.force === true,
    subresource,
    apiVersion: apiVersionOf(kind),
    nowIso: timestamp(services.now()),
    ...resetFieldsOf(kind, subresource),
    ...conversionOf(services, kind),
  });
  if (request.strictErrors?.length) {
    // one error of yaml.v2's, or one warning for each of its lines
    if (ctx.fieldValidation === "Strict")
      throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${request.strictErrors.join("\n  ")}`);
    if (ctx.fieldValidation === "Warn") for (const finding of request.strictErrors) ctx.warn(finding);
  }
  let decoded: KubeObject;
  try {
    decoded = fromUnstructured(kind.schema, object).object;
  } catch (error) {
    if (error instanceof DecodeError) {
      const { namespace = "", name = "" } = patchObject.metadata ?? {};
      const why = `unable to convert unstructured object to ${expected(kind)}: ${error.message}`;
      throw bareError(`failed to convert new object (${namespace}/${name}; ${expected(kind)}) to proper version: ${why}`);
    }
    throw error;
  }
  const fault = kind.conversionFault?.(decoded);
  if (fault !== undefined) {
    const { namespace = "", name = "" } = patchObject.metadata ?? {};
    throw bareError(`failed to convert to unversioned (${namespace}/${name}; ${expected(kind)}): ${fault}`);
  }
  ensureNamespace(decoded, kind, target.namespace);
  checkName(decoded, target);
  kind.defaults?.(decoded);
  return decoded;
}

/** `apps/v1, Kind=Deployment`, as Go prints a GroupVersionKind. */
const expected = (kind: Kind): string => `${kind.group}/${kind.version}, Kind=${kind.kind}`;

/** Apply on /scale: the Scale is the object, with the managers of the replicas as its own. */
function appliedScale(services: Services, ctx: RequestContext, target: Target, scale: KubeObject, request: Patch): KubeObject {
  const patchObject = request.body as KubeObject;
  checkApplied(SCALE_KIND, patchObject);
  const { object } = apply({
    struct: SCALE_SCHEMA,
    live: scale,
    patchObject,
    manager: request.manager ?? managerOf(ctx),
    force: request.force === true,
    subresource: "scale",
    apiVersion: "autoscaling/v1",
    nowIso: timestamp(services.now()),
    resetFields: [],
  });
  checkName(object, target);
  return object;
}

function checkApplied(kind: Pick<Kind, "group" | "version" | "kind">, object: KubeObject): void {
  const expected = apiVersionOf(kind);
  if ((object.apiVersion ?? expected) === expected && (object.kind ?? kind.kind) === kind.kind) return;
  // what is no text is none
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const apiVersion = text(object.apiVersion);
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  throw badRequest(`invalid object type: ${group}/${version}, Kind=${text(object.kind)}`);
}

type Touched = { [key: string]: Touched } | undefined;

/** Which objects of the document a patch went into: upstream's library reads only those into maps. */
function touchedBy(type: PatchType, patch: unknown): Touched {
  if (type === "application/merge-patch+json") return patch as Touched;
  const empty = (): NonNullable<Touched> => Object.create(null);
  const root = empty();
  for (const op of Array.isArray(patch) ? patch : [])
    for (const pointer of [op?.path, op?.from]) {
      let at = root;
      for (const key of typeof pointer === "string" ? pointer.split("/").slice(1, -1) : [])
        at = at[key.replaceAll("~1", "/").replaceAll("~0", "~")] ??= empty();
    }
  return root;
}

/** The patched document as Go prints it: keys sorted where the patch went, as they were stored everywhere else. */
function patchedText(value: unknown, touched: Touched): string {
  // a list that a merge patch brought was read by upstream's library all the way down
  if (Array.isArray(touched) && Array.isArray(value)) return stringify(sortedDeep(value));
  if (!isObject(touched) || !isObject(value)) return stringify(value);
  const fields = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${fields.map(([k, v]) => `${stringify(k)}:${patchedText(v, Object.hasOwn(touched, k) ? touched[k] : undefined)}`).join(",")}}`;
}
