import https from "node:https";
import { describe, expect, it } from "vitest";
import { ALL_VERBS, type Kind, storageKey } from "../../kinds/kind.js";
import { KINDS } from "../../kinds/registry.js";
import { structFact } from "../../kinds/schema/index.js";
import { decodeValue } from "../../server/codec/decode.js";
import { encodeProtobuf } from "../../server/codec/protobuf/answer.js";
import { decodeMessage } from "../../server/codec/protobuf/decode.js";
import { unwrap, wrap } from "../../server/codec/protobuf/envelope.js";
import type { Doc } from "../support/http.js";
import { HOME, wired } from "./support.js";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
/** What client-go sends where nobody says otherwise. */
const CLIENT_GO = `${PROTOBUF},application/json`;
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const server = wired();

interface Reply {
  readonly code: number;
  readonly type: string;
  readonly bytes: Buffer;
}

/** A request whose answer is bytes; `stop` sees the bytes so far and ends a stream. */
const ask = (method: string, path: string, body?: Buffer, stop?: (bytes: Buffer) => boolean, accept = CLIENT_GO): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const { cluster } = server;
    const headers = { authorization: `Bearer ${cluster.token}`, accept, ...(body ? { "content-type": PROTOBUF, "content-length": body.length } : {}) };
    const request = https.request(cluster.url + path, { method, ca: cluster.ca, headers }, (response) => {
      let bytes = Buffer.alloc(0);
      const done = (): void => resolve({ code: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", bytes });
      response.on("data", (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (!stop?.(bytes)) return;
        done();
        request.destroy();
      });
      response.on("end", done).on("error", reject);
    });
    request.on("error", reject).end(body);
  });

/** An envelope's object in the shape JSON has it. */
function opened(bytes: Buffer, schema: string): Doc {
  const { apiVersion, kind, raw } = unwrap(bytes);
  return decodeValue(schema, { kind, apiVersion, ...decodeMessage(schema, raw) }).object as Doc;
}
const status = (reply: Reply): Doc => {
  expect(reply.type).toBe(PROTOBUF);
  return opened(reply.bytes, `${META}.Status`);
};

const frames = (bytes: Buffer): Buffer[] => {
  const out: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    out.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return out;
};
/** Field 1 is the type; field 1 of field 2 (a RawExtension) the object in its envelope. */
const event = (frame: Buffer): { type: string; object: Buffer } => ({
  type: frame.subarray(2, 2 + (frame[1] as number)).toString(),
  object: frame.subarray(frame.indexOf("k8s\0")),
});

const schemaOfList = (kind: Kind): string => kind.schema.replace(/[^.]+$/, kind.listKind ?? `${kind.kind}List`);
const pathOf = ({ group, version, namespaced, resource }: Kind): string =>
  `${group ? `/apis/${group}` : "/api"}/${version}${namespaced ? "/namespaces/default" : ""}/${resource}`;

interface Sample {
  readonly resource: string;
  readonly group?: string;
  readonly object: Doc;
}
const pod = { containers: [{ name: "c", image: "registry.local/c:1", resources: { limits: { cpu: "1500m" } } }] };
const SAMPLES: readonly Sample[] = [
  { resource: "podtemplates", object: { template: { spec: pod } } },
  { resource: "services", object: { spec: { ports: [{ port: 80, targetPort: "http" }] } } },
  { resource: "secrets", object: { data: { a: "AP8=" } } },
  { resource: "nodes", object: { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } } },
  {
    resource: "deployments",
    group: "apps",
    object: { spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: pod } } },
  },
  {
    resource: "endpointslices",
    group: "discovery.k8s.io",
    object: { addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: false } }] },
  },
  { resource: "leases", group: "coordination.k8s.io", object: { spec: { holderIdentity: "h", renewTime: "2026-01-02T03:04:05.000006Z" } } },
  {
    resource: "resourceslices",
    group: "resource.k8s.io",
    object: {
      spec: {
        driver: "d.example.com",
        allNodes: true,
        pool: { name: "p", generation: 1, resourceSliceCount: 1 },
        devices: [{ name: "d", attributes: { a: { int: -1 } }, capacity: { m: { value: "16Gi" } } }],
      },
    },
  },
];
const samples = SAMPLES.map((s) => {
  const kind = KINDS.find((k) => k.resource === s.resource && k.group === (s.group ?? "")) as Kind;
  return [
    kind.kind,
    kind,
    { kind: kind.kind, apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version, metadata: { name: "sample" }, ...s.object },
  ] as const;
});

