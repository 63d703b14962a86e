import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { candidates, type PodDns, stubOf } from "../../../dns/explain/search.js";

const CLUSTER = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"];

describe("#6.7 #6.2 DNS: how a pod asks", () => {
  it.each<[string, PodDns | undefined, boolean, string[], number]>([
    ["says nothing", undefined, true, CLUSTER, 5],
    ["ClusterFirst", { dnsPolicy: "ClusterFirst" }, true, CLUSTER, 5],
    ["ClusterFirst on the network of its node", { dnsPolicy: "ClusterFirst", hostNetwork: true }, false, [], 1],
    ["ClusterFirstWithHostNet", { dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true }, true, CLUSTER, 5],
    ["Default", { dnsPolicy: "Default" }, false, [], 1],
    ["None", { dnsPolicy: "None", dnsConfig: { nameservers: ["10.0.0.1"], searches: ["corp.test."] } }, false, ["corp.test"], 1],
    ["more searches, each once", { dnsConfig: { searches: ["corp.test", "cluster.local"] } }, true, [...CLUSTER, "corp.test"], 5],
    ["another ndots", { dnsConfig: { options: [{ name: "ndots", value: "2" }, { name: "edns0" }] } }, true, CLUSTER, 2],
  ])("%s", (_, pod, cluster, search, ndots) => {
    expect(stubOf("default", "cluster.local", pod)).toEqual({ cluster, search, ndots });
  });

  it.each([
    ["nginx", 5, ["nginx.a", "nginx.b", "nginx"]],
    ["nginx.", 5, ["nginx"]],
    ["a.b.c", 2, ["a.b.c", "a.b.c.a", "a.b.c.b"]],
    ["a.b", 2, ["a.b.a", "a.b.b", "a.b"]],
  ])("%s with ndots %i: %j", (name, ndots, expected) => {
    expect(candidates(name, { cluster: true, search: ["a", "b"], ndots })).toEqual(expected);
  });

  it("is what the page says of it", () => {
    const page = readFileSync(new URL("../../../dns/README.md", import.meta.url), "utf8");
    const [, text] = /```text resolv\.conf\n([^`]*)```/.exec(page) ?? [];
    const { search, ndots } = stubOf("default", "cluster.local");
    expect(text).toBe(`search ${search.join(" ")}\nnameserver 10.96.0.10\noptions ndots:${ndots}\n`);
    const [, tried] = /`web-0\.nginx` is tried as ([^.]*(?:\.[^ .][^.]*)*)\./.exec(page.replace(/\n/g, " ")) ?? [];
    expect(tried?.match(/`([^`]*)`/g)?.map((one) => one.slice(1, -1))).toEqual(candidates("web-0.nginx", stubOf("default", "cluster.local")));
  });
});
