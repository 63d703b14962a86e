import { decodeLoosely } from "./decode.js";
import { tally } from "./plan.js";

const NONE: ReadonlySet<unknown> = new Set();

/**
 * The object as Go would write it after reading it: fields in struct order, unknown fields gone, zero values left out or spelled out, quantities and
 * times rewritten, map keys sorted. A new object; only raw parts (RawExtension, FieldsV1) are shared with `value`, and the fields whose values stand in `kept`:
 * those are canonical already. Idempotent.
 * Schema names the facts do not know (custom resources) give back `value` itself. Throws DecodeError on values of the wrong type.
 */
export function canonical(schema: string, value: unknown, kept: ReadonlySet<unknown> = NONE): unknown {
  tally.storing = true;
  tally.kept = kept.size > 0 ? kept : undefined;
  try {
    return decodeLoosely(schema, value);
  } finally {
    tally.storing = false;
    tally.kept = undefined;
  }
}
