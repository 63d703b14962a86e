/** What the responder is told when it is given no Corefile. */
export interface DefaultCorefile {
  /** The cluster's domain, lower case, without the last dot. */
  readonly domain: string;
  /** Seconds. */
  readonly ttl: number;
  readonly pods: "insecure" | "verified" | "disabled";
  /** Whom addresses that are not the cluster's are asked of: as `forward` takes it. */
  readonly upstream?: string;
}

export const DEFAULT_COREFILE: DefaultCorefile = { domain: "cluster.local", ttl: 5, pods: "insecure" };

const block = (zones: readonly string[], lines: readonly string[]): string =>
  `${zones.map((zone) => `${zone}:53`).join(" ")} {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;

/**
 * The Corefile of a cluster that is given none: what the responder does then, and what the `coredns` ConfigMap says. Unlike kubeadm's
 * (cmd/kubeadm/app/phases/addons/dns/manifests.go) it forwards nothing, and opens no ports for health and metrics.
 */
export function defaultCorefile({ domain, ttl, pods, upstream }: DefaultCorefile): string {
  const reverse = ["in-addr.arpa", "ip6.arpa"];
  const zones = [domain, ...reverse];
  const kubernetes = [`pods ${pods}`, `ttl ${ttl}`, ...(upstream === undefined ? [] : [`fallthrough ${reverse.join(" ")}`])];
  const outside = upstream === undefined ? [] : [`forward . ${upstream}`];
  return block(zones, ["errors", `kubernetes ${zones.join(" ")} {`, ...kubernetes.map((line) => `    ${line}`), "}", ...outside, "loadbalance"]);
}

/** A block for all names that have none of their own: asked of an upstream, and kept for a while. */
export const forwardBlock = (upstream: string): string => block(["."], ["errors", `forward . ${upstream}`, "cache 30", "loadbalance"]);
