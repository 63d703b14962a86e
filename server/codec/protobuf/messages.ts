/** Protobuf messages as the facts describe them: a struct's fields in the order of their numbers, embedded structs that are messages of their own put back. */
import { bareName, mustStruct } from "../../../kinds/schema/index.js";
import type { FieldFact, TypeRef } from "../../../kinds/schema/types.js";

/** A field that holds a value of the object. */
export interface ValueField {
  readonly no: number;
  readonly json: string;
  /** Go name, as it stands in decoding errors. */
  readonly go: string;
  readonly type: TypeRef;
  readonly pointer: boolean;
}

/** A field that holds an embedded struct: its fields are those of the object itself. */
export interface EmbeddedField {
  readonly no: number;
  readonly go: string;
  readonly message: Message;
}

export type Field = ValueField | EmbeddedField;

export interface Message {
  /** Bare Go name, for decoding errors. */
  readonly name: string;
  /** In the order of their numbers, which is the order Go writes them in. */
  readonly fields: readonly Field[];
  /** The same by number. */
  readonly byNumber: readonly (Field | undefined)[];
}

const messages = new Map<string, Message>();

/** The message of a struct, undefined when it has none (Table). Throws on unknown names. */
export function messageOf(struct: string): Message | undefined {
  let message = messages.get(struct);
  if (!message) {
    const fact = mustStruct(struct);
    if (!fact.proto) return undefined;
    message = assemble(fact.go, fact.fields, 0);
    messages.set(struct, message);
  }
  return message;
}

/** `depth`: how many embedded messages lie around these fields. */
function assemble(name: string, facts: readonly FieldFact[], depth: number): Message {
  const fields: Field[] = [];
  const embedded = new Map<number, FieldFact[]>();
  for (const fact of facts) {
    if (fact.proto === undefined) continue;
    const within = fact.inlineProto?.[depth];
    if (within === undefined) fields.push({ no: fact.proto, json: fact.name, go: fact.go, type: fact.type, pointer: fact.pointer === true });
    else embedded.set(within, [...(embedded.get(within) ?? []), fact]);
  }
  for (const [no, inner] of embedded) {
    // a struct embedded once has no inlineGo; where there are several, some of the facts may sit deeper than others
    const go = inner.map((f) => f.inlineGo?.[depth] ?? (f.inlineProto?.length === depth + 1 ? bareName(f.inlineOf ?? "") : undefined)).find((n) => n) ?? "";
    fields.push({ no, go, message: assemble(go, inner, depth + 1) });
  }
  fields.sort((a, b) => a.no - b.no);
  const byNumber: (Field | undefined)[] = [];
  for (const field of fields) byNumber[field.no] = field;
  return { name, fields, byNumber };
}
