/** Decoding into a kind's struct, as apimachinery's JSON serializer does it on top of sigs.k8s.io/json. */
import type { KubeObject } from "../../kinds/object.js";
import { structFact } from "../../kinds/schema/index.js";
import { DecodeError } from "./errors.js";
import { compact, RawText } from "../../kinds/exact.js";
import { Entries, parseExactly, plain, survey, type Value } from "./json.js";
import { type Decoder, RETRY, structDecoder, tally } from "./plan.js";
import { Track } from "./track.js";

/** What came out: the canonical object, and what strict decoding complains of, in upstream's words and order. */
export interface Decoded {
  readonly object: KubeObject;
  readonly strictErrors: readonly string[];
}

const decoders = new Map<string, Decoder>();

function decoderFor(schema: string): Decoder {
  let decoder = decoders.get(schema);
  if (!decoder) {
    decoder = structDecoder(schema);
    decoders.set(schema, decoder);
  }
  return decoder;
}

const isStruct = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** Decodes slowly, with everything there is to say. */
function tracked(decoder: Decoder, value: Value): Decoded {
  const track = new Track();
  const object = decoder(value, track);
  if (track.error) throw new DecodeError(track.error.message);
  return { object: (object ?? decoder({}, undefined)) as KubeObject, strictErrors: track.strict };
}

/** Runs a blind decoding; undefined when something needs a tracked one. */
function blind(decoder: Decoder, value: Value, counting: boolean): unknown {
  tally.counting = counting;
  tally.keys = 0;
  tally.unknown = 0;
  try {
    return decoder(value, undefined);
  } catch (error) {
    if (error === RETRY) return undefined;
    throw error;
  } finally {
    tally.counting = false;
  }
}

/**
 * Decodes an already parsed value (what a patch made, what a controller writes) into a canonical object of the struct; `value` is not written into,
 * but raw parts (RawExtension, FieldsV1) are shared with it. Definition names the facts do not know belong to custom resources: those pass as they are.
 * Throws DecodeError (`json: cannot unmarshal …`, `quantities must match …`).
 */
export function decodeValue(schema: string, value: unknown): Decoded {
  if (!structFact(schema)) return { object: value as KubeObject, strictErrors: [] };
  const decoder = decoderFor(schema);
  const object = blind(decoder, value as Value, false);
  if (object === undefined || tally.unknown > 0) return tracked(decoder, value as Value);
  return { object: object as KubeObject, strictErrors: [] };
}

/** Only the canonical object of `decodeValue`: unknown fields are dropped without a word. */
export function decodeLoosely(schema: string, value: unknown): KubeObject {
  if (!structFact(schema)) return value as KubeObject;
  const decoder = decoderFor(schema);
  return (blind(decoder, value as Value, false) ?? tracked(decoder, value as Value).object) as KubeObject;
}

/** JSON text, parsed once: quickly where nothing is lost by it. */
export class JsonText {
  /** As JSON.parse gives it, or exact (`Entries`, `NumberText` inside) when that would lose something or already failed. */
  readonly value: Value;
  /** Keys in the text, -1 when `value` is exact. */
  readonly keys: number;

  /** Throws DecodeError with Go's syntax error. */
  constructor(readonly text: string) {
    let value: Value | undefined;
    let keys = -1;
    try {
      value = JSON.parse(text) as Value;
      keys = survey(text);
    } catch {
      // Go has other words for it.
    }
    this.keys = keys;
    this.value = value === undefined || keys < 0 ? parseExactly(text) : value;
  }

  /** Decodes into a struct. Throws DecodeError. */
  decode(schema: string): Decoded {
    const decoder = decoderFor(schema);
    if (this.keys >= 0) {
      const object = blind(decoder, this.value, true);
      if (object !== undefined && tally.unknown === 0 && tally.keys === this.keys) return { object: object as KubeObject, strictErrors: [] };
      return tracked(decoder, parseExactly(this.text));
    }
    return tracked(decoder, this.value);
  }

  /** The entries of the top-level object in order, duplicates included; undefined when it is no object. */
  entries(): readonly (readonly [string, Value])[] | undefined {
    if (!isStruct(this.value)) return undefined;
    return this.value instanceof Entries ? this.value.list : Object.entries(this.value as Record<string, Value>);
  }

  /** The value as plain JSON, the last of duplicates winning. */
  plain(): unknown {
    return this.keys >= 0 ? this.value : plain(this.value);
  }
}

/** JSON as a free-form field holds it. Throws SyntaxError or DecodeError. */
export function rawJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return typeof value !== "object" || value === null || survey(text) >= 0 ? value : new RawText(compact(text));
}

/** The object that stored text holds, with what JSON.parse would lose of it. */
export function decodeExact(text: string, schema: string): KubeObject {
  const value = parseExactly(text);
  return structFact(schema) ? decodeLoosely(schema, value) : (plain(value) as KubeObject);
}

/** Decodes JSON text or bytes into a struct of the facts. Throws DecodeError: syntax errors and type errors in Go's words. */
export const decodeJson = (body: Buffer | string, schema: string): Decoded =>
  new JsonText(typeof body === "string" ? body : body.toString("utf8")).decode(schema);
