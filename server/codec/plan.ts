/**
 * Decoders compiled from the schema facts, one per struct. A decoder takes a JSON value and returns what Go would write after reading it: fields in
 * Go's order, unknown ones dropped, scalars canonical, zero values left out or spelled out as the struct's tags say. Read and write are one pass,
 * because every write runs through here.
 *
 * Two modes. Without a `Track` it is fast and blind: a value of the wrong type throws `RETRY`, an unknown field is counted. With one it goes on past
 * errors as Go does and collects them. Callers start blind and run again with a track when there is something to tell.
 */
import { bareName, goType, mustStruct } from "../../kinds/schema/index.js";
import type { FieldFact, Special, TypeRef } from "../../kinds/schema/types.js";
import { Entries, NumberText, RawText, type Value } from "./json.js";
import { canonicalBase64, define, READERS, Refusal, SPECIAL_ZERO, wordOf } from "./specials.js";
import { Track } from "./track.js";

/** Thrown in blind mode by a value of the wrong type. */
export const RETRY = new Error("decode again with a track");

/**
 * What the current blind run has seen. Runs are synchronous and do not nest, so this is a register, not state.
 * `keys` counts keys met (only when `counting`), `unknown` those that no field takes. `storing`: what comes out is to be stored.
 */
export const tally: { counting: boolean; keys: number; unknown: number; storing: boolean; kept: ReadonlySet<unknown> | undefined } = {
  counting: false,
  keys: 0,
  unknown: 0,
  storing: false,
  kept: undefined,
};

/** Returns the canonical value, undefined for null and for what Go reads as the zero value. */
export type Decoder = (value: Value, track: Track | undefined) => unknown;

/** When a field is written: unless undefined, unless falsy (scalars with omitempty), always. */
type Write = "present" | "truthy" | "always";

interface Slot {
  readonly name: string;
  readonly field: FieldFact;
  readonly decode: Decoder;
  readonly write: Write;
  readonly zero: () => unknown;
  /** Go names of the embedded structs on the way, and the JSON name. */
  readonly context: readonly string[];
}

interface Plan {
  readonly go: string;
  readonly type: string;
  readonly slots: readonly Slot[];
  readonly index: ReadonlyMap<string, number>;
}

const plans = new Map<string, Plan>();

/**
 * Lists and maps of these are stored as JSON, where an empty list stays one, or are never stored (access reviews); all others go through protobuf, which has no
 * empty list, only none.
 */
const storedAsJson = (struct: string): boolean => struct.startsWith("io.k8s.apiextensions-apiserver.") || struct.startsWith("io.k8s.api.authorization.");

/** Optional lists and maps whose emptiness defaults, validation or the tracking of managers tell from absence: kept until those have spoken. Nothing stored has them empty. */
const EMPTY_COUNTS: ReadonlySet<string> = new Set([
  "io.k8s.api.autoscaling.v2.HPAScalingRules/policies",
  "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement/values",
  "io.k8s.api.batch.v1.SuccessPolicy/rules",
  "io.k8s.api.core.v1.PersistentVolumeSpec/capacity",
  "io.k8s.api.networking.v1.IngressSpec/rules",
  "io.k8s.api.networking.v1.ServiceCIDRSpec/cidrs",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta/managedFields",
]);

function planOf(name: string): Plan {
  let plan = plans.get(name);
  if (!plan) {
    const fact = mustStruct(name);
    const slots = fact.fields.map((field) => slotOf(field, storedAsJson(name), EMPTY_COUNTS.has(`${name}/${field.name}`)));
    plan = { go: fact.go, type: goType({ k: "struct", name }), slots, index: new Map(slots.map((slot, i) => [slot.name, i])) };
    plans.set(name, plan);
  }
  return plan;
}

function slotOf(field: FieldFact, keepsEmpty: boolean, emptyCounts: boolean): Slot {
  const { type } = field;
  const collection = type.k === "list" || type.k === "map";
  const nothing = () => null;
  let write: Write = "always";
  if (field.omitempty || field.omitzero) {
    if (field.pointer || collection) write = "present";
    else if (type.k === "scalar") write = "truthy";
    else if (field.omitzero) write = "present";
  }
  const embedded = field.inlineGo ?? (field.inlineOf ? [bareName(field.inlineOf)] : []);
  return {
    name: field.name,
    field,
    decode: decoderOf(type, emptyCounts || (keepsEmpty && write === "always"), write === "always"),
    write,
    zero: field.pointer || collection ? nothing : zeroOf(type),
    context: [...embedded, field.name],
  };
}

