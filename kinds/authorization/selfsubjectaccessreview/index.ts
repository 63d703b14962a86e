/** SelfSubjectAccessReview: asked, never kept. Source: pkg/registry/authorization/selfsubjectaccessreview. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";
import { validateSelfSubjectAccessReview } from "../validate.js";

export const selfSubjectAccessReview: Kind = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  resource: "selfsubjectaccessreviews",
  singular: "selfsubjectaccessreview",
  namespaced: false,
  verbs: ["create"],
  schema: "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
  validate: validateSelfSubjectAccessReview,
  printer: DEFAULT_PRINTER,
};
