import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { ask, namespace, put, service, slice } from "./support.js";

const text = readFileSync(new URL("../../dns/README.md", import.meta.url), "utf8");
const block = /```dns\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
const cases = block
  .split(/\n(?=\S)/)
  .map((c) => c.trim().split(/\n\s+/))
  .map(([question, ...lines]) => [question, lines] as const);

const zone = put(
  new Zone(() => 0),
  namespace("default"),
  service("nginx", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "web", port: 80, protocol: "TCP" }] }),
  slice("nginx-a", "nginx", ["10.244.0.5 web-0", "10.244.0.6 web-1", "10.244.0.7 web-2 notready"], ["web:80/TCP"]),
  service("api", { clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], ports: [{ name: "http", port: 80, protocol: "TCP" }] }),
  slice("api-a", "api", ["10.244.0.9"], ["http:80/TCP"]),
  service("out", { type: "ExternalName", externalName: "www.example.com" }),
);

describe("#3.4 DNS: the README", () => {
  it("has cases", () => expect(cases.length).toBeGreaterThan(10));
  it.each(cases)("%s", (question, lines) => expect(ask(zone, question)).toEqual([...lines].sort()));
});
