import { describe, expect, it } from "vitest";
import { initIPFamilies, normalizeClusterIPs, patchAllocatedValues, service } from "../../kinds/core/service/index.js";
import type { FieldError } from "../../kinds/field.js";
import type { KubeObject } from "../../kinds/object.js";

const ctx = { now: 0, user: "test" };
const text = (list: readonly FieldError[]): string[] => list.map((e) => `${e.field}: ${e.message}`);
const of = (spec: Record<string, unknown>): KubeObject => {
  const object: KubeObject = { metadata: { name: "s", namespace: "n", resourceVersion: "1" }, spec: structuredClone(spec) };
  service.defaults?.(object);
  normalizeClusterIPs(object);
  service.prepareForCreate?.(object, ctx);
  return object;
};
const findings = (spec: Record<string, unknown>): string[] => text(service.validate?.(of(spec)) ?? []);
const port = { port: 80 };

describe("#3.1 Service", () => {
  it("defaults", () => {
    expect(of({ ports: [port, { name: "a", port: 81, targetPort: "web" }], type: "LoadBalancer", sessionAffinity: "ClientIP" }).spec).toEqual({
      type: "LoadBalancer",
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
      externalTrafficPolicy: "Cluster",
      internalTrafficPolicy: "Cluster",
      allocateLoadBalancerNodePorts: true,
      ports: [
        { port: 80, protocol: "TCP", targetPort: 80 },
        { name: "a", port: 81, protocol: "TCP", targetPort: "web" },
      ],
    });
  });

  it.each([
    [{}, ["spec.ports: Required value"]],
    [{ clusterIP: "None" }, []],
    [{ type: "ExternalName", externalName: "a.b." }, []],
    [{ type: "ExternalName" }, ["spec.externalName: Required value"]],
    [{ type: "NodePort", clusterIP: "None", ports: [port] }, ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"]],
    [{ ports: [{ ...port, nodePort: 30080 }] }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
    [
      { ports: [{ name: "a", ...port }, port] },
      [
        "spec.ports[1].name: Required value",
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [{ ports: [{ port: 0, targetPort: 5 }] }, ["spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"]],
    [{ ports: [port], type: "Other" }, ['spec.type: Unsupported value: "Other": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
    [{ ports: [port], clusterIP: "1.2.3" }, ['spec.clusterIPs[0]: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    [
      { ports: [port], externalTrafficPolicy: "Local" },
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [{ ports: [port], loadBalancerClass: "a/b" }, ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"]],
    [
      { ports: [port], externalIPs: ["127.0.0.1"] },
      ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ],
    [
      { ports: [port], sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
      ["spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400"],
    ],
  ])("%j", (spec, expected) => {
    expect(findings(spec)).toEqual(expected);
  });

  it("an update keeps what was allocated, and never exchanges the address", () => {
    const old = of({ type: "NodePort", ports: [{ ...port, nodePort: 30001 }], clusterIP: "10.0.0.5" });
    const object: KubeObject = { metadata: { ...old.metadata }, spec: { type: "NodePort", ports: [{ ...port }] } };
    service.defaults?.(object);
    patchAllocatedValues(object, old);
    normalizeClusterIPs(object, old);
    expect(object.spec).toMatchObject({ clusterIP: "10.0.0.5", clusterIPs: ["10.0.0.5"], ports: [{ nodePort: 30001 }] });
    object.spec.clusterIP = "10.0.0.6";
    normalizeClusterIPs(object, old);
    expect(text(service.validateUpdate?.(object, old) ?? [])).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.0.0.6"]: may not change once set']);
  });

  it("a type change takes its fields along", () => {
    const old = of({ type: "LoadBalancer", ports: [{ ...port, nodePort: 30001 }], clusterIP: "10.0.0.5" });
    const object = structuredClone(old);
    object.spec.type = "ClusterIP";
    service.prepareForUpdate?.(object, old, ctx);
    expect(object.spec.ports[0].nodePort).toBeUndefined();
    expect(object.spec.externalTrafficPolicy).toBeUndefined();
    expect(object.spec.allocateLoadBalancerNodePorts).toBeUndefined();
    expect(text(service.validateUpdate?.(object, old) ?? [])).toEqual([]);
  });

  it.each([
    [{ ports: [port] }, ["IPv4"], { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" }],
    [{ clusterIP: "None" }, ["IPv4"], { ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "RequireDualStack" }],
    [{ clusterIP: "None", selector: { a: "b" } }, ["IPv4"], { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" }],
    [{ ipFamilyPolicy: "PreferDualStack" }, ["IPv4"], { ipFamilies: ["IPv4"], ipFamilyPolicy: "PreferDualStack" }],
    [{ ipFamilyPolicy: "PreferDualStack" }, ["IPv6", "IPv4"], { ipFamilies: ["IPv6", "IPv4"] }],
  ])("families of %j in a cluster of %j", (spec, configured, expected) => {
    const object = of(spec);
    expect(initIPFamilies(object, undefined, configured)).toEqual([]);
    expect(object.spec).toMatchObject(expected);
  });

  it.each([
    [{ ipFamilyPolicy: "RequireDualStack" }, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
    [{ ipFamilies: ["IPv6"] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    [{ clusterIP: "fd00::1" }, 'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'],
  ])("families of %j are refused in an IPv4 cluster", (spec, message) => {
    expect(text(initIPFamilies(of(spec), undefined, ["IPv4"]))).toEqual([message]);
  });

  it("prints addresses and ports", () => {
    const lb = of({ type: "LoadBalancer", ports: [{ ...port, nodePort: 30001 }], clusterIP: "10.0.0.5", selector: { b: "2", a: "1" } });
    expect(service.printer?.row(lb, ctx).cells).toEqual(["s", "LoadBalancer", "10.0.0.5", "<pending>", "80:30001/TCP", "<unknown>", "a=1,b=2"]);
    lb.status = { loadBalancer: { ingress: [{ hostname: "h" }, { ip: "1.2.3.4" }] } };
    expect(service.printer?.row(lb, ctx).cells[3]).toBe("1.2.3.4,h");
  });

  it("warns about what a headless Service ignores", () => {
    expect(service.warnings?.(of({ clusterIP: "None", externalIPs: ["10.1.1.1"], externalName: "x" }))).toEqual([
      "spec.externalIPs is ignored for headless services",
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ]);
  });
});
