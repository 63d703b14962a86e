import v8 from "node:v8";
import vm from "node:vm";
import { describe, expect, it } from "vitest";
import yaml from "yaml";
import { decodeMessage } from "../../../server/codec/protobuf/decode.js";
import { unwrap } from "../../../server/codec/protobuf/envelope.js";
import { appOf, world } from "../../pipeline/world.js";
import { longRun } from "../../support/long.js";
import { beginnings, requests } from "./requests.js";

/** Every error beyond 499 that upstream gives for what a client sends, by the rule that gives it. Anything else is ours. */
const ALLOWED: readonly RegExp[] = [
  // storage.APIObjectVersioner.ParseResourceVersion, of a GET's or a watch's parameter and of the metadata of what is written
  /^(resourceVersion: Invalid value: "[^"]*": )?strconv\.ParseUint: parsing ".*": (invalid syntax|value out of range)$/,
  /^resourceVersion should not be set on objects to be created$/,
  // storage.NewTooLargeResourceVersionError
  /^Timeout: Too large resource version: \d+, current: \d+$/,
  // fieldmanager: the applied configuration, or the live object, does not fit the schema
  /^failed to (create typed (patch|live) object|convert new object|create manager for existing fields|decode managed fields|merge config|compare new) ?/,
  // strategicpatch: errors that interpretStrategicMergePatchError does not know
  /^list element types are not identical: /,
  /^map: map\[.* does not contain declared merge key: /s,
  /^unable to find api field in struct \w+ for the json field /,
  /^expected a (map\[string\]interface \{\}|\[\]interface \{\}), but received a /,
  /^unknown patch type: .* in map: map\[/s,
  /^value for key \d+ is not a map$/,
  /^cannot (apply|find|restore) /,
  // pods/binding: field errors as one plain error (BindingREST.Create, errs.ToAggregate)
  /^\[?target\.(kind|name): /,
  // services: errors of the allocators that are told as they are
  /^duplicate nodePort: \{/,
  /^Internal error occurred: failed to allocate a (serviceIP|nodePort)/,
  // what is said to be missing
  /^mockube does not support /,
];

/** How many requests the long run makes. */
const LONG = longRun(100_000);
const PER_WORLD = 2500;
/** No request takes this long by itself, on a busy machine either. */
const HANG_MS = 10_000;

/** A world that gets so many requests; in its right mind all along. */
async function fuzz(seed: number, count: number): Promise<void> {
  const made = await world({ seed });
  const { app, internal } = appOf(made);
  for (const request of beginnings()) {
    const answer = await app.inject(request);
    expect(answer.statusCode, `${request.url} ${answer.body}`).toBe(201);
  }
  for (const request of requests(seed, count)) {
    const begun = performance.now();
    const answer = await app.inject(request);
    const what = (): string =>
      [
        `seed ${seed}: ${request.method} ${request.url} ${JSON.stringify(request.headers)}`,
        `${answer.statusCode} ${answer.body.slice(0, 1000)}`,
        request.payload?.toString(String(request.headers["content-type"]).includes("protobuf") ? "base64" : "utf8").slice(0, 4000),
      ].join("\n");
    if (internal.length > 0) expect.fail(`${internal.map(({ error }) => (error as Error).stack).join("\n")}\n${what()}`);
    if (performance.now() - begun > HANG_MS) expect.fail(`${performance.now() - begun} ms: ${what()}`);
    if (answer.statusCode < 500) continue;
    const message = messageOf(answer.rawPayload, String(answer.headers["content-type"]));
    if (message === undefined || !ALLOWED.some((rule) => rule.test(message))) expect.fail(what());
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
  const payload = '{"metadata":{"name":"after"}}';
  const last = await app.inject({ method: "POST", url: "/api/v1/namespaces", payload, headers: { "content-type": "application/json" } });
  expect(last.statusCode).toBe(201);
  await app.close();
}

/** What a Status says, in any form. */
function messageOf(body: Buffer, type: string): string | undefined {
  const text = body.toString();
  if (type.includes("json")) return (JSON.parse(text) as { message?: string }).message;
  if (type.includes("yaml")) return (yaml.parse(text) as { message?: string }).message;
  return decodeMessage("io.k8s.apimachinery.pkg.apis.meta.v1.Status", unwrap(body).raw).message as string | undefined;
}

describe("#3.1 #4.3 bad input is answered", () => {
  it.each([7, 8, 9, 10])("with no error of ours and without a hang, seed %s", (seed) => fuzz(seed, 150));

  // a test that is not run is a test that was skipped: it is there for those who ask for it
  if (LONG > 0)
    it(`${LONG} requests leave nothing behind`, async () => {
      v8.setFlagsFromString("--expose-gc");
      const collect = vm.runInNewContext("gc") as () => void;
      const used = (): number => {
        collect();
        return process.memoryUsage().heapUsed;
      };
      const heap: number[] = [];
      for (let seed = 1000, left = LONG; left > 0; seed++, left -= PER_WORLD) {
        await fuzz(seed, Math.min(left, PER_WORLD));
        heap.push(used());
      }
      const [settled, last] = [heap[Math.min(4, heap.length - 1)] as number, heap.at(-1) as number];
      console.log(`heap after garbage collection, in MB: ${heap.map((bytes) => Math.round(bytes / 2 ** 20)).join(" ")}`);
      // caches fill up at first; a world that stays alive would be several MB, forty times
      expect(last - settled).toBeLessThan(40 * 2 ** 20);
    }, 3_600_000);
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
