import { fieldsOf, structFact } from "../../../kinds/schema/index.js";
import type { FieldFact, TypeRef } from "../../../kinds/schema/types.js";
import { define } from "../../codec/specials.js";
import { badRequest, bareError } from "../../errors.js";
import { goPlain, goTypeOf, isObject, jsonKind } from "./gofmt.js";
import { checkNumbers, patchValue } from "./jsonpatch.js";
import { deleteScalars, type Item, mergeScalars, normalizeOrder, partition, sliceElementType, validateOrder } from "./strategic-lists.js";

type Doc = Record<string, unknown>;

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_PRIMITIVES = "$deleteFromPrimitiveList";
const ELEMENT_ORDER = "$setElementOrder";

/** What a patch may know of the type it stands in; undefined inside free-form values, where no struct fields exist. */
type Schema = TypeRef | undefined;

/**
 * Applies a strategic merge patch to an object of the struct `structName`, and returns the patched object; the given one is not written to and shares
 * what did not change. Fields the struct does not have are taken over (strict decoding of the result finds them). Throws 400 for malformed directives, 422
 * for lists of lists, and bare 500s elsewhere, with upstream's texts. Source: apimachinery strategicpatch StrategicMergeMapPatch with the handlers' mapping
 * of its errors (interpretStrategicMergePatchError).
 */
export function applyStrategicMergePatch<T>(structName: string, doc: T, patch: unknown): T {
  const p = patchValue(patch, "");
  if (p === null || p === undefined) return doc;
  checkNumbers(p, "", "value");
  if (!isObject(p)) throw badRequest(`json: cannot unmarshal ${jsonKind(p)} into Go value of type map[string]interface {}`);
  return mergeMap(doc as Doc, p, { k: "struct", name: structName }) as T;
}

const badArgType = (expected: string, actual: unknown) => bareError(`expected a ${expected}, but received a ${goTypeOf(actual) ?? "%!s(<nil>)"}`);
const noMergeKey = (item: Doc, key: string) => bareError(`map: ${goPlain(item)} does not contain declared merge key: ${key}`);
const badPatchType = (directive: unknown, item: Doc) => bareError(`unknown patch type: ${goPlain(directive)} in map: ${goPlain(item)}`);

/** Merges a patch map into a map of the given type. */
function mergeMap(original: Doc, patchIn: Doc, schema: Schema): Doc {
  if (Object.hasOwn(patchIn, DIRECTIVE)) {
    const { [DIRECTIVE]: directive, ...rest } = patchIn;
    if (directive === "replace") return rest;
    if (directive === "delete") return {};
    throw badPatchType(directive, patchIn);
  }
  const patch = { ...patchIn };
  const out = retainKeys(original, patch);
  orderedLists(out, patch, schema);

  for (const [patchKey, v] of Object.entries(patch)) {
    const deletion = patchKey.startsWith(DELETE_PRIMITIVES);
    const key = deletion ? listName(patchKey, DELETE_PRIMITIVES, "primitive list") : patchKey;
    if (v === null || v === undefined) {
      delete out[key];
      continue;
    }
    const current = Object.hasOwn(out, key) ? out[key] : undefined;
    if (current === undefined || goTypeOf(current) !== goTypeOf(v)) {
      if (!deletion) set(out, key, removeDirectives(discardNulls(v)));
      continue;
    }
    if (isObject(v)) {
      const meta = lookup(schema, key);
      define(out, key, meta.strategy === "replace" ? v : mergeMap(current as Doc, v, meta.type));
    } else if (Array.isArray(v)) {
      const meta = lookupList(schema, key);
      out[key] = mergeList(current as Item[], v, meta, deletion);
    } else {
      define(out, key, v);
    }
  }
  return out;
}

function set(out: Doc, key: string, v: unknown): void {
  if (v === undefined) delete out[key];
  else define(out, key, v);
}

