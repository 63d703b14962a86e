import https from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeProtobuf } from "../../server/codec/protobuf/answer.js";
import { decodeMessage } from "../../server/codec/protobuf/decode.js";
import { unwrap } from "../../server/codec/protobuf/envelope.js";
import { negotiate } from "../../server/http/negotiate.js";
import { type Wired, wire } from "../support/cluster.js";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const CONFIG_MAP = "io.k8s.api.core.v1.ConfigMap";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, data: Record<string, string>) =>
  encodeProtobuf({ kind: "ConfigMap", apiVersion: "v1", metadata: { name }, data } as { kind: string }) as Buffer;

describe("#4.4 protobuf: negotiation", () => {
  const media = (accept: string, options = {}) => negotiate(accept, options).mediaType;
  it("takes protobuf where it comes first, and JSON for a Table or an object without messages", () => {
    expect(media(`${PROTOBUF}, */*`)).toBe(PROTOBUF);
    expect(media(`${PROTOBUF};stream=watch`)).toBe(PROTOBUF);
    expect(media("*/*")).toBe("application/json");
    expect(negotiate(`${PROTOBUF};as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1`)).toEqual({
      mediaType: "application/json",
      as: "Table",
      version: "v1",
    });
    expect(media(`${PROTOBUF},application/json`, { protobuf: false })).toBe("application/json");
    expect(negotiate(`${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`, { protobuf: false }).mediaType).toBe(PROTOBUF);
  });
  it("refuses when only a Table in protobuf would do", () => {
    expect(() => negotiate(`${PROTOBUF};as=Table;g=meta.k8s.io;v=v1`)).toThrow("only the following media types are accepted");
    expect(() => negotiate(PROTOBUF, { protobuf: false })).toThrow("only the following media types are accepted");
  });
  it("knows no transforms for errors", () => {
    const header = `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json`;
    expect(negotiate(header)).toMatchObject({ mediaType: PROTOBUF, as: "PartialObjectMetadata" });
    expect(negotiate(header, { transforms: false })).toEqual({ mediaType: "application/json" });
  });
});

