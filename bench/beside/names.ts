/** Objects and questions that names depend on, the same for the same random numbers. */
export interface Names {
  readonly services: readonly { readonly namespace: string; readonly body: object }[];
  readonly slices: readonly { readonly namespace: string; readonly body: object }[];
  readonly questions: readonly { readonly name: string; readonly type: number }[];
}

export const NAMESPACES = ["default", "other", "third"] as const;
const PORTS = [
  { name: "http", port: 80, protocol: "TCP" },
  { name: "dns", port: 53, protocol: "UDP" },
  { name: "", port: 8080, protocol: "TCP" },
] as const;
/** A, AAAA, SRV, PTR, TXT, CNAME, SOA, NS, MX, ANY. */
const TYPES = [1, 28, 33, 12, 16, 5, 6, 2, 15, 255] as const;
const KINDS = ["headless", "address", "alias", "unready"] as const;

/** `random`: from 0 up to 1. */
export function namesOf(random: () => number, count: number): Names {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const services: Names["services"][number][] = [];
  const slices: Names["slices"][number][] = [];
  for (const namespace of NAMESPACES) {
    for (let i = 0; i < 8; i++) {
      const name = `svc-${i}`;
      const kind = pick(KINDS);
      // one port may go without a name, several may not
      const ports = random() < 0.3 ? [PORTS[2]] : PORTS.slice(0, 1 + below(2));
      const labels = { team: pick(["red", "blue"]) };
      const spec =
        kind === "alias"
          ? { type: "ExternalName", externalName: pick(["www.example.com", `svc-${below(8)}.${pick(NAMESPACES)}.svc.cluster.local`]) }
          : { ports, ...(kind === "address" ? {} : { clusterIP: "None" }), publishNotReadyAddresses: kind === "unready" };
      services.push({ namespace, body: { apiVersion: "v1", kind: "Service", metadata: { name, labels }, spec } });
      for (let part = 0; part < below(3); part++) {
        const endpoints = Array.from({ length: below(4) }, (_, e) => ({
          addresses: [`10.${below(2)}.${i}.${1 + below(20)}`],
          ...(random() < 0.5 ? { hostname: `host-${e}` } : {}),
          ...(random() < 0.5 ? { targetRef: { kind: "Pod", name: `pod-${e}`, namespace } } : {}),
          conditions: { ready: random() < 0.8 },
        }));
        const metadata = { name: `${name}-${part}`, labels: { ...labels, "kubernetes.io/service-name": name } };
        slices.push({ namespace, body: { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, addressType: "IPv4", endpoints, ports } });
      }
    }
  }
  const nameFor = (): string => {
    const at = `svc-${below(10)}.${pick([...NAMESPACES, "gone"])}.svc.cluster.local`;
    return pick([
      at,
      `${pick(["host", "pod"])}-${below(4)}.${at}`,
      `10-${below(2)}-${below(8)}-${1 + below(20)}.${at}`,
      `_${pick(["http", "dns", "none"])}._${pick(["tcp", "udp"])}.${at}`,
      `a.b.c.${at}`,
      `10-${below(2)}-${below(8)}-${1 + below(20)}.${pick(NAMESPACES)}.pod.cluster.local`,
      `${1 + below(20)}.${below(8)}.${below(2)}.10.in-addr.arpa`,
      `${pick(NAMESPACES)}.svc.cluster.local`,
      "svc.cluster.local",
      "pod.cluster.local",
      "cluster.local",
      "dns-version.cluster.local",
      "*.default.svc.cluster.local",
    ]);
  };
  return { services, slices, questions: Array.from({ length: count }, () => ({ name: nameFor(), type: pick(TYPES) })) };
}
