/** A request body, from bytes to an object of the kind the path asks for: negotiated serializer, kind detection, decoding, and their refusals. */

import { quote } from "../../kinds/field.js";
import type { Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { gvkType, structFact } from "../../kinds/schema/index.js";
import { decodeValue, JsonText } from "./decode.js";
import { DecodeError } from "./errors.js";
import { NumberText, type Value } from "./json.js";
import { lazily } from "./lazy.js";
import { wordOf } from "./specials.js";

// only clients that speak these pay for them
const protobuf = lazily(() => import("./protobuf/body.js"));
const yaml = lazily(() => import("./yaml.js"));

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A decoded body. `strictErrors` are findings for `fieldValidation`; with Strict, `strictMessage` is the whole text of the 400. */
export interface Body {
  readonly object: KubeObject;
  readonly strictErrors: readonly string[];
  readonly gvk: GroupVersionKind;
}

/** What the body is meant to be. */
export interface Expected extends GroupVersionKind {
  /** Definition name in the facts. */
  readonly schema: string;
  /** Other apiVersions that are taken as they are. */
  readonly accepts?: readonly string[];
}

export interface BodyOptions {
  /** The body is YAML rather than JSON. */
  readonly yaml?: boolean;
  /** The body is protobuf rather than JSON. */
  readonly protobuf?: boolean;
  /** Strict findings are errors: the message is that of `fieldValidation=Strict`. */
  readonly strict?: boolean;
}

/** The expectation a kind's own resource has. */
export const expectKind = (kind: Kind): Expected => ({ group: kind.group, version: kind.version, kind: kind.kind, schema: kind.schema });

const ANONYMOUS = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** apiVersion and kind as the first look at a body finds them; names match whatever their case. Source: serializer/json SimpleMetaFactory. */
export function interpret(text: { entries(): readonly (readonly [string, Value])[] | undefined; readonly value: Value }): GroupVersionKind {
  const found = { apiVersion: "", kind: "" };
  const fail = (what: string): DecodeError => new DecodeError(`couldn't get version/kind; json parse error: ${what}`);
  const entries = text.entries();
  if (!entries && text.value !== null) throw fail(`json: cannot unmarshal ${wordOf(text.value, false)} into Go value of type ${ANONYMOUS}`);
  let first: DecodeError | undefined;
  for (const [key, value] of entries ?? []) {
    const field =
      key.length === 4 && key.toLowerCase() === "kind" ? "kind" : key.length === 10 && key.toLowerCase() === "apiversion" ? "apiVersion" : undefined;
    if (!field || value === null || value === undefined) continue;
    if (typeof value === "string") found[field] = value;
    else first ??= fail(`json: cannot unmarshal ${wordOf(value)} into Go struct field .${field} of type string`);
  }
  if (first) throw first;
  return { ...groupVersion(found.apiVersion), kind: found.kind };
}

function groupVersion(apiVersion: string): { group: string; version: string } {
  if (apiVersion === "" || apiVersion === "/") return { group: "", version: "" };
  const parts = apiVersion.split("/");
  if (parts.length > 2) throw new DecodeError(`unexpected GroupVersion string: ${apiVersion}`);
  return parts.length === 1 ? { group: "", version: parts[0] } : { group: parts[0], version: parts[1] };
}

function withDefaults(actual: GroupVersionKind, expected: GroupVersionKind): GroupVersionKind {
  const kind = actual.kind || expected.kind;
  if (!actual.version && (!actual.group || actual.group === expected.group)) return { group: expected.group, version: expected.version, kind };
  return { ...actual, kind };
}

/** Group versions that still have Go types upstream, though nothing serves them: a body in one of them decodes and is then refused for its version. */
const CONVERTIBLE = new Set(
  (
    "apps/v1beta1 apps/v1beta2 extensions/v1beta1 batch/v1beta1 policy/v1beta1 autoscaling/v2beta1 autoscaling/v2beta2 discovery.k8s.io/v1beta1 events.k8s.io/v1beta1 " +
    "authentication.k8s.io/v1beta1 authentication.k8s.io/v1alpha1 authorization.k8s.io/v1beta1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 coordination.k8s.io/v1beta1 " +
    "coordination.k8s.io/v1alpha2 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3 networking.k8s.io/v1beta1 " +
    "node.k8s.io/v1beta1 node.k8s.io/v1alpha1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1alpha2 " +
    "storage.k8s.io/v1beta1 storage.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1 admissionregistration.k8s.io/v1alpha1 apiextensions.k8s.io/v1beta1 " +
    "apiregistration.k8s.io/v1beta1 resource.k8s.io/v1beta1 resource.k8s.io/v1beta2 resource.k8s.io/v1alpha3"
  ).split(" "),
);

/** Go package of a group's internal types. */
const internalPackage = (group: string): string => (group === "" || group === "events.k8s.io" ? "core" : group.split(".")[0]);

const SCHEMES: Readonly<Record<string, string>> = {
  "apiextensions.k8s.io": "pkg/apiserver/apiserver.go:55",
  "apiregistration.k8s.io": "pkg/apiserver/scheme/scheme.go:28",
};

const apiVersionText = (gvk: GroupVersionKind): string => (gvk.group ? `${gvk.group}/${gvk.version}` : gvk.version);

/** First bytes of a body for an error text. Source: handlers summarizeData. */
function summary(body: Buffer): string {
  if (body.length === 0) return "<empty>";
  const max = 30;
  const encoding = body[0] === 0x7b ? "utf8" : "hex";
  return body.length > max ? `${body.subarray(0, max).toString(encoding)} ...` : body.toString(encoding);
}

/**
 * Decodes a body for a create or an update. Throws DecodeError with the complete message of the 400: an unreadable body, a type error, a foreign kind,
 * strict findings (with `strict`), another API version.
 */
export async function decodeBody(body: Buffer, expected: Expected, options: BodyOptions = {}): Promise<Body> {
  let gvk: GroupVersionKind | undefined;
  try {
    const source = options.protobuf ? await protobufSource(body) : options.yaml ? await yamlSource(body) : jsonSource(body);
    gvk = source.gvk(expected);
    if (gvk.version === "") throw new DecodeError(`Object 'apiVersion' is missing in '${body.toString("utf8")}'`);
    const schema = schemaOf(gvk, expected);
    const decoded = source.decode(schema, gvk);
    convertible(gvk, expected);
    const strictErrors = [...source.strictErrors, ...decoded.strictErrors];
    if (options.strict && strictErrors.length > 0) throw new DecodeError(`strict decoding error: ${strictErrors.join(", ")}`);
    const accepted = expected.accepts?.includes(apiVersionText(gvk)) ?? false;
    if (accepted || (gvk.group === expected.group && gvk.version === expected.version)) return { object: decoded.object, strictErrors, gvk };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (!gvk) throw new DecodeError(`the object provided is unrecognized (must be of type ${expected.kind}): ${error.message} (${summary(body)})`);
    throw new DecodeError(`${gvk.kind} in version ${quote(gvk.version)} cannot be handled as a ${expected.kind}: ${error.message}`);
  }
  throw new DecodeError(`the API version in the data (${apiVersionText(gvk)}) does not match the expected API version (${apiVersionText(expected)})`);
}

interface Source {
  /** What the body says it is; the expectation fills in what it does not say. */
  gvk(expected: GroupVersionKind): GroupVersionKind;
  readonly strictErrors: readonly string[];
  decode(schema: string, gvk: GroupVersionKind): { object: KubeObject; strictErrors: readonly string[] };
}

async function protobufSource(body: Buffer): Promise<Source> {
  const { protobufBody } = await protobuf();
  const opened = protobufBody(body);
  return {
    gvk: (expected) => {
      const { gvk } = opened;
      const kind = gvk.kind || expected.kind;
      return gvk.version ? { ...gvk, kind } : { group: expected.group, version: expected.version, kind };
    },
    strictErrors: [],
    decode: (schema, gvk) => ({ object: opened.decode(schema, gvk), strictErrors: [] }),
  };
}

function jsonSource(body: Buffer): Source {
  let text: JsonText;
  try {
    text = new JsonText(body.toString("utf8"));
  } catch (error) {
    // The first look at the body is the one that stumbles.
    throw error instanceof DecodeError ? new DecodeError(`couldn't get version/kind; json parse error: ${error.message}`) : error;
  }
  return { gvk: (expected) => withDefaults(interpret(text), expected), strictErrors: [], decode: (schema) => text.decode(schema) };
}

async function yamlSource(body: Buffer): Promise<Source> {
  const { yamlToJson, duplicatesMessage } = await yaml();
  const { value, duplicates } = await yamlToJson(body.toString("utf8"));
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
  const text = { value: value as Value, entries: () => (isObject ? Object.entries(value as Record<string, Value>) : undefined) };
  return {
    gvk: (expected) => withDefaults(interpret(text), expected),
    strictErrors: duplicates.length > 0 ? [duplicatesMessage(duplicates)] : [],
    decode: (schema) => decodeValue(schema, value),
  };
}

function schemaOf(gvk: GroupVersionKind, expected: Expected): string {
  if (gvk.group === expected.group && gvk.version === expected.version && gvk.kind === expected.kind) return expected.schema;
  const known = gvkType(gvk.group, gvk.version, gvk.kind);
  if (known) return known;
  if (CONVERTIBLE.has(apiVersionText(gvk)) && structFact(expected.schema)) return expected.schema;
  const scheme = SCHEMES[expected.group] ?? "pkg/api/legacyscheme/scheme.go:30";
  throw new DecodeError(`no kind ${quote(gvk.kind)} is registered for version ${quote(apiVersionText(gvk))} in scheme ${quote(scheme)}`);
}

/** Whether upstream still has a type for a kind in this version, though nothing serves it. */
export function isRetiredForm({ group, kind }: { readonly group: string; readonly kind: string }, apiVersion: string): boolean {
  if (!CONVERTIBLE.has(apiVersion)) return false;
  const from = internalPackage(apiVersion.split("/")[0]);
  return kind !== "" && (from === internalPackage(group) || from === "extensions");
}

/** Kinds convert into each other when they share the internal type: same group (or its successor) and name. */
function convertible(gvk: GroupVersionKind, expected: Expected): void {
  const from = internalPackage(gvk.group);
  // Scales were of the groups that have them once
  const same = gvk.kind === expected.kind && (from === internalPackage(expected.group) || from === "extensions" || (gvk.kind === "Scale" && from === "apps"));
  if (!same) throw new DecodeError(`converting (${gvk.version}.${gvk.kind}) to (${internalPackage(expected.group)}.${expected.kind}): unknown conversion`);
}

/**
 * Checks that a patched document still is what it was. Returns "internal" for one without an apiVersion: upstream reads that into its internal type, whose fields have
 * no names in JSON. Throws DecodeError. Source: handlers patcher, runtime.DecodeInto.
 */
export function checkPatched(value: unknown, expected: Expected): "versioned" | "internal" {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const gvk = interpret({ value: value as Value, entries: () => (isObject ? (Object.entries(value) as [string, Value][]) : undefined) });
  if (!gvk.version) return "internal";
  const kind = gvk.kind || expected.kind;
  if (gvk.group === expected.group && gvk.version === expected.version && kind === expected.kind) return "versioned";
  if (!gvkType(gvk.group, gvk.version, kind) && !CONVERTIBLE.has(apiVersionText(gvk)))
    throw new DecodeError(`no kind ${quote(kind)} is registered for version ${quote(apiVersionText(gvk))} in scheme "pkg/runtime/scheme.go:111"`);
  // another version of the same group decodes into the same type
  convertible({ ...gvk, kind }, expected);
  return "versioned";
}