describe("#4.4 protobuf: on the wire", () => {
  let wired: Wired;
  beforeAll(async () => {
    wired = await wire();
  });
  afterAll(() => wired.stop());

  interface Reply {
    readonly code: number;
    readonly type: string;
    readonly bytes: Buffer;
  }
  /** A request whose answer is bytes; `stop` sees the bytes so far and ends a stream. */
  const ask = (method: string, path: string, body?: Buffer, accept = PROTOBUF, stop?: (bytes: Buffer) => boolean): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const { cluster } = wired;
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
  const opened = (bytes: Buffer, schema: string) => {
    const { apiVersion, kind, raw } = unwrap(bytes);
    return { apiVersion, kind, ...decodeMessage(schema, raw) } as Record<string, unknown>;
  };

  it("creates, gets, updates, lists and deletes", async () => {
    const created = await ask("POST", CONFIG_MAPS, configMap("a", { k: "1" }));
    expect([created.code, created.type]).toEqual([201, PROTOBUF]);
    expect(opened(created.bytes, CONFIG_MAP)).toMatchObject({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: "a", namespace: "default" },
      data: { k: "1" },
    });
    expect((await ask("PUT", `${CONFIG_MAPS}/a`, configMap("a", { k: "2" }))).code).toBe(200);
    expect(opened((await ask("GET", `${CONFIG_MAPS}/a`)).bytes, CONFIG_MAP)).toMatchObject({ data: { k: "2" } });
    // the same object, whichever way it is asked for
    expect((await wired.api.ask("GET", `${CONFIG_MAPS}/a`)).body).toMatchObject({ data: { k: "2" } });
    const list = opened((await ask("GET", `${CONFIG_MAPS}?fieldSelector=metadata.name=a`)).bytes, "io.k8s.api.core.v1.ConfigMapList");
    expect(list).toMatchObject({ kind: "ConfigMapList", apiVersion: "v1", items: [{ metadata: { name: "a" }, data: { k: "2" } }] });
    const options = encodeProtobuf({ kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid: "other" } } as { kind: string }) as Buffer;
    expect((await ask("DELETE", `${CONFIG_MAPS}/a`, options)).code).toBe(409);
    const deleted = await ask("DELETE", `${CONFIG_MAPS}/a`);
    expect(opened(deleted.bytes, `${META}.Status`)).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Success", details: { name: "a" } });
  });

  it("says no in protobuf to who asked in protobuf", async () => {
    const missing = await ask("GET", `${CONFIG_MAPS}/missing`);
    expect([missing.code, missing.type]).toEqual([404, PROTOBUF]);
    expect(opened(missing.bytes, `${META}.Status`)).toMatchObject({ kind: "Status", reason: "NotFound", message: 'configmaps "missing" not found', code: 404 });
    const json = await ask("POST", CONFIG_MAPS, Buffer.from("{}"), "application/json");
    expect(json.code).toBe(400);
    expect(JSON.parse(json.bytes.toString()).message).toBe(
      "the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})",
    );
  });

  it("streams events, bookmarks and errors as frames", async () => {
    await ask("POST", CONFIG_MAPS, configMap("w", {}));
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
    const event = (frame: Buffer): { type: string; object: Buffer } => {
      // type is field 1; the object is field 1 of field 2 (RawExtension), in its envelope
      const type = frame.subarray(2, 2 + (frame[1] as number)).toString();
      return { type, object: frame.subarray(frame.indexOf("k8s\0")) };
    };
    const watched = await ask(
      "GET",
      `${CONFIG_MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name=w`,
      undefined,
      PROTOBUF,
      (bytes) => frames(bytes).length >= 2,
    );
    expect([watched.code, watched.type]).toEqual([200, `${PROTOBUF};stream=watch`]);
    const events = frames(watched.bytes).map(event);
    expect(events.map((e) => e.type)).toEqual(["ADDED", "BOOKMARK"]);
    expect(opened(events[0]?.object as Buffer, CONFIG_MAP)).toMatchObject({ kind: "ConfigMap", metadata: { name: "w" } });
    expect(opened(events[1]?.object as Buffer, CONFIG_MAP)).toMatchObject({ metadata: { annotations: { "k8s.io/initial-events-end": "true" } } });

    const old = await ask("GET", `${CONFIG_MAPS}?watch=1&resourceVersion=notanumber`);
    expect([old.type, opened(old.bytes, `${META}.Status`).kind]).toEqual([PROTOBUF, "Status"]);
  });

  it("has metadata alone, and the documents of discovery", async () => {
    const accept = `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;
    const list = opened((await ask("GET", "/api/v1/namespaces", undefined, accept)).bytes, `${META}.PartialObjectMetadataList`);
    expect(list).toMatchObject({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
    expect((list.items as { metadata: { name: string } }[]).map((item) => item.metadata.name)).toContain("default");
    for (const [path, kind, apiVersion] of [
      ["/api", "APIVersions", ""],
      ["/api/v1", "APIResourceList", ""],
      ["/apis", "APIGroupList", "v1"],
      ["/apis/apps", "APIGroup", "v1"],
      ["/apis/apps/v1", "APIResourceList", "v1"],
    ] as const) {
      const document = await ask("GET", path);
      expect(document.type).toBe(PROTOBUF);
      expect(opened(document.bytes, `${META}.${kind}`), path).toMatchObject({ kind, apiVersion });
    }
    const parameters = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const aggregated = await ask("GET", "/apis", undefined, `${PROTOBUF}${parameters}`);
    expect(aggregated.type).toBe(`${PROTOBUF}${parameters}`);
    const groups = opened(aggregated.bytes, "io.k8s.api.apidiscovery.v2.APIGroupDiscoveryList");
    expect((groups.items as { metadata: { name: string } }[]).map((item) => item.metadata.name)).toContain("apps");
  });
});
