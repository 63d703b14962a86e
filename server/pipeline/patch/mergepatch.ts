import { define } from "../../codec/specials.js";
import { badRequest } from "../../errors.js";
import { isObject, jsonKind } from "./gofmt.js";
import { checkNumbers, type PatchDecoding, patchValue } from "./jsonpatch.js";

type Doc = Record<string, unknown>;

/**
 * Applies an RFC 7386 patch as evanphx/json-patch v4 does, and returns the patched document; the given one is not written to and shares what did not
 * change. Nulls are dropped from what the patch adds, also inside lists. Throws 400 for what is no JSON object (with validation off an array replaces the
 * document, as upstream lets it).
 */
export function applyMergePatch<T>(doc: T, patch: unknown, options: PatchDecoding = {}): T {
  const ignore = options.fieldValidation === "Ignore";
  const p = ignore ? unchecked(patch) : patchValue(patch, "error decoding patch: ");
  if (!ignore) checkNumbers(p, "error decoding patch: ", "value");
  if (isObject(p)) return merge(doc as Doc, p) as T;
  if (p !== null && p !== undefined && !ignore) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(p)} into Go value of type map[string]interface {}`);
  }
  if (Array.isArray(p)) return prune(p) as T;
  throw badRequest("Invalid JSON Patch");
}

/** With validation off the library is the first to read the patch, and has one answer to all it cannot read. */
function unchecked(patch: unknown): unknown {
  try {
    return patchValue(patch, "");
  } catch {
    throw badRequest("Invalid JSON Patch");
  }
}

function merge(doc: Doc, patch: Doc): Doc {
  const out = { ...doc };
  for (const [key, v] of Object.entries(patch)) {
    if (v === undefined) continue;
    if (v === null) {
      delete out[key];
      continue;
    }
    const current = Object.hasOwn(out, key) ? out[key] : undefined;
    // upstream keeps the nulls of a list that takes a map's place, and drops them everywhere else
    if (isObject(current)) define(out, key, isObject(v) ? merge(current, v) : v);
    else define(out, key, prune(v));
  }
  return out;
}

/** A value without the null fields of its maps; null items of lists stay. */
function prune(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(prune);
  if (!isObject(v)) return v;
  const out: Doc = {};
  for (const [key, item] of Object.entries(v)) if (item !== null && item !== undefined) define(out, key, prune(item));
  return out;
}
