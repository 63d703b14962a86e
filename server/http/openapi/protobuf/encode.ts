import type { Doc } from "../model.js";
import { Writer } from "./wire.js";

/**
 * How a JSON value becomes a field: scalars; `any`, a message with the value as YAML; another message by name; a list of any of them, one field per
 * item; `pick`, a message of which the value decides the one field that is set; `nothing`, left out.
 */
export type FieldType =
  | "string"
  | "bool"
  | "int"
  | "double"
  | "any"
  | "nothing"
  | { readonly message: string }
  | { readonly list: FieldType }
  | { readonly pick: (value: unknown) => { readonly field: number; readonly type: FieldType } };

/**
 * A message of gnostic's: JSON keys to numbers and types. `extensions` takes the keys that start with "x-", `rest` all others (messages that stand for a
 * map; each entry is a message of name = 1, value = 2).
 */
export interface MessageType {
  readonly fields: Readonly<Record<string, readonly [number, FieldType]>>;
  readonly extensions?: number;
  readonly rest?: readonly [number, FieldType];
}

export type Messages = Readonly<Record<string, MessageType>>;

/** Encodes a document as one of the messages. Keys that the message does not know are an error of ours: it throws. */
export function encode(messages: Messages, name: string, value: unknown): Buffer {
  return message(messages, name, value).finish();
}

function message(messages: Messages, name: string, value: unknown): Writer {
  const type = messages[name];
  if (!type) throw new Error(`no message ${name}`);
  const writer = new Writer();
  for (const [key, entry] of Object.entries(value as Doc)) {
    if (entry === undefined) continue;
    const known = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
    if (known) write(messages, writer, known[0], known[1], entry);
    else if (type.extensions !== undefined && key.startsWith("x-")) named(messages, writer, type.extensions, key, "any", entry);
    else if (type.rest) named(messages, writer, type.rest[0], key, type.rest[1], entry);
    else throw new Error(`${name} has no field ${key}`);
  }
  return writer;
}

function named(messages: Messages, writer: Writer, field: number, key: string, type: FieldType, value: unknown): void {
  const entry = new Writer();
  entry.string(1, key);
  write(messages, entry, 2, type, value);
  writer.message(field, entry);
}

function write(messages: Messages, writer: Writer, field: number, type: FieldType, value: unknown): void {
  if (type === "nothing") return;
  if (type === "string") writer.string(field, String(value));
  else if (type === "bool") writer.bool(field, value === true);
  else if (type === "int") writer.int(field, Number(value));
  else if (type === "double") writer.double(field, Number(value));
  else if (type === "any") {
    const any = new Writer();
    any.string(2, yaml(value, ""));
    writer.message(field, any);
  } else if ("message" in type) writer.message(field, message(messages, type.message, value));
  else if ("list" in type) for (const item of value as unknown[]) write(messages, writer, field, type.list, item);
  else {
    const inner = new Writer();
    const picked = type.pick(value);
    write(messages, inner, picked.field, picked.type, value);
    writer.message(field, inner);
  }
}

const AMBIGUOUS = /^(y|n|yes|no|on|off|true|false|null|~)$/i;

/** A value as block-style YAML with a newline at its end, as the gnostic compiler keeps what it has no message for. */
export function yaml(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}[]\n`;
    return value.map((item) => `${indent}- ${yaml(item, `${indent}  `).slice(indent.length + 2)}`).join("");
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    if (entries.length === 0) return `${indent}{}\n`;
    return entries
      .map(([key, v]) => {
        const nested = typeof v === "object" && v !== null && Object.keys(v).length > 0;
        return `${indent}${scalar(key)}:${nested ? `\n${yaml(v, `${indent}  `)}` : ` ${yaml(v, "")}`}`;
      })
      .join("");
  }
  return `${indent}${scalar(value)}\n`;
}

function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[A-Za-z_/$][\w./$+,-]*$/.test(value) && !AMBIGUOUS.test(value) ? value : JSON.stringify(value);
}