/** Honours `$retainKeys`: everything the directive does not list goes. Takes the directive out of the patch; returns the map to merge into. */
function retainKeys(original: Doc, patch: Doc): Doc {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return { ...original };
  const list = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(list)) throw badRequest("invalid patch format of retainKeys");
  const kept = new Set<unknown>(list);
  for (const [key, v] of Object.entries(patch)) {
    if (v === null || key.startsWith(DELETE_PRIMITIVES) || key.startsWith(ELEMENT_ORDER)) continue;
    if (!kept.has(key)) throw badRequest("invalid patch format of retainKeys");
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

/** `$setElementOrder/ports` → `ports`. */
function listName(key: string, prefix: string, what: string): string {
  const slash = key.indexOf("/");
  if (slash < 0 || key.slice(0, slash) !== prefix) throw badRequest(`invalid patch format of ${what}`);
  return key.slice(slash + 1);
}

/** Honours `$setElementOrder/x` together with the patch's own list `x`; both leave the patch. Source: mergePatchIntoOriginal. */
function orderedLists(out: Doc, patch: Doc, schema: Schema): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    const order = patch[key];
    delete patch[key];
    if (!Array.isArray(order)) throw badArgType("[]interface {}", order);
    const name = listName(key, ELEMENT_ORDER, "setElementOrder list");
    const current = out[name];
    const patched = patch[name];
    if (Object.hasOwn(out, name) && !Array.isArray(current)) throw badArgType("[]interface {}", current);
    if (Object.hasOwn(patch, name) && !Array.isArray(patched)) throw badArgType("[]interface {}", patched);
    const live = current as Item[] | undefined;
    const wanted = patched as Item[] | undefined;
    const meta = lookupList(schema, name);
    validateOrder(wanted ?? [], order, meta.mergeKey);
    if (!live && !wanted) continue;
    let merged = live ?? [];
    if (wanted) merged = live ? mergeList(live, wanted, meta, false) : (removeDirectives(wanted) as Item[]);
    const [ours, theirs] = partition(merged, order, meta.mergeKey);
    const kind = sliceElementType(live ?? [], wanted ?? []);
    out[name] = normalizeOrder(ours, theirs, order, live ?? [], meta.mergeKey, kind);
    delete patch[name];
  }
}

/** A value without the null fields of its maps. */
function discardNulls(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(discardNulls);
  if (!isObject(v)) return v;
  const out: Doc = {};
  for (const [key, item] of Object.entries(v)) if (item !== null) define(out, key, discardNulls(item));
  return out;
}

/** A patch value turned into a plain one: maps that carry `$patch` vanish (undefined). */
function removeDirectives(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(removeDirectives).filter((item) => item !== undefined);
  if (!isObject(v)) return v;
  if (Object.hasOwn(v, DIRECTIVE)) return undefined;
  const out: Doc = {};
  for (const [key, item] of Object.entries(v)) {
    const kept = removeDirectives(item);
    if (kept !== undefined) define(out, key, kept);
  }
  return out;
}

interface ListMeta {
  /** Type of the items. */
  readonly type: Schema;
  readonly strategy: string;
  readonly mergeKey: string;
}

/** Merges a patch list into a list; items of the result are in the order the design of strategic merge gives them. */
function mergeList(original: readonly Item[], patch: readonly Item[], meta: ListMeta, deletion: boolean): Item[] {
  if (meta.strategy !== "merge" && !deletion) return patch as Item[];
  if (original.length === 0 && patch.length === 0) return original as Item[];
  const kind = sliceElementType(original, patch);
  if (kind !== "map") {
    if (deletion) return deleteScalars(original, patch);
    const merged = mergeScalars(original, patch);
    const [ours, theirs] = partition(merged, patch, meta.mergeKey);
    return normalizeOrder(ours, theirs, patch, original, meta.mergeKey, kind);
  }
  if (meta.mergeKey === "") throw bareError(`cannot merge lists without merge key for ${kindName(meta.type)}`);
  const [live, wanted] = specialItems(original as Doc[], patch as Doc[], meta.mergeKey);
  const merged = live.slice();
  for (const item of wanted) {
    if (!Object.hasOwn(item, meta.mergeKey)) throw noMergeKey(item, meta.mergeKey);
    const at = findByKey(merged, meta.mergeKey, item[meta.mergeKey]);
    if (at < 0) merged.push(item);
    else merged[at] = mergeMap(merged[at] as Doc, item, meta.type);
  }
  const [ours, theirs] = partition(merged, wanted, meta.mergeKey);
  return normalizeOrder(ours, theirs, wanted, live, meta.mergeKey, kind);
}

