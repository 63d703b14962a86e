/** Requests that no client would send, drawn from a seed: the same seed gives the same requests. */
import { seededRandom } from "../../../cluster/random.js";
import { apiVersionOf } from "../../../kinds/kind.js";
import { decodeValue } from "../../../server/codec/decode.js";
import { encodeMessage } from "../../../server/codec/protobuf/encode.js";
import { wrap } from "../../../server/codec/protobuf/envelope.js";
import { jsonToYaml } from "../../../server/codec/yaml.js";
import { ACTIONS, type Seed, SEEDS } from "./objects.js";
import { accidents, type Draw, ODD, pick, placesOf, scrambled, text } from "./values.js";

export interface FuzzRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer | undefined;
}

const QUERY: Readonly<Record<string, readonly string[]>> = {
  limit: ["1", "-1", "99999999999999999999999", "x", "", "0x10", "1e3", "9223372036854775807"],
  continue: ["x", "", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0", "bnVsbA", "W10", "e30", "IiI"],
  resourceVersion: ["0", "1", "5", "abc", "-1", "99999999999999999999999", "1.5", "+1", " 1"],
  resourceVersionMatch: ["Exact", "NotOlderThan", "x", ""],
  labelSelector: [
    "a=b",
    "a in (b,c)",
    "a in (",
    "!a",
    "a notin ()",
    "__proto__=x",
    "constructor",
    "é=1",
    "a=b,,",
    "=",
    "a>1",
    "a>x",
    ",".repeat(500),
    "a==b\u0000",
  ],
  fieldSelector: [
    "metadata.name=a",
    "spec.nodeName!=x",
    "x",
    "status.phase=",
    "__proto__=1",
    "constructor=1",
    "metadata.name=a\\",
    "a=b=c",
    "metadata.namespace=x,metadata.name=b",
  ],
  dryRun: ["All", "", "x", "true"],
  fieldManager: ["m", "", "é", "a\u0000", "x".repeat(200)],
  fieldValidation: ["Strict", "Warn", "Ignore", "x", ""],
  force: ["true", "false", "x", ""],
  gracePeriodSeconds: ["0", "-1", "x", "99999999999999999999", ""],
  propagationPolicy: ["Foreground", "Orphan", "Background", "x", ""],
  orphanDependents: ["true", "false", "x", ""],
  includeObject: ["None", "Object", "x", ""],
  pretty: ["true", "x", ""],
  timeout: ["5s", "0", "x", "-1s", "9999999h", ""],
  timeoutSeconds: ["1", "x", "", "-1"],
  sendInitialEvents: ["true", "false", "x"],
  allowWatchBookmarks: ["true", "x"],
  ignoreStoreReadErrorWithClusterBreakingPotential: ["true", "false", "x"],
  "%": ["%"],
  "": ["", "=", "&"],
};
const ACCEPT = [
  "application/json",
  "application/yaml",
  "*/*",
  "",
  ";",
  ",",
  "application/json;as=Table;g=meta.k8s.io;v=v1",
  "application/json;as=Table;g=meta.k8s.io;v=v9",
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, */*",
  "application/vnd.kubernetes.protobuf",
  "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1",
  "text/html;q=x",
  "application/yaml;as=Table;g=meta.k8s.io;v=v1",
  "application/yaml;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
  "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1",
  "application/cbor",
  "application/json;q=0.1, application/yaml;q=0.9, */*;q=0",
  "application/json;stream=watch",
  "a/b/c",
];
const CONTENT = [
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "text/plain",
  "",
  ";;",
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
  'application/json; charset="',
  "application/cbor",
];
const PATCHES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "application/apply-patch+cbor",
  "",
];
const NAMES = ["a", "a", "a", "b", "__proto__", "constructor", "%", "%zz", "%00", "a%2fb", "..", ".", "é", "%E9", "A", "x".repeat(300), "", " "];
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "accept-encoding": ["gzip", "gzip;q=0", "identity", "x"],
  "impersonate-user": ["u", "", "system:serviceaccount:default:default"],
  "impersonate-group": ["g", ""],
  "impersonate-uid": ["1"],
  "impersonate-extra-x": ["y"],
  "user-agent": ["", "/", "é", "x".repeat(500), "a b/c"],
  "content-encoding": ["gzip"],
  "x-http-method-override": ["DELETE"],
  range: ["bytes=0-1"],
  "if-none-match": ["*"],
  authorization: ["Bearer x", "Basic eDp5", "x"],
  traceparent: ["00-x"],
};
const SUBRESOURCES = [
  "status",
  "scale",
  "binding",
  "eviction",
  "log",
  "exec",
  "ephemeralcontainers",
  "resize",
  "finalize",
  "token",
  "approval",
  "status",
  "proxy",
  "attach",
  "portforward",
  "__proto__",
  "constructor",
  "x/y",
];
const PATHS = [
  "/",
  "//",
  "/api",
  "/apis",
  "/api/",
  "/apis/apps",
  "/apis/__proto__/v1",
  "/api/v1/__proto__",
  "/api/constructor",
  "/apis/apps/v1/constructor",
  "/version",
  "/healthz",
  "/readyz/ping",
  "/openapi/v2",
  "/openapi/v3",
  "/%",
  "/api/v1/namespaces//pods",
  "/api/v1/namespaces/__proto__/pods",
  "/api/v1/watch/%",
  "/metrics",
  "/api/v1/pods?watch=true&resourceVersion=x",
  "/api/v1/namespaces/default/pods/a/proxy/b/c",
  "/api/v1/watch/namespaces/default/pods/a/status",
];

