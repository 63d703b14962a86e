import type { FastifyReply, FastifyRequest } from "fastify";
import { parseAccept } from "../accept.js";
import type { NonResourceRequest } from "../nonresource.js";
import type { Documents, Rendered } from "./documents.js";

interface Form {
  readonly subtypes: readonly string[];
  readonly contentType: string;
  bytes(document: Rendered): Buffer;
}

const JSON_FORM: Form = { subtypes: ["json"], contentType: "application/json", bytes: (d) => d.json };
const protobufForm = (version: "v2" | "v3"): Form => ({
  // the second spelling is no valid media type; old clients ask for it all the same
  subtypes: [`com.github.proto-openapi.spec.${version}.v1.0+protobuf`, `com.github.proto-openapi.spec.${version}@v1.0+protobuf`],
  contentType: `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`,
  bytes: (d) => d.protobuf(),
});
const V2_FORMS = [JSON_FORM, protobufForm("v2")];
const V3_FORMS = [JSON_FORM, protobufForm("v3")];

/** The first form that a clause of the Accept header fits, best clause first. Source: kube-openapi pkg/handler and pkg/handler3, which both use goautoneg. */
function formOf(accept: string | undefined, forms: readonly Form[]): Form | undefined {
  const clauses = parseAccept(accept || "*/*");
  for (const { type, subtype } of clauses)
    for (const form of forms) if ((type === "application" || type === "*") && (subtype === "*" || form.subtypes.includes(subtype))) return form;
  return undefined;
}

/** `/openapi/v2`: the one document that upstream compresses (kube-openapi pkg/handler, gziphandler). */
export async function serveV2(documents: Documents, { request, reply }: NonResourceRequest): Promise<void> {
  const compress = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  reply.header("vary", "Accept-Encoding, Accept");
  const form = formOf(request.headers.accept, V2_FORMS);
  if (!form) {
    empty(reply, 406);
    return;
  }
  const document = documents.v2();
  reply.header("etag", `"${document.hash}"`);
  let body = form.bytes(document);
  if (compress) {
    reply.header("content-encoding", "gzip");
    body = await document.gzip(body);
  }
  sendContent(request, reply, form.contentType, document.lastModified, body, document.hash);
}

/** `/openapi/v3`: where each document is. Its content type is what Go's http.ServeContent makes of text that starts with a brace. */
export function serveIndex(documents: Documents, { request, reply }: NonResourceRequest): void {
  const paths = Object.fromEntries(documents.names.map((name) => [name, { serverRelativeURL: urlOf(name, documents.v3(name) as Rendered) }]));
  sendContent(request, reply, "text/plain; charset=utf-8", new Date(), Buffer.from(JSON.stringify({ paths })));
}

const urlOf = (name: string, document: Rendered): string => `/openapi/v3/${name}?hash=${document.hash}`;

/** `/openapi/v3/<name>`. Source: kube-openapi handler3 HandleGroupVersion behind kube-aggregator's handleGroupVersion. */
export function serveV3(documents: Documents, name: string, { request, reply, query }: NonResourceRequest): void {
  const document = documents.v3(name);
  if (!document) {
    empty(reply, 404);
    return;
  }
  reply.header("vary", "Accept");
  const form = formOf(request.headers.accept, V3_FORMS);
  if (!form) {
    empty(reply, 406);
    return;
  }
  reply.header("etag", `"${document.hash}"`);
  const hash = query.get("hash");
  if (hash) {
    if (hash !== document.hash) {
      reply.header("content-type", form.contentType).header("location", urlOf(name, document));
      empty(reply, 301);
      return;
    }
    const expires = new Date();
    expires.setUTCFullYear(expires.getUTCFullYear() + 1);
    reply.header("cache-control", "public, immutable").header("expires", expires.toUTCString().replace("GMT", "UTC"));
  }
  sendContent(request, reply, form.contentType, document.lastModified, form.bytes(document), document.hash);
}

function empty(reply: FastifyReply, code: number): void {
  reply.code(code).header("content-length", "0").send();
}

/** What Go's http.ServeContent adds: the date, 304 for what the client has, one range of bytes. */
function sendContent(request: FastifyRequest, reply: FastifyReply, type: string, modified: Date, body: Buffer, hash?: string): void {
  reply.header("last-modified", modified.toUTCString()).header("accept-ranges", "bytes");
  const known = request.headers["if-none-match"];
  const since = request.headers["if-modified-since"];
  const fresh =
    known !== undefined
      ? hash !== undefined && known.split(",").some((tag) => [`"${hash}"`, "*"].includes(tag.trim().replace(/^W\//, "")))
      : since !== undefined && Math.floor(modified.getTime() / 1000) * 1000 <= Date.parse(since);
  if (fresh && (request.method === "GET" || request.method === "HEAD")) {
    reply.code(304).send();
    return;
  }
  reply.code(200).header("content-type", type);
  const range = request.method === "GET" ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") : null;
  const from = range ? Number(range[1]) : 0;
  if (range && from < body.length) {
    const to = Math.min(range[2] ? Number(range[2]) : body.length - 1, body.length - 1);
    reply.code(206).header("content-range", `bytes ${from}-${to}/${body.length}`);
    reply.header("content-length", String(to - from + 1)).send(body.subarray(from, to + 1));
    return;
  }
  reply.header("content-length", String(body.length)).send(body);
}
