import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { appOf, world } from "../pipeline/world.js";

const MAPS = "/api/v1/namespaces/default/configmaps";

/** A world with one large object, and a way to ask it. */
async function large() {
  const made = await world();
  await made.create("configmaps/large", { data: { text: "x".repeat(200_000) } });
  await made.create("configmaps/small", { data: { text: "x" } });
  const { app } = appOf(made);
  return (url: string, headers: Record<string, string> = {}, method: "GET" | "DELETE" = "GET") =>
    app.inject({ method, url, headers: { accept: "application/json", ...headers } });
}

describe("#4.2 compressed answers", () => {
  it.each([
    ["a large list", MAPS, {}],
    ["a large object", `${MAPS}/large`, {}],
    ["the same as YAML", `${MAPS}/large`, { accept: "application/yaml" }],
    ["the same in protobuf", `${MAPS}/large`, { accept: "application/vnd.kubernetes.protobuf" }],
    ["a list in protobuf", MAPS, { accept: "application/vnd.kubernetes.protobuf" }],
  ])("%s", async (_what, url, headers) => {
    const ask = await large();
    const whole = await ask(url, headers);
    const packed = await ask(url, { ...headers, "accept-encoding": "deflate, gzip" });
    expect([packed.statusCode, packed.headers["content-encoding"], packed.headers.vary]).toEqual([200, "gzip", "Accept-Encoding"]);
    expect(packed.headers["content-type"]).toBe(whole.headers["content-type"]);
    expect(packed.rawPayload.length).toBeLessThan(whole.rawPayload.length / 10);
    expect(gunzipSync(packed.rawPayload).equals(whole.rawPayload)).toBe(true);
  });

  it.each([
    ["a small object", `${MAPS}/small`, "gzip"],
    ["without a word about it", MAPS, ""],
    ["another encoding", MAPS, "br, deflate"],
    ["gzip with a weight, which upstream does not know", MAPS, "gzip;q=1.0"],
  ])("not %s", async (_what, url, encoding) => {
    const answer = await (await large())(url, encoding ? { "accept-encoding": encoding } : {});
    expect([answer.statusCode, answer.headers["content-encoding"], answer.headers.vary]).toEqual([200, undefined, undefined]);
  });
});

describe("#4.2 documents that know no negotiation", () => {
  const ask = async (url: string, accept: string) => appOf(await world()).app.inject({ url, headers: { accept } });

  it.each([
    ["/", "application/yaml"],
    ["/", "text/html"],
    ["/", "application/vnd.kubernetes.protobuf"],
    ["/version", "application/json"],
    ["/version", "*/*"],
    ["/version", "application/json;as=Table;g=meta.k8s.io;v=v1"],
    ["/version", "application/yaml, application/json"],
  ])("%s as %s is JSON for readers", async (url, accept) => {
    const { statusCode, headers, body, json } = await ask(url, accept).then((a) => ({
      ...a,
      json: a.json(),
      headers: a.headers,
      body: a.body,
      statusCode: a.statusCode,
    }));
    expect([statusCode, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(body).toBe(JSON.stringify(json, null, 2));
  });

  it.each([
    ["application/yaml", "application/yaml"],
    ["text/html", "application/json"],
    ["application/*", "application/json"],
  ])("/version as %s is refused", async (accept, type) => {
    const { statusCode, headers, body } = await ask("/version", accept);
    expect([statusCode, headers["content-type"]]).toEqual([406, type]);
    expect(body).toContain("Available representations: application/json");
  });

  it.each([
    ["GET", "/version/x", 404],
    ["POST", "/version", 405],
    ["POST", "/api", 405],
    ["POST", "/apis", 200],
    ["PUT", "/apis/apps", 200],
    ["DELETE", "/apis/apps/v1", 405],
    ["HEAD", "/apis", 200],
    ["HEAD", "/api", 405],
    ["OPTIONS", "/apis/apps", 200],
  ] as const)("%s %s: %s", async (method, url, code) => {
    expect((await appOf(await world()).app.inject({ method, url })).statusCode).toBe(code);
  });
});
