/** ResourceSlice. Sources: pkg/registry/resource/resourceslice, pkg/apis/resource. */

import { quote } from "../../field.js";
import type { Column, Kind, PrepareContext } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import type { Device } from "../../schema/api/resource.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { validateSliceSpec } from "./validate.js";

const LISTS = ["ints", "bools", "strings", "versions"] as const;

const COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column(
    "Node",
    "string",
    "NodeName identifies the node which provides the resources in this pool. A field selector can be used to list only ResourceSlice objects belonging to a certain node.\n\nThis field can be used to limit access from nodes to ResourceSlices with the same node name. It also indicates to autoscalers that adding new nodes of the same type as some old node might also make new resources available.\n\nExactly one of NodeName, NodeSelector, AllNodes, and PerDeviceNodeSelection must be set. This field is immutable.",
  ),
  column(
    "Driver",
    "string",
    "Driver identifies the DRA driver providing the capacity information. A field selector can be used to list only ResourceSlice objects with a certain driver name.\n\nMust be a DNS subdomain and should end with a DNS domain owned by the vendor of the driver. It should use only lower case characters. This field is immutable.",
  ),
  column(
    "Pool",
    "string",
    "Name is used to identify the pool. For node-local devices, this is often the node name, but this is not required.\n\nIt must not be longer than 253 characters and must consist of one or more DNS sub-domains separated by slashes. This field is immutable.",
  ),
  AGE_COLUMN,
];

const devicesOf = (object: KubeObject): Device[] => object.spec?.devices ?? [];

/**
 * Fields of gates that are off (DRAListTypeAttributes, DRANodeAllocatableResources) go; none can be stored, so none is in use. Taints get their time
 * here and not among the defaults, which know no clock.
 */
function prepare(object: KubeObject, ctx: PrepareContext): void {
  for (const device of devicesOf(object)) {
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values(device.attributes ?? {})) for (const list of LISTS) delete attribute[list];
    for (const taint of device.taints ?? []) taint.timeAdded ??= `${new Date(ctx.now).toISOString().slice(0, 19)}Z`;
  }
}

export const resourceSlice: Kind = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceSlice",
  resource: "resourceslices",
  singular: "resourceslice",
  namespaced: false,
  schema: "io.k8s.api.resource.v1.ResourceSlice",
  prepareForCreate: prepare,
  prepareForUpdate: (object, _, ctx) => prepare(object, ctx),
  generation: (object, old) => !semanticEqual(object.spec, old.spec),
  validate: (object) => validateSliceSpec(object.spec ?? {}, undefined, "spec"),
  validateUpdate: (object, old) => [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateSliceSpec(object.spec ?? {}, old.spec ?? {}, "spec"),
  ],
  warnings(object) {
    const driver: string = object.spec?.driver ?? "";
    if (driver === driver.toLowerCase()) return [];
    return [`spec.driver: driver names should be lowercase; ${quote(driver)} contains uppercase characters`];
  },
  returnDeletedObject: true,
  selectable: {
    "spec.nodeName": (object) => object.spec?.nodeName ?? "",
    "spec.driver": (object) => object.spec?.driver ?? "",
  },
  unselectable: (field) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
  printer: printer(COLUMNS, (o, ctx) => [o.metadata.name ?? "", o.spec?.nodeName ?? "", o.spec?.driver ?? "", o.spec?.pool?.name ?? "", age(o, ctx)]),
};
