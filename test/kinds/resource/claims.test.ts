import { describe, expect, it } from "vitest";
import type { FieldError } from "../../../kinds/field.js";
import type { KubeObject } from "../../../kinds/object.js";
import { resourceClaim } from "../../../kinds/resource/resourceclaim/index.js";
import { resourceClaimTemplate } from "../../../kinds/resource/resourceclaimtemplate/index.js";

const text = (errors: readonly FieldError[] | undefined): string[] => (errors ?? []).map((e) => `${e.field}: ${e.message}`);
const NAME_OF_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

const claim = (devices: object, more: object = {}): KubeObject => {
  const object: KubeObject = {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaim",
    metadata: { name: "c", namespace: "n", resourceVersion: "1" },
    spec: { devices },
    ...more,
  };
  resourceClaim.defaults?.(object);
  return object;
};
const gpu = { name: "r", exactly: { deviceClassName: "gpu" } };
const either = { name: "f", firstAvailable: [{ name: "a", deviceClassName: "x" }] };

describe("#4.1 the spec of claims", () => {
  it("gets an allocation mode, a count and operators", () => {
    const { spec } = claim({
      requests: [
        { name: "r", exactly: { deviceClassName: "gpu", tolerations: [{ key: "k", value: "v" }] } },
        { name: "f", firstAvailable: [{ name: "a", deviceClassName: "x", allocationMode: "All" }] },
      ],
    });
    expect(spec.devices.requests[0].exactly).toEqual({
      deviceClassName: "gpu",
      allocationMode: "ExactCount",
      count: 1,
      tolerations: [{ key: "k", value: "v", operator: "Equal" }],
    });
    expect(spec.devices.requests[1].firstAvailable[0]).toEqual({ name: "a", deviceClassName: "x", allocationMode: "All" });
  });

  const table: readonly [what: string, devices: object, errors: readonly string[]][] = [
    ["nothing at all", {}, []],
    ["both forms of a request", { requests: [gpu, either] }, []],
    [
      "a request that is neither",
      { requests: [{ name: "r" }] },
      ["spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required"],
    ],
    [
      "a request that is both",
      { requests: [{ ...gpu, firstAvailable: either.firstAvailable }] },
      ["spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set"],
    ],
    ["a name twice", { requests: [gpu, gpu] }, ['spec.devices.requests[1]: Duplicate value: "r"']],
    ["too many requests", { requests: Array(33).fill(gpu) }, ["spec.devices.requests: Too many: 33: must have at most 32 items"]],
    [
      "modes and counts that do not go together",
      {
        requests: [
          { name: "a", exactly: { deviceClassName: "gpu", allocationMode: "All", count: 1 } },
          { name: "b", exactly: { deviceClassName: "gpu", count: -1 } },
          { name: "c", exactly: { allocationMode: "Most" } },
        ],
      },
      [
        "spec.devices.requests[0].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'",
        "spec.devices.requests[1].exactly.count: Invalid value: -1: must be greater than zero",
        "spec.devices.requests[2].exactly.deviceClassName: Required value",
        'spec.devices.requests[2].exactly.allocationMode: Unsupported value: "Most": supported values: "All", "ExactCount"',
      ],
    ],
    [
      "tolerations",
      {
        requests: [
          {
            name: "r",
            exactly: {
              deviceClassName: "gpu",
              tolerations: [
                { key: "k", operator: "Exists", value: "v" },
                { operator: "Like", effect: "Evict" },
              ],
            },
          },
        ],
      },
      [
        'spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: "v": must be empty for operator `Exists`',
        'spec.devices.requests[0].exactly.tolerations[1].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
        'spec.devices.requests[0].exactly.tolerations[1].effect: Unsupported value: "Evict": supported values: "NoExecute", "NoSchedule", "None"',
      ],
    ],
    [
      "a selector without an expression's place",
      { requests: [{ name: "r", exactly: { deviceClassName: "gpu", selectors: [{}] } }] },
      ["spec.devices.requests[0].exactly.selectors[0].cel: Required value"],
    ],
    [
      "constraints",
      {
        requests: [gpu, either],
        constraints: [
          { requests: ["r", "f", "f/a"], matchAttribute: "example.com/numa" },
          { requests: ["f/b", "a/b/c"], matchAttribute: "numa" },
          { distinctAttribute: "/x" },
          {},
        ],
      },
      [
        `spec.devices.constraints[1].requests[0]: Invalid value: "f/b": ${NAME_OF_REQUEST}`,
        `spec.devices.constraints[1].requests[1]: Invalid value: "a/b/c": ${NAME_OF_REQUEST}`,
        'spec.devices.constraints[1].matchAttribute: Invalid value: "numa": a fully qualified name must be a domain and a name separated by a slash',
        'spec.devices.constraints[2].distinctAttribute: Invalid value: "": the domain must not be empty',
        'spec.devices.constraints[3]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ],
    ],
    [
      "configuration",
      {
        config: [{}, { opaque: { parameters: [] } }, { opaque: { driver: "d.example.com", parameters: { a: "x".repeat(10 * 1024) } } }],
      },
      [
        "spec.devices.config[0].opaque: Required value",
        "spec.devices.config[1].opaque.driver: Required value",
        'spec.devices.config[1].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
        "spec.devices.config[2].opaque.parameters: Too long: may not be more than 10240 bytes",
      ],
    ],
  ];
  it.each(table)("%s", (_, devices, errors) => {
    expect(text(resourceClaim.validate?.(claim(devices)))).toEqual(errors);
  });

  it("never changes, and is shown as kube-apiserver holds it", () => {
    const old = claim({ requests: [gpu] });
    expect(text(resourceClaim.validateUpdate?.(structuredClone(old), old))).toEqual([]);
    const next = claim({ requests: [], config: [{ opaque: { driver: "d", parameters: { k: "<" } } }] });
    expect(text(resourceClaim.validateUpdate?.(next, old))).toEqual([
      'spec: Invalid value: {"Devices":{"Requests":[],"Constraints":null,"Config":[{"Requests":null,"Opaque":{"Driver":"d","Parameters":{"k":"\\u003c"}}}]}}: field is immutable',
    ]);
  });
});

describe("#4.1 templates of claims", () => {
  const template = (metadata: object, devices: object): KubeObject => ({
    metadata: { name: "t", namespace: "n", resourceVersion: "1" },
    spec: { metadata, spec: { devices } },
  });

  it("carry labels and annotations only", () => {
    const object = template({ labels: { a: "b" }, name: "x", uid: "u", finalizers: ["x"] }, { requests: [{}] });
    expect(text(resourceClaimTemplate.validate?.(object)).slice(0, 3)).toEqual([
      "spec.metadata.name: Forbidden: cannot be set",
      "spec.metadata.uID: Forbidden: cannot be set",
      "spec.metadata.finalizers: Forbidden: cannot be set",
    ]);
  });

  it("never change", () => {
    const old = template({}, {});
    expect(text(resourceClaimTemplate.validateUpdate?.(template({ labels: { a: "b" } }, {}), old))).toEqual([
      'spec: Invalid value: {"labels":{"a":"b"},"Spec":{"Devices":{"Requests":null,"Constraints":null,"Config":null}}}: field is immutable',
    ]);
    expect(resourceClaimTemplate.validateUpdate?.(template({}, {}), old)).toEqual([]);
  });
});

describe("#4.1 the status of claims", () => {
  const status = resourceClaim.status;
  if (typeof status !== "object") throw new Error("unreachable");
  const result = { request: "r", driver: "d.example.com", pool: "p", device: "d1" };
  const allocation = { devices: { results: [result] } };
  const id = '{"Driver":"d.example.com","Pool":"p","Device":"d2","ShareID":""}';
  const withStatus = (value: object, meta: object = {}): KubeObject => {
    const object = claim({ requests: [gpu] }, { status: value });
    Object.assign(object.metadata, meta);
    return object;
  };

  it("is not what a client sends on create", () => {
    const object = withStatus({ allocation });
    resourceClaim.prepareForCreate?.(object, { now: 0, user: "u" });
    expect(object.status).toEqual({});
  });

  const pod = { resource: "pods", name: "p", uid: "1" };
  const table: readonly [what: string, next: KubeObject, old: KubeObject, errors: readonly string[]][] = [
    ["an allocation and its consumer", withStatus({ allocation, reservedFor: [pod] }), withStatus({}), []],
    [
      "a consumer of nothing",
      withStatus({ reservedFor: [pod] }),
      withStatus({}),
      ["status.reservedFor: Forbidden: may not be specified when `allocated` is not set"],
    ],
    [
      "consumers that say little",
      withStatus({ allocation, reservedFor: [{}, {}] }),
      withStatus({ allocation }),
      [
        ...[0, 1].flatMap((i) => ["resource", "name", "uid"].map((field) => `status.reservedFor[${i}].${field}: Required value`)),
        'status.reservedFor[1]: Duplicate value: ""',
      ],
    ],
    [
      "a new consumer of a claim that is going",
      withStatus({ allocation, reservedFor: [pod] }, { deletionTimestamp: "2024-05-01T00:00:00Z" }),
      withStatus({ allocation }, { deletionTimestamp: "2024-05-01T00:00:00Z" }),
      ["status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set"],
    ],
    [
      "a device that is not allocated",
      withStatus({ allocation, devices: [{ ...result, request: undefined, device: "d2" }] }),
      withStatus({ allocation }),
      [`status.devices[0]: Invalid value: ${id}: must be an allocated device in the claim`],
    ],
    [
      "what a driver tells of a device",
      withStatus({
        allocation,
        devices: [
          {
            driver: "d.example.com",
            pool: "p",
            device: "d1",
            data: "text",
            networkData: { interfaceName: "e".repeat(257), ips: ["10.0.0.1/24", "010.0.0.1/24", "::ffff:10.0.0.1/120", "10.0.0.1"] },
          },
        ],
      }),
      withStatus({ allocation }),
      [
        'status.devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object',
        "status.devices[0].networkData.interfaceName: Too long: may not be more than 256 bytes",
        'status.devices[0].networkData.ips[1]: Invalid value: "010.0.0.1/24": must be in canonical form ("10.0.0.1/24")',
        'status.devices[0].networkData.ips[2]: Invalid value: "::ffff:10.0.0.1/120": must be in canonical form ("10.0.0.1/24")',
        'status.devices[0].networkData.ips[3]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      ],
    ],
    [
      "a new allocation",
      withStatus({
        allocation: {
          devices: {
            results: [
              { request: "x", pool: "p/Q", device: "d1", driver: "d.example.com", shareID: "{A0000000-0000-4000-8000-000000000001}", bindingConditions: ["a"] },
            ],
            config: [{ source: "FromAfar", opaque: { driver: "d", parameters: {} } }, {}],
          },
        },
      }),
      withStatus({}),
      [
        `status.allocation.devices.results[0].request: Invalid value: "x": ${NAME_OF_REQUEST}`,
        "status.allocation.devices.results[0].pool: Invalid value: \"Q\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "status.allocation.devices.results[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions",
        'status.allocation.devices.results[0].shareID: Invalid value: "{A0000000-0000-4000-8000-000000000001}": uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters',
        'status.allocation.devices.config[0].source: Unsupported value: "FromAfar": supported values: "FromClaim", "FromClass"',
        "status.allocation.devices.config[1].source: Required value",
        "status.allocation.devices.config[1].opaque: Required value",
      ],
    ],
    [
      "an allocation that changes",
      withStatus({ allocation: { devices: { results: [] } } }),
      withStatus({ allocation }),
      ['status.allocation: Invalid value: {"Devices":{"Results":[],"Config":null},"NodeSelector":null,"AllocationTimestamp":null}: field is immutable'],
    ],
    ["an allocation that ends", withStatus({}), withStatus({ allocation }), []],
  ];
  it.each(table)("%s", (_, next, old, errors) => {
    expect(text(status.validateUpdate(next, old))).toEqual(errors);
  });

  it("keeps spec and metadata, and drops the statuses of devices that are given back", () => {
    const old = withStatus({ allocation, devices: [{ driver: "d.example.com", pool: "p", device: "d1" }] }, { labels: { a: "b" } });
    const next = withStatus({ devices: old.status.devices }, { labels: { a: "c" } });
    next.spec = {};
    status.prepareForUpdate(next, old, { now: 0, user: "u" });
    expect(next.spec).toEqual(old.spec);
    expect(next.metadata.labels).toEqual({ a: "b" });
    expect(next.status).toEqual({});
  });

  it.each([
    [{}, "pending"],
    [{ status: { allocation } }, "allocated"],
    [{ status: { allocation, reservedFor: [pod] } }, "allocated,reserved"],
  ])("%j is shown as %s", (more, shown) => {
    expect(resourceClaim.printer?.row(claim({}, more), { now: 0 }).cells[1]).toBe(shown);
  });
  it("of a claim that is going is shown as deleted", () => {
    expect(resourceClaim.printer?.row(withStatus({}, { deletionTimestamp: "2024-05-01T00:00:00Z" }), { now: 0 }).cells[1]).toBe("deleted");
  });
});
