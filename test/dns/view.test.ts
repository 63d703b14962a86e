import { describe, expect, it } from "vitest";
import type { Request } from "../../dns/plugin.js";
import { type KubernetesOptions, PLAIN } from "../../dns/plugins/kubernetes/options.js";
import { kubernetes } from "../../dns/plugins/kubernetes/serve.js";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { formatAddress } from "../../dns/wire/address.js";
import { type Answer, type ResourceRecord, TYPE } from "../../dns/wire/records.js";
import type { KubeObject } from "../../kinds/object.js";
import { namespace, PEER, put, question, service, slice } from "./support.js";

const D = "default.svc.cluster.local";
const labelled = (object: KubeObject, labels: Record<string, string>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
});

function cluster(): Zone {
  const pods = slice("web-a", "web", ["10.0.0.1", "10.0.0.2 named"], ["p:80/TCP"]);
  const endpoints = (pods.endpoints as object[]).map((e, i) => ({ ...e, targetRef: { kind: "Pod", name: `pod-${i}` } }));
  const zone = put(
    new Zone(() => 0),
    labelled(namespace("default"), { team: "a" }),
    namespace("other"),
    labelled(service("web", { clusterIP: "None", clusterIPs: ["None"] }), { dns: "yes" }),
    labelled({ ...pods, endpoints }, { dns: "yes" }),
    service("api", { clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], ports: [{ name: "h", port: 80, protocol: "TCP" }] }),
    service("other/api", { clusterIP: "10.96.0.11", clusterIPs: ["10.96.0.11"], ports: [{ name: "h", port: 80, protocol: "TCP" }] }),
    { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "default", labels: { dns: "yes" } }, status: { podIPs: [{ ip: "10.0.0.1" }] } },
    { apiVersion: "v1", kind: "Pod", metadata: { name: "q", namespace: "default" }, status: { podIPs: [{ ip: "10.0.0.2" }] } },
  );
  zone.synced = true;
  return zone;
}

const show = ({ data }: ResourceRecord): string => ("address" in data ? formatAddress(data.address) : "target" in data ? `${data.target}` : "?");

/** Asks "name TYPE": what the records say, "NODATA", "NXDOMAIN" or "next" for what is left to the next plugin. */
function ask(text: string, options: Partial<KubernetesOptions>): string {
  const zone = cluster();
  const all = { ...PLAIN, zones: ["cluster.local", "in-addr.arpa"], ...options };
  const next: Answer = { rcode: 5, aa: false, answers: [], authorities: [], additionals: [], by: "next" };
  const q = question(text);
  const request: Request = {
    question: q,
    name: q.labels.join(".").toLowerCase(),
    id: 1,
    flags: 0,
    edns: undefined,
    transport: "udp4",
    peer: PEER,
    size: 50,
    depth: 0,
  };
  const answer = kubernetes(all, { cluster: zone, resolve: () => next }).serve(request, () => next) as Answer;
  if (answer.by === "next") return "next";
  return answer.answers.map(show).join(" ") || (answer.rcode === 3 ? "NXDOMAIN" : "NODATA");
}

const yes = (labels: Readonly<Record<string, string>>): boolean => labels.dns === "yes";

describe("#6.4 DNS: what a kubernetes directive shows", () => {
  it.each<[string, Partial<KubernetesOptions>, string]>([
    [`web.${D}`, {}, "10.0.0.1 10.0.0.2"],
    [`10-0-0-1.web.${D}`, {}, "10.0.0.1"],
    [`pod-0.web.${D}`, {}, "NXDOMAIN"],
    // endpoint_pod_names: a hostname goes before the pod's name
    [`pod-0.web.${D}`, { podNames: true }, "10.0.0.1"],
    [`10-0-0-1.web.${D}`, { podNames: true }, "NXDOMAIN"],
    [`named.web.${D}`, { podNames: true }, "10.0.0.2"],
    [`pod-1.web.${D}`, { podNames: true }, "NXDOMAIN"],
    ["1.0.0.10.in-addr.arpa PTR", { podNames: true }, `pod-0.web.${D}`],
    ["1.0.0.10.in-addr.arpa PTR", {}, `10-0-0-1.web.${D}`],
    // namespaces
    ["api.other.svc.cluster.local", {}, "10.96.0.11"],
    ["api.other.svc.cluster.local", { namespaces: new Set(["default"]) }, "NXDOMAIN"],
    ["other.svc.cluster.local", { namespaces: new Set(["default"]) }, "NXDOMAIN"],
    ["11.0.96.10.in-addr.arpa PTR", { namespaces: new Set(["default"]) }, "NXDOMAIN"],
    ["11.0.96.10.in-addr.arpa PTR", { namespaces: new Set(["other"]) }, "api.other.svc.cluster.local"],
    // namespace_labels
    [`api.${D}`, { namespaceLabels: (l) => l.team === "a" }, "10.96.0.10"],
    ["api.other.svc.cluster.local", { namespaceLabels: (l) => l.team === "a" }, "NXDOMAIN"],
    // labels: of services, slices and pods
    [`api.${D}`, { labels: yes }, "NXDOMAIN"],
    [`web.${D}`, { labels: yes }, "10.0.0.1 10.0.0.2"],
    ["10.0.96.10.in-addr.arpa PTR", { labels: yes }, "NXDOMAIN"],
    ["10-0-0-1.default.pod.cluster.local", { labels: yes, pods: "verified" }, "10.0.0.1"],
    ["10-0-0-2.default.pod.cluster.local", { labels: yes, pods: "verified" }, "NXDOMAIN"],
    ["10-0-0-2.default.pod.cluster.local", { pods: "verified" }, "10.0.0.2"],
    // ignore empty_service: only of services with an address
    [`api.${D}`, { ignoreEmpty: true }, "NXDOMAIN"],
    [`web.${D}`, { ignoreEmpty: true }, "10.0.0.1 10.0.0.2"],
    // noendpoints
    [`web.${D}`, { noEndpoints: true }, "NXDOMAIN"],
    ["1.0.0.10.in-addr.arpa PTR", { noEndpoints: true }, "NXDOMAIN"],
    [`api.${D}`, { noEndpoints: true }, "10.96.0.10"],
    // fallthrough: of what is not there, below the zones it names
    [`gone.${D}`, { fallthrough: [""] }, "next"],
    [`gone.${D}`, { fallthrough: ["in-addr.arpa"] }, "NXDOMAIN"],
    ["9.9.9.9.in-addr.arpa PTR", { fallthrough: ["in-addr.arpa"] }, "next"],
    [`web.${D} AAAA`, { fallthrough: [""] }, "NODATA"],
    // outside the zones
    ["example.com", {}, "next"],
    // the zones' own depth, and a zone below one of them
    ["1.0.0.10.in-addr.arpa PTR", { zones: ["cluster.local", "0.10.in-addr.arpa"] }, `10-0-0-1.web.${D}`],
    ["10.0.96.10.in-addr.arpa PTR", { zones: ["cluster.local", "0.10.in-addr.arpa"] }, "next"],
    ["web.default.svc.example.org", { zones: ["example.org"] }, "10.0.0.1 10.0.0.2"],
    ["1.0.0.10.in-addr.arpa PTR", { zones: ["in-addr.arpa", "example.org"] }, "10-0-0-1.web.default.svc.example.org"],
  ])("%s with %j is %s", (text, options, expected) => {
    expect(ask(text, options)).toBe(expected);
  });

  it("asks about types", () => {
    expect(ask(`web.${D} ${TYPE.TXT}`, {})).toBe("NODATA");
  });
});
