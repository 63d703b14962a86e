/** SelfSubjectRulesReview: asked, never kept. Source: pkg/registry/authorization/selfsubjectrulesreview. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";

export const selfSubjectRulesReview: Kind = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  resource: "selfsubjectrulesreviews",
  singular: "selfsubjectrulesreview",
  namespaced: false,
  verbs: ["create"],
  schema: "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
  printer: DEFAULT_PRINTER,
};
