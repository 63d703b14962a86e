/**
 * Addresses of nodes and pods. A node has one of 172.18.0.0/16 and a /24 of the pod range; pods take the next free address of their node's /24 (overflowing
 * into further ones when a node holds more than 253 pods), and give it back when they go. Addresses move forward before they are used again, as host-local
 * IPAM does, so that a name that is looked up just after a deletion does not point at a stranger.
 */
export interface Network {
  /** The node's own address; the same as long as the node is known. */
  nodeIP(node: string): string;
  /** The node's /24, as in spec.podCIDR. `wanted` is taken when it is free. */
  podCIDR(node: string, wanted?: string): string;
  /** An address for the pod; the same one when asked again. */
  allocate(node: string, podUID: string): string;
  /** Marks an address found in a pod's status as taken: a restart must not hand it out twice. */
  adopt(podUID: string, ip: string): void;
  /** Marks a node's address found in its status as taken. */
  adoptNode(node: string, ip: string): void;
  release(podUID: string): void;
  releaseNode(node: string): void;
}

const FIRST_HOST = 2;
const LAST_HOST = 254;

/** `podRange` is a /16 in CIDR form, `10.244.0.0/16`. */
export function createNetwork(podRange = "10.244.0.0/16"): Network {
  const base = podRange.split(".").slice(0, 2).join(".");
  const nodeIPs = new Map<string, string>();
  const takenNodeIPs = new Map<string, string>();
  const subnets = new Map<string, number[]>();
  const subnetOwners = new Map<number, string>();
  const byPod = new Map<string, string>();
  const taken = new Map<string, string>();
  const cursor = new Map<number, number>();

  const nextSubnet = (node: string): number => {
    for (let i = 0; i < 256; i++) {
      if (subnetOwners.has(i)) continue;
      subnetOwners.set(i, node);
      subnets.set(node, [...(subnets.get(node) ?? []), i]);
      return i;
    }
    throw new Error(`no free /24 in ${podRange} for node ${node}`);
  };
  const subnetsOf = (node: string): number[] => {
    if (!subnets.has(node)) nextSubnet(node);
    return subnets.get(node) as number[];
  };
  const freeIn = (subnet: number): string | undefined => {
    const size = LAST_HOST - FIRST_HOST + 1;
    const from = cursor.get(subnet) ?? FIRST_HOST;
    for (let i = 0; i < size; i++) {
      const host = FIRST_HOST + ((from - FIRST_HOST + i) % size);
      const ip = `${base}.${subnet}.${host}`;
      if (taken.has(ip)) continue;
      cursor.set(subnet, host === LAST_HOST ? FIRST_HOST : host + 1);
      return ip;
    }
    return undefined;
  };

  return {
    nodeIP(node) {
      const known = nodeIPs.get(node);
      if (known) return known;
      for (let n = 2; n < 65_000; n++) {
        const ip = `172.18.${n >> 8}.${n & 255}`;
        if ((n & 255) < FIRST_HOST || (n & 255) > LAST_HOST || takenNodeIPs.has(ip)) continue;
        nodeIPs.set(node, ip);
        takenNodeIPs.set(ip, node);
        return ip;
      }
      throw new Error("no free node address in 172.18.0.0/16");
    },
    podCIDR(node, wanted) {
      const parts = wanted?.match(/^(\d+\.\d+)\.(\d+)\.0\/24$/);
      if (parts && parts[1] === base && !subnets.has(node) && !subnetOwners.has(Number(parts[2]))) {
        subnetOwners.set(Number(parts[2]), node);
        subnets.set(node, [Number(parts[2])]);
      }
      return `${base}.${subnetsOf(node)[0]}.0/24`;
    },
    allocate(node, podUID) {
      const known = byPod.get(podUID);
      if (known) return known;
      let ip: string | undefined;
      for (const subnet of subnetsOf(node)) {
        ip = freeIn(subnet);
        if (ip) break;
      }
      ip ??= freeIn(nextSubnet(node)) as string;
      byPod.set(podUID, ip);
      taken.set(ip, podUID);
      return ip;
    },
    adopt(podUID, ip) {
      if (byPod.has(podUID) || taken.has(ip)) return;
      byPod.set(podUID, ip);
      taken.set(ip, podUID);
    },
    adoptNode(node, ip) {
      if (nodeIPs.has(node) || takenNodeIPs.has(ip)) return;
      nodeIPs.set(node, ip);
      takenNodeIPs.set(ip, node);
    },
    release(podUID) {
      const ip = byPod.get(podUID);
      if (ip === undefined) return;
      byPod.delete(podUID);
      if (taken.get(ip) === podUID) taken.delete(ip);
    },
    releaseNode(node) {
      const ip = nodeIPs.get(node);
      if (ip !== undefined) takenNodeIPs.delete(ip);
      nodeIPs.delete(node);
      // Pods of the node may still hold addresses of its subnets; those stay taken one by one.
      for (const subnet of subnets.get(node) ?? []) subnetOwners.delete(subnet);
      subnets.delete(node);
    },
  };
}
