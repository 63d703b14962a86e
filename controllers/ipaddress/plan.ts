/**
 * What is wrong between Services and the IPAddresses of their cluster IPs. Pure. Source: pkg/registry/core/service/ipallocator/controller/repairip.go.
 * The allocator writes both in one commit, so that there is something to do only for what was written by hand, or by an older mockube.
 */
import { addressName, familyOf, hasAllocatorLabels, isAllocated } from "../../kinds/networking/ipaddress/allocation.js";
import type { KubeObject } from "../../kinds/object.js";
import { parseIPSloppy } from "../../kinds/validation/ip.js";

/** How long an address may wait for its Service: the longest a request takes. */
const GRACE_MS = 60_000;

export interface Finding {
  readonly reason: string;
  readonly note: string;
}

export interface AddressFix {
  readonly address: string;
  /** Nothing: there is only something to be said. */
  readonly write?: "create" | "recreate";
  readonly finding?: Finding;
}

export interface Facts {
  address(name: string): KubeObject | undefined;
  service(namespace: string, name: string): KubeObject | undefined;
  /** Whether some ServiceCIDR gives it. */
  inRange(address: string): boolean;
}

const holds = (service: KubeObject | undefined, address: string): boolean => ((service?.spec?.clusterIPs ?? []) as string[]).includes(address);

function fixOne(service: KubeObject, address: string, facts: Facts): AddressFix | undefined {
  const { namespace = "", name = "" } = service.metadata;
  const shown = `[${familyOf(address)}]: ${address}`;
  if (!facts.inRange(address))
    return {
      address,
      finding: { reason: "ClusterIPOutOfRange", note: `Cluster IP ${shown} is not within any configured Service CIDR; please recreate service` },
    };
  const object = facts.address(address);
  if (!object) return { address, write: "create", finding: { reason: "ClusterIPNotAllocated", note: `Cluster IP ${shown} is not allocated; repairing` } };
  const parent = object.spec?.parentRef ?? {};
  const wrong: AddressFix = {
    address,
    write: "recreate",
    finding: { reason: "ClusterIPNotAllocated", note: `the ClusterIP ${shown} for Service ${namespace}/${name} has a wrong reference; repairing` },
  };
  if (parent.group || parent.resource !== "services") return wrong;
  const labelled = hasAllocatorLabels(object, address);
  const mine = (parent.namespace ?? "") === namespace && parent.name === name;
  if (mine) return labelled ? undefined : { address, write: "recreate" };
  const other = facts.service(parent.namespace ?? "", parent.name ?? "");
  if (!other) return wrong;
  const twice = `Cluster IP [${familyOf(address)}]:${address} was assigned to multiple services; please recreate service`;
  return {
    address,
    ...(labelled ? {} : { write: "recreate" as const }),
    ...(holds(other, address) ? { finding: { reason: "ClusterIPAlreadyAllocated", note: twice } } : {}),
  };
}

/** What is to be done about the addresses of one Service. */
export function planService(service: KubeObject, facts: Facts): AddressFix[] {
  const addresses: readonly string[] = service.spec?.clusterIPs ?? [];
  if (service.spec?.type === "ExternalName" || addresses[0] === "None") return [];
  return addresses.flatMap((text) => (parseIPSloppy(text) && fixOne(service, addressName(text), facts)) || []);
}

/** What is to be done about one IPAddress: deleted, with what is said about it, or looked at again. */
export type AddressPlan = { readonly remove: Finding } | { readonly againMs: number } | undefined;

export function planAddress(object: KubeObject, facts: Pick<Facts, "service">, now: number): AddressPlan {
  if (!isAllocated(object)) return undefined;
  const address = object.metadata.name ?? "";
  const { group = "", resource = "", namespace = "", name = "" } = object.spec?.parentRef ?? {};
  const remove = (reason: string, note: string): AddressPlan => ({ remove: { reason, note } });
  if (group !== "" || resource !== "services") {
    const shown = `&ParentReference{Group:${group},Resource:${resource},Namespace:${namespace},Name:${name},}`;
    return remove("IPAddressNotAllocated", `IPAddress ${address} appears to have been modified, not referencing a Service ${shown}: cleaning up`);
  }
  const service = facts.service(namespace, name);
  const age = now - Date.parse(object.metadata.creationTimestamp ?? "");
  if (!service) {
    if (age <= GRACE_MS) return { againMs: GRACE_MS - age + 1 };
    return remove("IPAddressNotAllocated", `IPAddress: ${address} for Service ${namespace}/${name} appears to have leaked: cleaning up`);
  }
  if (holds(service, address)) return undefined;
  if (service.spec?.type === "ExternalName" && age < GRACE_MS) return { againMs: GRACE_MS - age };
  return remove("IPAddressWrongReference", `IPAddress: ${address} for Service ${namespace}/${name} has a wrong reference; cleaning up`);
}