/** Carries out the items that are directives (`$patch: delete` and `replace`); returns what is left of the list and of the patch. */
function specialItems(original: Doc[], patch: Doc[], mergeKey: string): [Doc[], Doc[]] {
  let live = original;
  let replace = false;
  const plain: Doc[] = [];
  for (const item of patch) {
    if (!Object.hasOwn(item, DIRECTIVE)) {
      plain.push(item);
      continue;
    }
    const directive = item[DIRECTIVE];
    if (directive === "delete") {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
      live = live.filter((entry) => !(Object.hasOwn(entry, mergeKey) && entry[mergeKey] === item[mergeKey]));
    } else if (directive === "replace") {
      replace = true;
    } else if (directive === "merge") {
      throw bareError("merging lists cannot yet be specified in the patch");
    } else {
      throw badPatchType(directive, item);
    }
  }
  return replace ? [plain, []] : [live, plain];
}

function findByKey(list: readonly Doc[], key: string, v: unknown): number {
  return list.findIndex((item) => Object.hasOwn(item, key) && item[key] === v);
}

/** reflect.Kind of a type, as error texts name it. */
function kindName(schema: Schema): string {
  if (!schema) return "interface";
  if (schema.ptr) return "ptr";
  if (schema.k === "list") return "slice";
  if (schema.k === "scalar") return schema.name === "bytes" ? "slice" : schema.name;
  return schema.k === "map" ? "map" : "struct";
}

interface FieldMeta {
  readonly type: TypeRef;
  readonly strategy: string;
  readonly mergeKey: string;
}

function strategyOf(field: FieldFact): string {
  return (field.patchStrategy ?? []).find((s) => s !== "retainKeys") ?? "";
}

/** Patch metadata of one field. Like encoding/json the lookup falls back to a match that ignores case. Source: forked json LookupPatchMetadataForStruct. */
function lookup(schema: Schema, key: string): FieldMeta {
  if (schema && schema.k !== "struct" && schema.k !== "special") {
    throw bareError(`merging an object in json but data type is not struct, instead is: ${kindName({ ...schema, ptr: undefined } as TypeRef)}`);
  }
  const fields = schema?.k === "struct" ? fieldsOf(schema.name) : undefined;
  let field = fields?.get(key);
  if (!field && fields) {
    const folded = key.toLowerCase();
    for (const candidate of fields.values()) if (candidate.name.toLowerCase() === folded) field ??= candidate;
  }
  if (!field) {
    const name = schema?.k === "struct" ? (structFact(schema.name)?.go ?? schema.name) : (schema?.name ?? "");
    throw bareError(`unable to find api field in struct ${name} for the json field ${JSON.stringify(key)}`);
  }
  return { type: field.type, strategy: strategyOf(field), mergeKey: field.patchMergeKey ?? "" };
}

function lookupList(schema: Schema, key: string): ListMeta {
  const meta = lookup(schema, key);
  if (meta.type.k !== "list") {
    if (meta.type.k === "scalar" && meta.type.name === "bytes") return { ...meta, type: undefined };
    throw bareError(`expected slice or array type, but got: ${kindName(schema)}`);
  }
  if (meta.type.of.k === "list") throw bareError("unexpected slice of slice");
  return { type: meta.type.of, strategy: meta.strategy, mergeKey: meta.mergeKey };
}
