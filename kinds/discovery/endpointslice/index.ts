/** EndpointSlice of discovery.k8s.io/v1. Sources: pkg/registry/discovery/endpointslice, pkg/apis/discovery. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import type { Endpoint, EndpointPort } from "../../schema/api/discovery.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { warningsForIP } from "../../validation/ip.js";
import { ENDPOINT_SLICE_COLUMNS } from "./printer.js";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./validate.js";

const HOSTNAME = "kubernetes.io/hostname";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

const endpointsOf = (object: KubeObject): Endpoint[] => object.endpoints ?? [];

/** v1 has no topology to write: what clients send there is dropped; a node name that stood there before moves to its field. */
function dropTopology(object: KubeObject, old?: KubeObject): void {
  if (old && semanticEqual(old.endpoints, object.endpoints)) return;
  const known = new Set((old ? endpointsOf(old) : []).flatMap((e) => e.deprecatedTopology?.[HOSTNAME] ?? []));
  for (const endpoint of endpointsOf(object)) {
    const node = endpoint.deprecatedTopology?.[HOSTNAME];
    if ((endpoint.nodeName ?? null) === null && node !== undefined && known.has(node)) endpoint.nodeName = node;
    delete endpoint.deprecatedTopology;
  }
}

/** Generation counts changes of everything but metadata, and of labels. */
function changed(object: KubeObject, old: KubeObject): boolean {
  const same = ["addressType", "endpoints", "ports"].every((field) => semanticEqual(object[field], old[field]));
  return !same || !semanticEqual(object.metadata.labels ?? {}, old.metadata.labels ?? {});
}

function warnings(object: KubeObject, old?: KubeObject): string[] {
  const out = !old && object.addressType === "FQDN" ? ["spec.addressType: FQDN endpoints are deprecated"] : [];
  const manager = object.metadata.labels?.[MANAGED_BY];
  if (manager === "endpointslice-controller.k8s.io" || manager === "endpointslicemirroring-controller.k8s.io") return out;
  return [...out, ...endpointsOf(object).flatMap((e, i) => (e.addresses ?? []).flatMap((a, j) => warningsForIP(`endpoints[${i}].addresses[${j}]`, a)))];
}

/** Three items at most, then how many more; `<unset>` for none. */
function list(items: readonly string[]): string {
  const shown = items.slice(0, 3).join(",");
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown || "<unset>";
}

const portText = (port: EndpointPort): string => ((port.port ?? null) !== null ? String(port.port) : (port.name ?? "*"));

export const endpointSlice: Kind = {
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  resource: "endpointslices",
  singular: "endpointslice",
  namespaced: true,
  schema: "io.k8s.api.discovery.v1.EndpointSlice",
  defaults(object) {
    for (const port of (object.ports ?? []) as EndpointPort[]) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  prepareForCreate(object) {
    object.metadata.generation = 1;
    dropTopology(object);
  },
  prepareForUpdate: (object, old) => dropTopology(object, old),
  validate: (object) => validateEndpointSlice(object),
  validateUpdate: validateEndpointSliceUpdate,
  warnings,
  generation: changed,
  printer: printer(ENDPOINT_SLICE_COLUMNS, (o, ctx) => [
    o.metadata.name ?? "",
    o.addressType ?? "",
    list((o.ports ?? []).map(portText)),
    list(endpointsOf(o).flatMap((e) => e.addresses ?? [])),
    age(o, ctx),
  ]),
};
