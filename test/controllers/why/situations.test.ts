import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "../../../cluster/index.js";
import { claim, mounting, pod, Stage, set, still, storageClass, tell, volume } from "./support.js";

interface Situation {
  readonly name: string;
  /** Brings it about. */
  play(stage: Stage): Promise<void>;
  /** Sentences by object. */
  readonly says: Readonly<Record<string, readonly string[]>>;
}

const crashing = { annotations: tell("exit", "1") };
const never = { annotations: tell("ready", "never") };
const image = (name: string) => ({ template: { spec: { containers: [{ name: "nginx", image: name }] } } });
const service = (name: string, spec: object) => ({ kind: "Service", metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
const job = (name: string, spec: object, annotations?: object) => ({
  kind: "Job",
  metadata: { name },
  spec: { ...spec, template: { metadata: { annotations }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "busybox" }] } } },
});

const SETS: readonly Situation[] = [
  {
    name: "an ordered set waits for a pod that crashes",
    async play(stage) {
      await stage.make(set("StatefulSet", "web", crashing));
      await stage.pass(5);
    },
    says: {
      "pod/web-0": ["web-0 is not Ready: container is in CrashLoopBackOff, next try in 5 s; restartPolicy Always"],
      "pod/web-1": ["web-1 is not created: web-0 is not Ready; OrderedReady; web-0's container is in CrashLoopBackOff, next try in 5 s"],
      "pod/web-2": ["web-2 is not created: web-0 is not Ready, and web-1 comes first; OrderedReady; web-0's container is in CrashLoopBackOff, next try in 5 s"],
      "sts/web": ["web-1 is not created: web-0 is not Ready; OrderedReady; web-0's container is in CrashLoopBackOff, next try in 5 s"],
    },
  },
  {
    name: "the trap: a bad image that was put right",
    async play(stage) {
      await stage.make(set("StatefulSet", "web", { image: "nginx:does-not-exist" }));
      await stage.patch("StatefulSet", "web", { spec: image("nginx:1.27") });
      await stage.pass(1);
    },
    says: {
      "pod/web-0": [
        "web-0 is not updated: it is not Ready, and no pod is updated before all are Ready; OrderedReady; web-0's container is in ImagePullBackOff, next try in 9 s",
      ],
    },
  },
  {
    name: "an update stops at the first pod that is not well",
    async play(stage) {
      await stage.make(set("StatefulSet", "web"));
      await stage.patch("StatefulSet", "web", { spec: image("nginx:no-such") });
      await stage.pass(1);
    },
    says: {
      "sts/web": ["web-1 is not updated: web-2 is not Ready; OrderedReady; web-2's container is in ImagePullBackOff, next try in 9 s"],
      "pod/web-0": ["web-0 is not updated: web-2 is not Ready; OrderedReady; web-2's container is in ImagePullBackOff, next try in 9 s"],
      "pod/web-2": ["web-2 is not Ready: container is in ImagePullBackOff, next try in 9 s"],
    },
  },
  {
    name: "a partition keeps pods at their revision",
    async play(stage) {
      await stage.make(set("StatefulSet", "web"));
      await stage.patch("StatefulSet", "web", { spec: { updateStrategy: { rollingUpdate: { partition: 2 } }, ...image("nginx:2") } });
    },
    says: {
      "sts/web": ["statefulset web is not wholly updated: web-0, web-1 are of an earlier revision; RollingUpdate with partition 2"],
      "pod/web-1": ["web-1 is not updated: it is of an earlier revision; RollingUpdate with partition 2"],
      "pod/web-2": ["web-2 waits for nothing (Running, Ready)"],
    },
  },
  {
    name: "OnDelete updates nothing by itself",
    async play(stage) {
      await stage.make(set("StatefulSet", "web", {}, { updateStrategy: { type: "OnDelete" } }));
      await stage.patch("StatefulSet", "web", { spec: image("nginx:2") });
    },
    says: {
      "sts/web": ["statefulset web is not wholly updated: web-0, web-1, web-2 are of an earlier revision; OnDelete"],
      "pod/web-1": ["web-1 is not updated: it is of an earlier revision; OnDelete"],
    },
  },
  {
    name: "minReadySeconds",
    async play(stage) {
      await stage.make(set("StatefulSet", "web", {}, { minReadySeconds: 60 }));
      await stage.pass(1);
    },
    says: { "pod/web-1": ["web-1 is not created: web-0 has not been Ready for minReadySeconds (60) yet, available in 59 s; OrderedReady"] },
  },
  {
    name: "scaling in waits for a replica that is not well",
    async play(stage) {
      await stage.make(set("StatefulSet", "web"));
      await stage.patch("Pod", "web-0", { status: { conditions: [{ type: "Ready", status: "False" }] } }, "status");
      await stage.patch("StatefulSet", "web", { spec: { replicas: 1 } });
    },
    says: {
      "sts/web": ["web-2 is not deleted, as the scale has it: web-0 is not Ready; OrderedReady; web-0 is not Ready: a client has written so into its status"],
    },
  },
  {
    name: "Parallel does not wait, and is not complete",
    async play(stage) {
      await stage.make(set("StatefulSet", "web", never, { podManagementPolicy: "Parallel", replicas: 2 }));
    },
    says: {
      "sts/web": [
        "statefulset web has 0 of 2 pods available: web-0, web-1 are not Ready; web-0's container has not passed its readiness probe; web-1's container has not passed its readiness probe",
      ],
    },
  },
  {
    name: "a quota refuses a pod",
    async play(stage) {
      await stage.make({ kind: "ResourceQuota", metadata: { name: "few" }, spec: { hard: { pods: "1" } } }, set("StatefulSet", "web"));
    },
    says: {
      "pod/web-1": ['web-1 is not created: pods "web-1" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1'],
    },
  },
  {
    name: "all is well",
    play: (stage) => stage.make(set("StatefulSet", "web")),
    says: {
      "sts/web": ["statefulset web waits for nothing (3 of 3 pods ready)"],
      "statefulsets.apps/web": ["statefulset web waits for nothing (3 of 3 pods ready)"],
    },
  },
];

