/** What the responder is told when it is given no Corefile. */
export interface DefaultCorefile {
  /** The cluster's domain, lower case, without the last dot. */
  readonly domain: string;
  /** Seconds. */
  readonly ttl: number;
  readonly pods: "insecure" | "verified" | "disabled";
}

export const DEFAULT_COREFILE: DefaultCorefile = { domain: "cluster.local", ttl: 5, pods: "insecure" };

const block = (zones: readonly string[], lines: readonly string[]): string =>
  `${zones.map((zone) => `${zone}:53`).join(" ")} {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;

/**
 * The Corefile of a cluster that is given none: what the responder does then, and what the `coredns` ConfigMap says. Unlike kubeadm's
 * (cmd/kubeadm/app/phases/addons/dns/manifests.go) it forwards nothing, and opens no ports for health and metrics.
 */
export function defaultCorefile({ domain, ttl, pods }: DefaultCorefile): string {
  const zones = [domain, "in-addr.arpa", "ip6.arpa"];
  return block(zones, ["errors", `kubernetes ${zones.join(" ")} {`, `    pods ${pods}`, `    ttl ${ttl}`, "}", "loadbalance"]);
}

/** A block for all names that have none of their own: asked of an upstream, and kept for a while. */
export const forwardBlock = (upstream: string): string => block(["."], ["errors", `forward . ${upstream}`, "cache 30", "loadbalance"]);
