import { describe, expect, it } from "vitest";
import { appOf, world } from "../pipeline/world.js";
import { beginnings, requests } from "./fuzz.js";

/** Answers that are Go's own words for a bare error of the server: these 500s are the real ones. */
const BARE =
  /^(resourceVersion: |strconv\.|list element types|map: map|unable to find api field|expected a |unknown patch type|failed to |cannot |mockube does not|Timeout: )/;

describe("#3.1 bad input is answered", () => {
  it.each([7, 8, 9])("with no error of ours and without a hang, seed %s", async (seed) => {
    const made = await world();
    const { app, internal } = appOf(made);
    for (const request of beginnings()) expect((await app.inject(request)).statusCode).toBe(201);
    for (const request of requests(seed, 120)) {
      const answer = await app.inject(request);
      const what = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${request.payload?.toString().slice(0, 2000)}`;
      expect(internal, what).toEqual([]);
      if (answer.statusCode < 500 || !String(answer.headers["content-type"]).includes("json")) continue;
      expect(answer.json().kind, what).toBe("Status");
      expect(answer.json().message, what).toMatch(BARE);
    }
    // and the server is in its right mind still
    expect(Object.keys(Object.prototype)).toEqual([]);
    const last = await app.inject({
      method: "POST",
      url: "/api/v1/namespaces",
      payload: '{"metadata":{"name":"after"}}',
      headers: { "content-type": "application/json" },
    });
    expect(last.statusCode).toBe(201);
    await app.close();
  });
});

const JSON_TYPE = { "content-type": "application/json" };
const CONFIGMAPS = "/api/v1/namespaces/default/configmaps";

describe("#3.1 bad input: single cases", () => {
  const speak = async () => {
    const { app, internal } = appOf(await world());
    return { app, internal };
  };

  it("keeps data under names that every object inherits, through every kind of write", async () => {
    const { app } = await speak();
    const send = async (method: "POST" | "PUT" | "PATCH", url: string, payload: string, type = "application/json") =>
      (await app.inject({ method, url, payload, headers: { "content-type": type } })).json().data;
    const entries = async (data: Promise<Record<string, string>>) => Object.entries(await data).map((e) => e.join("="));
    const at = `${CONFIGMAPS}/p`;
    expect(await entries(send("POST", CONFIGMAPS, '{"metadata":{"name":"p"},"data":{"__proto__":"1"}}'))).toEqual(["__proto__=1"]);
    expect(await entries(send("PUT", at, '{"metadata":{"name":"p"},"data":{"__proto__":"1","toString":"2"}}'))).toEqual(["__proto__=1", "toString=2"]);
    const merge = '{"data":{"__proto__":"3","constructor":"4"}}';
    expect(await entries(send("PATCH", at, merge, "application/merge-patch+json"))).toEqual(["__proto__=3", "constructor=4", "toString=2"]);
    const strategic = '{"data":{"__proto__":"5","toString":null}}';
    expect(await entries(send("PATCH", at, strategic, "application/strategic-merge-patch+json"))).toEqual(["__proto__=5", "constructor=4"]);
    const ops = '[{"op":"replace","path":"/data/__proto__","value":"6"},{"op":"remove","path":"/data/constructor"}]';
    expect(await entries(send("PATCH", at, ops, "application/json-patch+json"))).toEqual(["__proto__=6"]);
    const applied = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"},"data":{"__proto__":"7","valueOf":"8"}}';
    expect(await entries(send("PATCH", `${at}?fieldManager=f&force=true`, applied, "application/apply-patch+yaml"))).toEqual(["__proto__=7", "valueOf=8"]);
  });

  it("does not let a refused patch write into what all objects inherit", async () => {
    const { app } = await speak();
    await app.inject({ method: "POST", url: CONFIGMAPS, payload: '{"metadata":{"name":"p"},"data":{"a":"1"}}', headers: JSON_TYPE });
    const text = JSON.stringify([
      { op: "add", path: "/kind", value: "X" },
      { op: "add", path: "/data/__proto__", value: { polluted: {} } },
      { op: "add", path: "/data/__proto__/polluted/x", value: 1 },
    ]);
    const answer = await app.inject({ method: "PATCH", url: `${CONFIGMAPS}/p`, payload: text, headers: { "content-type": "application/json-patch+json" } });
    expect(answer.statusCode).toBe(422);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("polluted");
  });

  it.each([
    ["an anchor in itself", "a: &a [*a]", "anchor 'a' value contains itself"],
    [
      "anchors that grow",
      `a: &a [${"x,".repeat(20)}]\n${[..."bcdef"].map((c, i) => `${c}: &${c} [${`*${"abcdef"[i]},`.repeat(20)}]`).join("\n")}`,
      "excessive aliasing",
    ],
    ["lists without end", "- ".repeat(9000), "exceeded max depth"],
    ["brackets without end", "[".repeat(9000), "exceeded max depth"],
    ["JSON without end", `{"data":${'{"a":'.repeat(11_000)}1${"}".repeat(11_001)}`, "exceeded max depth"],
  ])("refuses YAML with %s", async (_what, payload, message) => {
    const { app } = await speak();
    const answer = await app.inject({ method: "POST", url: CONFIGMAPS, payload, headers: { "content-type": "application/yaml" } });
    expect([answer.statusCode, answer.json().message]).toEqual([400, expect.stringContaining(message)]);
  });

  it("limits what the copies of one JSON patch may add", async () => {
    const { app } = await speak();
    await app.inject({ method: "POST", url: CONFIGMAPS, payload: `{"metadata":{"name":"p"},"data":{"a":"${"x".repeat(5000)}"}}`, headers: JSON_TYPE });
    const payload = JSON.stringify(Array.from({ length: 1000 }, (_, i) => ({ op: "copy", from: "/data/a", path: `/data/b${i}` })));
    const answer = await app.inject({ method: "PATCH", url: `${CONFIGMAPS}/p`, payload, headers: { "content-type": "application/json-patch+json" } });
    expect([answer.statusCode, answer.json().message]).toEqual([422, "the server rejected our request due to an error in our request"]);
  });

  it("puts warnings into headers as bytes, leaves out what a header cannot hold, and cuts them when they are many", async () => {
    const { app } = await speak();
    const warnings = async (fields: object) => {
      const payload = JSON.stringify({ metadata: { generateName: "w-" }, ...fields });
      const { headers, statusCode } = await app.inject({ method: "POST", url: CONFIGMAPS, payload, headers: JSON_TYPE });
      expect(statusCode).toBe(201);
      return [headers.warning ?? []].flat().map((text) => Buffer.from(String(text), "latin1").toString());
    };
    expect(await warnings({ 日本: 1, "a\r\nSet-Cookie: b": 2 })).toEqual([
      '299 - "unknown field \\"日本\\""',
      '299 - "unknown field \\"a\\\\r\\\\nSet-Cookie: b\\""',
    ]);
    const long = await warnings(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}${"x".repeat(500)}`, 1])));
    expect(long).toHaveLength(9);
    expect(new Set(long.map((text) => text.length))).toEqual(new Set([256 + '299 - ""'.length + 1]));
  });

  it.each([
    ["/%", 400, "400 Bad Request"],
    ["/api/v1/namespaces/%zz/pods", 400, "400 Bad Request"],
  ])("refuses the path %s as net/http does", async (url, code, body) => {
    const { app } = await speak();
    const answer = await app.inject(url);
    expect([answer.statusCode, answer.body, answer.headers["content-type"]]).toEqual([code, body, "text/plain; charset=utf-8"]);
  });

  it.each([
    ["pods?resourceVersion=99999999999999999999", 400, "value out of range"],
    ["pods?resourceVersion=9223372036854775807", 504, "Too large resource version: 9223372036854775807, current: "],
    ["pods?fieldSelector=constructor%3D1", 400, "field label not supported: constructor"],
    ["pods?continue=W10", 400, "cannot unmarshal array into Go value of type storage.continueToken"],
    ["pods?limit=%zz&labelSelector=%zz", 200, undefined],
    ["pods?limit=-1", 200, undefined],
    ["configmaps/x?resourceVersion=abc", 500, 'strconv.ParseUint: parsing "abc": invalid syntax'],
  ])("answers %s", async (path, code, message) => {
    const { app } = await speak();
    const answer = await app.inject(`/api/v1/namespaces/default/${path}`);
    expect(answer.statusCode).toBe(code);
    if (message !== undefined) expect(answer.json().message).toContain(message);
  });
});
