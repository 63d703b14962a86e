import { stringify } from "../../codec/encode.js";
import { beyondFloats, nestsTooDeep, parsePatch } from "../../codec/json.js";
import { define } from "../../codec/specials.js";
import { badRequest, custom } from "../../errors.js";
import { cloneJson } from "../objects.js";
import { isObject, jsonKind, sameJson } from "./gofmt.js";

/** Upstream's limit on the operations of one patch (handlers.maxJSONPatchOperations). */
export const MAX_OPERATIONS = 10_000;

/** Upstream's limit on what the copies of one patch may add (server.Config.JSONPatchMaxCopyBytes): a few doublings would otherwise fill the memory. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

type Container = Record<string, unknown> | unknown[];

/** A failing operation: its text never reaches the client, the answer is the same 422 for all. */
class Failed extends Error {}

/** Whether a decode happened under `fieldValidation=Ignore`, which skips the checks of Warn and Strict and words its errors differently. */
export interface PatchDecoding {
  readonly fieldValidation?: string;
}

/** The answer to an operation that does not apply: NewGenericServerResponse(422). */
const rejected = () => custom(422, "Invalid", "the server rejected our request due to an error in our request", {});

/** Refuses a patch with a number that is too large to be read. */
export function checkNumbers(patch: unknown, prefix: string, into: string): void {
  const number = beyondFloats(patch);
  if (number !== undefined) throw badRequest(`${prefix}json: cannot unmarshal number ${number} into Go ${into} of type float64`);
}

/** The patch as a value: bytes are parsed, everything else is taken as parsed already. */
export function patchValue(patch: unknown, prefix: string): unknown {
  if (!(patch instanceof Uint8Array)) return patch;
  try {
    return parsePatch(Buffer.from(patch.buffer, patch.byteOffset, patch.byteLength).toString("utf8"));
  } catch (error) {
    throw badRequest(prefix + (patch.byteLength === 0 ? "unexpected end of JSON input" : (error as Error).message));
  }
}

const OP_FIELDS = ["op", "path", "from"] as const;

/** Type errors of the decoding into the handler's own operation struct, or into json-patch's when validation is off. */
function checkShape(patch: unknown, ignore: boolean): void {
  const prefix = ignore ? "" : "error decoding patch: ";
  const listType = ignore ? "jsonpatch.Patch" : "[]handlers.jsonPatchOp";
  const itemType = ignore ? "jsonpatch.Operation" : "handlers.jsonPatchOp";
  if (patch === null || patch === undefined) return;
  if (!Array.isArray(patch)) throw badRequest(`${prefix}json: cannot unmarshal ${jsonKind(patch)} into Go value of type ${listType}`);
  for (const op of patch) {
    if (op === null) continue;
    if (!isObject(op)) throw badRequest(`${prefix}json: cannot unmarshal ${jsonKind(op)} into Go value of type ${itemType}`);
    if (ignore) continue;
    checkNumbers(op.value, prefix, "struct field jsonPatchOp.value");
    for (const name of OP_FIELDS) {
      const v = op[name];
      if (v !== undefined && v !== null && typeof v !== "string") {
        throw badRequest(`${prefix}json: cannot unmarshal ${jsonKind(v)} into Go struct field jsonPatchOp.${name} of type string`);
      }
    }
  }
}

/** Findings of strict decoding of the patch itself, as `fieldValidation=Warn` and `Strict` report them; duplicate fields need the bytes and are the codec's. */
export function jsonPatchStrictErrors(patch: unknown): string[] {
  const out: string[] = [];
  if (!Array.isArray(patch)) return out;
  patch.forEach((op, i) => {
    if (!isObject(op)) return;
    for (const key of Object.keys(op))
      if (key !== "op" && key !== "path" && key !== "from" && key !== "value") out.push(`json patch unknown field "[${i}].${key}"`);
  });
  return out;
}

/**
 * Applies an RFC 6902 patch the way evanphx/json-patch v4 does inside kube-apiserver, and returns the patched document; the given document is not written
 * to, and what the patch does not touch is shared with it. Deviations from the RFC that clients rely on: `replace` of a missing map key adds it, copying a
 * missing key copies null, negative indices count from the end. Throws 400 for what is no patch, 413 for too many operations, 422 for a failing operation.
 */