/** What Go writes for a value that was never set; a new object every time. */
function zeroOf(type: TypeRef): () => unknown {
  if (type.ptr) return () => null;
  switch (type.k) {
    case "scalar": {
      const zero = type.name === "string" ? "" : type.name === "bool" ? false : type.name === "bytes" ? null : 0;
      return () => zero;
    }
    case "special": {
      const zero = SPECIAL_ZERO[type.name];
      return () => zero;
    }
    case "struct":
      return () => decodeStruct(planOf(type.name), {}, undefined);
    default:
      // A slice that is a protobuf message of its own comes back from storage empty, not absent.
      return type.k === "list" && type.message ? () => [] : () => null;
  }
}

/** The decoder of a struct by definition name. */
export function structDecoder(name: string): Decoder {
  let plan: Plan | undefined;
  return (value, track) => {
    plan ??= planOf(name);
    return decodeStruct(plan, value, track);
  };
}

/**
 * `keepsEmpty`: an empty list or map stays one. `untilStored`: until it is stored, as with all that Go always writes: storage cannot tell empty from none, but
 * who sent it owns it.
 */
function decoderOf(type: TypeRef, keepsEmpty: boolean, untilStored = false): Decoder {
  switch (type.k) {
    case "scalar":
      return scalarDecoder(type);
    case "special":
      return specialDecoder(type.name);
    case "struct":
      return structDecoder(type.name);
    case "list":
      return listDecoder(type, keepsEmpty, untilStored);
    case "map":
      return mapDecoder(type, keepsEmpty, untilStored);
  }
}

/** A value of the wrong type: blind runs give up, tracked ones remember it and read nothing. */
function wrong(value: Value, type: string, track: Track | undefined, withNumber = false): undefined {
  if (!track) throw RETRY;
  track.mismatch(wordOf(value, withNumber), type);
  return undefined;
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 255n],
  uint32: [0n, 2n ** 32n - 1n],
};

function scalarDecoder(type: TypeRef & { k: "scalar" }): Decoder {
  const go = goType(type);
  switch (type.name) {
    case "string":
      return (value, track) => (typeof value === "string" ? value : value === null ? undefined : wrong(value, go, track));
    case "bool":
      return (value, track) => (typeof value === "boolean" ? value : value === null ? undefined : wrong(value, go, track));
    case "float64":
      return (value, track) => {
        if (typeof value === "number" || typeof value === "bigint") return Number(value);
        if (value instanceof NumberText && Number.isFinite(value.value)) return value.value;
        return value === null ? undefined : wrong(value, go, track, true);
      };
    case "bytes":
      return bytesDecoder(go);
    default: {
      const [low, high] = RANGES[type.name];
      const min = Number(low);
      const max = Number(high);
      return (value, track) => {
        if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
        if (value === null) return undefined;
        // beyond 2^53 an int64 is a bigint
        if (typeof value === "bigint" || (value instanceof NumberText && /^-?\d+$/.test(value.text))) {
          const exact = typeof value === "bigint" ? value : BigInt(value.text);
          if (exact >= low && exact <= high) return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
        }
        return wrong(value, go, track, true);
      };
    }
  }
}

function bytesDecoder(go: string): Decoder {
  return (value, track) => {
    if (typeof value === "string") {
      const text = canonicalBase64(value);
      if (typeof text === "string") return text;
      if (!track) throw RETRY;
      track.note(text.why as string);
      return undefined;
    }
    if (value === null) return undefined;
    if (Array.isArray(value) && value.every((byte) => typeof byte === "number" && Number.isInteger(byte) && byte >= 0 && byte < 256))
      return Buffer.from(value as number[]).toString("base64");
    return wrong(value, go, track);
  };
}

