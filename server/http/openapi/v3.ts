import { type Doc, groupByPath, METHODS, operationId, type Param, type Payload, type Route } from "./model.js";
import type { Schemas } from "./schemas.js";

export const INFO: Doc = { title: "Kubernetes", version: "1.36" };
const CUSTOM_INFO: Doc = { title: "Kubernetes CRD Swagger", version: "v0.1.0" };
export const SECURITY: Doc = { BearerToken: { description: "Bearer Token authentication", type: "apiKey", name: "authorization", in: "header" } };

const schemaOf = (payload: Payload, schemas: Schemas): Doc => (payload === "string" ? { type: "string" } : schemas.ref(payload.ref));

const content = (types: readonly string[], schema: Doc): Doc => Object.fromEntries([...types].sort().map((type) => [type, { schema }]));

function parameter(param: Param): Doc {
  return {
    name: param.name,
    in: param.in,
    ...(param.description ? { description: param.description } : {}),
    ...(param.in === "path" ? { required: true } : {}),
    schema: { type: param.type, uniqueItems: true },
  };
}

function operation(route: Route, own: readonly Param[], schemas: Schemas): Doc {
  const { id, tag } = operationId(route);
  const responses: Doc = {};
  for (const { code, description, payload } of route.responses) responses[code] = { description, content: content(route.produces, schemaOf(payload, schemas)) };
  responses["401"] = { description: "Unauthorized" };
  return {
    tags: [tag],
    description: route.description,
    operationId: id,
    ...(own.length ? { parameters: own.map(parameter) } : {}),
    ...(route.body
      ? { requestBody: { content: content(route.consumes, schemaOf(route.body.payload, schemas)), ...(route.body.required ? { required: true } : {}) } }
      : {}),
    responses,
    ...(route.action ? { "x-kubernetes-action": route.action } : {}),
    ...(route.gvk ? { "x-kubernetes-group-version-kind": { group: route.gvk.group, version: route.gvk.version, kind: route.gvk.kind } } : {}),
  };
}

/** The OpenAPI 3.0 document of one group version's routes; that of custom resources names another title and no security. Source: kube-openapi pkg/builder3. */
export function documentV3(routes: readonly Route[], schemas: Schemas, custom = false): Doc {
  const paths: Doc = {};
  for (const at of groupByPath(routes)) {
    const item: Doc = {};
    for (const method of METHODS) {
      const route = at.routes.find((r) => r.method === method);
      if (route) item[method] = operation(route, at.own(route), schemas);
    }
    if (at.common.length) item.parameters = at.common.map(parameter);
    paths[at.path] = item;
  }
  const definitions = schemas.all();
  return {
    openapi: "3.0.0",
    info: custom ? CUSTOM_INFO : INFO,
    paths,
    components: { ...(Object.keys(definitions).length ? { schemas: definitions } : {}), ...(custom ? {} : { securitySchemes: SECURITY }) },
  };
}
