/** CSINode of storage.k8s.io/v1. Sources: pkg/registry/storage/csinode, pkg/apis/storage. */
import { validateCSIDriverName } from "../../core/pod/volume-sources.js";
import { duplicate, type FieldError, invalid, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import type { CSINodeDriver } from "../../schema/api/storage.v1.js";
import { validateQualifiedName } from "../../validation/core.js";
import { semanticEqual } from "../../validation/equality.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMeta, validateNonnegative } from "../../validation/metadata.js";
import { byteLength, nameIsDNSSubdomain } from "../../validation/names.js";

const MAX_NODE_ID = 256;
const PATH = "spec.drivers";
const driversOf = (object: KubeObject): readonly CSINodeDriver[] => object.spec?.drivers ?? [];

function validateNodeID(id: string, field: string): FieldError[] {
  if (!id) return [required(field)];
  return byteLength(id) > MAX_NODE_ID ? [invalid(field, id, `must be ${MAX_NODE_ID} characters or less`)] : [];
}

/** Findings on a topology key stand at its driver. */
const validateKeys = (keys: readonly string[], field: string): FieldError[] =>
  keys.flatMap((key, i) => [
    ...(key === "" ? [required(field)] : []),
    ...(keys.indexOf(key) < i ? [duplicate(field, key)] : []),
    ...validateQualifiedName(key, field),
  ]);

function validate(object: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return driversOf(object).flatMap((driver, i) => {
    const at = `${PATH}[${i}]`;
    const name = driver.name ?? "";
    const count = driver.allocatable?.count ?? undefined;
    const again = seen.has(name);
    seen.add(name);
    return [
      ...validateCSIDriverName(name, `${at}.name`),
      ...validateNodeID(driver.nodeID ?? "", `${at}.nodeID`),
      ...(count === undefined ? [] : validateNonnegative(count, `${at}.allocatable.count`)),
      ...(again ? [duplicate(`${at}.name`, name)] : []),
      ...validateKeys(driver.topologyKeys ?? [], at),
    ];
  });
}

/** The internal struct as the message prints it; what is allocatable may change and is left out. */
const fixedPart = (driver: CSINodeDriver) => ({
  Name: driver.name ?? "",
  NodeID: driver.nodeID ?? "",
  TopologyKeys: driver.topologyKeys ?? null,
  Allocatable: null,
});

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const changed = driversOf(old).flatMap((was) =>
    driversOf(object)
      .filter((now) => now.name === was.name && !semanticEqual(fixedPart(now), fixedPart(was)))
      .map((now) => invalid(PATH, fixedPart(now), FIELD_IS_IMMUTABLE)),
  );
  return [...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain), ...validate(object), ...changed];
}

export const csiNode: Kind = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  resource: "csinodes",
  singular: "csinode",
  namespaced: false,
  schema: "io.k8s.api.storage.v1.CSINode",
  validate,
  validateUpdate,
  allowUnconditionalUpdate: false,
  returnDeletedObject: true,
  printer: printer([NAME_COLUMN, column("Drivers", "integer", "Drivers indicates the number of CSI drivers registered on the node"), AGE_COLUMN], (o, ctx) => [
    o.metadata.name ?? "",
    driversOf(o).length,
    age(o, ctx),
  ]),
};