function listDecoder(type: TypeRef & { k: "list" }, keepsEmpty: boolean, untilStored = false): Decoder {
  const item = decoderOf(type.of, false);
  const zero = zeroOf(type.of);
  const go = goType(type);
  return (value, track) => {
    if (!Array.isArray(value)) return value === null ? undefined : wrong(value, go, track);
    const n = value.length;
    if (n === 0 && !keepsEmpty && !type.message && (tally.storing || !untilStored)) return undefined;
    const out: unknown[] = new Array(n);
    const path = track?.path;
    for (let i = 0; i < n; i++) {
      if (track) track.path = `${path}[${i}]`;
      const read = value[i] === undefined ? undefined : item(value[i], track);
      out[i] = read === undefined ? zero() : read;
    }
    if (track) track.path = path as string;
    return out;
  };
}

function mapDecoder(type: TypeRef & { k: "map" }, keepsEmpty: boolean, untilStored = false): Decoder {
  const item = decoderOf(type.of, false);
  const zero = zeroOf(type.of);
  const go = goType(type);
  return (value, track) => {
    if (value === null) return undefined;
    if (isNoObject(value)) return wrong(value, go, track);
    if (value instanceof Entries && !track) throw RETRY;
    const entries = value instanceof Entries ? value.list : undefined;
    const found = entries ? new Map(entries) : undefined;
    const keys = found ? [...found.keys()] : Object.keys(value);
    if (tally.counting) tally.keys += keys.length;
    if (keys.length === 0 && !keepsEmpty && (tally.storing || !untilStored)) return undefined;
    const out: Record<string, unknown> = {};
    if (track) {
      // Findings come in the order of the text, entries in the order of the keys.
      const path = track.path;
      const read = new Map<string, unknown>();
      for (const [key, each] of entries ?? Object.entries(value as Record<string, Value>)) {
        if (read.has(key)) track.finding("duplicate field", key);
        track.path = track.path ? `${path}.${key}` : key;
        read.set(key, item(each, track));
        track.path = path;
      }
      for (const key of keys.sort(byBytes)) define(out, key, read.get(key) ?? zero());
      return out;
    }
    if (!ascending(keys)) keys.sort(byBytes);
    for (const key of keys) {
      const each = (value as Record<string, Value>)[key];
      const read = each === undefined ? undefined : item(each, undefined);
      define(out, key, read === undefined ? zero() : read);
    }
    return out;
  };
}

function ascending(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if (keys[i - 1] > keys[i]) return false;
  return true;
}

/** Go sorts map keys by bytes; UTF-16 order is the same but for surrogates, which no key has in earnest. */
const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function countKeys(value: unknown): void {
  if (value === null || typeof value !== "object") return;
  if (Array.isArray(value)) for (const item of value) countKeys(item);
  else
    for (const key in value) {
      tally.keys++;
      countKeys((value as Record<string, unknown>)[key]);
    }
}

function specialDecoder(name: Special): Decoder {
  if (name.startsWith("JSONSchemaProps")) return schemaOrDecoder(name);
  const read = READERS[name as keyof typeof READERS];
  return (value, track) => {
    if (value === null) return undefined;
    if (tally.counting && typeof value === "object") countKeys(value);
    const out = read(value);
    if (!(out instanceof Refusal)) return out;
    if (!track) throw RETRY;
    return track.abort(out.why);
  };
}

/**
 * The three types that are a schema or something else. Their unmarshallers start a decoding of their own: unknown fields inside go unreported, and a
 * type error's path begins anew below the outer field. Source: apiextensions/v1 marshal.go.
 */
