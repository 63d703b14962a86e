import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../../kinds/core/pod/diff.js";
import { pod } from "../../../kinds/core/pod/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { NOW, rawPod, storedPod, texts } from "./fixtures.js";

const view = (name: string) => {
  const found = [pod.status, ...(pod.views ?? [])].find((v) => v !== true && v?.name === name);
  if (!found || found === true) throw new Error(`no view ${name}`);
  return found;
};

/** An update through a subresource: what is stored then, and the findings. */
function through(name: string, old: KubeObject, change: (o: KubeObject) => void): { object: KubeObject; errors: string[] } {
  const object = structuredClone(old);
  change(object);
  pod.defaults?.(object);
  view(name).prepareForUpdate(object, old, { now: NOW, user: "tester" });
  return { object, errors: texts(view(name).validateUpdate(object, old)) };
}

const res = (requests: object, limits: object = {}) => ({ resources: { requests, limits } });

describe("#3.1 pod strategy", () => {
  it.each([
    ["nothing asked", {}, {}, "BestEffort"],
    ["only requests", {}, res({ cpu: "1" }), "Burstable"],
    ["limits for all", {}, res({}, { cpu: "1", memory: "1Gi" }), "Guaranteed"],
    ["requests equal by value", {}, res({ cpu: "1000m", memory: "1Gi" }, { cpu: "1", memory: "1024Mi" }), "Guaranteed"],
    ["a limit short", {}, res({}, { cpu: "1" }), "Burstable"],
    ["an init container without", { initContainers: [{ name: "i", image: "i" }] }, res({}, { cpu: "1", memory: "1Gi" }), "Burstable"],
    ["pod-level amounts", { resources: { limits: { cpu: "1", memory: "1Gi" } } }, {}, "Guaranteed"],
  ])("QoS: %s", (_name, spec, container, qosClass) => {
    expect(storedPod(spec, container).status).toEqual({ phase: "Pending", qosClass });
  });

  it("drops status and fields of gates that are off", () => {
    const object = storedPod(
      { schedulingGroup: { podGroupName: "g" }, volumes: [{ name: "p", projected: { sources: [{ clusterTrustBundle: { name: "b", path: "p" } }] } }] },
      { lifecycle: { stopSignal: "SIGUSR1" } },
    );
    expect(object.spec.schedulingGroup).toBeUndefined();
    expect(object.spec.containers[0].lifecycle).toBeUndefined();
    expect(object.spec.volumes[0].projected.sources).toEqual([{}]);
  });

  it("marks gated pods", () => {
    expect(storedPod({ schedulingGates: [{ name: "g" }] }).status.conditions).toEqual([
      {
        type: "PodScheduled",
        status: "False",
        lastProbeTime: null,
        lastTransitionTime: "2026-03-01T12:00:00Z",
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ]);
  });

  it("folds matchLabelKeys into selectors", () => {
    const selector = () => ({ matchLabels: { app: "a" } });
    const spec = {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: selector(), matchLabelKeys: ["hash", "absent"] },
      ],
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "h", labelSelector: selector(), mismatchLabelKeys: ["hash"] }] },
      },
    };
    const object = storedPod(spec, {}, { labels: { hash: "x1" } });
    expect(object.spec.topologySpreadConstraints[0].labelSelector.matchExpressions).toEqual([{ key: "hash", operator: "In", values: ["x1"] }]);
    expect(object.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions).toEqual([
      { key: "hash", operator: "NotIn", values: ["x1"] },
    ]);
  });

  it("turns AppArmor annotations into fields, with a warning", () => {
    const key = "container.apparmor.security.beta.kubernetes.io/app";
    const object = storedPod({}, {}, { annotations: { [key]: "localhost/profile" } });
    expect(object.spec.containers[0].securityContext).toEqual({ appArmorProfile: { type: "Localhost", localhostProfile: "profile" } });
    expect(pod.warnings?.(object)).toEqual([`metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`]);
  });

  it("moves the generation with the spec, however amounts are spelt", () => {
    const moves = pod.generation as (a: KubeObject, b: KubeObject) => boolean;
    const old = storedPod({}, res({ cpu: "1" }));
    const same = structuredClone(old);
    same.spec.containers[0].resources.requests.cpu = "1000m";
    same.spec.volumes = [];
    same.metadata.labels = { a: "b" };
    expect(moves(same, old)).toBe(false);
    same.spec.containers[0].image = "other:1";
    expect(moves(same, old)).toBe(true);
    const emptied = structuredClone(old);
    emptied.spec.containers[0].securityContext = {};
    expect(moves(emptied, old)).toBe(true);
  });

  it.each([
    [{ nodeName: "n" }, {}, undefined, 30],
    [{ nodeName: "n" }, {}, 5, 5],
    [{ nodeName: "n" }, {}, -1, 1],
    [{}, {}, 5, 0],
    [{ nodeName: "n" }, { phase: "Failed" }, 5, 0],
  ])("grace of %o %o asked %s", (spec, status, asked, grace) => {
    const object = storedPod(spec);
    Object.assign(object.status, status);
    expect(pod.gracefulDeletion?.gracePeriod(object, asked)).toBe(grace);
  });

  it("selects by fields with zero values as text", () => {
    const read = Object.fromEntries(Object.entries(pod.selectable ?? {}).map(([path, get]) => [path, get(rawPod())]));
    expect(read).toMatchObject({ "spec.nodeName": "", "spec.hostNetwork": "false", "status.podIP": "" });
  });
});

