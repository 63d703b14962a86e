import { decodeLoosely } from "./decode.js";
import { tally } from "./plan.js";

/**
 * The object as Go would write it after reading it: fields in struct order, unknown fields gone, zero values left out or spelled out, quantities and
 * times rewritten, map keys sorted. A new object; only raw parts (RawExtension, FieldsV1) are shared with `value`. Idempotent.
 * Schema names the facts do not know (custom resources) give back `value` itself. Throws DecodeError on values of the wrong type.
 */
export function canonical(schema: string, value: unknown): unknown {
  tally.storing = true;
  try {
    return decodeLoosely(schema, value);
  } finally {
    tally.storing = false;
  }
}
