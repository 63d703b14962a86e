/** DeviceClass. Sources: pkg/registry/resource/deviceclass, pkg/apis/resource/validation. */
import { isExtendedResource } from "../../core/pod/resources.js";
import { type FieldError, invalid } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, NAME_COLUMN, printer } from "../../printing.js";
import type { DeviceClassSpec } from "../../schema/api/resource.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { isLongName, type NameRule } from "../../validation/names.js";
import { MAX_CONFIGURATIONS } from "../claimspec.js";
import { validateSlice } from "../lists.js";
import { validateConfiguration, validateSelectors } from "../selectors.js";

/** Only what a name came out as is judged, not what it was generated from. */
const className: NameRule = (name, prefix) => (prefix ? [] : isLongName(name));

function validateSpec(spec: Partial<DeviceClassSpec>, old: Partial<DeviceClassSpec> | undefined): FieldError[] {
  const stored = old !== undefined && semanticEqual(spec.config, old.config);
  const out = [
    ...validateSelectors(spec.selectors, "spec.selectors"),
    ...validateSlice(spec.config, MAX_CONFIGURATIONS, (config, path) => validateConfiguration(config, path, stored), "spec.config"),
  ];
  const name = spec.extendedResourceName;
  if (typeof name === "string" && !isExtendedResource(name)) out.push(invalid("spec.extendedResourceName", name, "must be a valid extended resource name"));
  return out;
}

const validate = (object: KubeObject, old?: KubeObject): FieldError[] => validateSpec(object.spec ?? {}, old && (old.spec ?? {}));

export const deviceClass: Kind = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  resource: "deviceclasses",
  singular: "deviceclass",
  namespaced: false,
  schema: "io.k8s.api.resource.v1.DeviceClass",
  generation: (object, old) => !semanticEqual(object.spec, old.spec),
  validateName: className,
  validate: (object) => validate(object),
  validateUpdate: (object, old) => [
    ...validateKubeObjectMeta(object.metadata, false, className),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validate(object, old),
  ],
  returnDeletedObject: true,
  printer: printer([NAME_COLUMN, AGE_COLUMN], (o, ctx) => [o.metadata.name ?? "", age(o, ctx)]),
};
