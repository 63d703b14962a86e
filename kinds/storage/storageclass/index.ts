/** StorageClass. Sources: pkg/registry/storage/storageclass, pkg/apis/storage. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { STORAGE_CLASS_COLUMNS } from "./printer.js";
import { storageClassWarnings, validateStorageClass, validateStorageClassUpdate } from "./validate.js";

/** Whether a class is marked as the default one, by today's annotation or the beta one. */
export const isDefaultClass = (object: KubeObject): boolean =>
  object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true" ||
  object.metadata.annotations?.["storageclass.beta.kubernetes.io/is-default-class"] === "true";

export const storageClass: Kind = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  resource: "storageclasses",
  singular: "storageclass",
  shortNames: ["sc"],
  namespaced: false,
  schema: "io.k8s.api.storage.v1.StorageClass",
  defaults(object) {
    object.reclaimPolicy ??= "Delete";
    object.volumeBindingMode ??= "Immediate";
  },
  validateName: nameIsDNSSubdomain,
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  warnings: storageClassWarnings,
  returnDeletedObject: true,
  printer: printer(STORAGE_CLASS_COLUMNS, (o, ctx) => [
    `${o.metadata.name ?? ""}${isDefaultClass(o) ? " (default)" : ""}`,
    o.provisioner ?? "",
    o.reclaimPolicy ?? "Delete",
    o.volumeBindingMode ?? "Immediate",
    o.allowVolumeExpansion ?? false,
    age(o, ctx),
  ]),
};