const VOLUMES: readonly Situation[] = [
  {
    name: "claims that are not bound",
    async play(stage) {
      await stage.make(
        storageClass("wait", "ebs.csi.aws.com", { volumeBindingMode: "WaitForFirstConsumer" }),
        storageClass("outside", "example.com/x"),
        claim("none"),
        claim("classy", { storageClassName: "gone" }),
        claim("later", { storageClassName: "wait" }),
        claim("out", { storageClassName: "outside" }),
        claim("named", { storageClassName: "", volumeName: "absent" }),
        pod("user", { spec: mounting("out") }),
      );
    },
    says: {
      "pvc/none": ["claim none is not bound: no persistent volumes available for this claim and no storage class is set; storageClassName"],
      "pvc/classy": ['claim classy is not bound: storageclass.storage.k8s.io "gone" not found; storageClassName'],
      "pvc/later": ["claim later is not bound: waiting for first consumer to be created before binding; WaitForFirstConsumer"],
      "pvc/out": ["claim out is not bound: example.com/x has not made its volume; the provisioner of its class makes it"],
      "pvc/named": ["claim named is not bound: volume absent, which it names, is not there; spec.volumeName"],
      "pod/user": [
        "user is not scheduled: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims; VolumeBinding; claim out is not bound: example.com/x has not made its volume; the provisioner of its class makes it",
      ],
    },
  },
  {
    name: "a set's claim holds its pod up",
    async play(stage) {
      const data = { metadata: { name: "data" }, spec: claim("data").spec };
      await stage.make(set("StatefulSet", "web", {}, { volumeClaimTemplates: [data] }));
    },
    says: {
      "pod/web-1": [
        "web-1 is not created: web-0 is not Ready; OrderedReady; web-0 is not scheduled: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims; VolumeBinding; claim data-web-0 is not bound: no persistent volumes available for this claim and no storage class is set; storageClassName",
      ],
    },
  },
  {
    name: "what is in use is not deleted",
    async play(stage) {
      await stage.make(volume("used", { storageClassName: "used" }), claim("data", { storageClassName: "used" }), pod("user", { spec: mounting("data") }));
      await stage.remove("PersistentVolumeClaim", "data");
      await stage.remove("PersistentVolume", "used");
    },
    says: {
      "pvc/data": ["claim data is not gone: it is used by user; kubernetes.io/pvc-protection"],
      "pv/used": [
        "volume used is not gone: claim NAMESPACE/data is bound to it; kubernetes.io/pv-protection; claim data is not gone: it is used by user; kubernetes.io/pvc-protection",
      ],
    },
  },
  {
    name: "Retain keeps a volume Released; a claim without its volume is Lost; volumes nobody wants",
    async play(stage) {
      await stage.make(volume("kept", { storageClassName: "kept" }), claim("kept", { storageClassName: "kept" }));
      await stage.remove("PersistentVolumeClaim", "kept");
      await stage.make(volume("lost", { storageClassName: "lost" }), claim("lost", { storageClassName: "lost" }));
      await stage.remove("PersistentVolume", "lost");
      await stage.patch("PersistentVolume", "lost", { metadata: { finalizers: null } });
      await stage.make(
        volume("free", { storageClassName: "free" }),
        volume("reserved", { storageClassName: "", claimRef: { namespace: stage.namespace, name: "absent" } }),
      );
    },
    says: {
      "pv/kept": ["volume kept is not available again: claim NAMESPACE/kept, which it was bound to, is gone; persistentVolumeReclaimPolicy Retain"],
      "pvc/lost": ["claim lost is Lost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"],
      "pv/free": ["volume free is not bound: no claim that fits has asked for it"],
      "pv/reserved": ["volume reserved is not bound: it is kept for claim NAMESPACE/absent, which is not bound to it; spec.claimRef"],
    },
  },
];

