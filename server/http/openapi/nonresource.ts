import type { Route } from "./model.js";
import { MEDIA_TYPES } from "./routes.js";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

function documentRoute(
  path: string,
  verb: string,
  noun: string,
  description: string,
  payload: Route["responses"][number]["payload"],
  types: readonly string[],
): Route {
  return {
    path,
    method: "get",
    verb,
    noun,
    description,
    params: [],
    consumes: payload === "string" ? [] : types,
    produces: types,
    responses: [{ code: 200, description: "OK", payload }],
  };
}

/** `/apis/apps/v1/`: what a group version serves. Source: discovery.NewAPIVersionHandler. */
export const versionRoute = (root: string): Route =>
  documentRoute(`${root}/`, "get", "APIResources", "get available resources", { ref: `${META}.APIResourceList` }, MEDIA_TYPES);

/** `/apis/apps/`. Source: discovery.NewAPIGroupHandler. */
export const groupRoute = (group: string): Route =>
  documentRoute(`/apis/${group}/`, "get", "APIGroup", "get information of a group", { ref: `${META}.APIGroup` }, MEDIA_TYPES);

/** Documents of no group, by the name under which /openapi/v3 lists them. */
export const ROOT_DOCUMENTS: Readonly<Record<string, Route>> = {
  ".well-known/openid-configuration": documentRoute(
    "/.well-known/openid-configuration/",
    "get",
    "ServiceAccountIssuerOpenIDConfiguration",
    "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    "string",
    ["application/json"],
  ),
  api: documentRoute("/api/", "get", "APIVersions", "get available API versions", { ref: `${META}.APIVersions` }, MEDIA_TYPES),
  apis: documentRoute("/apis/", "get", "APIVersions", "get available API versions", { ref: `${META}.APIGroupList` }, MEDIA_TYPES),
  "openid/v1/jwks": documentRoute(
    "/openid/v1/jwks/",
    "get",
    "ServiceAccountIssuerOpenIDKeyset",
    "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)",
    "string",
    ["application/jwk-set+json"],
  ),
  version: documentRoute("/version/", "get", "CodeVersion", "get the version information for this server", { ref: "io.k8s.apimachinery.pkg.version.Info" }, [
    "application/json",
  ]),
};