function damaged(random: Draw, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const how = random();
  if (how < 0.8) return bytes;
  if (how < 0.88) return scrambled(random, bytes);
  if (how < 0.91) return bytes.subarray(0, Math.floor(random() * bytes.length));
  if (how < 0.93) return Buffer.from(bytes.toString().replace(/"(\w+)":/, '"$1":1,"$1":'));
  if (how < 0.96) return Buffer.concat([bytes, Buffer.from([0xff, 0xfe])]);
  if (how < 0.98) return Buffer.alloc(0);
  return Buffer.from(pick(random, ["[".repeat(20_000), `${"- ".repeat(20_000)}x`, '{"a":'.repeat(11_000), "null", "{}", "5", '"x"', "[]"]));
}

/** JSON as YAML, or as it is where it is too broken for that. */
function yaml(json: string): string {
  try {
    return jsonToYaml(json);
  } catch {
    return json;
  }
}

/** The object as a message; its JSON where it does not fit one. */
function protobuf({ kind }: Seed, object: unknown): string | Buffer {
  try {
    const message = encodeMessage(kind.schema, decodeValue(kind.schema, JSON.parse(text(object))).object);
    return wrap(apiVersionOf(kind), kind.kind, message);
  } catch {
    return text(object);
  }
}

/** An object after accidents, in one of the forms that bodies have; sets the Content-Type. */
function bodyOf(random: Draw, seed: Seed, object: unknown, headers: Record<string, string>, schema: string | undefined): Buffer {
  const odd = random() < 0.97 ? accidents(random, object, schema) : object;
  const form = random();
  if (form < 0.62) {
    headers["content-type"] = "application/json";
    return damaged(random, text(odd));
  }
  if (form < 0.76) {
    headers["content-type"] = "application/yaml";
    return damaged(random, yaml(text(odd)));
  }
  if (form < 0.94) {
    headers["content-type"] = "application/vnd.kubernetes.protobuf";
    const bytes = protobuf(seed, odd);
    return random() < 0.5 ? scrambled(random, Buffer.from(bytes)) : Buffer.from(bytes);
  }
  headers["content-type"] = pick(random, CONTENT);
  return damaged(random, text(odd));
}