describe("#3.1 pod subresources", () => {
  it("status cannot touch the spec, and keeps what clients forget", () => {
    const old = storedPod();
    old.status = { ...old.status, observedGeneration: 3, conditions: [{ type: "Ready", status: "True", observedGeneration: 3 }] };
    const { object, errors } = through("status", old, (o) => {
      o.spec.nodeName = "elsewhere";
      o.status = { phase: "Running", podIP: "10.1.1.1", conditions: [{ type: "Ready", status: "False" }] };
    });
    expect(errors).toEqual([]);
    expect(object.spec.nodeName).toBeUndefined();
    expect(object.status).toMatchObject({
      qosClass: "BestEffort",
      observedGeneration: 3,
      podIPs: [{ ip: "10.1.1.1" }],
      conditions: [{ status: "False", observedGeneration: 3 }],
    });
  });

  it("status keeps ended containers ended where nothing restarts them", () => {
    const old = storedPod({ restartPolicy: "Never" });
    old.status.containerStatuses = [{ name: "app", state: { terminated: { exitCode: 1 } } }];
    const { errors } = through("status", old, (o) => {
      o.status.containerStatuses = [{ name: "app", state: { running: {} } }];
    });
    expect(errors).toEqual(["status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"]);
  });

  it("ephemeral containers only come", () => {
    const old = storedPod();
    const added = through("ephemeralcontainers", old, (o) => {
      o.spec.ephemeralContainers = [{ name: "dbg", image: "busybox" }];
      o.spec.nodeName = "elsewhere";
    });
    expect(added.errors).toEqual([]);
    expect(added.object.spec.nodeName).toBeUndefined();
    expect(through("ephemeralcontainers", added.object, (o) => delete o.spec.ephemeralContainers).errors).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "dbg" may not be removed\n',
    ]);
    expect(
      through("ephemeralcontainers", old, (o) => (o.spec.ephemeralContainers = [{ name: "dbg", image: "b", ports: [{ containerPort: 1 }] }])).errors,
    ).toEqual(["spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container"]);
  });

  it("resize changes cpu and memory within the QoS class", () => {
    const old = storedPod({}, { resources: { requests: { cpu: "1", memory: "1Gi" } } });
    expect(through("resize", old, (o) => (o.spec.containers[0].resources.requests.cpu = "2"))).toMatchObject({
      errors: [],
      object: { spec: { containers: [{ resources: { requests: { cpu: "2" } } }] } },
    });
    expect(through("resize", old, (o) => delete o.spec.containers[0].resources.requests.cpu).errors).toEqual([
      "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
    ]);
    expect(through("resize", old, (o) => (o.spec.containers[0].resources.limits = { cpu: "1", memory: "1Gi" })).errors).toEqual([
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ]);
    expect(through("resize", old, (o) => (o.spec.containers[0].resources.requests["example.com/gpu"] = "1")).errors).toContain(
      "spec: Forbidden: only cpu and memory resources are mutable",
    );
  });
});

