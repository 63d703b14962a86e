import { type Doc, groupByPath, METHODS, operationId, type Param, type Payload, type Route } from "./model.js";
import type { Schemas } from "./schemas.js";
import { INFO, SECURITY } from "./v3.js";

const schemaOf = (payload: Payload, schemas: Schemas): Doc => (payload === "string" ? { type: "string" } : schemas.ref(payload.ref));

/** The order of keys is part of what the shared parameters' names are hashed from. */
function parameter(param: Param): Doc {
  return {
    uniqueItems: true,
    type: param.type,
    ...(param.description ? { description: param.description } : {}),
    name: param.name,
    in: param.in,
    ...(param.in === "path" ? { required: true } : {}),
  };
}

function bodyParameter(body: NonNullable<Route["body"]>, schemas: Schemas): Doc {
  return { name: "body", in: "body", ...(body.required ? { required: true } : {}), schema: schemaOf(body.payload, schemas) };
}

/** The first six bytes of FNV-1 (64 bits) in base64, as parameters.go base64Hash has it. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text, "utf8")) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(hash);
  return bytes.subarray(0, 6).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * Parameters that many operations have stand once and are referred to. Not shared: what names a kind (`name`, bodies of kinds), and `dryRun` and
 * `fieldValidation`, by which older kubectl tells what a server can do. Source: kube-openapi pkg/builder collectSharedParameters.
 */
class SharedParameters {
  private readonly names = new Map<string, string>();
  private readonly found = new Map<string, Doc>();

  use(param: Doc): Doc {
    const { name, in: place } = param as { name: string; in: string };
    const ref = (param.schema as { $ref?: string } | undefined)?.$ref;
    const ofKind = place === "body" && !ref?.startsWith("#/definitions/io.k8s.apimachinery");
    if (ofKind || name === "name" || (place === "query" && (name === "fieldValidation" || name === "dryRun"))) return param;
    const text = JSON.stringify(param);
    let key = this.names.get(text);
    if (key === undefined) {
      key = `${name}-${shortHash(text)}`;
      this.names.set(text, key);
      this.found.set(key, param);
    }
    return { $ref: `#/parameters/${key}` };
  }

  all(): Doc {
    return Object.fromEntries([...this.found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function operation(route: Route, own: readonly Param[], schemas: Schemas, shared: SharedParameters): Doc {
  const { id, tag } = operationId(route);
  const responses: Doc = {};
  for (const { code, description, payload } of route.responses) responses[code] = { description, schema: schemaOf(payload, schemas) };
  responses["401"] = { description: "Unauthorized" };
  const parameters = own.map(parameter);
  // sorted by name: the body stands before all that come after "b"
  if (route.body) {
    const at = own.findIndex((p) => p.name > "body");
    parameters.splice(at < 0 ? parameters.length : at, 0, bodyParameter(route.body, schemas));
  }
  return {
    description: route.description,
    ...(route.consumes.length ? { consumes: route.consumes } : {}),
    produces: route.produces,
    schemes: ["https"],
    tags: [tag],
    operationId: id,
    ...(parameters.length ? { parameters: parameters.map((p) => shared.use(p)) } : {}),
    responses,
    ...(route.action ? { "x-kubernetes-action": route.action } : {}),
    ...(route.gvk ? { "x-kubernetes-group-version-kind": { group: route.gvk.group, version: route.gvk.version, kind: route.gvk.kind } } : {}),
  };
}

/** The Swagger 2.0 document of all routes. Source: kube-openapi pkg/builder. */
export function documentV2(routes: readonly Route[], schemas: Schemas): Doc {
  const shared = new SharedParameters();
  const paths: Doc = {};
  for (const at of groupByPath(routes)) {
    const item: Doc = {};
    for (const method of METHODS) {
      const route = at.routes.find((r) => r.method === method);
      if (route) item[method] = operation(route, at.own(route), schemas, shared);
    }
    if (at.common.length) item.parameters = at.common.map((p) => shared.use(parameter(p)));
    paths[at.path] = item;
  }
  return {
    swagger: "2.0",
    info: INFO,
    paths,
    definitions: schemas.all(),
    parameters: shared.all(),
    securityDefinitions: SECURITY,
    security: [{ BearerToken: [] }],
  };
}
