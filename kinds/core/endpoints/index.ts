/** Endpoints. Sources: pkg/registry/core/endpoint, pkg/apis/core/validation ValidateEndpoints. */
import { type FieldError, invalid, notSupported, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import type { EndpointAddress, EndpointPort, EndpointSubset } from "../../schema/api/core.v1.js";
import { PROTOCOLS, validateDNS1123Label, validateEndpointIP, validateQualifiedName } from "../../validation/core.js";
import { semanticEqual } from "../../validation/equality.js";
import { isValidIPForLegacyField, warningsForIP } from "../../validation/ip.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { isValidPortNum, nameIsDNSSubdomain } from "../../validation/names.js";
import { ENDPOINTS_COLUMNS } from "./printer.js";

const subsetsOf = (object: KubeObject): EndpointSubset[] => object.subsets ?? [];

function validateAddress(address: EndpointAddress, path: string): FieldError[] {
  const out = isValidIPForLegacyField(`${path}.ip`, address.ip ?? "", true);
  if (address.hostname) out.push(...validateDNS1123Label(address.hostname, `${path}.hostname`));
  if (address.nodeName !== undefined && address.nodeName !== null)
    for (const text of nameIsDNSSubdomain(address.nodeName, false)) out.push(invalid(`${path}.nodeName`, address.nodeName, text));
  return [...out, ...validateEndpointIP(address.ip ?? "", `${path}.ip`)];
}

function validatePort(port: EndpointPort, requireName: boolean, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (port.name) out.push(...validateDNS1123Label(port.name, `${path}.name`));
  else if (requireName) out.push(required(`${path}.name`));
  for (const text of isValidPortNum(port.port ?? 0)) out.push(invalid(`${path}.port`, port.port ?? 0, text));
  if (!port.protocol) out.push(required(`${path}.protocol`));
  else if (!(PROTOCOLS as readonly string[]).includes(port.protocol)) out.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS));
  if (port.appProtocol !== undefined && port.appProtocol !== null) out.push(...validateQualifiedName(port.appProtocol, `${path}.appProtocol`));
  return out;
}

function validateSubsets(subsets: readonly EndpointSubset[]): FieldError[] {
  return subsets.flatMap((subset, i) => {
    const path = `subsets[${i}]`;
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
    return [
      ...(addresses.length + notReadyAddresses.length === 0 ? [required(path, "must specify `addresses` or `notReadyAddresses`")] : []),
      ...addresses.flatMap((a, j) => validateAddress(a, `${path}.addresses[${j}]`)),
      ...notReadyAddresses.flatMap((a, j) => validateAddress(a, `${path}.notReadyAddresses[${j}]`)),
      ...ports.flatMap((p, j) => validatePort(p, ports.length > 1, `${path}.ports[${j}]`)),
    ];
  });
}

function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const out = validateSubsets(subsetsOf(object));
  // Older servers let other data in: what has not changed is not judged again.
  return out.length > 0 && old && semanticEqual(subsetsOf(old), subsetsOf(object)) ? [] : out;
}

function warnings(object: KubeObject): string[] {
  if (object.metadata.labels?.["endpoints.kubernetes.io/managed-by"] === "endpoint-controller") return [];
  return subsetsOf(object).flatMap((subset, i) => [
    ...(subset.addresses ?? []).flatMap((a, j) => warningsForIP(`subsets[${i}].addresses[${j}].ip`, a.ip)),
    ...(subset.notReadyAddresses ?? []).flatMap((a, j) => warningsForIP(`subsets[${i}].notReadyAddresses[${j}].ip`, a.ip)),
  ]);
}

/** Three addresses at most, then how many more. Source: pkg/printers/internalversion formatEndpoints. */
function formatEndpoints(object: KubeObject): string {
  const subsets = subsetsOf(object);
  if (subsets.length === 0) return "<none>";
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map((a) => a.ip)
      : ports.flatMap((port) => addresses.map((a) => `${a.ip.includes(":") ? `[${a.ip}]` : a.ip}:${port.port ?? 0}`)),
  );
  const shown = all.slice(0, 3).join(",");
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}

export const endpoints: Kind = {
  group: "",
  version: "v1",
  kind: "Endpoints",
  resource: "endpoints",
  deprecated: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  singular: "endpoints",
  shortNames: ["ep"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.Endpoints",
  storagePath: "services/endpoints",
  listKind: "EndpointsList",
  defaults(object) {
    for (const subset of subsetsOf(object)) for (const port of subset.ports ?? []) if (!port.protocol) port.protocol = "TCP";
  },
  validate: (object) => validate(object),
  validateUpdate: (object, old) => [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validate(object, old),
  ],
  warnings,
  allowCreateOnUpdate: true,
  printer: printer(ENDPOINTS_COLUMNS, (o, ctx) => [o.metadata.name ?? "", formatEndpoints(o), age(o, ctx)]),
};
