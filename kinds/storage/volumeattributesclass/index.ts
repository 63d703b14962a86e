/** VolumeAttributesClass of storage.k8s.io/v1. Sources: pkg/registry/storage/volumeattributesclass, pkg/apis/storage. */
import { type FieldError, forbidden, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { semanticEqual } from "../../validation/equality.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { validateParameters, validateProvisioner } from "../storageclass/validate.js";

const parametersOf = (object: KubeObject): Record<string, string> => object.parameters ?? {};

const validate = (object: KubeObject): FieldError[] => [
  ...validateProvisioner(object.driverName ?? "", "driverName"),
  ...validateParameters(parametersOf(object)),
  ...(Object.keys(parametersOf(object)).length === 0 ? [required("parameters", "must contain at least one key/value pair")] : []),
];

const validateUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...((object.driverName ?? "") === (old.driverName ?? "") ? [] : [forbidden("driverName", "updates to driverName are forbidden.")]),
  ...(semanticEqual(parametersOf(object), parametersOf(old)) ? [] : [forbidden("parameters", "updates to parameters are forbidden.")]),
  ...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain),
  ...validate(object),
];

export const volumeAttributesClass: Kind = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  resource: "volumeattributesclasses",
  singular: "volumeattributesclass",
  shortNames: ["vac"],
  namespaced: false,
  schema: "io.k8s.api.storage.v1.VolumeAttributesClass",
  validate,
  validateUpdate,
  returnDeletedObject: true,
  printer: printer([NAME_COLUMN, column("DriverName", "string", "Name of the CSI driver This field is immutable."), AGE_COLUMN], (o, ctx) => [
    o.metadata.name ?? "",
    o.driverName ?? "",
    age(o, ctx),
  ]),
};
