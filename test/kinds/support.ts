/** Kinds by table: an object is given its defaults and prepared as the pipeline does, then judged. */
import type { FieldError } from "../../kinds/field.js";
import type { Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";

const ctx = { now: Date.parse("2026-01-02T03:04:05Z"), user: "test" };
type Fields = Readonly<Record<string, unknown>>;

export const texts = (errors: readonly FieldError[]): string[] => errors.map((e) => `${e.field}: ${e.message}`);

/** An object of a kind with defaults, as a client may have sent it. */
export function made(kind: Kind, fields: Fields, metadata: Fields = {}): KubeObject {
  const { ...rest } = structuredClone(fields);
  const object: KubeObject = { metadata: { name: "x", ...(kind.namespaced ? { namespace: "n" } : {}), resourceVersion: "1", ...metadata }, ...rest };
  kind.defaults?.(object);
  return object;
}

/** What a create is refused for, metadata left aside. */
export const onCreate = (kind: Kind, fields: Fields, metadata?: Fields): string[] => texts(kind.validate?.(made(kind, fields, metadata)) ?? []);

/** What an update is refused for, the kind's own findings only. */
export const onUpdate = (kind: Kind, old: Fields, fields: Fields): string[] => texts(kind.validateUpdate?.(made(kind, fields), made(kind, old)) ?? []);

/** The object after PUT's preparation. */
export function updated(kind: Kind, old: Fields, fields: Fields, metadata?: Fields): KubeObject {
  const object = made(kind, fields, metadata);
  kind.prepareForUpdate?.(object, made(kind, old, metadata), ctx);
  return object;
}

/** The cells of a row. */
export const cells = (kind: Kind, fields: Fields, metadata?: Fields): readonly unknown[] =>
  kind.printer?.row(made(kind, fields, { creationTimestamp: "2026-01-02T03:00:05Z", ...metadata }), ctx).cells ?? [];
