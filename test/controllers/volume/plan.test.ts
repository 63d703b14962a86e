import { describe, expect, it } from "vitest";
import { nodeSelectorMatches } from "../../../controllers/runtime/nodes.js";
import { amount } from "../../../controllers/volume/amount.js";
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "../../../controllers/volume/api.js";
import {
  type ClaimFacts,
  defaultClass,
  deletionFinalizers,
  isVolumeReleased,
  migrationAnnotations,
  planClaim,
  planVolume,
  waitingKeys,
} from "../../../controllers/volume/binder/plan.js";
import { storageClassesFor } from "../../../controllers/volume/classes.js";
import { modelOf } from "../../../controllers/volume/driver/models.js";
import { playedDrivers } from "../../../controllers/volume/driver/played.js";
import { findBestMatch, findMatchingVolume, volumeMismatch } from "../../../controllers/volume/match.js";
import { planClaimProtection, planVolumeProtection } from "../../../controllers/volume/protection/plan.js";
import { createDirectories } from "../../../controllers/volume/provisioner/directory.js";
import { driverForClaim } from "../../../controllers/volume/provisioner/reconcile.js";
import { claim, node, pod, storageClass, volume, withClaim } from "./support.js";

const REF = { namespace: "default", name: "c" };
const C = (spec: object = {}, metadata: object = {}, status: object = { phase: "Pending" }): PersistentVolumeClaim => {
  const base = claim("c", "1Gi", spec);
  return { ...base, metadata: { name: "c", namespace: "default", uid: "u", ...metadata }, status } as PersistentVolumeClaim;
};
const V = (name: string, size = "1Gi", spec: object = {}, metadata: object = {}, phase = "Available"): PersistentVolume => {
  const base = volume(name, size, spec);
  return { ...base, metadata: { name, uid: `v-${name}`, ...metadata }, status: { phase } } as PersistentVolume;
};
const S = (name: string, extra: object = {}, annotations?: Record<string, string>): StorageClass =>
  storageClass(name, "kubernetes.io/host-path", extra, annotations) as StorageClass;
const COMPLETED = { annotations: { "pv.kubernetes.io/bind-completed": "yes" } };

