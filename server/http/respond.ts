import type { FastifyReply, FastifyRequest } from "fastify";
import { quote } from "../../kinds/field.js";
import { apiVersionOf, type Kind } from "../../kinds/kind.js";
import { indented, listFrame, stringify, withTypeMeta } from "../codec/encode.js";
import { lazily } from "../codec/lazy.js";
import { ApiError, badRequest, notAcceptable, type Status } from "../errors.js";
import type { Page } from "../pipeline/list.js";
import { objectOf } from "../pipeline/objects.js";
import type { Answer } from "../pipeline/types.js";
import { acceptsGzip, compress, GZIP_THRESHOLD } from "./compress.js";
import type { Accepted } from "./negotiate.js";
import { isLonger, joinList, type ListParts, packList } from "./packedlist.js";
import { type ProtobufAnswers, protobufFor } from "./protobuf.js";
import { type IncludeObject, partialOf, tableOf } from "./table.js";

/** What rendering needs besides the answer. */
export interface Rendering {
  readonly accepted: Accepted;
  readonly now: number;
  /** How much of each object a Table carries; looked at only when a Table is made, after all else went well. */
  includeObject(): IncludeObject;
}

/** The `includeObject` parameter. 400 as metav1 ValidateTableOptions. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") ?? "";
  if (value === "" || value === "Metadata") return "Metadata";
  if (value === "None" || value === "Object") return value;
  throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${quote(value)}: must be 'Metadata', 'Object', 'None', or empty`);
}

const yamlCodec = lazily(() => import("../codec/yaml.js"));
const NEWLINE = Buffer.from("\n");

/** An answer in both of its forms; only the one that is asked for is made. */
interface Body {
  json(): Buffer;
  /** undefined when there is no such form: then JSON is sent. */
  protobuf(encoder: ProtobufAnswers): Buffer | undefined;
}

/** Whether JSON is laid out for a reader: asked for, or the client is a command line tool or a browser. Source: negotiation.isPrettyPrint. */
function pretty({ url, headers }: FastifyRequest): boolean {
  const at = url.indexOf("pretty");
  const value = at < 0 ? "" : (new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("pretty") ?? "");
  // strconv.ParseBool
  if (value) return /^(1|t|T|TRUE|true|True)$/.test(value);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers["user-agent"] ?? "");
}

async function send(reply: FastifyReply, code: number, accepted: Accepted, body: Body): Promise<void> {
  const answers = protobufFor(accepted.mediaType);
  const encoded = answers && body.protobuf(answers instanceof Promise ? await answers : answers);
  const typed = (type: string): FastifyReply => reply.code(code).header("content-type", type + (accepted.parameters ?? ""));
  if (encoded) return sendBytes(typed("application/vnd.kubernetes.protobuf"), encoded);
  if (accepted.mediaType === "application/yaml") {
    const { jsonToYaml } = await yamlCodec();
    return sendBytes(typed("application/yaml"), Buffer.from(jsonToYaml(body.json().toString("utf8"))));
  }
  const json = body.json();
  return sendBytes(
    typed("application/json"),
    accepted.pretty || pretty(reply.request) ? Buffer.from(indented(json.toString("utf8"))) : Buffer.concat([json, NEWLINE]),
  );
}

/** Sends bytes as they are, or compressed when they are many and the client can read that. Source: responsewriters deferredResponseWriter. */
async function sendBytes(reply: FastifyReply, bytes: Buffer): Promise<void> {
  if (bytes.length <= GZIP_THRESHOLD || !acceptsGzip(reply.request.headers["accept-encoding"])) {
    reply.send(bytes);
    return;
  }
  const packed = await compress(bytes);
  reply.header("content-encoding", "gzip").header("vary", "Accept-Encoding").send(packed);
}

/** As `sendBytes`, for lists: what was compressed before is not compressed again. */
async function sendList(reply: FastifyReply, list: ListParts): Promise<void> {
  if (acceptsGzip(reply.request.headers["accept-encoding"]) && isLonger(list, GZIP_THRESHOLD))
    reply
      .header("content-encoding", "gzip")
      .header("vary", "Accept-Encoding")
      .send(await packList(list));
  else reply.send(joinList(list));
}

/** A value that says itself what it is. */
const valueBody = (value: object): Body => ({
  json: () => Buffer.from(stringify(value)),
  protobuf: (encoder) => encoder.encodeProtobuf(value),
});

