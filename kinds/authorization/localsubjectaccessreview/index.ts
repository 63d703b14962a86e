/** LocalSubjectAccessReview: asked, never kept. Source: pkg/registry/authorization/localsubjectaccessreview. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";
import { validateLocalSubjectAccessReview } from "../validate.js";

export const localSubjectAccessReview: Kind = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  resource: "localsubjectaccessreviews",
  singular: "localsubjectaccessreview",
  namespaced: true,
  verbs: ["create"],
  schema: "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
  validate: validateLocalSubjectAccessReview,
  printer: DEFAULT_PRINTER,
};
