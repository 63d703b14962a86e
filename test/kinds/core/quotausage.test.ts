import { describe, expect, it } from "vitest";
import { calculateUsage, changesCharge, evaluatorOf, type QuotaFacts } from "../../../kinds/core/resourcequota/usage/index.js";
import type { KubeObject } from "../../../kinds/object.js";

const NOW = Date.UTC(2026, 0, 2);
const object = (spec: object, rest: object = {}): KubeObject => ({ metadata: { name: "o", namespace: "ns", uid: "u", ...rest }, spec }) as KubeObject;
const facts = (more: Partial<QuotaFacts> = {}): QuotaFacts => ({ now: NOW, deviceClasses: () => [], pod: () => undefined, resourceClaims: () => [], ...more });
const of = (id: string) => {
  const [group = "", resource = ""] = id.split("/");
  const found = evaluatorOf(group, resource);
  if (!found) throw new Error(`nothing measures ${id}`);
  return found;
};
const usage = (id: string, o: KubeObject, f = facts()) => of(id).usage(o, f);
const container = (requests: object = {}, limits: object = {}, name = "c") => ({ name, image: "i", resources: { requests, limits } });
const pod = (containers: object[], spec: object = {}, status: object = {}, metadata: object = {}): KubeObject =>
  ({ ...object({ containers, ...spec }, metadata), status }) as KubeObject;

describe("#4.5 quotas: what a pod costs", () => {
  it.each<[string, KubeObject, Record<string, string>]>([
    ["being there", pod([container()]), { pods: "1" }],
    [
      "requests, under both names, and limits",
      pod([container({ cpu: "100m", memory: "1Gi" }, { cpu: "1" }), container({ cpu: "0.9", "ephemeral-storage": "1k" })]),
      {
        pods: "1",
        cpu: "1",
        "requests.cpu": "1",
        "limits.cpu": "1",
        memory: "1Gi",
        "requests.memory": "1Gi",
        "ephemeral-storage": "1k",
        "requests.ephemeral-storage": "1k",
      },
    ],
    [
      "huge pages under both, extended resources and device classes under requests only",
      pod([container({ "hugepages-2Mi": "4Mi", "example.com/gpu": "2", "deviceclass.resource.kubernetes.io/c": "1" }, { "example.com/gpu": "2" })]),
      {
        pods: "1",
        "hugepages-2Mi": "4Mi",
        "requests.hugepages-2Mi": "4Mi",
        "requests.example.com/gpu": "2",
        "requests.deviceclass.resource.kubernetes.io/c": "1",
      },
    ],
    [
      "the hungriest init container, overhead on top",
      pod([container({ cpu: "1" })], { initContainers: [container({ cpu: "3" })], overhead: { cpu: "100m" } }),
      { pods: "1", cpu: "3100m", "requests.cpu": "3100m" },
    ],
    [
      "the pod's own before its containers'",
      pod([container({ cpu: "1" })], { resources: { requests: { cpu: "2" } } }),
      { pods: "1", cpu: "2", "requests.cpu": "2" },
    ],
    [
      "the most of a resize under way",
      pod(
        [container({ cpu: "1" }, { cpu: "1" })],
        {},
        { containerStatuses: [{ name: "c", resources: { requests: { cpu: "3" }, limits: { cpu: "4" } }, allocatedResources: { cpu: "2" } }] },
      ),
      { pods: "1", cpu: "3", "requests.cpu": "3", "limits.cpu": "4" },
    ],
    ["nothing more once it has ended", pod([container({ cpu: "1" })], {}, { phase: "Succeeded" }), {}],
    [
      "as long as it may still end in time",
      pod([container()], {}, {}, { deletionTimestamp: new Date(NOW).toISOString(), deletionGracePeriodSeconds: 0 }),
      { pods: "1" },
    ],
    [
      "nothing more when it is stuck",
      pod([container()], {}, {}, { deletionTimestamp: new Date(NOW - 31_000).toISOString(), deletionGracePeriodSeconds: 30 }),
      {},
    ],
  ])("%s", (_, p, expected) => {
    expect(usage("/pods", p)).toEqual({ "count/pods": "1", ...expected });
  });

  it.each<[string, string[], KubeObject, string | undefined]>([
    ["all of it said", ["pods", "requests.cpu"], pod([container({ cpu: "1" })]), undefined],
    ["only what upstream demands", ["pods", "requests.ephemeral-storage"], pod([container()]), undefined],
    [
      "by resource, containers by name",
      ["requests.cpu", "limits.memory"],
      pod([container({}, {}, "b"), container({ cpu: "1" }, {}, "a")], { initContainers: [container({}, { memory: "1" }, "i")] }),
      "must specify limits.memory for: a,b; requests.cpu for: b,i",
    ],
    ["said by the pod", ["requests.cpu"], pod([container()], { resources: { requests: { memory: "1Gi" } } }), undefined],
  ])("what it must say: %s", (_, required, p, expected) => {
    expect(of("/pods").missing?.(required, p)).toBe(expected);
  });

  const affinity = (term: object) => ({
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] } },
  });
  it.each<[string, string, string[] | undefined, KubeObject, boolean]>([
    ["Terminating", "Exists", undefined, pod([], { activeDeadlineSeconds: 0 }), true],
    ["NotTerminating", "Exists", undefined, pod([], { activeDeadlineSeconds: 5 }), false],
    ["BestEffort", "Exists", undefined, pod([container()]), true],
    ["BestEffort", "Exists", undefined, pod([container()], {}, { qosClass: "Burstable" }), false],
    ["NotBestEffort", "Exists", undefined, pod([container({ cpu: "1" })]), true],
    ["PriorityClass", "Exists", undefined, pod([], { priorityClassName: "high" }), true],
    ["PriorityClass", "Exists", undefined, pod([]), false],
    ["PriorityClass", "In", ["low", "high"], pod([], { priorityClassName: "high" }), true],
    ["PriorityClass", "NotIn", ["high"], pod([]), true],
    ["PriorityClass", "DoesNotExist", undefined, pod([]), true],
    ["CrossNamespacePodAffinity", "Exists", undefined, pod([], affinity({ namespaces: ["x"] })), true],
    ["CrossNamespacePodAffinity", "Exists", undefined, pod([], affinity({ namespaceSelector: {} })), true],
    ["CrossNamespacePodAffinity", "Exists", undefined, pod([], affinity({ topologyKey: "t" })), false],
    ["VolumeAttributesClass", "Exists", undefined, pod([]), false],
  ])("scope %s %s %j", (scopeName, operator, values, p, expected) => {
    expect(of("/pods").inScope?.({ scopeName, operator, values }, p)).toBe(expected);
  });
});