function jsonPatch(random: Draw, object: unknown): unknown {
  const places = placesOf(object).map((p) => p.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
  const operation = () => ({
    op: pick(random, ["add", "remove", "replace", "move", "copy", "test", "nope", 1, null]),
    path: pick(random, [
      ...places,
      "/__proto__/x",
      "/constructor/prototype/x",
      "/metadata/labels/__proto__",
      "x",
      "",
      "/spec/-",
      "/-1",
      "/spec/containers/99",
      "/~2",
      5,
    ]),
    from: pick(random, [...places, "/metadata/__proto__", undefined, ""]),
    value: pick(random, ODD),
  });
  return random() < 0.1 ? pick(random, ODD) : [operation(), operation()].slice(Math.floor(random() * 2));
}

function queryOf(random: Draw): string {
  const terms: string[] = [];
  for (let n = Math.floor(random() ** 2 * 4); n > 0; n--) {
    const name = pick(random, Object.keys(QUERY));
    const value = pick(random, QUERY[name] as readonly string[]);
    terms.push(random() < 0.9 ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}` : `${encodeURIComponent(name)}=%zz`);
  }
  return terms.length ? `?${terms.join("&")}` : "";
}

/** The names the fuzzed objects go by; few, so that most requests meet one. */
function nameOf(random: Draw, seed: Seed): string {
  const how = random();
  return how < 0.75 ? seed.name : how < 0.85 ? pick(random, ["b", "c"]) : pick(random, NAMES);
}

/** What a request to this place sends, if it is sensible: the object itself, or what the subresource is made for. */
function contentOf(random: Draw, { object }: Seed, subresource: string, name: string): Record<string, unknown> {
  const base = ACTIONS[subresource] ?? object;
  return random() < 0.8 ? { ...base, metadata: { ...(base.metadata as object | undefined), name } } : base;
}

function patchOf(random: Draw, seed: Seed, url: string, query: string, content: Record<string, unknown>, headers: Record<string, string>): FuzzRequest {
  const type = pick(random, PATCHES);
  headers["content-type"] = type;
  const { kind, object } = seed;
  const schema = random() < 0.5 ? kind.schema : undefined;
  const small = { metadata: { labels: { x: "y" }, finalizers: ["a.b/c"] } };
  let body = text(type.includes("json-patch") ? jsonPatch(random, object) : accidents(random, random() < 0.7 ? content : small, schema));
  if (!type.includes("apply")) return { method: "PATCH", url: url + query, headers, payload: damaged(random, body) };
  if (random() < 0.8) body = text({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...(accidents(random, content, schema) as object) });
  const manager = pick(random, ["f", "g", "kubectl"]);
  const whole = `${url}${query}${query ? "&" : "?"}fieldManager=${manager}&force=${random() < 0.6}`;
  return { method: "PATCH", url: whole, headers, payload: damaged(random, random() < 0.5 ? body : yaml(body)) };
}

function deleteOf(random: Draw, seed: Seed, url: string, query: string, headers: Record<string, string>): FuzzRequest {
  const options = {
    kind: "DeleteOptions",
    apiVersion: "v1",
    gracePeriodSeconds: 0,
    propagationPolicy: pick(random, ["Foreground", "Background", "Orphan"]),
    preconditions: random() < 0.5 ? { uid: "x" } : undefined,
  };
  const schema = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
  const at = { ...seed, kind: { ...seed.kind, group: "", version: "v1", kind: "DeleteOptions", schema } };
  return { method: "DELETE", url: url + query, headers, payload: random() < 0.5 ? undefined : bodyOf(random, at, options, headers, schema) };
}

/** One request. Watches are left out: they do not end by themselves. */
function requestOf(random: Draw): FuzzRequest {
  const seed = pick(random, SEEDS);
  const { kind, path, object } = seed;
  const headers: Record<string, string> = {};
  if (random() < 0.3) headers.accept = pick(random, ACCEPT);
  if (random() < 0.1) {
    const name = pick(random, Object.keys(HEADERS));
    headers[name] = pick(random, HEADERS[name] as readonly string[]);
  }
  const query = queryOf(random);
  const what = random();
  if (what < 0.04) return { method: pick(random, ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]), url: pick(random, PATHS), headers, payload: undefined };
  const name = nameOf(random, seed);
  // what was deleted comes back, so that the others have something to hit
  if (what < 0.1) return { method: "POST", url: path, headers: { "content-type": "application/json" }, payload: Buffer.from(text(object)) };
  const subresource = random() < 0.2 ? (random() < 0.4 ? "status" : pick(random, SUBRESOURCES)) : "";
  const at = `${path}/${name}${subresource && `/${subresource}`}`;
  const content = contentOf(random, seed, subresource, name);
  const schema = subresource in ACTIONS ? undefined : kind.schema;
  if (what < 0.3) {
    // where the name stands in the body it may be a new one
    const fresh = random() < 0.5 ? { ...object, metadata: { ...object.metadata, name: pick(random, ["b", "c", "d"]) } } : object;
    if (subresource === "") return { method: "POST", url: path + query, headers, payload: bodyOf(random, seed, fresh, headers, schema) };
    return { method: "POST", url: at + query, headers, payload: bodyOf(random, seed, content, headers, schema) };
  }
  if (what < 0.52) return { method: "PUT", url: at + query, headers, payload: bodyOf(random, seed, content, headers, schema) };
  if (what < 0.82) return patchOf(random, seed, at, query, content, headers);
  if (what < 0.94) return { method: random() < 0.95 ? "GET" : "HEAD", url: (random() < 0.5 ? path : at) + query, headers, payload: undefined };
  return deleteOf(random, seed, random() < 0.07 ? path : at, query, headers);
}

/** `count` requests of a seed. */
export function* requests(seed: number, count: number): Generator<FuzzRequest> {
  const random = seededRandom(seed);
  for (let i = 0; i < count; i++) yield requestOf(random);
}

/** Kinds whose object is another kind's too, and kinds that cannot be made yet. */
const LATER = ["bindings", "customresourcedefinitions"];
const TWINS = ["/apis/events.k8s.io", "/apis/autoscaling/v1"];

/** The objects to begin with: the patches and updates need something to hit. */
export const beginnings = (): readonly FuzzRequest[] =>
  SEEDS.filter(({ kind, path }) => !LATER.includes(kind.resource) && !TWINS.some((twin) => path.startsWith(twin))).map(({ path, object }) => ({
    method: "POST",
    url: path,
    headers: { "content-type": "application/json" },
    payload: Buffer.from(text(object)),
  }));
