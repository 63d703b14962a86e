/** SubjectAccessReview: asked, never kept. Source: pkg/registry/authorization/subjectaccessreview. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";
import { validateSubjectAccessReview } from "../validate.js";

export const subjectAccessReview: Kind = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  resource: "subjectaccessreviews",
  singular: "subjectaccessreview",
  namespaced: false,
  verbs: ["create"],
  schema: "io.k8s.api.authorization.v1.SubjectAccessReview",
  validate: validateSubjectAccessReview,
  printer: DEFAULT_PRINTER,
};
