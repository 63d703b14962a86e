import { describe, expect, it } from "vitest";
import { ingress } from "../../../kinds/networking/ingress/index.js";
import { ingressClass } from "../../../kinds/networking/ingressclass/index.js";
import { cells, made, onCreate, onUpdate, texts } from "../support.js";

const service = { service: { name: "s", port: { number: 80 } } };
const path = (changes: object): object => ({ spec: { rules: [{ http: { paths: [{ path: "/", pathType: "Prefix", backend: service, ...changes }] } }] } });
const backend = (b: object): object => ({ spec: { defaultBackend: b } });
const AT = "spec.rules[0].http.paths[0]";

describe("#4.1 Ingress", () => {
  it.each([
    ["nothing to do", {}, ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]],
    ["an empty list", { spec: { rules: [] } }, ["spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"]],
    ["a backend", backend(service), []],
    ["no backend", backend({}), ['spec.defaultBackend: Invalid value: "": resource or service backend is required']],
    [
      "two backends",
      backend({ ...service, resource: { kind: "K", name: "n" } }),
      ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
    ],
    [
      "a resource that is none",
      backend({ resource: { apiGroup: "Bad_", kind: "a/b", name: "" } }),
      [
        `spec.defaultBackend.resource.apiGroup: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        "spec.defaultBackend.resource.kind: Invalid value: \"a/b\": may not contain '/'",
        "spec.defaultBackend.resource.name: Required value",
      ],
    ],
    ["no port", backend({ service: { name: "s" } }), ["spec.defaultBackend: Required value: port name or number is required"]],
    [
      "two ports",
      backend({ service: { name: "1s", port: { name: "a", number: 1 } } }),
      ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
    ],
    [
      "a port beyond",
      backend({ service: { name: "", port: { number: 70000 } } }),
      [
        "spec.defaultBackend.service.name: Required value",
        "spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive",
      ],
    ],
    ["no path type", path({ pathType: undefined }), [`${AT}.pathType: Required value: pathType must be specified`]],
    [
      "another path type",
      path({ pathType: "Regex" }),
      [`${AT}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    ],
    ["a relative path", path({ path: "a" }), [`${AT}.path: Invalid value: "a": must be an absolute path`]],
    ["any path, left to the implementation", path({ pathType: "ImplementationSpecific", path: "//%2f/." }), []],
    [
      "a path that goes up",
      path({ path: "//a/../%2F/.." }),
      [
        `${AT}.path: Invalid value: "//a/../%2F/..": must not contain '//'`,
        `${AT}.path: Invalid value: "//a/../%2F/..": must not contain '/../'`,
        `${AT}.path: Invalid value: "//a/../%2F/..": must not contain '%2F'`,
        `${AT}.path: Invalid value: "//a/../%2F/..": cannot end with '/..'`,
      ],
    ],
    ["no paths", { spec: { rules: [{ http: {} }] } }, ["spec.rules[0].http.paths: Required value"]],
    [
      "an address for a host",
      { spec: { rules: [{ host: "10.0.0.1" }] } },
      ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    ],
    [
      "a wildcard in the middle",
      { spec: { rules: [{ host: "a.*.b" }] } },
      [
        `spec.rules[0].host: Invalid value: "a.*.b": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      ],
    ],
  ])("judges %s", (_, fields, expected) => {
    expect(onCreate(ingress, fields as Record<string, unknown>)).toEqual(expected);
  });

  it("names its class once, or twice alike", () => {
    const annotated = { annotations: { "kubernetes.io/ingress.class": "a" } };
    const warnings = (className?: string): string[] => ingress.warnings?.(made(ingress, { spec: { ingressClassName: className } }, annotated)) ?? [];
    expect(onCreate(ingress, { spec: { defaultBackend: service, ingressClassName: "b" } }, annotated)).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
    ]);
    expect(onCreate(ingress, { spec: { defaultBackend: service, ingressClassName: "a" } }, annotated)).toEqual([]);
    expect(warnings()).toEqual([`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`]);
    expect(warnings("a")).toEqual([]);
  });

  it("lets a stored mistake stay, not a new one come", () => {
    const tls = (secretName: string) => ({ spec: { defaultBackend: service, tls: [{ hosts: ["a.b"], secretName }] } });
    expect(onUpdate(ingress, tls("Bad"), tls("Worse"))).toEqual([]);
    expect(onUpdate(ingress, tls("good"), tls("Worse"))).toHaveLength(1);
    const wild = (paths: object[]) => ({ spec: { rules: [{ host: "*.a.b", http: { paths } }] } });
    expect(onUpdate(ingress, wild([]), wild([]))).toEqual([]);
    expect(onUpdate(ingress, { spec: { defaultBackend: service } }, wild([]))).toEqual(["spec.rules[0].http.paths: Required value"]);
  });

  it("judges what the load balancer reports", () => {
    const at = (points: object[]) => made(ingress, { spec: { defaultBackend: service }, status: { loadBalancer: { ingress: points } } });
    const view = typeof ingress.status === "object" ? ingress.status : undefined;
    const old = at([{ ip: "010.0.0.1" }]);
    expect(texts(view?.validateUpdate(at([{ ip: "010.0.0.1" }, { ip: "01.2.3.4" }, { hostname: "1.2.3.4" }]), old) ?? [])).toEqual([
      'status.loadBalancer.ingress[1].ip: Invalid value: "01.2.3.4": must not have leading 0s',
      'status.loadBalancer.ingress[2].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
    ]);
    expect(view?.warningsOnUpdate?.(at([{ ip: "2001:DB8::1" }]), old)).toEqual([
      'status.loadBalancer.ingress[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ]);
  });

  it("counts changes of its spec, and prints", () => {
    const counts = ingress.generation as (a: object, b: object) => boolean;
    expect(counts(made(ingress, { spec: { defaultBackend: service, rules: [] } }), made(ingress, { spec: { defaultBackend: service } }))).toBe(false);
    expect(counts(made(ingress, { spec: { rules: [{ host: "a" }] } }), made(ingress, { spec: { rules: [{ host: "b" }] } }))).toBe(true);
    expect(cells(ingress, backend(service) as Record<string, unknown>)).toEqual(["x", "<none>", "*", "", "80", "4m"]);
    const many = { rules: ["a", "b", "c", "d"].map((host) => ({ host })), tls: [{}], ingressClassName: "k" };
    const points = [{ ip: "10.0.0.2" }, { hostname: "lb.example.com" }, { ip: "10.0.0.1" }, { ip: "10.0.0.2" }];
    expect(cells(ingress, { spec: many, status: { loadBalancer: { ingress: points } } })).toEqual([
      "x",
      "k",
      "a,b,c + 1 more...",
      "10.0.0.1,10.0.0.2,lb.example.com",
      "80, 443",
      "4m",
    ]);
  });
});

describe("#4.1 IngressClass", () => {
  const parameters = (p: object): Record<string, unknown> => ({ spec: { controller: "a.b/c", parameters: { kind: "K", name: "n", ...p } } });
  it.each([
    [{}, ["spec.controller: Required value"]],
    [{ spec: { controller: "noslash" } }, ['spec.controller: Invalid value: "noslash": must be a domain-prefixed path (such as "acme.io/foo")']],
    [{ spec: { controller: `a.b/${"c".repeat(250)}` } }, ["spec.controller: Too long: may not be more than 250 bytes"]],
    [parameters({}), []],
    [parameters({ kind: "", name: "a%" }), ["spec.parameters.kind: Required value", "spec.parameters.name: Invalid value: \"a%\": may not contain '%'"]],
    [parameters({ scope: "World" }), ['spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"']],
    [parameters({ scope: "Namespace" }), ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"]],
    [parameters({ namespace: "x" }), ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"]],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(ingressClass, fields)).toEqual(expected);
  });

  it("keeps its controller", () => {
    expect(onUpdate(ingressClass, { spec: { controller: "a.b/c" } }, { spec: { controller: "a.b/d" } })).toEqual([
      'spec.controller: Invalid value: "a.b/d": field is immutable',
    ]);
  });

  it("prints which is the default", () => {
    const marked = { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } };
    expect(cells(ingressClass, parameters({ apiGroup: "g.h" }), marked)).toEqual(["x (default)", "a.b/c", "K.g.h/n", "4m"]);
    expect(cells(ingressClass, { spec: { controller: "a.b/c" } })).toEqual(["x", "a.b/c", "<none>", "4m"]);
  });
});
