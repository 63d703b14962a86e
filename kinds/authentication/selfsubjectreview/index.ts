/** SelfSubjectReview: asked, never kept. Source: pkg/registry/authentication/selfsubjectreview. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";

export const selfSubjectReview: Kind = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  resource: "selfsubjectreviews",
  singular: "selfsubjectreview",
  namespaced: false,
  verbs: ["create"],
  schema: "io.k8s.api.authentication.v1.SelfSubjectReview",
  printer: DEFAULT_PRINTER,
};