export function applyJsonPatch<T>(doc: T, patch: unknown, options: PatchDecoding = {}): T {
  const ignore = options.fieldValidation === "Ignore";
  const ops = patchValue(patch, ignore ? "" : "error decoding patch: ");
  checkShape(ops, ignore);
  const list = (ops ?? []) as (Record<string, unknown> | null)[];
  if (list.length > MAX_OPERATIONS) {
    throw custom(
      413,
      "RequestEntityTooLarge",
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${list.length}`,
    );
  }
  const state = new Patching(doc as Container);
  try {
    for (const op of list) state.run(op ?? {});
  } catch (error) {
    // a copy that is too deep to be made is a failing operation as well
    if (error instanceof Failed || error instanceof RangeError) throw rejected();
    throw error;
  }
  if (nestsTooDeep(state.root)) throw rejected();
  return state.root as T;
}

const decodeToken = (token: string): string => token.replaceAll("~1", "/").replaceAll("~0", "~");

/** The document while it is patched: containers are copied the first time something below them is written. */
class Patching {
  private readonly own = new WeakSet<object>();
  /** Bytes that the copies so far have added. */
  private copied = 0;
  constructor(public root: Container) {}

  run(op: Record<string, unknown>): void {
    switch (op.op) {
      case "add": {
        const [container, key] = this.locate(text(op.path), true);
        add(container, key, value(op));
        break;
      }
      case "remove": {
        const [container, key] = this.locate(text(op.path), true);
        remove(container, key);
        break;
      }
      case "replace":
        this.replace(text(op.path), op);
        break;
      case "move": {
        const [from, key] = this.locate(text(op.from), true);
        const moved = get(from, key);
        remove(from, key);
        const [to, target] = this.locate(text(op.path), true);
        add(to, target, moved ?? null);
        break;
      }
      case "copy": {
        const [from, key] = this.locate(text(op.from), false);
        const copied = get(from, key);
        this.copied += stringify(copied ?? null).length;
        if (this.copied > MAX_COPIED_BYTES) throw new Failed("Unable to complete the copy: too much in all");
        const [to, target] = this.locate(text(op.path), true);
        add(to, target, cloneJson(copied) ?? null);
        break;
      }
      case "test":
        this.test(text(op.path), op);
        break;
      default:
        throw new Failed(`Unexpected kind: ${String(op.op)}`);
    }
  }

  private replace(path: string, op: Record<string, unknown>): void {
    if (path === "") {
      const next = op.value;
      if (typeof next !== "object" || next === null) throw new Failed("replace operation value must be object or array");
      this.root = next as Container;
      return;
    }
    const [container, key] = this.locate(path, true);
    get(container, key);
    if (Array.isArray(container)) container[index(container, key)] = value(op);
    else define(container, key, value(op));
  }

  private test(path: string, op: Record<string, unknown>): void {
    let actual: unknown = this.root;
    if (path !== "") {
      const [container, key] = this.locate(path, false);
      actual = get(container, key);
    }
    if (!sameJson(actual ?? null, op.value ?? null)) throw new Failed(`testing value ${path} failed`);
  }

  /** The container a pointer's last token stands in. What comes before the first slash is ignored, as upstream ignores it. */
  private locate(path: string, write: boolean): [Container, string] {
    const tokens = path.split("/");
    if (tokens.length < 2) throw new Failed(`doc is missing path: ${path}`);
    if (write) this.root = this.writable(this.root);
    let at = this.root;
    for (let i = 1; i < tokens.length - 1; i++) {
      const key = decodeToken(tokens[i] as string);
      const next = get(at, key);
      if (typeof next !== "object" || next === null) throw new Failed(`doc is missing path: ${path}`);
      if (!write) {
        at = next as Container;
        continue;
      }
      const copy = this.writable(next as Container);
      if (copy !== next) {
        if (Array.isArray(at)) at[index(at, key)] = copy;
        else define(at, key, copy);
      }
      at = copy;
    }
    return [at, decodeToken(tokens[tokens.length - 1] as string)];
  }

  private writable(container: Container): Container {
    if (this.own.has(container)) return container;
    const copy = Array.isArray(container) ? container.slice() : { ...container };
    this.own.add(copy);
    return copy;
  }
}

function text(v: unknown): string {
  if (typeof v !== "string") throw new Failed("missing value");
  return v;
}

const value = (op: Record<string, unknown>): unknown => op.value ?? null;

/** An existing element's index; negative ones count from the end. */
function index(list: readonly unknown[], key: string): number {
  if (!/^[+-]?\d+$/.test(key)) throw new Failed(`invalid index: ${key}`);
  let i = Number(key);
  if (i < 0) i += list.length;
  if (i < 0 || i >= list.length) throw new Failed(`Unable to access invalid index: ${key}`);
  return i;
}

function get(container: Container, key: string): unknown {
  return Array.isArray(container) ? container[index(container, key)] : Object.hasOwn(container, key) ? container[key] : undefined;
}

function add(container: Container, key: string, v: unknown): void {
  if (!Array.isArray(container)) {
    define(container, key, v);
    return;
  }
  if (key === "-") {
    container.push(v);
    return;
  }
  if (!/^[+-]?\d+$/.test(key)) throw new Failed(`value was not a proper array index: '${key}'`);
  let i = Number(key);
  if (i < 0) i += container.length + 1;
  if (i < 0 || i > container.length) throw new Failed(`Unable to access invalid index: ${key}`);
  container.splice(i, 0, v);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) {
    container.splice(index(container, key), 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw new Failed(`Unable to remove nonexistent key: ${key}`);
  delete container[key];
}