describe("#3.1 unified diff", () => {
  it("is empty for equal texts", () => {
    expect(unifiedDiff("a\nb", "a\nb")).toBe("");
  });

  it("shows three lines around each change and splits far ones", () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    const changed = lines.with(2, "two").toSpliced(20, 0, "new");
    expect(unifiedDiff(lines.join("\n"), changed.join("\n"))).toBe(
      "@@ -1,6 +1,6 @@\n line 0\n line 1\n-line 2\n+two\n line 3\n line 4\n line 5\n@@ -18,6 +18,7 @@\n line 17\n line 18\n line 19\n+new\n line 20\n line 21\n line 22\n",
    );
  });

  it("does not anchor on lines that are everywhere", () => {
    // 210 lines, "x" far above 1% of them: the block of x alone is no match, so the whole tail is replaced.
    const head = Array.from({ length: 5 }, (_, i) => `h${i}`);
    const from = [...head, "a", ...Array(204).fill("x")];
    const to = [...head, "b", "c", ...Array(204).fill("x")];
    const out = unifiedDiff(from.join("\n"), to.join("\n"));
    expect(out.startsWith("@@ -3,208 +3,209 @@\n h2\n h3\n h4\n-a\n-x\n")).toBe(true);
  });
});

describe("#3.1 pod warnings", () => {
  const warn = (spec: object, container: object = {}, metadata: object = {}) => pod.warnings?.(storedPod(spec, container, metadata));

  it.each<[string, object, object, string[]]>([
    [
      "an env defined twice",
      {},
      {
        env: [
          { name: "A", value: "1" },
          { name: "A", value: "2" },
        ],
      },
      ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ],
    [
      "fractional bytes",
      {},
      { resources: { requests: { memory: "100m" } } },
      ['spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer'],
    ],
    [
      "an old node label",
      { nodeSelector: { "beta.kubernetes.io/os": "linux" } },
      {},
      ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ],
    ["a pull secret without name", { imagePullSecrets: [{ name: "" }] }, {}, ['spec.imagePullSecrets[0].name: invalid empty name ""']],
    [
      "ports that repeat",
      {},
      {
        ports: [
          { containerPort: 80, name: "web" },
          { containerPort: 80, name: "web" },
        ],
      },
      [
        "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
        'spec.containers[0].ports[1]: duplicate port name "web" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      ],
    ],
    [
      "files below files",
      {
        volumes: [
          {
            name: "c",
            configMap: {
              name: "cm",
              items: [
                { key: "a", path: "d" },
                { key: "b", path: "d/e" },
              ],
            },
          },
        ],
      },
      {},
      ['volume "c" (ConfigMap "cm"): overlapping paths: "d/e" with "d"'],
    ],
  ])("%s", (_name, spec, container, expected) => {
    expect(warn(spec, container)).toEqual(expected);
  });

  it("say nothing on updates", () => {
    const object = storedPod({ nodeSelector: { "beta.kubernetes.io/os": "linux" } });
    expect(pod.warnings?.(object, object)).toEqual([]);
  });

  it("recommend names that are DNS labels", () => {
    expect(warn({}, {}, { name: "a.b" })).toEqual([
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ]);
  });
});
