/** What of a pod decides how it asks. */
export interface PodDns {
  readonly dnsPolicy?: string;
  readonly hostNetwork?: boolean;
  readonly dnsConfig?: {
    readonly nameservers?: readonly string[];
    readonly searches?: readonly string[];
    readonly options?: readonly { readonly name?: string; readonly value?: string }[];
  };
}

/** A resolv.conf, as far as names go. */
export interface Stub {
  /** Whether the cluster's DNS is asked at all. */
  readonly cluster: boolean;
  readonly search: readonly string[];
  /** Names with fewer dots are tried with the search list first. */
  readonly ndots: number;
}

/** resolv.conf(5), and what the kubelet writes for pods that ask the cluster (pkg/kubelet/network/dns/dns.go). */
const NDOTS = { machine: 1, cluster: 5 } as const;

/** How a pod in this namespace asks; without a pod, as one that says nothing of DNS. Source: kubelet pkg/kubelet/network/dns GetPodDNS. */
export function stubOf(namespace: string, domain: string, { dnsPolicy = "ClusterFirst", hostNetwork = false, dnsConfig = {} }: PodDns = {}): Stub {
  const cluster = dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && !hostNetwork);
  const own = cluster ? [`${namespace}.svc.${domain}`, `svc.${domain}`, domain] : [];
  const search = [...new Set([...own, ...(dnsConfig.searches ?? []).map((one) => one.replace(/\.$/, ""))])];
  const told = dnsConfig.options?.findLast(({ name }) => name === "ndots")?.value;
  return { cluster, search, ndots: told !== undefined && /^\d+$/.test(told) ? Number(told) : cluster ? NDOTS.cluster : NDOTS.machine };
}

/** The names that are asked for one after the other until one has an answer; without the last dot. Source: resolv.conf(5). */
export function candidates(name: string, { search, ndots }: Stub): readonly string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const below = search.map((suffix) => `${name}.${suffix}`);
  return name.split(".").length - 1 >= ndots ? [name, ...below] : [...below, name];
}
