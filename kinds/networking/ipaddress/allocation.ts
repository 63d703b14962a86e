/** IPAddresses of Services: how the allocator marks its own. Source: pkg/registry/core/service/ipallocator. */
import type { KubeObject } from "../../object.js";
import { ipText, isIPv6String, parseIPSloppy } from "../../validation/ip.js";

export const FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family";
const MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by";
const ALLOCATOR = "ipallocator.k8s.io";

export const familyOf = (address: string): string => (isIPv6String(address) ? "IPv6" : "IPv4");

/** Whether an address is a Service's. */
export const isAllocated = (object: KubeObject): boolean => object.metadata.labels?.[MANAGED_BY_LABEL] === ALLOCATOR;

/** Whether the labels are as the allocator writes them. */
export const hasAllocatorLabels = (object: KubeObject, address: string): boolean =>
  isAllocated(object) && object.metadata.labels?.[FAMILY_LABEL] === familyOf(address);

/** The name of an address's IPAddress: its canonical text. */
export const addressName = (text: string): string => {
  const ip = parseIPSloppy(text);
  return ip ? ipText(ip) : text;
};

/** The object that says an address is a Service's. */
export const addressObject = (address: string, { metadata: { namespace = "", name = "" } }: KubeObject): KubeObject => ({
  metadata: { name: addressName(address), labels: { [FAMILY_LABEL]: familyOf(address), [MANAGED_BY_LABEL]: ALLOCATOR } },
  spec: { parentRef: { resource: "services", namespace, name } },
});