describe("#4.5 quotas: what others cost", () => {
  const ports = [{ port: 80 }, { port: 81, nodePort: 30000 }];
  it.each<[string, object, string, string]>([
    ["a service", { ports }, "0", "0"],
    ["node ports, before they are given", { type: "NodePort", ports }, "2", "0"],
    ["a load balancer with node ports", { type: "LoadBalancer", ports }, "2", "1"],
    ["a load balancer without but those it names", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports }, "1", "1"],
  ])("%s", (_, spec, nodePorts, balancers) => {
    expect(usage("/services", object(spec))).toEqual({
      "count/services": "1",
      services: "1",
      "services.nodeports": nodePorts,
      "services.loadbalancers": balancers,
    });
  });

  it("a claim: itself and its storage, as a whole and by class", () => {
    const claim = object({ storageClassName: "gold", resources: { requests: { storage: "1500m" } } });
    expect(usage("/persistentvolumeclaims", claim)).toEqual({
      "count/persistentvolumeclaims": "1",
      persistentvolumeclaims: "1",
      "requests.storage": "2",
      "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
      "gold.storageclass.storage.k8s.io/requests.storage": "2",
    });
    const growing = { ...object({ resources: { requests: { storage: "1Gi" } } }), status: { allocatedResources: { storage: "2Gi" } } } as KubeObject;
    expect(usage("/persistentvolumeclaims", growing)["requests.storage"]).toBe("2Gi");
    const names = ["requests.storage", "gold.storageclass.storage.k8s.io/requests.storage", "gold.storageclass.storage.k8s.io/other", "pods"];
    expect(of("/persistentvolumeclaims").matching(names, facts())).toEqual(names.slice(0, 2));
  });

  it.each<[string, string[] | undefined, object, object, boolean]>([
    ["Exists", undefined, { volumeAttributesClassName: "a" }, {}, true],
    ["In", ["b"], { volumeAttributesClassName: "a" }, { currentVolumeAttributesClassName: "b" }, true],
    ["In", ["t"], {}, { modifyVolumeStatus: { targetVolumeAttributesClassName: "t" } }, true],
    ["NotIn", ["b"], {}, {}, true],
    ["DoesNotExist", undefined, { volumeAttributesClassName: "a" }, {}, false],
  ])("a claim's attributes class: %s %j", (operator, values, spec, status, expected) => {
    expect(of("/persistentvolumeclaims").inScope?.({ scopeName: "VolumeAttributesClass", operator, values }, { ...object(spec), status } as KubeObject)).toBe(
      expected,
    );
  });

  const classes = [
    { metadata: { name: "gpu" }, spec: { extendedResourceName: "example.com/gpu" } },
    { metadata: { name: "plain" }, spec: {} },
  ] as KubeObject[];
  const devices = "deviceclass.resource.k8s.io/devices";
  const exactly = (deviceClassName: string, more: object = { allocationMode: "ExactCount", count: 2 }) => ({ exactly: { deviceClassName, ...more } });
  it("a resource claim: devices by class, at worst, under every name that the class has", () => {
    const claim = object({
      devices: {
        requests: [
          exactly("gpu"),
          exactly("plain", { allocationMode: "All" }),
          { firstAvailable: [exactly("gpu").exactly, { ...exactly("gpu").exactly, count: 3 }, { ...exactly("plain").exactly, count: 1 }] },
        ],
      },
    });
    expect(usage("resource.k8s.io/resourceclaims", claim, facts({ deviceClasses: () => classes }))).toEqual({
      "count/resourceclaims.resource.k8s.io": "1",
      [`gpu.${devices}`]: "5",
      [`plain.${devices}`]: "33",
      "requests.deviceclass.resource.kubernetes.io/gpu": "5",
      "requests.example.com/gpu": "5",
      "requests.deviceclass.resource.kubernetes.io/plain": "33",
    });
    const names = [`x.${devices}`, "requests.deviceclass.resource.kubernetes.io/gpu", "requests.example.com/gpu", "requests.example.com/other", "pods"];
    expect(of("resource.k8s.io/resourceclaims").matching(names, facts({ deviceClasses: () => classes }))).toEqual(names.slice(0, 3));
    expect(of("resource.k8s.io/resourceclaims").matching(names, facts())).toEqual(names.slice(0, 1));
  });

  it("what a pod pays for its extended resources, their claim does not pay again", () => {
    const owner = pod([container({ "example.com/gpu": "2" })], {}, { extendedResourceClaimStatus: { resourceClaimName: "o" } });
    const claim = object(
      { devices: { requests: [exactly("gpu")] } },
      {
        annotations: { "resource.kubernetes.io/extended-resource-claim": "true" },
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "o", uid: "u", controller: true }],
      },
    );
    const paid = (p: KubeObject | undefined) =>
      usage("resource.k8s.io/resourceclaims", claim, facts({ deviceClasses: () => classes, pod: () => p }))["requests.example.com/gpu"];
    expect(paid(owner)).toBeUndefined();
    expect(paid(undefined)).toBe("2");
    expect(paid({ ...owner, metadata: { ...owner.metadata, uid: "another" } })).toBe("2");
    expect(paid({ ...owner, status: { extendedResourceClaimStatus: { resourceClaimName: "another" } } } as KubeObject)).toBe("2");
  });

  it("anything else is counted, under an old name too where there is one; Events and answers are not", () => {
    expect(usage("apps/deployments", object({}))).toEqual({ "count/deployments.apps": "1" });
    expect(usage("/secrets", object({}))).toEqual({ "count/secrets": "1", secrets: "1" });
    expect([evaluatorOf("", "events"), evaluatorOf("events.k8s.io", "events"), evaluatorOf("authorization.k8s.io", "localsubjectaccessreviews")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("#4.5 quotas: counting a namespace", () => {
  it("sums what the scopes cover, of the names that something measures", () => {
    const pods = [
      pod([container({ cpu: "1" })], { priorityClassName: "high" }),
      pod([container({ cpu: "500m" })], { priorityClassName: "high" }),
      pod([container({ cpu: "4" })]),
    ];
    const measured = [
      { evaluator: of("/pods"), objects: () => pods },
      { evaluator: of("/secrets"), objects: () => [object({})] },
    ];
    const hard = { pods: "9", "requests.cpu": "9", "example.com/unknown": "1" };
    expect(calculateUsage({ hard }, measured, facts())).toEqual({ pods: "3", "requests.cpu": "5500m" });
    const scopeSelector = { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] };
    expect(calculateUsage({ hard, scopeSelector }, measured, facts())).toEqual({ pods: "2", "requests.cpu": "1500m" });
    // kinds without scopes are in no scope
    expect(calculateUsage({ hard: { secrets: "1" }, scopes: ["Terminating"] }, measured, facts())).toEqual({ secrets: "0" });
  });

  it.each<[string, string, KubeObject, KubeObject, boolean]>([
    ["a pod ends", "/pods", pod([], {}, { phase: "Failed" }), pod([], {}, { phase: "Running" }), true],
    ["a pod starts", "/pods", pod([], {}, { phase: "Running" }), pod([], {}, { phase: "Pending" }), false],
    ["a pod gets a deadline", "/pods", pod([], { activeDeadlineSeconds: 5 }), pod([]), true],
    [
      "a pod is resized",
      "/pods",
      pod([], {}, { containerStatuses: [{ name: "c", resources: { requests: { cpu: "1" } } }] }),
      pod([], {}, { containerStatuses: [{ name: "c", resources: { requests: { cpu: "2" } } }] }),
      true,
    ],
    ["a service changes its type", "/services", object({ type: "ClusterIP" }), object({ type: "NodePort" }), true],
    ["a service that is none the cheaper", "/services", object({ type: "ExternalName" }), object({ type: "ClusterIP" }), false],
    ["a claim changes its class", "/persistentvolumeclaims", object({ volumeAttributesClassName: "a" }), object({}), true],
    ["a claim changes its labels", "/persistentvolumeclaims", object({}, { labels: { a: "b" } }), object({}), false],
    ["a secret changes", "/secrets", object({ a: 1 }), object({}), false],
  ])("counts again when %s: %s", (_, id, is, was, expected) => {
    const [group = "", resource = ""] = id.split("/");
    expect(changesCharge(group, resource, is, was, NOW)).toBe(expected);
  });
});