function schemaOrDecoder(name: Special): Decoder {
  const schema = structDecoder("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");
  const schemas = listDecoder({ k: "list", of: { k: "struct", name: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps" } }, false);
  const strings = listDecoder({ k: "list", of: { k: "scalar", name: "string" } }, false);
  const inner = (decode: Decoder, value: Value, track: Track | undefined): unknown => {
    if (!track) {
      const { unknown } = tally;
      const out = decode(value, undefined);
      tally.unknown = unknown;
      return out;
    }
    const own = new Track();
    const out = decode(value, own);
    if (own.error) track.abort(own.error.mismatch ?? own.error.message);
    return out;
  };
  return (value, track) => {
    if (name === "JSONSchemaPropsOrBool") {
      if (typeof value === "boolean") return value;
      if (wordOf(value) === "object" && value !== null) return inner(schema, value, track);
      if (!track) throw RETRY;
      return track.abort("boolean or JSON schema expected");
    }
    if (value === null || typeof value !== "object" || value instanceof NumberText || value instanceof RawText) return undefined;
    if (!Array.isArray(value)) return inner(schema, value, track);
    return inner(name === "JSONSchemaPropsOrArray" ? schemas : strings, value, track);
  };
}

function decodeStruct(plan: Plan, value: Value, track: Track | undefined): unknown {
  if (value === null) return undefined;
  if (isNoObject(value)) return wrong(value, plan.type, track);
  if (value instanceof Entries && !track) throw RETRY;
  const { slots, index } = plan;
  const read: unknown[] = new Array(slots.length);
  if (track) trackedFields(plan, value, track, read);
  else
    for (const key in value) {
      const each = (value as Record<string, Value>)[key];
      if (each === undefined) continue;
      if (tally.counting) tally.keys++;
      const i = index.get(key);
      if (i === undefined) tally.unknown++;
      else read[i] = tally.kept?.has(each) ? each : slots[i].decode(each, undefined);
    }
  const out: Record<string, unknown> = {};
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i];
    const got = read[i];
    if (slot.write === "always") out[slot.name] = got === undefined ? slot.zero() : got;
    else if (got !== undefined && (slot.write === "present" || got)) out[slot.name] = got;
  }
  return out;
}

function trackedFields(plan: Plan, value: object, track: Track, read: unknown[]): void {
  const { slots, index } = plan;
  const { path, struct, fields } = track;
  const given = new Map<number, Value>();
  const entries = value instanceof Entries ? value.list : Object.entries(value as Record<string, Value>);
  for (const [key, each] of entries) {
    if (each === undefined) continue;
    const i = index.get(key);
    if (i === undefined) {
      track.finding("unknown field", key);
      continue;
    }
    const slot = slots[i];
    const before = given.get(i);
    if (before !== undefined) track.finding("duplicate field", key);
    track.path = path ? `${path}.${key}` : key;
    track.struct = plan.go;
    track.fields = [...fields, ...slot.context];
    read[i] = slot.decode(each, track);
    track.path = path;
    track.struct = struct;
    track.fields = fields;
    const now = before === undefined ? each : overlay(slot.field.type, slot.field.pointer, before, each);
    given.set(i, now);
    // The findings are told; what both values make together is read once more in silence.
    if (before !== undefined && !track.error) read[i] = slot.decode(now, new Track());
  }
}

const isNoObject = (value: Value): value is Exclude<Value, { [key: string]: Value } | Entries | null> =>
  typeof value !== "object" || Array.isArray(value) || value instanceof NumberText || value instanceof RawText;

const isObject = (value: Value): value is { [key: string]: Value } => value !== null && !isNoObject(value) && !(value instanceof Entries);

/** What is left when Go reads a second value over the first: structs and list items keep what the second does not mention, maps gain entries. */
function overlay(type: TypeRef, pointer: boolean | undefined, first: Value, second: Value): Value {
  if (second === null) {
    const keeps =
      !pointer &&
      (type.k === "struct" || (type.k === "scalar" && type.name !== "bytes") || (type.k === "special" && /^(RawExtension|FieldsV1|JSON)$/.test(type.name)));
    return keeps ? first : null;
  }
  if (type.k === "list" && Array.isArray(first) && Array.isArray(second)) {
    return second.map((item, i) => (i < first.length ? overlay(type.of, type.of.ptr, first[i], item) : item));
  }
  if (!isObject(first) || !isObject(second)) return second;
  if (type.k === "map") return { ...first, ...second };
  if (type.k !== "struct") return second;
  const out: { [key: string]: Value } = { ...first };
  const { slots, index } = planOf(type.name);
  for (const [key, value] of Object.entries(second)) {
    const slot = slots[index.get(key) ?? -1];
    define(out, key, slot && key in first ? overlay(slot.field.type, slot.field.pointer, first[key], value) : value);
  }
  return out;
}
