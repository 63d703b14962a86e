import { describe, expect, it } from "vitest";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { ask, namespace, put, service, slice } from "./support.js";

const D = "default.svc.cluster.local";
const NX = ["NXDOMAIN cluster.local"];
const NODATA = ["NODATA cluster.local"];

function cluster(): Zone {
  return put(
    new Zone(() => 1_700_000_000_999),
    namespace("default"),
    namespace("other"),
    service("nginx", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "web", port: 80, protocol: "TCP" }] }),
    slice("nginx-a", "nginx", ["10.244.0.5 web-0", "10.244.0.6 web-1", "10.244.0.7 web-2 notready", "10.244.0.8 - unknown"], ["web:8080/TCP"]),
    service("api", {
      clusterIP: "10.96.0.10",
      clusterIPs: ["10.96.0.10"],
      ports: [
        { name: "http", port: 80, protocol: "TCP" },
        { name: "dns", port: 53, protocol: "UDP" },
      ],
    }),
    slice("api-a", "api", ["10.244.0.9", "10.244.0.10 behind"], ["http:8080/TCP"]),
    service("portless", { clusterIP: "None", clusterIPs: ["None"] }),
    slice("portless-a", "portless", ["10.244.1.1 p-0"]),
    service("empty", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "web", port: 80, protocol: "TCP" }] }),
    slice("empty-a", "empty", [], ["web:80/TCP"]),
    service("other/api", { clusterIP: "10.96.0.11", clusterIPs: ["10.96.0.11"], ports: [{ port: 81, protocol: "TCP" }] }),
    service("six", { clusterIP: "None", clusterIPs: ["None"], ports: [] }),
    slice("six-4", "six", ["203.0.113.1 h"], ["p:80/TCP"]),
    slice("six-6", "six", ["2001:db8::1 h", "2001:db8::"], ["p:80/TCP"]),
    service("differs", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "named", port: 80, protocol: "TCP" }] }),
    slice("differs-a", "differs", ["10.244.2.1 d"], ["sliced:81/TCP"]),
    service("out", { type: "ExternalName", externalName: "www.example.com" }),
    service("dotted", { type: "ExternalName", externalName: "www.example.com." }),
    service("inside", { type: "ExternalName", externalName: `api.${D}` }),
    service("twice", { type: "ExternalName", externalName: `inside.${D}` }),
    service("dangling", { type: "ExternalName", externalName: `gone.${D}` }),
    service("self", { type: "ExternalName", externalName: `self.${D}` }),
    service("ping", { type: "ExternalName", externalName: `pong.${D}` }),
    service("pong", { type: "ExternalName", externalName: `ping.${D}` }),
    service("named", { clusterIP: "None", clusterIPs: ["None"] }),
    slice("named-1", "named", ["host.example.com", `api.${D} near`, `gone.${D} nowhere`], ["p:80/TCP"]),
    service("number", { type: "ExternalName", externalName: "192.0.2.1" }),
  );
}

function table(title: string, rows: readonly (readonly [string, readonly string[]])[]): void {
  const zone = cluster();
  it.each(rows)(`${title}: %s`, (text, expected) => expect(ask(zone, text)).toEqual([...expected].sort()));
}