describe("#5.2 volumes: which volume a claim gets", () => {
  it.each<[string, PersistentVolumeClaim, PersistentVolume[], string | undefined]>([
    ["the smallest that is large enough", C(), [V("five", "5Gi"), V("one"), V("half", "512Mi")], "one"],
    ["sizes by value, not by text", C({ resources: { requests: { storage: "1500Mi" } } }), [V("a", "1Gi"), V("b", "2000000k"), V("c", "1536Mi")], "c"],
    ["nothing of another class", C(), [V("a", "1Gi", { storageClassName: "other" })], undefined],
    ["no class matches no class", C({ storageClassName: "" }), [V("a", "1Gi", { storageClassName: undefined })], "a"],
    ["nothing of another mode", C({ volumeMode: "Block" }), [V("a")], undefined],
    ["nothing that has not become Available", C(), [V("a", "1Gi", {}, {}, "Pending"), V("b", "1Gi", {}, {}, "Released")], undefined],
    ["nothing that is being deleted", C(), [V("a", "1Gi", {}, { deletionTimestamp: "2024-01-01T00:00:00Z" })], undefined],
    ["by label", C({ selector: { matchLabels: { tier: "fast" } } }), [V("a"), V("b", "9Gi", {}, { labels: { tier: "fast" } })], "b"],
    [
      "by expression",
      C({ selector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["slow"] }] } }),
      [V("a", "1Gi", {}, { labels: { tier: "slow" } })],
      undefined,
    ],
    ["pre-bound to it before any other, whatever its phase", C(), [V("a"), V("mine", "9Gi", { claimRef: REF }, {}, "Pending")], "mine"],
    ["pre-bound to another life of it: never", C(), [V("a", "1Gi", { claimRef: { ...REF, uid: "old" } })], undefined],
    ["pre-bound but too small: not even then", C(), [V("a", "1Mi", { claimRef: REF })], undefined],
    ["modes it has not: never", C({ accessModes: ["ReadOnlyMany"] }), [V("a", "1Gi", { accessModes: ["ReadWriteOnce", "ReadWriteMany"] })], undefined],
    ["fewest modes first, even if larger", C(), [V("rich", "1Gi", { accessModes: ["ReadWriteOnce", "ReadOnlyMany"] }), V("plain", "5Gi")], "plain"],
    ["no other attributes class", C({ volumeAttributesClassName: "gold" }), [V("a")], undefined],
  ])("%s", (_, c, volumes, expected) => expect(findBestMatch(c, volumes, false)?.metadata.name).toBe(expected));

  it("while a claim waits for its consumer the binder takes only what is pre-bound to it; the scheduler asks for a node", () => {
    const there = V("there", "1Gi", {
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["n1"] }] }] } },
    });
    expect(findBestMatch(C(), [V("a"), there], true)).toBeUndefined();
    expect(findBestMatch(C(), [V("a", "1Gi", { claimRef: REF })], true)?.metadata.name).toBe("a");
    const on = (name: string) => findMatchingVolume(C(), [there], { node: node(name) as never, delayBinding: true })?.metadata.name;
    expect([on("n1"), on("n2")]).toEqual(["there", undefined]);
    expect(findMatchingVolume(C(), [V("a"), V("b", "2Gi")], { node: node("n1") as never, excluded: new Set(["a"]) })?.metadata.name).toBe("b");
  });

  it.each([
    ["In", ["a"], true],
    ["NotIn", ["a"], false],
    ["Exists", undefined, true],
    ["DoesNotExist", undefined, false],
    ["Gt", ["3"], false],
  ])("node selector operator %s", (operator, values, expected) =>
    expect(nodeSelectorMatches({ nodeSelectorTerms: [{}, { matchExpressions: [{ key: "k", operator, values }] }] }, { name: "n", labels: { k: "a" } })).toBe(
      expected,
    ),
  );

  it.each<[string, Partial<Record<string, unknown>>, object, string | undefined]>([
    ["fits", {}, {}, undefined],
    ["small", {}, { capacity: { storage: "1Mi" } }, "requested PV is too small"],
    ["class", { storageClassName: "x" }, {}, "storageClassName does not match"],
    ["mode", { volumeMode: "Block" }, {}, "incompatible volumeMode"],
    ["access", { accessModes: ["ReadWriteMany"] }, {}, "incompatible accessMode"],
  ])("a volume asked for by name: %s", (_, c, v, expected) => expect(volumeMismatch(V("v", "1Gi", v), C(c))).toBe(expected));

  it.each([
    ["1Gi", 2 ** 30],
    ["1500M", 1.5e9],
    ["100m", 0.1],
    ["1e3", 1000],
    ["2E", 2e18],
    ["", 0],
  ])("%s is %d", (text, value) => expect(amount(text)).toBe(value));
});

const facts = (over: Partial<ClaimFacts> & { all?: PersistentVolume[]; made?: StorageClass[] } = {}): ClaimFacts => ({
  volume: (name) => over.all?.find((v) => v.metadata.name === name),
  candidates: () => over.all ?? [],
  storageClass: (name) => over.made?.find((c) => c.metadata.name === name),
  classes: () => over.made ?? [],
  waitingPods: () => [],
  ...over,
});
const WAIT = S("manual", { volumeBindingMode: "WaitForFirstConsumer" });

