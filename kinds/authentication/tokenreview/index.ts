/** TokenReview: asked, never kept. Source: pkg/registry/authentication/tokenreview. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";

export const tokenReview: Kind = {
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  resource: "tokenreviews",
  singular: "tokenreview",
  namespaced: false,
  verbs: ["create"],
  schema: "io.k8s.api.authentication.v1.TokenReview",
  printer: DEFAULT_PRINTER,
};
