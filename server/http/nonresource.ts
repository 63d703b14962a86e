import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { goJson } from "../../kinds/gojson.js";
import { methodNotSupported, unknownResource } from "../errors.js";
import type { KindLookup } from "../pipeline/lookup.js";
import { routeAccepts } from "./accept.js";
import { serviceUnavailable } from "./aggregator.js";
import { plainNotFound } from "./app.js";
import { type ControlRoutes, control } from "./control.js";
import { aggregated, apiGroup, apiGroupList, apiVersions, resourceList, type ServedGroup } from "./discovery.js";
import { type Accepted, negotiate, negotiateAggregated, notRouted } from "./negotiate.js";
import { sendRawJson, sendValue } from "./respond.js";

export interface NonResourceRequest {
  readonly pathname: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Serves everything outside the resources: `/`, `/version`, health, discovery, OpenAPI. Answers 404 for what it does not know. */
export type NonResource = (request: NonResourceRequest) => Promise<void>;

/** `/version`. Source: apimachinery pkg/version Info. */
export const VERSION = {
  major: "1",
  minor: "36",
  emulationMajor: "1",
  emulationMinor: "36",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "35",
  gitVersion: "v1.36.3",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-07-15T00:00:00Z",
  goVersion: "go1.26.0",
  compiler: "gc",
  platform: "linux/amd64",
} as const;

const JSON_ONLY = ["application/json"];
const HEALTH_CHECKS = new Set(["ping", "log", "etcd", "poststarthook"]);

export interface NonResourceOptions {
  readonly kinds: KindLookup;
  /** The served groups in discovery's order, the legacy group ("") among them. */
  groups(): readonly ServedGroup[];
  /** Those, and what APIServices add to them. */
  registered?(): readonly ServedGroup[];
  /** Whether a group version that is not served belongs to a service. */
  remote?(group: string, version: string): boolean;
  /** `127.0.0.1:6443`, for APIVersions. */
  address(): string;
  /** Whether the cluster has started: readyz says 200 from then on. */
  ready(): boolean;
  /** What lies below /mockube; absent: 404. */
  readonly control?: ControlRoutes;
  /** Prometheus' text under /metrics: what is counted in this process, and nothing else; absent: 404. */
  readonly metrics?: () => string;
  /** Documents under /openapi; absent: 404. */
  readonly openapi?: (request: NonResourceRequest) => Promise<void>;
}

/** The documents of one server. */
export function nonResourceHandler(options: NonResourceOptions): NonResource {
  return async (call) => {
    const { parts, reply, request, pathname } = call;
    const [head = "", second, third] = parts;
    if (pathname.startsWith("//")) return plainNotFound(reply);
    switch (head) {
      case "healthz":
      case "livez":
      case "readyz":
        return health(options, call);
      case "version":
        if (parts.length > 1) throw unknownResource();
        if (request.method !== "GET") throw methodNotSupported();
        if (!routeAccepts(request.headers.accept, JSON_ONLY)) throw notRouted(JSON_ONLY);
        return sendRawJson(reply, VERSION);
      case "metrics":
        if (parts.length > 1 || !options.metrics) return plainNotFound(reply);
        reply.header("content-type", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores").send(options.metrics());
        return;
      case "mockube":
        return options.control ? control(options.control, call) : plainNotFound(reply);
      case "openapi":
        return options.openapi ? options.openapi(call) : plainNotFound(reply);
      case "":
        if (parts.length > 1) return plainNotFound(reply);
        return sendRawJson(reply, { paths: pathsOf(options) });
      case "api":
      case "apis":
        return discovery(options, call, head, second, third);
      default:
        return plainNotFound(reply);
    }
  };
}

async function health(options: NonResourceOptions, { parts, reply }: NonResourceRequest): Promise<void> {
  const check = parts[1];
  if (parts.length > 2 || (check !== undefined && !HEALTH_CHECKS.has(check))) return plainNotFound(reply);
  const ok = parts[0] !== "readyz" || options.ready();
  // a check of its own leaves the content type to net/http
  if (check === undefined) reply.header("x-content-type-options", "nosniff");
  reply
    .code(ok ? 200 : 500)
    .header("content-type", "text/plain; charset=utf-8")
    .send(ok ? "ok" : "[-]poststarthook/start-mockube failed: not finished\nreadyz check failed\n");
}

async function discovery(
  options: NonResourceOptions,
  call: NonResourceRequest,
  head: "api" | "apis",
  second: string | undefined,
  third: string | undefined,
): Promise<void> {
  const { request, reply } = call;
  const { accept } = request.headers;
  const groups = options.groups();
  // the aggregator answers /apis and the groups itself, whatever the method; the rest stands behind a router
  const routed = head === "api" || third !== undefined;
  if (routed && second === undefined && request.method !== "GET") throw methodNotSupported();
  if (second === undefined) {
    const wanted = negotiateAggregated(accept);
    if (wanted) {
      const picked = (head === "api" ? groups : withRemote(options)).filter((g) => (head === "api") === (g.name === ""));
      return sendAggregated(call, aggregated(picked, options.kinds.all), wanted);
    }
    const accepted = negotiate(accept, { transforms: false, routed });
    return sendValue(reply, head === "api" ? apiVersions(options.address()) : apiGroupList(options.registered?.() ?? groups), accepted);
  }
  const version = head === "api" ? second : third;
  if (head === "apis" && version !== undefined && !options.kinds.hasVersion(second, version) && options.remote?.(second, version))
    return serviceUnavailable(reply);
  const known = version === undefined ? (options.registered?.() ?? groups) : groups;
  const group = known.find((g) => g.name === (head === "api" ? "" : second));
  if (!group) return plainNotFound(reply);
  if (version === undefined) return sendValue(reply, apiGroup(group), negotiate(accept, { transforms: false, routed }));
  if (!group.versions.includes(version)) throw unknownResource();
  if (request.method !== "GET") throw methodNotSupported();
  const kinds = options.kinds.all.filter((k) => k.group === group.name && k.version === version);
  return sendValue(reply, resourceList(group.name, version, kinds), negotiate(accept, { transforms: false }));
}

/** The server's groups, and versions that are a service's. */
function withRemote(options: NonResourceOptions): readonly ServedGroup[] {
  const groups = options.groups();
  const registered = options.registered?.() ?? groups;
  if (registered === groups) return groups;
  const has = (group: string, version: string): boolean => options.kinds.hasVersion(group, version) || options.remote?.(group, version) === true;
  return registered.map(({ name, versions }) => ({ name, versions: versions.filter((version) => has(name, version)) })).filter((g) => g.versions.length);
}

/** Whatever form it is sent in, the tag is that of the JSON Go would write. Source: apiserver pkg/endpoints/discovery/aggregated ServeHTTPWithETag. */
async function sendAggregated({ request, reply }: NonResourceRequest, document: ReturnType<typeof aggregated>, accepted: Accepted): Promise<void> {
  const { metadata, items } = document;
  const etag = `"${createHash("sha512").update(goJson({ metadata, items })).digest("hex").toUpperCase()}"`;
  reply.header("etag", etag).header("vary", "Accept").header("cache-control", "public");
  if (request.headers["if-none-match"] === etag) {
    reply.code(304).send();
    return;
  }
  return sendValue(reply, document, accepted);
}

function pathsOf(options: NonResourceOptions): string[] {
  const paths = ["/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/apis/"];
  for (const group of options.groups()) if (group.name) paths.push(`/apis/${group.name}`, ...group.versions.map((v) => `/apis/${group.name}/${v}`));
  return [...paths, "/healthz", "/livez", ...(options.metrics ? ["/metrics"] : []), "/openapi/v2", "/openapi/v3", "/readyz", "/version"].sort();
}