describe("#5.2 volumes: what is done about a claim", () => {
  it.each<[string, PersistentVolumeClaim, ClaimFacts, object]>([
    ["a match: bind", C(), facts({ all: [V("a")] }), { do: "bind" }],
    ["no match, a class: provision", C(), facts({ made: [S("manual")] }), { do: "provision", className: "manual" }],
    ["no match, no such class: provision, which will say so", C(), facts(), { do: "provision", storageClass: undefined }],
    [
      "no class said, a default there: take it",
      C({ storageClassName: undefined }),
      facts({ made: [S("d", {}, { "storageclass.kubernetes.io/is-default-class": "true" })] }),
      { do: "assign-class", storageClass: "d" },
    ],
    [
      'class "" is a word',
      C({ storageClassName: "" }),
      facts({ made: [S("d", {}, { "storageclass.kubernetes.io/is-default-class": "true" })] }),
      { do: "pending", note: { reason: "FailedBinding" } },
    ],
    ["waits for a consumer", C(), facts({ made: [WAIT] }), { do: "pending", note: { reason: "WaitForFirstConsumer" } }],
    [
      "waits for a pod",
      C(),
      facts({ made: [WAIT], waitingPods: () => ["p"] }),
      { do: "pending", note: { reason: "WaitForPodScheduled", message: "waiting for pod p to be scheduled" } },
    ],
    [
      "waits for pods",
      C(),
      facts({ made: [WAIT], waitingPods: () => ["p", "q"] }),
      { do: "pending", note: { message: "waiting for pods p,q to be scheduled" } },
    ],
    ["a node is chosen: provision", C({}, { annotations: { "volume.kubernetes.io/selected-node": "n" } }), facts({ made: [WAIT] }), { do: "provision" }],
    ["a named volume that is not there: wait quietly", C({ volumeName: "x" }), facts(), { do: "pending" }],
    ["a named volume reserved for it: bind", C({ volumeName: "x" }), facts({ all: [V("x", "1Gi", { claimRef: REF })] }), { do: "bind" }],
    ["bound, its volume forgot it: bind again", C({ volumeName: "x" }, COMPLETED), facts({ all: [V("x")] }), { do: "bind" }],
    ["bound, its volume is gone: lost", C({ volumeName: "x" }, COMPLETED), facts(), { do: "lost", note: { reason: "ClaimLost" } }],
    [
      "bound to nothing: lost",
      C({}, COMPLETED),
      facts(),
      { do: "lost", note: { message: "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!" } },
    ],
    [
      "bound, the volume is another's: lost",
      C({ volumeName: "x" }, COMPLETED),
      facts({ all: [V("x", "1Gi", { claimRef: { ...REF, uid: "other" } })] }),
      { do: "lost", note: { reason: "ClaimMisbound" } },
    ],
  ])("%s", (_, c, f, expected) => expect(planClaim(c, f)).toMatchObject(expected));

  it("the newest default class wins, by name among equals", () => {
    const mark = { "storageclass.kubernetes.io/is-default-class": "true" };
    const at = (name: string, time: string): StorageClass => ({ ...S(name, {}, mark), metadata: { name, annotations: mark, creationTimestamp: time } });
    expect(defaultClass([at("b", "2024-01-01T00:00:00Z"), at("a", "2024-01-01T00:00:00Z"), at("new", "2025-01-01T00:00:00Z"), S("x")])?.metadata.name).toBe(
      "new",
    );
    expect(defaultClass([at("b", "2024-01-01T00:00:00Z"), at("a", "2024-01-01T00:00:00Z")])?.metadata.name).toBe("a");
    expect(defaultClass([S("x")])).toBeUndefined();
  });

  it("waits under its class, its volume, or for any default", () => {
    expect(waitingKeys(C())).toEqual(["class:manual"]);
    expect(waitingKeys(C({ volumeName: "v" }))).toEqual(["volume:v"]);
    expect(waitingKeys(C({ storageClassName: undefined }))).toEqual(["class:", "no-class"]);
    expect(waitingKeys(C({}, COMPLETED))).toEqual([]);
  });
});

