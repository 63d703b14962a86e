import type { FastifyRequest } from "fastify";
import { apiVersionOf, type Kind } from "../../kinds/kind.js";
import { exactText } from "../../kinds/exact.js";
import type { KubeObject } from "../../kinds/object.js";
import { gvkType } from "../../kinds/schema/index.js";
import { decodeBody as decode, expectKind, type GroupVersionKind, interpret } from "../codec/body.js";
import { JsonText } from "../codec/decode.js";
import { DecodeError } from "../codec/errors.js";
import { plain, type Value } from "../codec/json.js";
import { lazily } from "../codec/lazy.js";
import { badRequest, unsupportedMediaType } from "../errors.js";
import { mediaTypeOf } from "./contenttype.js";
import type { RequestContext } from "../pipeline/types.js";

const protobuf = lazily(() => import("../codec/protobuf/body.js"));
const yamlCodec = lazily(() => import("../codec/yaml.js"));

const MEDIA = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const DELETE_OPTIONS = {
  group: "",
  version: "v1",
  kind: "DeleteOptions",
  schema: "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
} as const;

const bytesOf = (request: FastifyRequest): Buffer => (request.body as Buffer | undefined) ?? Buffer.alloc(0);

/** The form the body is in, JSON where nothing is said. 415 for other types. Source: negotiation.NegotiateInputSerializer. */
function formOf(request: FastifyRequest): "json" | "yaml" | "protobuf" {
  if (request.givenType === "") return "json";
  const type = mediaTypeOf(request.givenType);
  if (type === "application/json") return "json";
  if (type === "application/yaml") return "yaml";
  if (type === "application/vnd.kubernetes.protobuf") return "protobuf";
  throw unsupportedMediaType(MEDIA);
}

/** Runs a decoding; what the codec refuses is a 400 with the codec's text. */
async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

/**
 * The object a create or an update brings, decoded into `schema` (undefined: the kind's own by its name) as strictly as the request asks: findings are
 * refused, warned of or passed over.
 */
export async function decodeBody(
  request: FastifyRequest,
  schema: string | undefined,
  kind: Kind,
  ctx: RequestContext,
  accepts: readonly string[] = [],
): Promise<KubeObject> {
  const form = formOf(request);
  const expected = { ...expectKind(kind), accepts, schema: schema ?? gvkType(kind.group, kind.version, kind.kind) ?? kind.schema };
  const { object, strictErrors } = await refusing(() =>
    decode(bytesOf(request), expected, { yaml: form === "yaml", protobuf: form === "protobuf", strict: ctx.fieldValidation === "Strict" }),
  );
  object.metadata ??= {};
  const fault = kind.conversionFault?.(object);
  if (fault !== undefined) throw badRequest(`${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: ${fault}`);
  if (ctx.fieldValidation === "Warn") for (const finding of strictErrors) ctx.warn(finding);
  return object;
}

function jsonText(text: string): JsonText {
  try {
    return new JsonText(text);
  } catch (error) {
    if (error instanceof DecodeError) throw new DecodeError(`couldn't get version/kind; json parse error: ${error.message}`);
    throw error;
  }
}

/** The options in a DELETE's body, undefined without one. */
export async function decodeDeleteOptions(request: FastifyRequest): Promise<Record<string, unknown> | undefined> {
  const bytes = bytesOf(request);
  if (bytes.length === 0) return undefined;
  const form = formOf(request);
  // the meta codec decodes these, and says less than the one for objects
  return refusing(async () => {
    if (form === "protobuf") {
      const body = (await protobuf()).protobufBody(bytes);
      checkDeleteOptions(body.gvk);
      return body.decode(DELETE_OPTIONS.schema, DELETE_OPTIONS) as unknown as Record<string, unknown>;
    }
    const yaml = form === "yaml";
    const text = jsonText(yaml ? exactText((await (await yamlCodec()).yamlToJson(bytes.toString("utf8"))).value) : bytes.toString("utf8"));
    checkDeleteOptions(interpret(text));
    return text.decode(DELETE_OPTIONS.schema).object as unknown as Record<string, unknown>;
  });
}

function checkDeleteOptions({ group, version, kind }: GroupVersionKind): void {
  if (kind === "" || kind === DELETE_OPTIONS.kind) return;
  const given = JSON.stringify(version ? apiVersionOf({ group, version }) : "meta.k8s.io/v1");
  throw new DecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${given} in scheme "pkg/runtime/scheme.go:111"`);
}

const CONVERTING = "error converting YAML to JSON: ";

/** The body of an apply patch, YAML or JSON, as a value, with the duplicate keys that strict reading finds. */
export async function decodeApply(request: FastifyRequest): Promise<{ body: unknown; strictErrors: readonly string[] }> {
  const { yamlToJson } = await yamlCodec();
  try {
    const { value, duplicates } = await yamlToJson(bytesOf(request).toString("utf8"));
    if (value !== null && (typeof value !== "object" || Array.isArray(value))) {
      const what = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
      throw new DecodeError(`error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${what} into Go value of type map[string]interface {}`);
    }
    return { body: plain((value ?? {}) as Value), strictErrors: duplicates };
  } catch (error) {
    if (error instanceof DecodeError)
      throw badRequest(`error decoding YAML: ${/^(yaml: |unsupported map key)/.test(error.message) ? CONVERTING : ""}${error.message}`);
    throw error;
  }
}
