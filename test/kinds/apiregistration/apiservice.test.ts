import { describe, expect, it } from "vitest";
import { planAvailability } from "../../../controllers/apiservice/plan.js";
import { apiService } from "../../../kinds/apiregistration/apiservice/index.js";
import { builtInPriority } from "../../../kinds/apiregistration/priorities.js";
import type { KubeObject } from "../../../kinds/object.js";
import { KINDS } from "../../../kinds/registry.js";
import { validateCreate } from "../../../server/pipeline/strategy.js";
import { cells, made, onCreate, texts } from "../support.js";

const NAME = "v1.g.example.com";
const spec = { group: "g.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };

describe("#4.1 APIService", () => {
  it.each([
    [
      {},
      [
        "spec.group: Required value: only v1 may have an empty group and it better be legacy kube",
        "spec.version: Invalid value: \"\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
        "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000",
        "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
      ],
    ],
    [{ spec: { group: "g.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 } }, []],
    [
      { spec: { group: "", version: "v2", groupPriorityMinimum: 20001, versionPriority: 1001 } },
      [
        "spec.group: Required value: only v1 may have an empty group and it better be legacy kube",
        "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000",
        "spec.versionPriority: Invalid value: 1001: must be positive and less than 1000",
      ],
    ],
    [
      { spec: { group: "Bad_", version: "V1", groupPriorityMinimum: 1, versionPriority: 1 } },
      [
        "spec.group: Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "spec.version: Invalid value: \"V1\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    [
      { spec: { group: "g.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1, caBundle: "YWJj", insecureSkipTLSVerify: true } },
      [
        'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
        "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify",
      ],
    ],
    [
      { spec: { group: "g.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1, service: {} } },
      ["spec.service.namespace: Required value", "spec.service.name: Required value"],
    ],
    [
      {
        spec: {
          group: "g.example.com",
          version: "v1",
          groupPriorityMinimum: 1,
          versionPriority: 1,
          service: { name: "a", namespace: "b", port: 99999 },
          insecureSkipTLSVerify: true,
          caBundle: "YWJj",
        },
      },
      [
        "spec.service.port: Invalid value: 99999: port is not valid: must be between 1 and 65535, inclusive",
        "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present",
      ],
    ],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(apiService, fields)).toEqual(expected);
  });

  it("is named after what it is for", () => {
    expect(validateCreate(apiService, made(apiService, { spec }, { name: NAME }))).toEqual([]);
    expect(texts(validateCreate(apiService, made(apiService, { spec }, { name: "x" })))).toEqual([
      'metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.g.example.com"',
    ]);
  });

  it("is there at once when it is local", () => {
    const create = (fields: object): unknown => {
      const object = made(apiService, { spec: { ...spec, ...fields } });
      apiService.prepareForCreate?.(object, { now: 0, user: "" });
      return object.status;
    };
    expect(create({})).toMatchObject({ conditions: [{ type: "Available", status: "True", reason: "Local", lastTransitionTime: "1970-01-01T00:00:00Z" }] });
    expect(create({ service: { name: "a", namespace: "b" } })).toEqual({});
  });

  it("shows its service and whether it is there", () => {
    const shown = (conditions: object[], service?: object): unknown[] => cells(apiService, { spec: { ...spec, service }, status: { conditions } }).slice(1, 3);
    expect(shown([])).toEqual(["Local", "Unknown"]);
    expect(shown([{ type: "Available", status: "False", reason: "R" }], { name: "a", namespace: "b" })).toEqual(["b/a", "False (R)"]);
    expect(shown([{ type: "Available", status: "True", reason: "R" }])).toEqual(["Local", "True"]);
  });

  it("has a place for every group the server has", () => {
    const missing = KINDS.filter((k) => k.group !== "apiregistration.k8s.io" && !builtInPriority(k.group, k.version)).map((k) => k.group);
    expect(missing).toEqual([]);
  });
});

describe("#4.1 availability of APIServices", () => {
  const remote = (status: object = {}): KubeObject => ({
    metadata: { name: NAME },
    spec: { ...spec, service: { name: "s", namespace: "n", port: 443 } },
    status,
  });
  const service = (fields: object = {}): KubeObject => ({
    metadata: {},
    spec: { type: "ClusterIP", clusterIP: "10.0.0.1", ports: [{ port: 443, name: "https" }], ...fields },
  });
  const slice = (name: string, ready: boolean) => ({
    metadata: {},
    addressType: "IPv4",
    endpoints: [{ addresses: ["1.2.3.4"], conditions: { ready } }],
    ports: [{ name, port: 443 }],
  });

  it.each([
    [undefined, [], "ServiceNotFound", 'service/s in "n" is not present'],
    [service({ ports: [] }), [], "ServicePortError", 'service/s in "n" is not listening on port 443'],
    [service(), [], "EndpointsNotFound", 'cannot find endpointslices for service/s in "n"'],
    [service(), [slice("https", false)], "MissingEndpoints", 'endpointslices for service/s in "n" have no addresses with port name "https"'],
    [service(), [slice("http", true)], "MissingEndpoints", 'endpointslices for service/s in "n" have no addresses with port name "https"'],
    [service({ clusterIP: "None" }), [slice("https", true)], "FailedDiscoveryCheck", 'cannot route to service with ClusterIP "None"'],
    [
      service(),
      [slice("https", true)],
      "FailedDiscoveryCheck",
      'failing or missing response from https://10.0.0.1:443/apis/g.example.com/v1: Get "https://10.0.0.1:443/apis/g.example.com/v1": dial tcp 10.0.0.1:443: connect: connection refused',
    ],
  ])("%j with %j: %s", (found, slices, reason, message) => {
    const condition = { type: "Available", status: "False", lastTransitionTime: "1970-01-01T00:00:00Z", reason, message };
    expect(planAvailability(remote(), { service: found, slices }, 0)).toEqual({ conditions: [condition] });
    expect(planAvailability(remote({ conditions: [condition] }), { service: found, slices }, 5000)).toBeUndefined();
  });

  it("keeps the time of what stays unavailable, and others' conditions", () => {
    const old = { type: "Available", status: "False", lastTransitionTime: "1970-01-01T00:00:00Z", reason: "R", message: "m" };
    expect(planAvailability(remote({ conditions: [{ type: "X", status: "True" }, old] }), { service: undefined, slices: [] }, 9000)?.conditions).toMatchObject([
      { type: "X" },
      { reason: "ServiceNotFound", lastTransitionTime: "1970-01-01T00:00:00Z" },
    ]);
    const local = { ...remote({ conditions: [old] }), spec };
    expect(planAvailability(local, { service: undefined, slices: [] }, 9000)?.conditions).toMatchObject([
      { reason: "Local", lastTransitionTime: "1970-01-01T00:00:09Z" },
    ]);
  });
});
