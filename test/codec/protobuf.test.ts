import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../kinds/registry.js";
import { facts, gvkType, mustStruct, structFact } from "../../kinds/schema/index.js";
import type { FieldFact } from "../../kinds/schema/types.js";
import { decodeJson, decodeValue } from "../../server/codec/decode.js";
import { joinList } from "../../server/http/packedlist.js";
import { encodeList, encodeProtobuf, watchFrame } from "../../server/codec/protobuf/answer.js";
import { decodeMessage } from "../../server/codec/protobuf/decode.js";
import { encodeMessage } from "../../server/codec/protobuf/encode.js";
import { unwrap } from "../../server/codec/protobuf/envelope.js";
import { messageOf } from "../../server/codec/protobuf/messages.js";
import type { Entry } from "../../storage/store.js";
import { filled } from "./filled.js";
import { DIGESTS } from "./protobuf-digests.js";
import { GOLDEN, WATCH_FRAME } from "./protobuf-golden.js";

const schemaOf = (apiVersion: string, kind: string): string => {
  const at = apiVersion.lastIndexOf("/");
  const name = gvkType(apiVersion.slice(0, Math.max(at, 0)), apiVersion.slice(at + 1), kind);
  return name ?? `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`;
};

describe("#4.4 protobuf: the bytes Go writes", () => {
  for (const [name, { object, bytes }] of Object.entries(GOLDEN)) {
    const schema = schemaOf(object.apiVersion, object.kind);
    it(`writes a ${name}`, () => {
      const canonical = decodeValue(schema, object).object;
      expect(encodeProtobuf({ ...canonical, kind: object.kind, apiVersion: object.apiVersion })?.toString("base64")).toBe(bytes);
    });
    it(`reads a ${name}`, () => {
      const { apiVersion, kind, raw } = unwrap(Buffer.from(bytes, "base64"));
      expect({ apiVersion, kind }).toEqual({ apiVersion: object.apiVersion, kind: object.kind });
      const { kind: _, apiVersion: __, ...rest } = object;
      expect(JSON.stringify(decodeValue(schema, decodeMessage(schema, raw)).object)).toBe(JSON.stringify(decodeValue(schema, rest).object));
    });
  }

  it("frames a watch event with its length, and gives it no envelope of its own", () => {
    const frame = watchFrame("MODIFIED", Buffer.from(GOLDEN.configMap?.bytes ?? "", "base64"));
    expect(frame.toString("base64")).toBe(WATCH_FRAME);
    expect(frame.readUInt32BE()).toBe(frame.length - 4);
  });

  it("puts a list together out of stored objects as it writes a list", () => {
    const list = GOLDEN.list as (typeof GOLDEN)[string];
    const kind = KINDS.find((k) => k.kind === "ConfigMap") as (typeof KINDS)[number];
    const { metadata, items } = list.object as unknown as { metadata: object; items: object[] };
    const entries = items.map((item) => ({ memo: decodeValue(kind.schema, item).object }) as unknown as Entry);
    let parsed = 0;
    const objectOf = (entry: Entry): object => {
      parsed++;
      return entry.memo as object;
    };
    const whole = (): string => joinList({ ...encodeList(kind, metadata, entries, objectOf), form: "protobuf", entries }).toString("base64");
    expect(whole()).toBe(list.bytes);
    expect(whole()).toBe(list.bytes);
    expect(parsed).toBe(items.length);
  });

  it("has no form of a Table or of a custom resource", () => {
    expect(encodeProtobuf({ kind: "Table", apiVersion: "meta.k8s.io/v1" })).toBeUndefined();
    expect(encodeProtobuf({ kind: "Thing", apiVersion: "example.com/v1" })).toBeUndefined();
  });
});

describe("#4.4 protobuf: the bytes Go writes for every type, all fields set", () => {
  // What Go reads out of an envelope of its own makes this the one type that never stands in one.
  const types = Object.entries(facts().structs).flatMap(([name, struct]) => (struct.gvk && !name.endsWith(".WatchEvent") ? [name] : []));

  it("has a digest of each", () => {
    expect(Object.keys(DIGESTS).sort()).toEqual(types.sort());
  });

  it.each(types)("%s", (name) => {
    const [gvk] = mustStruct(name).gvk ?? [];
    const { group, version, kind } = gvk as NonNullable<typeof gvk>;
    const { object } = decodeValue(name, filled(name, { n: 0 }));
    const bytes = encodeProtobuf({ ...object, kind, apiVersion: group ? `${group}/${version}` : version });
    expect(
      createHash("sha256")
        .update(bytes as Buffer)
        .digest("hex")
        .slice(0, 16),
    ).toBe(DIGESTS[name]);
  });
});

describe("#4.4 protobuf: every kind goes there and back", () => {
  for (const kind of KINDS) {
    it(`${kind.group || "core"}/${kind.version} ${kind.kind}`, () => {
      const object = decodeJson(JSON.stringify(filled(kind.schema, { n: 0 })), kind.schema).object;
      const bytes = encodeMessage(kind.schema, object);
      const back = decodeValue(kind.schema, decodeMessage(kind.schema, bytes));
      expect(back.strictErrors).toEqual([]);
      expect(JSON.stringify(back.object)).toBe(JSON.stringify(object));
      expect(encodeMessage(kind.schema, back.object).equals(bytes)).toBe(true);
    });
    it(`${kind.group || "core"}/${kind.version} ${kind.kind} with nothing in it`, () => {
      const object = decodeJson("{}", kind.schema).object;
      expect(JSON.stringify(decodeValue(kind.schema, decodeMessage(kind.schema, encodeMessage(kind.schema, object))).object)).toBe(JSON.stringify(object));
    });
  }

  it("numbers the fields of every list alike: metadata 1, items 2", () => {
    for (const kind of KINDS) {
      // what is posted and not kept has no list
      if (kind.verbs && !kind.verbs.includes("list")) continue;
      const name = gvkType(kind.group, kind.version, kind.listKind ?? `${kind.kind}List`) as string;
      expect(
        structFact(name)
          ?.fields.filter((f) => f.proto !== undefined)
          .map((f) => [f.name, f.proto]),
        name,
      ).toEqual([
        ["metadata", 1],
        ["items", 2],
      ]);
    }
  });

  it("has no number twice in a message, and every field of the facts once", () => {
    for (const [name, fact] of Object.entries(facts().structs)) {
      const message = messageOf(name);
      if (!message) continue;
      let values = 0;
      const walk = (fields: typeof message.fields): void => {
        expect(new Set(fields.map((f) => f.no)).size, name).toBe(fields.length);
        for (const field of fields) {
          expect(field.go, name).not.toBe("");
          if ("message" in field) walk(field.message.fields);
          else values++;
        }
      };
      walk(message.fields);
      expect(values, name).toBe(fact.fields.filter((f: FieldFact) => f.proto !== undefined).length);
    }
  });
});