describe("#5.2 volumes: what is done about a volume", () => {
  const bound = { claimRef: { ...REF, uid: "u" } };
  const provisioned = { annotations: { "pv.kubernetes.io/provisioned-by": "kubernetes.io/host-path" } };
  it.each<[string, PersistentVolume, PersistentVolumeClaim | undefined, object]>([
    ["nobody's: Available", V("v"), undefined, { do: "phase", phase: "Available" }],
    ["reserved by name: Available", V("v", "1Gi", { claimRef: REF }), C(), { do: "phase", phase: "Available" }],
    ["its claim is gone: reclaim", V("v", "1Gi", bound), undefined, { do: "reclaim" }],
    ["its claim is another of that name: reclaim", V("v", "1Gi", bound), C({}, { uid: "new" }), { do: "reclaim" }],
    ["its claim does not know yet", V("v", "1Gi", bound), C(), { do: "sync-claim" }],
    [
      "its claim cannot have it",
      V("v", "1Gi", bound),
      C({ volumeMode: "Block" }),
      { do: "mismatch", onClaim: { message: 'Cannot bind PersistentVolume "v" to requested PersistentVolumeClaim due to incompatible volumeMode.' } },
    ],
    ["both agree: Bound", V("v", "1Gi", bound), C({ volumeName: "v" }), { do: "phase", phase: "Bound" }],
    ["its claim chose another: let go", V("v", "1Gi", bound), C({ volumeName: "w" }), { do: "unbind" }],
    [
      "made for a claim that chose another: reclaim",
      V("v", "1Gi", { ...bound, persistentVolumeReclaimPolicy: "Delete" }, provisioned),
      C({ volumeName: "w" }),
      { do: "reclaim" },
    ],
  ])("%s", (_, v, c, expected) => expect(planVolume(v, c)).toMatchObject(expected));

  it("is released when its claim is gone or has another volume", () => {
    expect([undefined, C({}, { uid: "x" }), C({ volumeName: "w" }), C({ volumeName: "v" }), C()].map((c) => isVolumeReleased(V("v", "1Gi", bound), c))).toEqual(
      [true, true, true, false, false],
    );
    expect(isVolumeReleased(V("v", "1Gi", { claimRef: REF }), undefined)).toBe(false);
  });

  it.each<[string, string | undefined, string, string[], string[] | undefined]>([
    ["in-tree and Delete: held", "kubernetes.io/host-path", "Delete", [], ["kubernetes.io/pv-controller"]],
    ["in-tree and Retain: not held", "kubernetes.io/host-path", "Retain", ["kubernetes.io/pv-controller", "x"], ["x"]],
    ["held already", "kubernetes.io/host-path", "Delete", ["kubernetes.io/pv-controller"], undefined],
    ["migrated: its driver holds it", "kubernetes.io/aws-ebs", "Delete", ["kubernetes.io/pv-controller"], []],
    ["made by hand", undefined, "Delete", [], undefined],
    ["external", "csi.example.com", "Delete", [], undefined],
  ])("finalizers, %s", (_, by, policy, now, next) => {
    const metadata = { finalizers: now, ...(by && { annotations: { "pv.kubernetes.io/provisioned-by": by } }) };
    expect(deletionFinalizers(V("v", "1Gi", { persistentVolumeReclaimPolicy: policy }, metadata))).toEqual(next);
  });

  it("says to whom it has migrated", () => {
    const of = (annotations: Record<string, string>) => migrationAnnotations({ metadata: { annotations } }, "volume");
    expect(of({ "pv.kubernetes.io/provisioned-by": "kubernetes.io/aws-ebs" })).toHaveProperty(["pv.kubernetes.io/migrated-to"], "ebs.csi.aws.com");
    expect(of({ "pv.kubernetes.io/provisioned-by": "kubernetes.io/aws-ebs", "pv.kubernetes.io/migrated-to": "ebs.csi.aws.com" })).toBeUndefined();
    expect(of({ "pv.kubernetes.io/provisioned-by": "x", "pv.kubernetes.io/migrated-to": "y" })).toEqual({ "pv.kubernetes.io/provisioned-by": "x" });
  });
});

