import { describe, expect, it } from "vitest";
import { seededRandom } from "../../cluster/random.js";
import type { Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { KINDS } from "../../kinds/registry.js";
import { decodeJson } from "../../server/codec/decode.js";
import { DecodeError } from "../../server/codec/errors.js";
import { validateCreate } from "../../server/pipeline/strategy.js";
import { filled } from "../codec/filled.js";

const ctx = { now: 0, user: "test" };
const ODD: readonly unknown[] = [null, {}, [], "", 0, -1, true, "x", [null], { "": null }];
const ROUNDS = 12;

/** The value with parts of it something else (each with this chance), or gone. */
function twisted(value: unknown, chance: number, random: () => number): unknown {
  if (random() < chance) return ODD[Math.floor(random() * ODD.length)];
  if (Array.isArray(value)) return value.map((item) => twisted(item, chance, random));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (random() < 0.1 ? [] : [[key, twisted(item, chance, random)]])));
}

/** An object that decodes, undefined when this one does not. */
function drawn(kind: Kind, random: () => number): KubeObject | undefined {
  const count = { n: 0 };
  const full = Object.entries(filled(kind.schema, count));
  // About one odd value in each, large or small: of several, one is sure not to decode.
  const raw = full.map(([key, value]) => [key, twisted(value, 1 / count.n, random)]);
  const metadata = { name: "a", ...(kind.namespaced ? { namespace: "b" } : {}), resourceVersion: "1" };
  try {
    return decodeJson(JSON.stringify({ ...Object.fromEntries(raw), metadata }), kind.schema).object as KubeObject;
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return undefined;
  }
}

/** Every hook of a kind, as the pipeline calls them; only what is thrown counts. */
function run(kind: Kind, object: KubeObject, old: KubeObject): void {
  kind.defaults?.(object);
  kind.defaults?.(old);
  const created = structuredClone(object);
  kind.prepareForCreate?.(created, ctx);
  validateCreate(kind, created);
  kind.warnings?.(created);
  const updated = structuredClone(object);
  kind.prepareForUpdate?.(updated, old, ctx);
  kind.validateUpdate?.(updated, old);
  kind.warnings?.(updated, old);
  if (typeof kind.generation === "function") kind.generation(updated, old);
  for (const view of [...(typeof kind.status === "object" ? [kind.status] : []), ...(kind.views ?? [])]) {
    const viewed = structuredClone(object);
    view.prepareForUpdate(viewed, old, ctx);
    view.validateUpdate(viewed, old);
  }
  kind.printer?.row(object, ctx);
  for (const field of Object.values(kind.selectable ?? {})) field(object);
}

describe("#4.3 odd objects end in findings, never in an exception", () => {
  it.each(KINDS.map((kind, i) => [`${kind.group || "core"}/${kind.version} ${kind.kind}`, kind, i] as const))("%s", (_, kind, seed) => {
    const random = seededRandom(seed + 1);
    let ran = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const [object, old] = [drawn(kind, random), drawn(kind, random)];
      if (!object || !old) continue;
      ran++;
      run(kind, object, old);
    }
    expect(ran).toBeGreaterThan(0);
  });
});
