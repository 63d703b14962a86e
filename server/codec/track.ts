import { quote } from "../../kinds/field.js";
import { DecodeError } from "./errors.js";

/** Go's UnmarshalTypeError before its context is known. */
export interface TypeMismatch {
  /** `string`, `number 1.5`, `object` … */
  readonly value: string;
  /** The Go type that was wanted. */
  readonly type: string;
  readonly field: readonly string[];
}

/** Go accumulates no more findings than this. */
const MAX_STRICT = 100;

/**
 * Where a decoding stands and what it found. Two stacks, because Go keeps two: strict findings name list indexes and map keys, type errors name
 * struct fields only (embedded structs included) and the struct that holds the field.
 */
export class Track {
  readonly strict: string[] = [];
  readonly #seen = new Set<string>();
  path = "";
  struct = "";
  fields: readonly string[] = [];
  /** The first type error; decoding goes on after it, because a failing unmarshaller further on takes precedence. */
  error: { message: string; mismatch?: TypeMismatch } | undefined;

  key(name: string): string {
    return this.path ? `${this.path}.${name}` : name;
  }

  finding(what: "unknown field" | "duplicate field", name: string): void {
    const text = `${what} ${quote(this.key(name))}`;
    if (this.strict.length >= MAX_STRICT || this.#seen.has(text)) return;
    this.#seen.add(text);
    this.strict.push(text);
  }

  #text(mismatch: TypeMismatch): string {
    const field = [...this.fields, ...mismatch.field].join(".");
    const target = this.struct || field ? `struct field ${this.struct}.${field}` : "value";
    return `json: cannot unmarshal ${mismatch.value} into Go ${target} of type ${mismatch.type}`;
  }

  /** Remembers a value of the wrong type, if it is the first. */
  mismatch(value: string, type: string): void {
    const mismatch = { value, type, field: this.fields };
    this.error ??= { message: this.#text({ value, type, field: [] }), mismatch };
  }

  /** Remembers another error that Go goes on after. */
  note(message: string): void {
    this.error ??= { message };
  }

  /** A type's own unmarshaller failed: Go stops at once. */
  abort(failure: string | TypeMismatch): never {
    throw new DecodeError(typeof failure === "string" ? failure : this.#text(failure));
  }
}