describe("#3.4 DNS: answers", () => {
  table("headless", [
    [`nginx.${D}`, [`nginx.${D}. 5 A 10.244.0.5`, `nginx.${D}. 5 A 10.244.0.6`, `nginx.${D}. 5 A 10.244.0.8`]],
    [`web-0.nginx.${D}`, [`web-0.nginx.${D}. 5 A 10.244.0.5`]],
    [`web-2.nginx.${D}`, NX],
    [`10-244-0-8.nginx.${D}`, [`10-244-0-8.nginx.${D}. 5 A 10.244.0.8`]],
    [`10-244-0-5.nginx.${D}`, NX],
    [`x.web-0.nginx.${D}`, NX],
    [`web-0.nginx.${D} AAAA`, NODATA],
    [`nginx.${D} MX`, NODATA],
    [`nginx.${D} 65`, NODATA],
    [`empty.${D}`, NX],
    [`empty.${D} SRV`, NX],
  ]);

  table("ClusterIP", [
    [`api.${D}`, [`api.${D}. 5 A 10.96.0.10`]],
    [`api.${D} AAAA`, NODATA],
    ["api.other.svc.cluster.local", ["api.other.svc.cluster.local. 5 A 10.96.0.11"]],
    [`behind.api.${D}`, [`behind.api.${D}. 5 A 10.244.0.10`]],
    [`10-244-0-9.api.${D}`, [`10-244-0-9.api.${D}. 5 A 10.244.0.9`]],
    [`_http._tcp.api.${D}`, [`_http._tcp.api.${D}. 5 A 10.96.0.10`]],
    [`_tcp.api.${D}`, NX],
  ]);

  table("SRV", [
    [
      `_web._tcp.nginx.${D} SRV`,
      [
        ...["web-0", "web-1", "10-244-0-8"].map((h) => `_web._tcp.nginx.${D}. 5 SRV 0 33 8080 ${h}.nginx.${D}.`),
        `+ web-0.nginx.${D}. 5 A 10.244.0.5`,
        `+ web-1.nginx.${D}. 5 A 10.244.0.6`,
        `+ 10-244-0-8.nginx.${D}. 5 A 10.244.0.8`,
      ],
    ],
    [`web-0.nginx.${D} SRV`, [`web-0.nginx.${D}. 5 SRV 0 100 8080 web-0.nginx.${D}.`, `+ web-0.nginx.${D}. 5 A 10.244.0.5`]],
    [`web.tcp.nginx.${D} SRV`, ask(cluster(), `_web._tcp.nginx.${D} SRV`).map((l) => l.replace("_web._tcp", "web.tcp"))],
    [`_named._tcp.differs.${D} SRV`, NX],
    [`_sliced._tcp.differs.${D} SRV`, [`_sliced._tcp.differs.${D}. 5 SRV 0 100 81 d.differs.${D}.`, `+ d.differs.${D}. 5 A 10.244.2.1`]],
    [`_web._udp.nginx.${D} SRV`, NX],
    [`_nope._tcp.nginx.${D} SRV`, NX],
    [`_http._tcp.api.${D} SRV`, [`_http._tcp.api.${D}. 5 SRV 0 100 80 api.${D}.`, `+ api.${D}. 5 A 10.96.0.10`]],
    [`api.${D} SRV`, [`api.${D}. 5 SRV 0 50 80 api.${D}.`, `api.${D}. 5 SRV 0 50 53 api.${D}.`, `+ api.${D}. 5 A 10.96.0.10`]],
    [`portless.${D} SRV`, NODATA],
    [`portless.${D}`, [`portless.${D}. 5 A 10.244.1.1`]],
    [`out.${D} SRV`, NODATA],
  ]);

  table("IPv6", [
    [`six.${D} AAAA`, [`six.${D}. 5 AAAA 2001:db8::1`, `six.${D}. 5 AAAA 2001:db8::`]],
    [`h.six.${D} AAAA`, [`h.six.${D}. 5 AAAA 2001:db8::1`]],
    [`h.six.${D}`, [`h.six.${D}. 5 A 203.0.113.1`]],
    [`2001-db8--0.six.${D} AAAA`, [`2001-db8--0.six.${D}. 5 AAAA 2001:db8::`]],
    [
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR",
      [`1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 5 PTR h.six.${D}.`],
    ],
    ["2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR", ["NXDOMAIN ip6.arpa"]],
  ]);

  table("PTR", [
    ["5.0.244.10.in-addr.arpa PTR", [`5.0.244.10.in-addr.arpa. 5 PTR web-0.nginx.${D}.`]],
    ["8.0.244.10.in-addr.arpa PTR", [`8.0.244.10.in-addr.arpa. 5 PTR 10-244-0-8.nginx.${D}.`]],
    ["7.0.244.10.in-addr.arpa PTR", ["NXDOMAIN in-addr.arpa"]],
    ["10.0.96.10.in-addr.arpa PTR", [`10.0.96.10.in-addr.arpa. 5 PTR api.${D}.`]],
    ["05.0.244.10.in-addr.arpa PTR", ["NXDOMAIN in-addr.arpa"]],
    ["244.10.in-addr.arpa PTR", ["NXDOMAIN in-addr.arpa"]],
    ["5.0.244.10.in-addr.arpa", ["NXDOMAIN in-addr.arpa"]],
    ["in-addr.arpa PTR", ["NODATA in-addr.arpa"]],
    [`nginx.${D} PTR`, NODATA],
    [`gone.${D} PTR`, NX],
  ]);

  table("endpoints that are other names", [
    [`named.${D}`, [`named.${D}. 5 CNAME host.example.com.`, `named.${D}. 5 CNAME api.${D}.`, `api.${D}. 5 A 10.96.0.10`]],
    [`host-example-com.named.${D}`, [`host-example-com.named.${D}. 5 CNAME host.example.com.`]],
    [`near.named.${D} AAAA`, NODATA],
    [`nowhere.named.${D}`, NODATA],
    [`named.${D} CNAME`, [`named.${D}. 5 CNAME host.example.com.`]],
    [`_p._tcp.named.${D} SRV`, NODATA],
    [`named.${D} MX`, NODATA],
  ]);

  table("ExternalName", [
    [`out.${D}`, [`out.${D}. 5 CNAME www.example.com.`]],
    [`out.${D} AAAA`, [`out.${D}. 5 CNAME www.example.com.`]],
    [`out.${D} CNAME`, [`out.${D}. 5 CNAME www.example.com.`]],
    [`dotted.${D}`, [`dotted.${D}. 5 CNAME www.example.com.`]],
    [`inside.${D}`, [`inside.${D}. 5 CNAME api.${D}.`, `api.${D}. 5 A 10.96.0.10`]],
    [`inside.${D} AAAA`, NODATA],
    [`twice.${D}`, [`twice.${D}. 5 CNAME inside.${D}.`, `inside.${D}. 5 CNAME api.${D}.`, `api.${D}. 5 A 10.96.0.10`]],
    [`dangling.${D}`, NODATA],
    [`dangling.${D} CNAME`, [`dangling.${D}. 5 CNAME gone.${D}.`]],
    [`self.${D}`, NODATA],
    [`ping.${D}`, NODATA],
    [`number.${D}`, NX],
    [`x.out.${D}`, NX],
    [`_http._tcp.out.${D} SRV`, NX],
  ]);

  table("levels and what is not there", [
    ["cluster.local", NODATA],
    ["svc.cluster.local", NODATA],
    [D, NODATA],
    [`${D} SRV`, NODATA],
    [`${D} TXT`, NX],
    ["cluster.local NS", NODATA],
    ["cluster.local TXT", NX],
    ["gone.svc.cluster.local", NX],
    ["default.cluster.local", NX],
    [`gone.${D}`, NX],
    [`gone.${D} SOA`, NODATA],
    ["nginx.gone.svc.cluster.local", NX],
    [`a.b.c.nginx.${D}`, NX],
    [`*.nginx.${D}`, NX],
    ["ns.dns.cluster.local", NODATA],
    ["ns.dns.Cluster.local", ["NXDOMAIN Cluster.local"]],
    ["dns-version.cluster.local TXT", ['dns-version.cluster.local. 28800 TXT "1.1.0"']],
    ["dns-version.cluster.local", NX],
    ["cluster.local SOA", ["cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1700000000 7200 1800 86400 5"]],
    ["in-addr.arpa SOA", ["in-addr.arpa. 5 SOA ns.dns.in-addr.arpa. hostmaster.in-addr.arpa. 1700000000 7200 1800 86400 5"]],
  ]);

  table("other zones and transfers", [
    ["example.com", ["REFUSED not authoritative"]],
    [".", ["REFUSED not authoritative"]],
    ["local", ["REFUSED not authoritative"]],
    ["xcluster.local", ["REFUSED not authoritative"]],
    ["cluster.local AXFR", ["REFUSED not authoritative"]],
    [`nginx.${D} IXFR`, ["REFUSED not authoritative"]],
  ]);

  table("the case of the question", [
    ["WEB-0.Nginx.DEFAULT.svc.Cluster.LOCAL", ["WEB-0.Nginx.DEFAULT.svc.Cluster.LOCAL. 5 A 10.244.0.5"]],
    ["GONE.default.svc.Cluster.Local", ["NXDOMAIN Cluster.Local"]],
    [
      "Web-0.nginx.default.svc.CLUSTER.local SRV",
      [
        "Web-0.nginx.default.svc.CLUSTER.local. 5 SRV 0 100 8080 web-0.nginx.default.svc.CLUSTER.local.",
        "+ web-0.nginx.default.svc.CLUSTER.local. 5 A 10.244.0.5",
      ],
    ],
  ]);
});

