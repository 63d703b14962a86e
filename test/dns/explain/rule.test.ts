import { describe, expect, it } from "vitest";
import { explain } from "../../../dns/explain/rule.js";
import { answer } from "../../../dns/plugins/kubernetes/answer.js";
import { Zone } from "../../../dns/plugins/kubernetes/zone.js";
import { type Answer, RCODE } from "../../../dns/wire/records.js";
import { answerOf } from "../corefile/support.js";
import { namespace, put, question, service, slice } from "../support.js";

const zone = put(
  new Zone(() => 0),
  namespace("default"),
  service("nginx", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "web", port: 80, protocol: "TCP" }] }),
  slice("nginx-1", "nginx", ["10.244.0.5 web-0 ready", "10.244.0.6 web-1 notready"], ["web:80/TCP"]),
  service("empty", { clusterIP: "None", clusterIPs: ["None"] }),
  service("api", { clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.9"], ports: [{ name: "http", port: 80, protocol: "TCP" }] }),
  service("out", { type: "ExternalName", externalName: "www.example.com" }),
);

/** Why the zone answers so. */
function why(text: string, more: Partial<Answer> = {}): string {
  const asked = question(text);
  const found = { ...answer(asked, zone), by: "kubernetes", ...more };
  const { rule, place } = explain(asked.labels.join("."), asked.type, found, zone, "cluster.local");
  return `${rule}${place ? ` [${place.namespace}/${place.service}${place.endpoint ? ` ${place.endpoint}` : ""}]` : ""}`;
}

describe("#6.7 DNS: why an answer is this one", () => {
  it.each([
    ["nginx.default.svc.cluster.local", "a headless service: what stands behind it, endpoint by endpoint [default/nginx]"],
    ["nginx.default.svc.cluster.local AAAA", "a headless service: the name is there, with no record of this type [default/nginx]"],
    ["web-0.nginx.default.svc.cluster.local", "one endpoint by its hostname, or by its address with dashes [default/nginx web-0]"],
    [
      "web-0.nginx.default.svc.cluster.local AAAA",
      "one endpoint by its hostname, or by its address with dashes: the name is there, with no record of this type [default/nginx web-0]",
    ],
    ["web-1.nginx.default.svc.cluster.local", "none of the 1 endpoints that count is called web-1 [default/nginx]"],
    ["empty.default.svc.cluster.local", "a headless service that no endpoint stands behind that counts: its name is not there [default/empty]"],
    ["API.default.svc.cluster.local", "a service with an address of its own: that address [default/api]"],
    ["_http._tcp.api.default.svc.cluster.local SRV", "a service with an address of its own: that address [default/api]"],
    ["_ftp._tcp.api.default.svc.cluster.local SRV", "a service with an address of its own, which has no such port [default/api]"],
    ["out.default.svc.cluster.local", "an ExternalName service stands for another name: www.example.com [default/out]"],
    ["gone.default.svc.cluster.local", "there is no service default/gone [default/gone]"],
    ["nginx.gone.svc.cluster.local", "there is no namespace gone"],
    ["default.svc.cluster.local", "a namespace: there are names below it, and it stands for nothing itself"],
    ["svc.cluster.local", "a level between: there are names below it, and it stands for nothing itself"],
    ["nginx.cluster.local", "below the domain there are svc and pod, and no nginx"],
    ["cluster.local SOA", "the cluster's domain itself"],
    ["dns-version.cluster.local TXT", "the version of the specification that is followed"],
    ["10-244-0-5.default.pod.cluster.local", "the name of a pod says its address"],
    ["nothing.default.pod.cluster.local", "no address can be read from the name, or there is no pod that has it, or these names are disabled"],
    ["5.0.244.10.in-addr.arpa PTR", "the address of an endpoint [default/nginx web-0]"],
    ["9.0.96.10.in-addr.arpa PTR", "the address of a service [default/api]"],
    ["1.0.0.10.in-addr.arpa PTR", "no service and no endpoint has this address"],
  ])("%s: %s", (text, expected) => {
    expect(why(text)).toBe(expected);
  });

  it("other plugins, and nobody", () => {
    const asked = (found: Answer): string => explain("example.org", 1, found, zone, "cluster.local").rule;
    expect(asked(answerOf({ rcode: RCODE.REFUSED }))).toBe("no server block of the Corefile is for this name");
    expect(asked(answerOf({ rcode: RCODE.SERVFAIL, error: "no next plugin found" }))).toBe("no next plugin found");
    expect(asked(answerOf({ rcode: RCODE.SERVFAIL, by: "forward", error: "i/o timeout" }))).toBe("the plugin forward answered: i/o timeout");
  });
});
