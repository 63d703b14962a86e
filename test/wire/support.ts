import { afterAll, beforeAll, expect, it } from "vitest";
import type { ClusterOptions } from "../../cluster/index.js";
import { indented, stringify } from "../../server/codec/encode.js";
import { type Wired, wire } from "../support/cluster.js";
import type { Doc } from "../support/http.js";

export const HOME = "/api/v1/namespaces/default";
export const APPS = "/apis/apps/v1/namespaces/default";
export const MERGE = "application/merge-patch+json";
export const STRATEGIC = "application/strategic-merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";
export const APPLY = "application/apply-patch+yaml";

/** A Failure as it goes over the wire, in the server's order of fields. `reason` and `details` undefined: not there. */
export function failure(code: number, reason: string | undefined, message: string, details?: object): Doc {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, ...(reason && { reason }), ...(details && { details }), code };
}

export const invalid = (kind: string, name: string, field: string, cause: string, message: string, group?: string): Doc =>
  failure(422, "Invalid", `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${field}: ${message}`, {
    ...(name && { name }),
    ...(group && { group }),
    kind,
    causes: [{ reason: cause, message, field }],
  });

/** What a request is, where a table says so in one line: body (JSON, or text as it is), media type, other headers. */
export interface More {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer went past all negotiation: laid out for a reader, without a newline at its end. */
  readonly raw?: boolean;
}

export type Method = "get" | "post" | "put" | "patch" | "delete" | "head" | "options";

/** A cluster for the tests of a file; `ask` sends with supertest and gives what came. */
export function wired(options: ClusterOptions = { controllers: false }) {
  let now: Wired;
  beforeAll(async () => {
    now = await wire(options);
  });
  afterAll(() => now?.stop());
  const ask = async (method: Method, path: string, { body, type = "application/json", accept, headers = {} }: More = {}) => {
    const request = now.request(method, path);
    for (const [name, value] of Object.entries(headers)) request.set(name, value);
    if (accept) request.set("accept", accept);
    if (body !== undefined) request.set("content-type", type).send(typeof body === "string" ? body : JSON.stringify(body));
    const { status, body: document, text, headers: said } = await request;
    return { code: status, body: document as Doc, text, headers: said };
  };
  return {
    get cluster() {
      return now.cluster;
    },
    get api() {
      return now.api;
    },
    ask,
    /** Asks and expects the code; gives the body. */
    async get200(path: string, more: More = {}): Promise<Doc> {
      const { code, body, text } = await ask("get", path, more);
      expect([code, code === 200 ? "" : text]).toEqual([200, ""]);
      return body;
    },
    async make(path: string, body: object): Promise<Doc> {
      const { code, body: made, text } = await ask("post", path, { body });
      expect([code, code === 201 ? "" : text]).toEqual([201, ""]);
      return made;
    },
  };
}

export type Row = readonly [name: string, method: Method, path: string, expected: Doc, more?: More];

/** One test for each row: the answer is exactly this Status. */
export function refusals(server: { ask: ReturnType<typeof wired>["ask"] }, rows: readonly Row[]): void {
  it.each(rows)("%s", async (_name, method, path, expected, more) => {
    const { code, body, text } = await server.ask(method, path, more);
    expect(body).toEqual(expected);
    expect(code).toBe(expected.code);
    // the order of fields is part of the answer
    expect(text).toBe(more?.raw ? indented(stringify(expected)) : `${stringify(expected)}\n`);
  });
}

export const lease = (name: string, spec: object = {}, metadata: object = {}): Doc => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name, ...metadata },
  spec,
});
export const secret = (name: string, data: object = {}, metadata: object = {}): Doc => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, ...metadata },
  stringData: data,
});
export const config = (name: string, data: object = {}, metadata: object = {}): Doc => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
});
export const deployment = (name: string, replicas = 1, spec: object = {}): Doc => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", image: "shop/api:3" }] } },
    ...spec,
  },
});
