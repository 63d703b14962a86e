import { safeEncode } from "./names.js";

/** FNV-1 of 32 bits over the UTF-8 bytes of `text` (Go's fnv.New32). */
export function fnv1(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text, "utf8")) h = (Math.imul(h, 0x01000193) ^ byte) >>> 0;
  return h;
}

/** FNV-1a of 32 bits over the UTF-8 bytes of `text` (Go's fnv.New32a). */
export function fnv1a(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(text, "utf8")) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h;
}

const ESCAPES: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029" };
const goString = (text: string): string => JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (c) => ESCAPES[c]);

/** JSON with sorted keys and Go's escapes, as encoding/json prints a map: equal values give equal text. Undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return goString(value);
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const record = value as Record<string, unknown>;
    const members: string[] = [];
    for (const key of Object.keys(record).sort()) if (record[key] !== undefined) members.push(`${goString(key)}:${canonicalJson(record[key])}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/**
 * A short name for a pod template: pkg/controller ComputeHash. Upstream hashes a Go dump of the struct; the text here is canonical JSON, so the value differs
 * from a real cluster's but is as stable. A collision count changes it.
 */
export function computeHash(template: unknown, collisionCount?: number): string {
  return safeEncode(String(fnv1a(canonicalJson(template) + (collisionCount === undefined ? "" : String(collisionCount)))));
}