describe("#4.4 protobuf: what client-go asks for by default", () => {
  it.each(samples)("%s: created, read, listed, watched and deleted as in JSON", async (_, kind, object) => {
    const path = pathOf(kind);
    const made = await ask("POST", path, encodeProtobuf(decodeValue(kind.schema, object).object) as Buffer);
    expect([made.code, made.type]).toEqual([201, PROTOBUF]);
    const json = await server.get200(`${path}/sample`);
    expect(opened(made.bytes, kind.schema)).toEqual(json);
    expect(opened((await ask("GET", `${path}/sample`)).bytes, kind.schema)).toEqual(json);

    const query = "fieldSelector=metadata.name%3Dsample";
    const list = await server.get200(`${path}?${query}`);
    const listed = opened((await ask("GET", `${path}?${query}`)).bytes, schemaOfList(kind));
    expect({ ...listed, metadata: {} }).toEqual({ ...list, metadata: {} });

    const watched = await ask("GET", `${path}?watch=1&${query}&resourceVersion=0`, undefined, (bytes) => frames(bytes).length > 0);
    expect([watched.code, watched.type]).toEqual([200, `${PROTOBUF};stream=watch`]);
    const [first] = frames(watched.bytes).map(event);
    expect([first?.type, opened(first?.object as Buffer, kind.schema)]).toEqual(["ADDED", json]);

    const gone = await ask("DELETE", `${path}/sample?gracePeriodSeconds=0`);
    expect([gone.code, gone.type]).toEqual([200, PROTOBUF]);
    expect(status(await ask("GET", `${path}/sample`))).toMatchObject({ code: 404, reason: "NotFound", message: expect.stringContaining('"sample" not found') });
  });

  it("lists every kind of the registry", async () => {
    for (const kind of KINDS) {
      if (!(kind.verbs ?? ALL_VERBS).includes("list")) continue;
      expect(structFact(schemaOfList(kind)), kind.kind).toBeDefined();
      const { code, type, bytes } = await ask("GET", pathOf(kind));
      expect([kind.kind, code, type]).toEqual([kind.kind, 200, PROTOBUF]);
      const list = opened(bytes, schemaOfList(kind));
      const json = await server.get200(pathOf(kind));
      expect([list.kind, list.apiVersion]).toEqual([json.kind, json.apiVersion]);
      expect((list.items ?? []).map((item: Doc) => storageKey(kind, item.metadata.namespace ?? "", item.metadata.name))).toEqual(
        json.items.map((item: Doc) => storageKey(kind, item.metadata.namespace ?? "", item.metadata.name)),
      );
    }
  });

  it("gets Tables in JSON, and metadata alone in protobuf", async () => {
    const table = "as=Table;v=v1;g=meta.k8s.io";
    const rows = await ask("GET", "/api/v1/namespaces", undefined, undefined, `${PROTOBUF};${table},application/json;${table},application/json`);
    expect([rows.code, rows.type]).toEqual([200, "application/json"]);
    expect(JSON.parse(rows.bytes.toString()).kind).toBe("Table");
    const refused = await ask("GET", "/api/v1/namespaces", undefined, undefined, `${PROTOBUF};${table}`);
    expect(refused.code).toBe(406);
    const partial = "as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    const one = await ask("GET", "/api/v1/namespaces/default", undefined, undefined, `${PROTOBUF};${partial},application/json;${partial},application/json`);
    expect(one.type).toBe(PROTOBUF);
    expect(opened(one.bytes, `${META}.PartialObjectMetadata`)).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "default" } });
  });

  it("scales and evicts: subresources of another kind", async () => {
    const [, kind, object] = samples.find(([name]) => name === "Deployment") as (typeof samples)[number];
    await ask("POST", pathOf(kind), encodeProtobuf(decodeValue(kind.schema, object).object) as Buffer);
    const scale = { kind: "Scale", apiVersion: "autoscaling/v1", metadata: { name: "sample", namespace: "default" }, spec: { replicas: 3 } };
    const scaled = await ask("PUT", `${pathOf(kind)}/sample/scale`, encodeProtobuf(scale) as Buffer);
    expect([scaled.code, opened(scaled.bytes, "io.k8s.api.autoscaling.v1.Scale").spec]).toEqual([200, { replicas: 3 }]);
    const eviction = { kind: "Eviction", apiVersion: "policy/v1", metadata: { name: "nobody", namespace: "default" } };
    expect(status(await ask("POST", `${HOME}/pods/nobody/eviction`, encodeProtobuf(eviction) as Buffer))).toMatchObject({
      code: 404,
      details: { name: "nobody" },
    });
    await ask("DELETE", `${pathOf(kind)}/sample`);
  });
});

describe("#4.4 protobuf: bodies that are none", () => {
  const good = encodeProtobuf({ kind: "ConfigMap", apiVersion: "v1", metadata: { name: "cut" }, data: { k: "v" } } as { kind: string }) as Buffer;
  const { raw } = unwrap(good);
  const unrecognized = "the object provided is unrecognized (must be of type ConfigMap): ";
  const unhandled = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: ';

  it.each([
    ["nothing", Buffer.alloc(0), `${unrecognized}empty data (<empty>)`],
    ["the magic number alone", good.subarray(0, 4), `${unrecognized}empty body (6b387300)`],
    ["half an envelope", good.subarray(0, 7), `${unrecognized}unexpected EOF (6b3873000a0f0a)`],
    ["a cut message", wrap("v1", "ConfigMap", raw.subarray(0, raw.length - 1)), `${unhandled}unexpected EOF`],
    ["a number where a message stands", wrap("v1", "ConfigMap", Buffer.from([0x08, 0x01])), `${unhandled}proto: wrong wireType = 0 for field ObjectMeta`],
    ["a tag without a number", wrap("v1", "ConfigMap", Buffer.from([0x02, 0x00])), `${unhandled}proto: ConfigMap: illegal tag 0 (wire type 2)`],
  ])("%s is a 400 that says why", async (_, body, message) => {
    const reply = await ask("POST", `${HOME}/configmaps`, body);
    expect([reply.code, status(reply)]).toEqual([
      400,
      { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason: "BadRequest", code: 400 },
    ]);
  });

  it("fields of a later version are passed over, strict or not", async () => {
    const later = Buffer.concat([raw, Buffer.from([0xfa, 0x07, 0x02, 0x68, 0x69])]);
    const reply = await ask("POST", `${HOME}/configmaps?fieldValidation=Strict`, wrap("v1", "ConfigMap", later));
    expect([reply.code, opened(reply.bytes, "io.k8s.api.core.v1.ConfigMap").data]).toEqual([201, { k: "v" }]);
  });
});
