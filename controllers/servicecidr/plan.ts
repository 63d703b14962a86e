/** When a ServiceCIDR is ready, and when it may go. Pure. Source: pkg/controller/servicecidrs, pkg/api/servicecidr. */
import { FAMILY_LABEL, isAllocated } from "../../kinds/networking/ipaddress/allocation.js";
import { giving, networksOf, overlap } from "../../kinds/networking/servicecidr/networks.js";
import type { KubeObject } from "../../kinds/object.js";

export const FINALIZER = "networking.k8s.io/service-cidr-finalizer";

/** A condition of type Ready, as it is applied. */
export interface Ready {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}
const READY: Ready = { status: "True", reason: "", message: "Kubernetes Service CIDR is ready" };
const IN_USE: Ready = {
  status: "False",
  reason: "Terminating",
  message: "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
};

export interface Plan {
  /** The finalizer is put on or taken off. */
  readonly finalizer?: "add" | "remove";
  readonly ready?: Ready;
}

const nameOf = (object: KubeObject): string => object.metadata.name ?? "";

/** Every network of it lies in one of another ServiceCIDR, so that no address would be left without. */
function hasParent(object: KubeObject, all: readonly KubeObject[]): boolean {
  return networksOf(object).every((network) => {
    const around = all.flatMap((other) => networksOf(other).flatMap((n) => (n.prefix <= network.prefix && overlap(n, network) ? [nameOf(other)] : [])));
    return around.length > 1 || (around.length === 1 && around[0] !== nameOf(object));
  });
}

function mayGo(object: KubeObject, all: readonly KubeObject[], addresses: readonly KubeObject[]): boolean {
  if (hasParent(object, all)) return true;
  const families = new Set(networksOf(object).map((network) => (network.bits === 32 ? "IPv4" : "IPv6")));
  const only = (address: KubeObject): boolean => {
    const givers = giving(nameOf(address), all);
    return givers.length === 1 && givers[0] === nameOf(object);
  };
  return !addresses.some((address) => isAllocated(address) && families.has((address.metadata.labels?.[FAMILY_LABEL] ?? "") as never) && only(address));
}

function differs(object: KubeObject, wanted: Ready): boolean {
  const conditions: readonly { type?: string; status?: string; reason?: string; message?: string }[] = object.status?.conditions ?? [];
  const now = conditions.find((condition) => condition.type === "Ready");
  return now?.status !== wanted.status || (now?.reason ?? "") !== wanted.reason || now?.message !== wanted.message;
}

/** What is to be written about a ServiceCIDR. `addresses` is asked only where the answer matters. */
export function planServiceCIDR(object: KubeObject, all: readonly KubeObject[], addresses: () => readonly KubeObject[]): Plan {
  const has = object.metadata.finalizers?.includes(FINALIZER) ?? false;
  if (object.metadata.deletionTimestamp) {
    if (mayGo(object, all, addresses())) return has ? { finalizer: "remove" } : {};
    return differs(object, IN_USE) ? { ready: IN_USE } : {};
  }
  return { ...(has ? {} : { finalizer: "add" as const }), ...(differs(object, READY) ? { ready: READY } : {}) };
}

/** The ServiceCIDR a cluster begins with, and its condition as the API server applies it. Source: pkg/controlplane/controller/defaultservicecidr. */
export const defaultServiceCIDR = (cidrs: readonly string[]): KubeObject => ({ metadata: { name: "kubernetes" }, spec: { cidrs: [...cidrs] } });
export const DEFAULT_READY: Ready = { status: "True", reason: "", message: "Kubernetes default Service CIDR is ready" };