const OTHERS: readonly Situation[] = [
  {
    name: "pods that no node takes",
    async play(stage) {
      const big = [{ name: "c", image: "nginx", resources: { requests: { cpu: "100" } } }];
      await stage.make(
        pod("big", { spec: { containers: big } }),
        pod("gated", { spec: { schedulingGates: [{ name: "example.com/later" }] } }),
        pod("foreign", { spec: { schedulerName: "mine" } }),
      );
    },
    says: {
      "pod/big": ["big is not scheduled: 0/3 nodes are available: 3 Insufficient cpu; NodeResourcesFit"],
      "pod/gated": ["gated is not scheduled: it has scheduling gates: example.com/later; schedulingGates"],
      "pod/foreign": ["foreign is not scheduled: no scheduler mine runs here; schedulerName"],
    },
  },
  {
    name: "pods on their nodes",
    async play(stage) {
      await stage.make(
        pod("init", { spec: { initContainers: [{ name: "setup", image: "busybox:not-found" }] } }),
        pod("slow", { annotations: tell("ready", "30s") }),
        pod("gate", { spec: { readinessGates: [{ conditionType: "example.com/up" }] } }),
        pod("over", { annotations: tell("exit", "3 after 1s"), spec: { restartPolicy: "Never" } }),
        { ...pod("held"), metadata: { name: "held", finalizers: ["example.com/x"] } },
      );
      await stage.remove("Pod", "held");
      await stage.pass(10);
    },
    says: {
      "pod/init": ["init is not Ready: init container setup is in ImagePullBackOff, next try in 20 s"],
      "pod/slow": ["slow is not Ready: container has not passed its readiness probe, done in 20 s; readinessProbe"],
      "pod/gate": ["gate is not Ready: its gate example.com/up is not True; readinessGates"],
      "pod/over": ["over is over: its container nginx ended with exit code 3 (Error); restartPolicy Never"],
      "pod/held": ["held is not gone: finalizer example.com/x is on it; metadata.finalizers"],
    },
  },
  {
    name: "services without endpoints",
    async play(stage) {
      await stage.make(
        pod("a", never),
        service("unready", { selector: { app: "a" } }),
        service("lonely", { selector: { app: "b", tier: "c" } }),
        service("bare", {}),
      );
    },
    says: {
      "svc/unready": [
        "service unready has no endpoints: its only pod is not Ready: a; only pods that are Ready are endpoints; a's container has not passed its readiness probe",
      ],
      "svc/lonely": ["service lonely has no endpoints: no pod has its labels: app=b,tier=c; spec.selector"],
      "svc/bare": ["service bare has no endpoints: it has no selector, and nobody has made endpoints for it; spec.selector"],
    },
  },
  {
    name: "a rollout that does not come on",
    async play(stage) {
      await stage.make(set("Deployment", "web"));
      await stage.patch("Deployment", "web", { spec: image("nginx:does-not-exist") });
      await stage.pass(1);
    },
    says: {
      "deploy/web": [
        "deployment web has 1 of 3 pods updated: 3 pods are available, at least 3 must be, and at most 4 may there be; RollingUpdate with maxUnavailable 25%, maxSurge 25%; replicaset web-HASH has 0 of 1 pods available: web-HASH-POD is not Ready; web-HASH-POD's container is in ImagePullBackOff, next try in 9 s",
      ],
    },
  },
  {
    name: "and one whose deadline has passed",
    async play(stage) {
      await stage.make(set("Deployment", "web", never, { replicas: 1, progressDeadlineSeconds: 30 }));
      await stage.pass(60);
    },
    says: {
      "deploy/web": [
        "deployment web has 0 of 1 pods available, and has not come further for progressDeadlineSeconds (30): not all pods of web-HASH are; replicaset web-HASH has 0 of 1 pods available: web-HASH-POD is not Ready; web-HASH-POD's container has not passed its readiness probe",
      ],
    },
  },
  {
    name: "a rollout that is paused",
    async play(stage) {
      await stage.make(set("Deployment", "web"));
      await stage.patch("Deployment", "web", { spec: { paused: true, ...image("nginx:2") } });
    },
    says: { "deploy/web": ["deployment web is not rolled out: it is paused with 0 of 3 pods updated; spec.paused"] },
  },
  {
    name: "jobs",
    async play(stage) {
      await stage.make(job("idle", { suspend: true }), job("fails", {}, tell("exit", "3")), job("gives-up", { backoffLimit: 0 }, tell("exit", "3")));
      await stage.pass(1);
    },
    says: {
      "job/idle": ["job idle has 0 of 1 completions: it is suspended; spec.suspend"],
      "job/fails": ["job fails has 0 of 1 completions: 1 of its pods has failed, next pod in 9 s; backoffLimit 6"],
      "job/gives-up": ["job gives-up has failed: Job has reached the specified backoff limit; BackoffLimitExceeded"],
    },
  },
  {
    name: "what is deleted and not gone",
    async play(stage) {
      await stage.make(set("StatefulSet", "web", {}, { replicas: 1 }));
      await stage.patch("Pod", "web-0", { metadata: { finalizers: ["example.com/x"] } });
      await stage.remove("StatefulSet", "web", "Foreground");
      await stage.remove("Namespace", stage.namespace);
      await stage.pass(2);
    },
    says: {
      "sts/web": [
        "statefulset web is not gone: pod web-0 of its dependents is still there; foregroundDeletion with blockOwnerDeletion; web-0 is not gone: finalizer example.com/x is on it; metadata.finalizers",
      ],
      "ns/NAMESPACE": [
        "namespace NAMESPACE is not gone: pod web-0 is still in it; what is in a namespace goes first, pods before all else; web-0 is not gone: finalizer example.com/x is on it; metadata.finalizers",
      ],
    },
  },
  {
    name: "a node that is stopped",
    async play(stage) {
      await stage.make(pod("there", { spec: { nodeName: "node-2" } }));
      await stage.patch("Node", "node-2", { metadata: { annotations: { "simulate.mockube.dev/stopped": "true" } } });
      await stage.pass(60);
    },
    says: {
      "pod/there": ["there is not Ready: its node node-2 does not answer; node node-2 is not Ready: its kubelet is stopped; an annotation of the node"],
      "node/node-2": ["node node-2 is not Ready: its kubelet is stopped; an annotation of the node"],
    },
  },
];

describe("#5.5 why: what an object waits for", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await still();
  });
  afterAll(() => cluster.stop());

  let count = 0;
  it.each([...SETS, ...VOLUMES, ...OTHERS])("$name", async ({ play, says }) => {
    const stage = await Stage.open(cluster, `situation-${++count}`);
    await play(stage);
    const told: Record<string, readonly string[]> = {};
    for (const object of Object.keys(says)) {
      const lines = await stage.why(object.replace("NAMESPACE", stage.namespace));
      told[object] = lines.map((line) =>
        line.replaceAll(stage.namespace, "NAMESPACE").replace(/\bweb-[0-9a-f]{8,10}(-[0-9a-z]{5})?\b/g, (_, end) => (end ? "web-HASH-POD" : "web-HASH")),
      );
    }
    expect(told).toEqual(says);
  });
});