describe("#3.4 DNS: pod names", () => {
  const zone = put(cluster(), {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default" },
    status: { phase: "Running", podIPs: [{ ip: "10.244.0.5" }] },
  });
  const P = "default.pod.cluster.local";
  const there = `10-244-0-5.${P}`;
  const made = `192-0-2-1.${P}`;

  it.each([
    [there, "insecure", [`${there}. 5 A 10.244.0.5`]],
    [there, "verified", [`${there}. 5 A 10.244.0.5`]],
    [there, "disabled", NX],
    [made, "insecure", [`${made}. 5 A 192.0.2.1`]],
    [made, "verified", NX],
    ["10-244-0-5.other.pod.cluster.local", "verified", NX],
    ["192-0-2-1.gone.pod.cluster.local", "insecure", NX],
    [`2001-db8--1.${P} AAAA`, "insecure", [`2001-db8--1.${P}. 5 AAAA 2001:db8::1`]],
    [`300-0-2-1.${P}`, "insecure", NX],
    [`p.${P}`, "insecure", NX],
    [`${made} SRV`, "insecure", [`${made}. 5 SRV 0 100 0 ${made}.`, `+ ${made}. 5 A 192.0.2.1`]],
    [P, "insecure", NODATA],
    [P, "disabled", NX],
    ["pod.cluster.local", "disabled", NODATA],
  ] as const)("%s, pods %s", (text, pods, expected) => expect(ask(zone, text, { pods })).toEqual([...expected].sort()));
});
