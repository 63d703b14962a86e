import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../kinds/registry.js";
import { describe as describeFile } from "../../kinds/schema/descriptions.js";
import { documentsOf } from "../../server/http/openapi/documents.js";
import { encode, yaml } from "../../server/http/openapi/protobuf/encode.js";
import { V2_MESSAGES } from "../../server/http/openapi/protobuf/v2.js";
import { V3_MESSAGES } from "../../server/http/openapi/protobuf/v3.js";

/** Length-delimited fields of a message, by number; varints and doubles are skipped. */
function fieldsOf(bytes: Buffer): Map<number, Buffer[]> {
  const out = new Map<number, Buffer[]>();
  let i = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[i++] as number;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (i < bytes.length) {
    const tag = varint();
    if (tag % 8 === 0) varint();
    else if (tag % 8 === 1) i += 8;
    else {
      const size = varint();
      out.set(tag >> 3, [...(out.get(tag >> 3) ?? []), bytes.subarray(i, i + size)]);
      i += size;
    }
  }
  return out;
}
const only = (bytes: Buffer, ...path: number[]): Buffer => path.reduce((b, field) => (fieldsOf(b).get(field) as Buffer[])[0] as Buffer, bytes);
const namesOf = (map: Buffer): string[] => (fieldsOf(map).get(1) ?? []).map((entry) => only(entry, 1).toString("utf8"));

describe("#3.1 openapi: protobuf", () => {
  const documents = documentsOf(KINDS);

  it("writes v2 as openapi.v2.Document: numbers and nesting", () => {
    const schema = { $ref: "#/definitions/A", type: "string", required: ["x"], enum: ["on", ""], "x-kubernetes-list-map-keys": ["a b"] };
    const bytes = encode(V2_MESSAGES, "Document", { swagger: "2.0", definitions: { A: schema } });
    expect(only(bytes, 1).toString()).toBe("2.0");
    const entry = only(bytes, 9, 1, 2);
    expect(only(entry, 1).toString()).toBe("#/definitions/A");
    expect(only(entry, 22, 1).toString()).toBe("string");
    expect((fieldsOf(entry).get(20) as Buffer[]).map((any) => only(any, 2).toString())).toEqual(['"on"\n', '""\n']);
    expect([only(entry, 31, 1), only(entry, 31, 2, 2)].map(String)).toEqual(["x-kubernetes-list-map-keys", '- "a b"\n']);
  });

  it("tells references from what they stand for", () => {
    const operation = { parameters: [{ $ref: "#/parameters/p" }, { name: "q", in: "query" }, { name: "n", in: "path" }, { name: "body", in: "body" }] };
    const [ref, query, inPath, body] = fieldsOf(encode(V2_MESSAGES, "Operation", operation)).get(8) as [Buffer, Buffer, Buffer, Buffer];
    expect(only(ref, 2, 1).toString()).toBe("#/parameters/p");
    expect(only(query, 1, 2, 3, 4).toString()).toBe("q");
    expect(only(inPath, 1, 2, 4, 4).toString()).toBe("n");
    expect(only(body, 1, 1, 2).toString()).toBe("body");
  });

  it("writes v3 as openapi.v3.Document: defaults that are objects stay empty", () => {
    const bytes = encode(V3_MESSAGES, "Schema", { type: "string", default: "a", allOf: [{ $ref: "#/x" }] });
    expect(only(bytes, 33, 3).toString()).toBe("a");
    expect(only(bytes, 26, 2, 1).toString()).toBe("#/x");
    expect(only(encode(V3_MESSAGES, "Schema", { default: {} }), 33)).toHaveLength(0);
  });

  it("refuses what has no field, names of JavaScript's own among it", () => {
    expect(() => encode(V2_MESSAGES, "Info", { nope: 1 })).toThrow("Info has no field nope");
    expect(namesOf(encode(V2_MESSAGES, "Properties", { constructor: { type: "string" }, default: {} }))).toEqual(["constructor", "default"]);
  });

  it("has every definition of the JSON forms", () => {
    const v2 = documents.v2();
    expect(namesOf(only(v2.protobuf(), 9))).toEqual(Object.keys(JSON.parse(v2.json.toString()).definitions));
    for (const name of documents.names) {
      const document = documents.v3(name)!;
      const { schemas } = JSON.parse(document.json.toString()).components;
      if (schemas) expect(namesOf(only(document.protobuf(), 5, 1))).toEqual(Object.keys(schemas));
      else expect(fieldsOf(only(document.protobuf(), 5)).has(1)).toBe(false);
    }
  });

  it.each([
    ["plain", "plain\n"],
    ["merge,retainKeys", "merge,retainKeys\n"],
    ["SIGRTMIN+1", "SIGRTMIN+1\n"],
    ["true", '"true"\n'],
    [true, "true\n"],
    [3, "3\n"],
    [[{ group: "", kind: "Pod" }], '- group: ""\n  kind: Pod\n'],
    [[{ d: "type", f: { a: "B" } }], "- d: type\n  f:\n    a: B\n"],
    [[], "[]\n"],
  ])("%j as YAML", (value, text) => expect(yaml(value, "")).toBe(text));
});

describe("#3.1 openapi: descriptions are read at build time", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "descriptions-"));
  execFileSync(process.execPath, [fileURLToPath(new URL("../../scripts/descriptions.mjs", import.meta.url)), path.join(folder, "d.json")]);
  const text = describeFile(JSON.parse(readFileSync(path.join(folder, "d.json"), "utf8")));
  rmSync(folder, { recursive: true });

  it("finds definitions, fields and parameters", () => {
    expect(text.definition("io.k8s.api.apps.v1.StatefulSetSpec")).toMatch(/StatefulSet/);
    expect(text.field("io.k8s.api.core.v1.PodSpec", "nodeName")).toMatch(/node/i);
    expect(text.parameter("ListOptions", "continue")).toMatch(/continue/);
    expect(text.parameter("PodExecOptions", "command")).toMatch(/argv/);
    expect(text.parameter("request", "namespace")).toBeTruthy();
    expect(text.field("io.k8s.api.core.v1.PodSpec", "nope")).toBeUndefined();
  });

  it("tells types of one name in several groups apart", () => {
    expect(text.field("io.k8s.api.events.v1.Event", "note")).toBeTruthy();
    expect(text.field("io.k8s.api.core.v1.Event", "message")).toBeTruthy();
    expect(text.field("io.k8s.api.events.v1.Event", "message")).toBeUndefined();
  });

  it("knows most of the fields that are served", () => {
    const fields = KINDS.map((k) => k.schema.replace(/$/, "Spec")).filter((s) => text.definition(s));
    expect(fields.length).toBeGreaterThan(8);
  });
});
