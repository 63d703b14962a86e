import { describe, expect, it } from "vitest";
import { lease } from "../../kinds/coordination/lease/index.js";
import { configMap } from "../../kinds/core/configmap/index.js";
import { endpoints } from "../../kinds/core/endpoints/index.js";
import { event } from "../../kinds/core/event/index.js";
import { limitRange } from "../../kinds/core/limitrange/index.js";
import { namespace } from "../../kinds/core/namespace/index.js";
import { node } from "../../kinds/core/node/index.js";
import { persistentVolume } from "../../kinds/core/persistentvolume/index.js";
import { persistentVolumeClaim } from "../../kinds/core/persistentvolumeclaim/index.js";
import { resourceQuota } from "../../kinds/core/resourcequota/index.js";
import { secret } from "../../kinds/core/secret/index.js";
import { serviceAccount } from "../../kinds/core/serviceaccount/index.js";
import { endpointSlice } from "../../kinds/discovery/endpointslice/index.js";
import type { FieldError } from "../../kinds/field.js";
import type { Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { storageClass } from "../../kinds/storage/storageclass/index.js";

const ctx = { now: Date.parse("2024-05-01T00:00:00.250Z"), user: "test" };
const text = (list: readonly FieldError[]): string[] => list.map((e) => `${e.field}: ${e.message}`);

/** An object as it is after decoding, defaults and the create strategy. */
function made(kind: Kind, rest: Record<string, unknown>, meta: Partial<KubeObject["metadata"]> = {}): KubeObject {
  const object: KubeObject = {
    metadata: { name: "x", resourceVersion: "1", ...(kind.namespaced ? { namespace: "n" } : {}), ...meta },
    ...structuredClone(rest),
  };
  kind.defaults?.(object);
  kind.prepareForCreate?.(object, ctx);
  return object;
}
const findings = (kind: Kind, rest: Record<string, unknown>, meta: Partial<KubeObject["metadata"]> = {}): string[] =>
  text(kind.validate?.(made(kind, rest, meta)) ?? []);
function updated(kind: Kind, old: KubeObject, change: (object: KubeObject) => void): string[] {
  const object = structuredClone(old);
  change(object);
  kind.defaults?.(object);
  kind.prepareForUpdate?.(object, old, ctx);
  return text(kind.validateUpdate?.(object, old) ?? []);
}
const base64 = (s: string): string => Buffer.from(s).toString("base64");

describe("#3.1 ConfigMap and Secret", () => {
  it("keys, overlaps and size", () => {
    expect(findings(configMap, { data: { "a/b": "" } })[0]).toContain('data[a/b]: Invalid value: "a/b": a valid config key must consist of');
    expect(findings(configMap, { data: { k: "1" }, binaryData: { k: "MQ==" } })).toEqual([
      'data[k]: Invalid value: "k": duplicate of key present in binaryData',
    ]);
    expect(findings(configMap, { data: { k: "x".repeat(1048577) } })).toEqual(["[]: Too long: may not be more than 1048576 bytes"]);
  });

  it("immutable means the flag and the data", () => {
    const old = made(configMap, { immutable: true, data: { a: "1" } });
    const change = (o: KubeObject): void => {
      o.data.a = "2";
      delete o.immutable;
    };
    expect(updated(configMap, old, change)).toEqual([
      "immutable: Forbidden: field is immutable when `immutable` is set",
      "data: Forbidden: field is immutable when `immutable` is set",
    ]);
    expect(updated(configMap, old, (o) => (o.metadata.labels = { a: "b" }))).toEqual([]);
  });

  it("stringData goes over data and away", () => {
    const object = made(secret, { data: { a: base64("old"), b: base64("b") }, stringData: { a: "new" } });
    expect(object.data).toEqual({ a: base64("new"), b: base64("b") });
    expect(object.stringData).toBeUndefined();
    expect(object.type).toBe("Opaque");
  });

  it.each([
    ["kubernetes.io/basic-auth", {}, ["data[username]: Required value", "data[password]: Required value"]],
    ["kubernetes.io/basic-auth", { password: "" }, []],
    ["kubernetes.io/ssh-auth", { "ssh-privatekey": "" }, ["data[ssh-privatekey]: Required value"]],
    ["kubernetes.io/tls", { "tls.crt": "" }, ["data[tls.key]: Required value"]],
    ["kubernetes.io/dockerconfigjson", {}, ["data[.dockerconfigjson]: Required value"]],
    ["kubernetes.io/dockercfg", { ".dockercfg": base64('{"a": [1, {}]}') }, []],
    ["kubernetes.io/service-account-token", {}, ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]],
  ])("type %s with %j", (type, data, expected) => {
    expect(findings(secret, { type, data })).toEqual(expected);
  });

  it.each([
    ["", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ["x", "invalid character 'x' looking for beginning of value"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 2}', "invalid character '2' after object key:value pair"],
    ["{'a'}", "invalid character '\\'' looking for beginning of object key string"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["{} x", "invalid character 'x' after top-level value"],
    ["nul", "unexpected end of JSON input"],
    ["trux", "invalid character 'x' in literal true (expecting 'e')"],
    ["[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"],
    ["5", "json: cannot unmarshal number into Go value of type map[string]interface {}"],
  ])("a docker config that reads %j", (content, problem) => {
    expect(findings(secret, { type: "kubernetes.io/dockercfg", data: { ".dockercfg": base64(content) } })).toEqual([
      `data[.dockercfg]: Invalid value: "<secret contents redacted>": ${problem}`,
    ]);
  });

  it("the type stays", () => {
    expect(updated(secret, made(secret, {}), (o) => (o.type = "other"))).toEqual(['type: Invalid value: "other": field is immutable']);
  });

  it("warns about a TLS pair that is none", () => {
    expect(secret.warnings?.(made(secret, { type: "kubernetes.io/tls", data: { "tls.crt": base64("x"), "tls.key": base64("y") } }))).toEqual([
      "tls: failed to find any PEM data in certificate input",
    ]);
  });
});

describe("#3.1 Namespace and ServiceAccount", () => {
  it("a namespace is born Active, labelled and with the finalizer", () => {
    const object = made(namespace, { status: { phase: "Terminating" }, spec: { finalizers: ["a.b/c"] } });
    expect(object.status).toEqual({ phase: "Active" });
    expect(object.spec.finalizers).toEqual(["a.b/c", "kubernetes"]);
    expect(object.metadata.labels).toEqual({ "kubernetes.io/metadata.name": "x" });
  });

  it("finalize changes finalizers only, an update never does", () => {
    const old = made(namespace, {});
    const object = structuredClone(old);
    object.spec.finalizers = [];
    namespace.prepareForUpdate?.(object, old, ctx);
    expect(object.spec.finalizers).toEqual(["kubernetes"]);
    object.spec = { finalizers: ["plain"] };
    expect(text(namespace.views?.[0]?.validateUpdate(object, old) ?? [])).toEqual([
      'spec.finalizers[0]: Invalid value: "plain": name is neither a standard finalizer name nor is it fully qualified',
    ]);
  });

  it("secret references keep their name only", () => {
    expect(made(serviceAccount, { secrets: [{ name: "s", namespace: "other", kind: "Secret" }] }).secrets).toEqual([{ name: "s" }]);
  });
});

describe("#3.1 volumes", () => {
  const spec = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" } };
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "fast" };

  it("a volume starts Pending at the clock's second", () => {
    const object = made(persistentVolume, { spec, status: { phase: "Bound" } });
    expect(object.status).toEqual({ phase: "Pending", lastPhaseTransitionTime: "2024-05-01T00:00:00Z" });
    expect(object.spec).toMatchObject({ persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem", hostPath: { path: "/x", type: "" } });
  });

  it.each([
    [{ hostPath: undefined }, ["spec: Required value: must specify a volume type"]],
    [{ nfs: { server: "s", path: "/p" } }, ["spec.nfs: Forbidden: may not specify more than 1 volume type"]],
    [{ hostPath: undefined, local: { path: "/p" } }, ["spec.nodeAffinity: Required value: Local volume requires node affinity"]],
    [{ capacity: { storage: "0" } }, ['spec.capacity[storage]: Invalid value: "0": must be greater than zero']],
    [{ capacity: { cpu: "1" } }, ['spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"']],
    [{ accessModes: ["ReadWriteOncePod", "ReadOnlyMany"] }, ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"]],
    [
      { hostPath: { path: "/" }, persistentVolumeReclaimPolicy: "Recycle" },
      ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    ],
    [{ volumeAttributesClassName: "gold" }, ["spec.csi: Required value: has to be specified when using volumeAttributesClassName"]],
  ])("a volume with %j", (change, expected) => {
    expect(findings(persistentVolume, { spec: { ...spec, ...change } })).toEqual(expected);
  });

  it("a volume's source is fixed; its diff shows internal names", () => {
    const old = made(persistentVolume, { spec });
    const [message] = updated(persistentVolume, old, (o) => (o.spec.hostPath.path = "/y"));
    expect(message).toContain("spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ ");
    expect(message).toContain('-  "Path": "/x",\n+  "Path": "/y",\n');
  });

  it("the phase's time moves with the phase", () => {
    const old = made(persistentVolume, { spec });
    if (typeof persistentVolume.status !== "object") throw new Error("no status");
    const object = structuredClone(old);
    object.status.phase = "Available";
    persistentVolume.status.prepareForUpdate(object, old, { ...ctx, now: ctx.now + 5000 });
    expect(object.status.lastPhaseTransitionTime).toBe("2024-05-01T00:00:05Z");
  });

  it("a claim gets its volume once, and its default class late", () => {
    const old = made(persistentVolumeClaim, { spec: { ...claim, storageClassName: undefined } });
    const bind = (o: KubeObject): void => {
      o.spec.volumeName = "v";
      o.spec.storageClassName = "late";
    };
    expect(updated(persistentVolumeClaim, old, bind)).toEqual([]);
    const bound = structuredClone(old);
    bind(bound);
    const [message] = updated(persistentVolumeClaim, bound, (o) => (o.spec.volumeName = "w"));
    expect(message).toContain(
      "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ ",
    );
    expect(message).toContain('- "VolumeName": "v",\n+ "VolumeName": "w",\n');
  });

  it("a bound claim grows, and shrinks no further than its volume", () => {
    const old = made(persistentVolumeClaim, { spec: { ...claim, volumeName: "v" } });
    old.status = { phase: "Bound", capacity: { storage: "1Gi" } };
    const resize = (storage: string) => updated(persistentVolumeClaim, old, (o) => (o.spec.resources.requests.storage = storage));
    expect(resize("2Gi")).toEqual([]);
    expect(resize("500Mi")).toEqual(["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]);
  });

  it("data sources of unknown kinds are dropped, known ones are told in both forms", () => {
    const of = (kind: string) => made(persistentVolumeClaim, { spec: { ...claim, dataSource: { kind, name: "d" } } }).spec;
    expect(of("Widget").dataSource).toBeUndefined();
    expect(of("PersistentVolumeClaim").dataSourceRef).toEqual({ kind: "PersistentVolumeClaim", name: "d" });
  });

  it("a class is fixed but for expansion, mount options and topologies", () => {
    const old = made(storageClass, { provisioner: "a.b/c", parameters: { z: "1", a: "2" } });
    expect(updated(storageClass, old, (o) => (o.allowVolumeExpansion = true))).toEqual([]);
    expect(updated(storageClass, old, (o) => (o.parameters = { y: "1", b: "2" }))).toEqual([
      'parameters: Invalid value: {"b":"2","y":"1"}: field is immutable',
    ]);
    expect(updated(storageClass, old, (o) => (o.reclaimPolicy = "Retain"))).toEqual(['reclaimPolicy: Invalid value: "Retain": field is immutable']);
    expect(findings(storageClass, { provisioner: "" })).toEqual(["provisioner: Required value"]);
  });

  it("prints volumes and claims", () => {
    const volume = made(persistentVolume, { spec: { ...spec, claimRef: { namespace: "n", name: "c" }, accessModes: ["ReadOnlyMany", "ReadWriteOnce"] } });
    expect(persistentVolume.printer?.row(volume, ctx).cells).toEqual([
      "x",
      "1Gi",
      "RWO,ROX",
      "Retain",
      "Pending",
      "n/c",
      "",
      "<unset>",
      "",
      "<unknown>",
      "Filesystem",
    ]);
    const lost = made(persistentVolumeClaim, { spec: { ...claim, volumeName: "v" } });
    lost.status = { phase: "Lost" };
    expect(persistentVolumeClaim.printer?.row(lost, ctx).cells.slice(0, 6)).toEqual(["x", "Lost", "v", "0", "", "fast"]);
  });
});

describe("#3.1 nodes, events, endpoints, leases, limits", () => {
  it("taints are unique by key and effect", () => {
    const taint = { key: "k", effect: "NoSchedule" };
    expect(findings(node, { spec: { taints: [taint, { ...taint, value: "v" }] } })).toEqual([
      'metadata.taints[1]: Duplicate value: {"Key":"k","Value":"v","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ]);
  });

  it("a node's pod range and provider are written once", () => {
    const old = made(node, { spec: { podCIDR: "10.1.0.0/24", providerID: "a" } });
    expect(old.spec.podCIDRs).toEqual(["10.1.0.0/24"]);
    const change = (o: KubeObject): void => {
      o.spec = { podCIDR: "10.2.0.0/24", providerID: "b" };
    };
    expect(updated(node, old, change)).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]);
  });

  it("prints a node's status and roles", () => {
    const object = made(node, { spec: { unschedulable: true }, status: { conditions: [{ type: "Ready", status: "False" }] } });
    object.metadata.labels = { "node-role.kubernetes.io/worker": "", "kubernetes.io/role": "old" };
    expect(node.printer?.row(object, ctx).cells.slice(0, 3)).toEqual(["x", "NotReady,SchedulingDisabled", "old,worker"]);
    expect(node.selectable?.["spec.unschedulable"]?.(made(node, {}))).toBe("false");
  });

  it("an event belongs to the namespace of what it is about", () => {
    expect(findings(event, { involvedObject: { namespace: "other" } })).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
    expect(findings(event, { involvedObject: { namespace: "n" }, eventTime: "2024-01-01T00:00:00.000000Z", reportingComponent: "a/b" })).toEqual([
      "reportingInstance: Required value",
      "action: Required value",
      "reason: Required value",
    ]);
    expect(event.selectable?.source?.({ metadata: {}, reportingComponent: "r" })).toBe("r");
  });

  it("endpoint addresses have to make sense", () => {
    const of = (ip: string) => findings(endpoints, { subsets: [{ addresses: [{ ip }], ports: [{ port: 1 }] }] });
    expect(of("10.0.0.1")).toEqual([]);
    expect(of("::1")).toEqual(['subsets[0].addresses[0].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)']);
    expect(findings(endpoints, { subsets: [{}] })).toEqual(["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"]);
  });

  it("a slice holds one type of address", () => {
    const of = (addressType: string, address: string) => findings(endpointSlice, { addressType, endpoints: [{ addresses: [address] }] });
    expect(of("IPv4", "2001:db8::1")).toEqual(['endpoints[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address']);
    expect(of("IPv6", "2001:db8:0::1")).toEqual(['endpoints[0].addresses[0]: Invalid value: "2001:db8:0::1": must be in canonical form ("2001:db8::1")']);
    expect(of("FQDN", "a.b")).toEqual([]);
    const slice = made(endpointSlice, { addressType: "IPv4", endpoints: [], ports: [{ port: 80 }, { name: "x", port: 81 }] });
    expect(slice.ports[0]).toEqual({ name: "", protocol: "TCP", port: 80 });
    expect(endpointSlice.printer?.row(slice, ctx).cells.slice(1, 4)).toEqual(["IPv4", "80,81", "<unset>"]);
  });

  it("leases", () => {
    expect(findings(lease, { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } })).toEqual([
      "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
      "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
    ]);
  });

  it("container limits default from their bounds", () => {
    const object = made(limitRange, { spec: { limits: [{ type: "Container", max: { cpu: "2" }, min: { memory: "1Mi" }, defaultRequest: { cpu: "1" } }] } });
    expect(object.spec.limits[0]).toMatchObject({ default: { cpu: "2" }, defaultRequest: { cpu: "1", memory: "1Mi" } });
    expect(findings(limitRange, { spec: { limits: [{ type: "Container", min: { cpu: "2" }, max: { cpu: "1" } }] } })).toContain(
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    );
  });

  it("quotas know their resources and scopes", () => {
    expect(findings(resourceQuota, { spec: { hard: { cpu: "1", storage: "1" } } })).toEqual([
      'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
    ]);
    expect(findings(resourceQuota, { spec: { scopes: ["BestEffort", "NotBestEffort"] } })).toEqual([
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ]);
    expect(updated(resourceQuota, made(resourceQuota, { spec: { scopes: ["BestEffort"] } }), (o) => delete o.spec.scopes)).toEqual([
      "spec.scopes: Invalid value: null: field is immutable",
    ]);
    const object = made(resourceQuota, {});
    object.status = { hard: { pods: "3", "limits.cpu": "2" }, used: { pods: "1" } };
    expect(resourceQuota.printer?.row(object, ctx).cells.slice(1, 3)).toEqual(["pods: 1/3", "limits.cpu: 0/2"]);
  });
});