/** Sends one object, transformed as the client asked. A Status is never transformed. */
export function sendAnswer(reply: FastifyReply, answer: Answer, kind: Kind | undefined, rendering: Rendering): Promise<void> {
  const { accepted } = rendering;
  const { as } = accepted;
  // looked at even where there is no Table to make: of a Status
  if (as === "Table") rendering.includeObject();
  if (!as || answer.kind === "Status" || !kind) {
    const { entry, apiVersion } = answer;
    const body: Body = {
      json: () => (entry ? withTypeMeta(entry.bytes, apiVersion, answer.kind) : valueBody(answer.object).json()),
      protobuf: (encoder) =>
        entry && kind?.kind === answer.kind
          ? encoder.encodeEntry(entry, kind, objectOf)
          : encoder.encodeProtobuf({ ...answer.object, kind: answer.kind, apiVersion }),
    };
    return send(reply, answer.code, accepted, body);
  }
  const version = accepted.version ?? "v1";
  if (as === "PartialObjectMetadataList")
    throw notAcceptableText(`you requested PartialObjectMetadataList, but the requested object is not a list (*${goType(kind)})`);
  const body =
    as === "Table"
      ? tableOf(kind, [answer.object], { resourceVersion: answer.object.metadata.resourceVersion }, tableOptions(rendering, version))
      : partialOf(kind, answer.object, version);
  return send(reply, answer.code, accepted, valueBody(body));
}

const tableOptions = ({ now, includeObject }: Rendering, version: string) => ({ now, includeObject: includeObject(), version });

/** Go's type of the internal object, as two error texts print it: `core.ConfigMap`. */
const goType = (kind: Kind): string => `${kind.group === "" ? "core" : (kind.group.split(".")[0] as string)}.${kind.kind}`;

function notAcceptableText(message: string): ApiError {
  const error = notAcceptable([]);
  return new ApiError({ ...error.status, message });
}

/** Sends a page of a list: stored bytes joined as they are, or Table, or partial objects. */
export async function sendPage(reply: FastifyReply, page: Page, rendering: Rendering): Promise<void> {
  const { accepted } = rendering;
  const { kind } = page;
  const metadata = {
    ...(page.resourceVersion ? { resourceVersion: page.resourceVersion } : {}),
    ...(page.continue ? { continue: page.continue } : {}),
    ...(page.remainingItemCount !== undefined ? { remainingItemCount: page.remainingItemCount } : {}),
  };
  const version = accepted.version ?? "v1";
  if (!accepted.as) {
    const { entries } = page;
    const json = (): ListParts => {
      const frame = listFrame(apiVersionOf(kind), kind.listKind ?? `${kind.kind}List`, metadata);
      return { ...frame, form: "json", entries, item: (entry) => entry.bytes };
    };
    if (accepted.mediaType === "application/yaml" || (accepted.mediaType === "application/json" && (accepted.pretty || pretty(reply.request))))
      return send(reply, 200, accepted, { json: () => joinList(json()).subarray(0, -1), protobuf: () => undefined });
    const answers = await protobufFor(accepted.mediaType);
    return sendList(
      reply.code(200).header("content-type", accepted.mediaType + (accepted.parameters ?? "")),
      answers ? { ...answers.encodeList(kind, metadata, entries, objectOf), form: `protobuf ${kind.schema}`, entries } : json(),
    );
  }
  const objects = page.entries.map((entry) => objectOf(entry, kind));
  if (accepted.as === "Table") return send(reply, 200, accepted, valueBody(tableOf(kind, objects, metadata, tableOptions(rendering, version))));
  if (accepted.as === "PartialObjectMetadata")
    throw notAcceptableText(`you requested PartialObjectMetadata, but the requested object is a list (*${goType(kind)}List)`);
  const body = {
    kind: "PartialObjectMetadataList",
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    // upstream appends to a nil slice
    items: objects.length ? objects.map((o) => partialOf(kind, o, version)) : null,
  };
  return send(reply, 200, accepted, valueBody(body));
}

/** Sends an error in the form the client can read; JSON past all negotiation where the client accepts nothing we have. */
export async function sendStatus(
  reply: FastifyReply,
  status: Status,
  accepted: Accepted | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const retry = status.details?.retryAfterSeconds;
  if (retry) reply.header("retry-after", String(retry));
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  return accepted ? send(reply, status.code ?? 500, accepted, valueBody(status)) : sendRawJson(reply, status, status.code);
}

/** An object that is not of a served kind (discovery documents and the like). */
export const sendValue = (reply: FastifyReply, value: object, accepted: Accepted, code = 200): Promise<void> => send(reply, code, accepted, valueBody(value));

/** What upstream writes past all negotiation: JSON laid out for a reader, whatever the client accepts. Source: responsewriters.WriteRawJSON. */
export function sendRawJson(reply: FastifyReply, value: object, code = 200): void {
  reply
    .code(code)
    .header("content-type", "application/json")
    .send(Buffer.from(indented(stringify(value))));
}
