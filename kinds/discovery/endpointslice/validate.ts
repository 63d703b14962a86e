/** Source: pkg/apis/discovery/validation. */
import { duplicate, type FieldError, internal, invalid, notSupported, required, tooMany } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { Endpoint, EndpointHints, EndpointPort } from "../../schema/api/discovery.v1.js";
import { PROTOCOLS, validateDNS1123Label, validateEndpointIP, validateQualifiedName } from "../../validation/core.js";
import { semanticEqual } from "../../validation/equality.js";
import { isIPv4String, isIPv6String, isValidIP, isValidIPForLegacyField } from "../../validation/ip.js";
import { validateImmutableField, validateKubeObjectMeta, validateLabels } from "../../validation/metadata.js";
import { isFullyQualifiedDomainName, isValidLabelValue, nameIsDNSSubdomain } from "../../validation/names.js";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const MAX_TOPOLOGY_LABELS = 16;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20000;
const MAX_ENDPOINTS = 1000;
const MAX_HINTS = 8;
const ZONE = "topology.kubernetes.io/zone";

function validateAddress(type: string, address: string, list: string, i: number): FieldError[] {
  const path = `${list}[${i}]`;
  switch (type) {
    case "IPv4": {
      const found = isValidIPForLegacyField(path, address, true);
      if (found.length > 0) return found;
      return [...(isIPv4String(address) ? [] : [invalid(list, address, "must be an IPv4 address")]), ...validateEndpointIP(address, path)];
    }
    case "IPv6": {
      const found = isValidIP(path, address);
      if (found.length > 0) return found;
      return [...(isIPv6String(address) ? [] : [invalid(list, address, "must be an IPv6 address")]), ...validateEndpointIP(address, path)];
    }
    case "FQDN":
      return isFullyQualifiedDomainName(path, address);
    default:
      return [];
  }
}

function validateNames(entries: readonly { name?: string }[], path: string, rule: (name: string) => string[]): FieldError[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name = "" }, i) => {
    const at = `${path}[${i}].name`;
    const again = seen.has(name);
    seen.add(name);
    return [...(again ? [duplicate(at, name)] : []), ...rule(name).map((text) => invalid(at, name, text))];
  });
}

function validateHints(hints: EndpointHints, path: string): FieldError[] {
  const { forZones = [], forNodes = [] } = hints;
  if (forZones.length > MAX_HINTS) return [tooMany(`${path}.forZones`, forZones.length, MAX_HINTS)];
  const out = validateNames(forZones, `${path}.forZones`, isValidLabelValue);
  if (forNodes.length > MAX_HINTS) return [...out, tooMany(`${path}.forNodes`, forNodes.length, MAX_HINTS)];
  return [...out, ...validateNames(forNodes, `${path}.forNodes`, (name) => nameIsDNSSubdomain(name, false))];
}

function validateEndpoint(endpoint: Endpoint, type: string, path: string): FieldError[] {
  const out: FieldError[] = [];
  const addresses = endpoint.addresses ?? [];
  if (addresses.length === 0) out.push(required(`${path}.addresses`, "must contain at least 1 address"));
  else if (addresses.length > MAX_ADDRESSES) out.push(tooMany(`${path}.addresses`, addresses.length, MAX_ADDRESSES));
  for (const [i, address] of addresses.entries()) out.push(...validateAddress(type, address, `${path}.addresses`, i));
  if ((endpoint.nodeName ?? null) !== null)
    for (const text of nameIsDNSSubdomain(endpoint.nodeName as string, false)) out.push(invalid(`${path}.nodeName`, endpoint.nodeName, text));
  const topology = endpoint.deprecatedTopology ?? {};
  const count = Object.keys(topology).length;
  if (count > MAX_TOPOLOGY_LABELS) out.push(tooMany(`${path}.deprecatedTopology`, count, MAX_TOPOLOGY_LABELS));
  out.push(...validateLabels(topology, `${path}.deprecatedTopology`));
  if (Object.hasOwn(topology, ZONE)) out.push(internal(`${path}.deprecatedTopology[${ZONE}]`, "reserved key was not removed in conversion"));
  if ((endpoint.hostname ?? null) !== null) out.push(...validateDNS1123Label(endpoint.hostname as string, `${path}.hostname`));
  if (endpoint.hints) out.push(...validateHints(endpoint.hints, `${path}.hints`));
  return out;
}

function validateEndpoints(endpoints: readonly Endpoint[], type: string): FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany("endpoints", endpoints.length, MAX_ENDPOINTS)];
  return endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, type, `endpoints[${i}]`));
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  if (ports.length > MAX_PORTS) return [tooMany("ports", ports.length, MAX_PORTS)];
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const path = `ports[${i}]`;
    const out: FieldError[] = [];
    const name = port.name ?? "";
    if (name) out.push(...validateDNS1123Label(name, `${path}.name`));
    if (names.has(name)) out.push(duplicate(`${path}.name`, name));
    names.add(name);
    if ((port.protocol ?? null) === null) out.push(required(`${path}.protocol`));
    else if (!(PROTOCOLS as readonly string[]).includes(port.protocol as string)) out.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS));
    if ((port.appProtocol ?? null) !== null) out.push(...validateQualifiedName(port.appProtocol as string, `${path}.appProtocol`));
    return out;
  });
}

export function validateEndpointSlice(object: KubeObject, old?: KubeObject): FieldError[] {
  const type: string = object.addressType ?? "";
  const out: FieldError[] = [];
  if (!type) out.push(required("addressType"));
  else if (!ADDRESS_TYPES.includes(type)) out.push(notSupported("addressType", type, ADDRESS_TYPES));
  out.push(...validatePorts(object.ports ?? []));
  const found = validateEndpoints(object.endpoints ?? [], type);
  // Older servers let other data in: what has not changed is not judged again.
  if (found.length > 0 && old && semanticEqual(old.endpoints, object.endpoints)) return out;
  return [...out, ...found];
}

export const validateEndpointSliceUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
  ...validateEndpointSlice(object, old),
  ...validateImmutableField(object.addressType ?? "", old.addressType ?? "", "addressType"),
];
