import { gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../kinds/registry.js";
import { openApiHandler } from "../../server/http/openapi.js";
import { type KindLookup, lookupOf } from "../../server/pipeline/lookup.js";

function serve(kinds: KindLookup = lookupOf(KINDS)): FastifyInstance {
  const handler = openApiHandler(kinds);
  const app = Fastify({ exposeHeadRoutes: false });
  app.route({
    method: ["GET", "HEAD"],
    url: "/*",
    handler: async (request, reply) => {
      const { pathname, searchParams } = new URL(request.url, "http://x");
      await handler({ pathname, parts: pathname.split("/").filter((p) => p), query: searchParams, request, reply });
      return reply;
    },
  });
  return app;
}

const app = serve();
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
const urlOf = async (name: string): Promise<string> => (await get("/openapi/v3")).json().paths[name].serverRelativeURL;

describe("#3.1 openapi over HTTP", () => {
  it("lists the documents with the hash of each", async () => {
    const index = await get("/openapi/v3");
    expect(index.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(index.json().paths["apis/apps/v1"].serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
  });

  it("lets a document be kept for ever under its hash, and sends on from an old one", async () => {
    const url = await urlOf("apis/apps/v1");
    const kept = await get(url);
    expect(kept.statusCode).toBe(200);
    expect(kept.headers).toMatchObject({ "cache-control": "public, immutable", vary: "Accept", "content-type": "application/json" });
    expect(kept.headers.etag).toBe(`"${url.split("hash=")[1]}"`);
    expect(kept.headers.expires).toMatch(/UTC$/);
    expect((await get(url, { "if-none-match": String(kept.headers.etag) })).statusCode).toBe(304);
    const old = await get("/openapi/v3/apis/apps/v1?hash=ABC");
    expect([old.statusCode, old.headers.location, old.body]).toEqual([301, url, ""]);
    expect((await get("/openapi/v3/apis/apps/v1")).headers["cache-control"]).toBeUndefined();
  });

  it.each([
    [undefined, "application/json"],
    ["*/*", "application/json"],
    ["application/*", "application/json"],
    ["application/com.github.proto-openapi.spec.vN@v1.0+protobuf", "application/com.github.proto-openapi.spec.vN.v1.0+protobuf"],
    ["application/com.github.proto-openapi.spec.vN.v1.0+protobuf,application/json;q=0.5", "application/com.github.proto-openapi.spec.vN.v1.0+protobuf"],
    ["application/com.github.proto-openapi.spec.vN.v1.0+protobuf;q=0.4,application/json;q=0.5", "application/json"],
    ["application/yaml", undefined],
    ["text/html", undefined],
  ])("Accept %s is answered with %s", async (accept, type) => {
    for (const version of ["v2", "v3"]) {
      const headers: Record<string, string> = accept ? { accept: accept.replaceAll("vN", version) } : {};
      const answer = await get(version === "v2" ? "/openapi/v2" : "/openapi/v3/apis/apps/v1", headers);
      expect([answer.statusCode, answer.headers["content-type"]]).toEqual(type ? [200, type.replaceAll("vN", version)] : [406, undefined]);
      if (!type) expect(answer.body).toBe("");
    }
  });

  it("answers 404 with nothing for an unknown document, in words elsewhere", async () => {
    for (const url of ["/openapi/v3/apis/nope/v1", "/openapi/v3/"]) {
      const answer = await get(url);
      expect([answer.statusCode, answer.headers["content-type"], answer.body]).toEqual([404, undefined, ""]);
    }
    for (const url of ["/openapi", "/openapi/v2/", "/openapi/v1"]) expect((await get(url)).body).toBe("404 page not found\n");
  });

  it("compresses v2 for those who ask, serves ranges, and heads alone", async () => {
    const whole = await get("/openapi/v2");
    const zipped = await get("/openapi/v2", { "accept-encoding": "gzip" });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(zipped.rawPayload).equals(whole.rawPayload)).toBe(true);
    const part = await get("/openapi/v2", { range: "bytes=0-9" });
    expect([part.statusCode, part.body]).toEqual([206, whole.body.slice(0, 10)]);
    const head = await app.inject({ method: "HEAD", url: "/openapi/v2" });
    expect([head.headers["content-length"], head.body]).toEqual([whole.headers["content-length"], ""]);
  });

  it("follows the kinds", async () => {
    const lookup: { -readonly [K in keyof KindLookup]: KindLookup[K] } = lookupOf(KINDS.filter((k) => k.group === ""));
    const changing = serve(lookup);
    const index = async () => Object.keys((await changing.inject({ url: "/openapi/v3" })).json().paths);
    expect(await index()).not.toContain("apis/apps/v1");
    lookup.all = KINDS;
    expect(await index()).toContain("apis/apps/v1");
  });
});
