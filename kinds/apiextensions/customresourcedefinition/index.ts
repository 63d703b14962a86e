/**
 * CustomResourceDefinition: there are none. Discovery and OpenAPI know the kind and lists are empty, as on a server where nobody has defined anything;
 * making one is refused by name (server/pipeline/resources/customresourcedefinitions.ts). Source: apiextensions-apiserver pkg/registry/customresourcedefinition.
 */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";

export const customResourceDefinition: Kind = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  resource: "customresourcedefinitions",
  singular: "customresourcedefinition",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  storageVersion: "v1beta1",
  storagePath: "apiextensions.k8s.io/customresourcedefinitions",
  status: true,
  allowUnconditionalUpdate: false,
  printer: DEFAULT_PRINTER,
};