describe("#5.2 volumes: protection", () => {
  const deleted = { deletionTimestamp: "2024-01-01T00:00:00Z", finalizers: ["kubernetes.io/pvc-protection"] };
  const user = (spec: object, metadata: object = {}, status: object = {}) =>
    ({ ...pod("p", spec), metadata: { name: "p", namespace: "default", uid: "p", ...metadata }, status }) as unknown as Pod;
  const ephemeral = { nodeName: "n", volumes: [{ name: "x", ephemeral: {} }] };
  const owned = { ...deleted, name: "p-x", ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "p", controller: true }] };
  it.each<[string, object, Pod[], string]>([
    ["new, without it", {}, [], "add"],
    ["not deleted", { finalizers: ["kubernetes.io/pvc-protection"] }, [], "leave"],
    ["deleted, unused", deleted, [], "remove"],
    ["deleted, a pod without a node", deleted, [user(withClaim("c"))], "remove"],
    ["deleted, a pod with a node", deleted, [user(withClaim("c", { nodeName: "n" }))], "leave"],
    ["deleted, a finished pod", deleted, [user(withClaim("c", { nodeName: "n" }), {}, { phase: "Succeeded" })], "leave"],
    ["ephemeral, its pod runs", owned, [user(ephemeral)], "leave"],
    ["ephemeral, its pod is shut down", owned, [user(ephemeral, { deletionTimestamp: "2024-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 })], "remove"],
    ["of that name, but not made for the pod", { ...owned, ownerReferences: [] }, [user(ephemeral)], "remove"],
  ])("claim: %s", (_, metadata, pods, expected) => expect(planClaimProtection(C({}, metadata), pods)).toBe(expected));

  it.each([
    ["Bound", "leave"],
    ["Released", "remove"],
    ["Available", "remove"],
  ])("a deleted volume that is %s: %s", (phase, expected) =>
    expect(planVolumeProtection(V("v", "1Gi", {}, { deletionTimestamp: "2024-01-01T00:00:00Z", finalizers: ["kubernetes.io/pv-protection"] }, phase))).toBe(
      expected,
    ),
  );
});

describe("#5.2 volumes: drivers and environments", () => {
  const zoned = node("n1", { labels: { "topology.kubernetes.io/zone": "z1", "topology.gke.io/zone": "z1" } });
  const request = (provisioner: string, size = "1500M") => ({
    claim: C({ resources: { requests: { storage: size } } }),
    storageClass: storageClass("s", provisioner) as StorageClass,
    name: "pvc-u",
    node: zoned as never,
  });
  it("each writes its own source, rounds as it does, and ties the volume to where it lies", () => {
    expect(modelOf("ebs.csi.aws.com")?.provision(request("ebs.csi.aws.com"))).toMatchObject({
      capacity: "2Gi",
      source: { csi: { driver: "ebs.csi.aws.com", fsType: "ext4" } },
      topology: [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["z1"] }],
    });
    expect(modelOf("pd.csi.storage.gke.io")?.provision(request("pd.csi.storage.gke.io"))).toMatchObject({
      source: { csi: { volumeHandle: "projects/mockube/zones/z1/disks/pvc-u" } },
      topology: [{ key: "topology.gke.io/zone" }],
    });
    expect(modelOf("rancher.io/local-path")?.provision(request("rancher.io/local-path"))).toMatchObject({
      capacity: "1500M",
      source: { hostPath: { path: "/opt/local-path-provisioner/pvc-u_default_c", type: "DirectoryOrCreate" } },
      topology: [{ key: "kubernetes.io/hostname", values: ["n1"] }],
    });
    expect(modelOf("k8s.io/minikube-hostpath")?.provision(request("k8s.io/minikube-hostpath")).source).toEqual({
      hostPath: { path: "/tmp/hostpath-provisioner/default/c", type: "" },
    });
    expect(modelOf("csi.example.com")).toBeUndefined();
  });

  const drivers = playedDrivers(createDirectories("/nowhere"));
  it("a driver's turn comes when it is asked, and for waiting classes when a node is chosen", () => {
    const asked = { "volume.kubernetes.io/storage-provisioner": "ebs.csi.aws.com" };
    const wait = storageClass("s", "ebs.csi.aws.com", { volumeBindingMode: "WaitForFirstConsumer" }) as StorageClass;
    expect(driverForClaim(drivers, C(), S("s"))).toBeUndefined();
    expect(driverForClaim(drivers, C({}, { annotations: asked }), S("s"))?.name).toBe("ebs.csi.aws.com");
    expect(driverForClaim(drivers, C({}, { annotations: asked }), wait)).toBeUndefined();
    expect(driverForClaim(drivers, C({}, { annotations: { ...asked, "volume.kubernetes.io/selected-node": "n" } }), wait)?.name).toBe("ebs.csi.aws.com");
    expect(driverForClaim(drivers, C({ volumeName: "v" }, { annotations: asked }), S("s"))).toBeUndefined();
  });

  it.each([
    ["eks", undefined],
    ["gke", "standard-rwo"],
    ["aks", "default"],
    ["kind", "standard"],
    ["minikube", "standard"],
    ["k3s", "local-path"],
    ["none", undefined],
  ] as const)("%s: the default class is %s, and every class has somebody to serve it", (environment, expected) => {
    const classes = storageClassesFor(environment);
    expect(defaultClass(classes)?.metadata.name).toBe(expected);
    const migrated: Record<string, string> = { "kubernetes.io/aws-ebs": "ebs.csi.aws.com", "kubernetes.io/gce-pd": "pd.csi.storage.gke.io" };
    for (const c of classes) expect(modelOf(migrated[c.provisioner] ?? c.provisioner), c.provisioner).toBeDefined();
  });

  it("EKS's gp2 is as `aws eks` makes it", () => {
    const [gp2] = storageClassesFor("eks");
    expect(gp2).toMatchObject({
      provisioner: "kubernetes.io/aws-ebs",
      parameters: { fsType: "ext4", type: "gp2" },
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    expect(gp2.metadata.annotations).toEqual({
      "kubectl.kubernetes.io/last-applied-configuration":
        '{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"annotations":{},"name":"gp2"},"parameters":{"fsType":"ext4","type":"gp2"},"provisioner":"kubernetes.io/aws-ebs","volumeBindingMode":"WaitForFirstConsumer"}\n',
    });
  });
});
