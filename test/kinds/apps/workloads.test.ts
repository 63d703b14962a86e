import { describe, expect, it } from "vitest";
import { controllerRevision } from "../../../kinds/apps/controllerrevision/index.js";
import { daemonSet } from "../../../kinds/apps/daemonset/index.js";
import { deployment } from "../../../kinds/apps/deployment/index.js";
import { replicaSet } from "../../../kinds/apps/replicaset/index.js";
import { statefulSet } from "../../../kinds/apps/statefulset/index.js";
import { podTemplate } from "../../../kinds/core/podtemplate/index.js";
import type { Kind } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const CTX = { now: NOW, user: "tester" };
const template = (extra: object = {}) => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "app", image: "registry.local/app:1" }], ...extra },
});

const SPECS = new Map<Kind, object>([
  [statefulSet, { serviceName: "web", selector: { matchLabels: { app: "web" } }, template: template() }],
  [deployment, { selector: { matchLabels: { app: "web" } }, template: template() }],
  [replicaSet, { selector: { matchLabels: { app: "web" } }, template: template() }],
  [daemonSet, { selector: { matchLabels: { app: "web" } }, template: template() }],
]);

function raw(kind: Kind, spec: object = {}, metadata: object = {}): KubeObject {
  const object = { metadata: { name: "web", namespace: "shop", ...metadata }, spec: { ...SPECS.get(kind), ...spec } };
  return JSON.parse(JSON.stringify(object)) as KubeObject;
}
function created(kind: Kind, spec: object = {}, metadata: object = {}): KubeObject {
  const object = raw(kind, spec, { uid: "u", resourceVersion: "1", generation: 1, ...metadata });
  kind.defaults?.(object);
  kind.prepareForCreate?.(object, CTX);
  return object;
}
const texts = (errors: readonly { field: string; message: string }[] = []) => errors.map((e) => `${e.field}: ${e.message}`);
const createErrors = (kind: Kind, spec: object = {}) => texts(kind.validate?.(created(kind, spec)));
function updated(kind: Kind, old: KubeObject, change: (o: KubeObject) => void): { object: KubeObject; errors: string[]; moved: boolean } {
  const object = structuredClone(old);
  change(object);
  kind.defaults?.(object);
  kind.prepareForUpdate?.(object, old, CTX);
  const errors = texts(kind.validateUpdate?.(object, old));
  return { object, errors, moved: typeof kind.generation === "function" && kind.generation(object, old) };
}
function statusErrors(kind: Kind, status: object, before: object = {}): string[] {
  const old = created(kind);
  old.status = { ...old.status, ...before };
  const object = structuredClone(old);
  object.status = status;
  if (!kind.status || kind.status === true) throw new Error("no status view");
  kind.status.prepareForUpdate(object, old, CTX);
  return texts(kind.status.validateUpdate(object, old));
}

const ALL = [statefulSet, deployment, replicaSet, daemonSet];

describe("#3.1 workload defaults", () => {
  it.each(ALL.map((k) => [k.kind, k] as const))("%s: idempotent", (_name, kind) => {
    const object = raw(kind);
    kind.defaults?.(object);
    const once = structuredClone(object);
    kind.defaults?.(object);
    expect(object).toEqual(once);
  });

  it.each(ALL.map((k) => [k.kind, k] as const))("%s: templates keep what pods alone would get", (_name, kind) => {
    const object = raw(kind, { template: template({ containers: [{ name: "app", image: "i", resources: { limits: { cpu: "1" } } }] }) });
    kind.defaults?.(object);
    const { spec } = object.spec.template;
    expect(spec.enableServiceLinks).toBeUndefined();
    expect(spec.containers[0].resources).toEqual({ limits: { cpu: "1" } });
    expect(spec).toMatchObject({ dnsPolicy: "ClusterFirst", restartPolicy: "Always", terminationGracePeriodSeconds: 30 });
  });

  it("StatefulSet", () => {
    const claim = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } };
    const { spec } = created(statefulSet, { volumeClaimTemplates: [claim] });
    expect(spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    expect(spec.volumeClaimTemplates[0]).toMatchObject({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      spec: { volumeMode: "Filesystem" },
      status: { phase: "Pending" },
    });
  });

  it("Deployment", () => {
    expect(created(deployment).spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    });
    expect(created(deployment, { strategy: { type: "Recreate" } }).spec.strategy).toEqual({ type: "Recreate" });
  });

  it("DaemonSet", () => {
    expect(created(daemonSet).spec.updateStrategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
    expect(created(daemonSet, { updateStrategy: { type: "OnDelete" } }).spec.updateStrategy).toEqual({ type: "OnDelete" });
  });
});

const MISMATCH = 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`';

describe("#3.1 workload validation", () => {
  it.each<[string, Kind, object, string[]]>([
    ["no selector", statefulSet, { selector: null }, ["spec.selector: Required value", MISMATCH]],
    ["no selector", replicaSet, { selector: null }, ["spec.selector: Required value", MISMATCH]],
    ["no selector", daemonSet, { selector: null }, [MISMATCH]],
    ["empty selector", statefulSet, { selector: {} }, ["spec.selector: Invalid value: {}: empty selector is invalid for statefulset"]],
    ["empty selector", replicaSet, { selector: {} }, ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"]],
    ["empty selector", daemonSet, { selector: {} }, ["spec.selector: Invalid value: {}: empty selector is invalid for daemonset"]],
    ["another selector", deployment, { selector: { matchLabels: { app: "other" } } }, [MISMATCH]],
    ["negative replicas", deployment, { replicas: -1 }, ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]],
    [
      "a pod that ends",
      replicaSet,
      { template: template({ restartPolicy: "Never", activeDeadlineSeconds: 5 }) },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
      ],
    ],
    [
      "pod management",
      statefulSet,
      { podManagementPolicy: "Random" },
      ["spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'"],
    ],
    [
      "a rolling update on delete",
      statefulSet,
      { updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 2 } } },
      ['spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":2,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\''],
    ],
    [
      "a claim template without modes",
      statefulSet,
      { volumeClaimTemplates: [{ metadata: { name: "d" }, spec: { resources: { requests: { storage: "0" } } } }] },
      [
        "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required",
        'spec.volumeClaimTemplates[0].spec.resources[storage]: Invalid value: "0": must be greater than zero',
      ],
    ],
    ["a bad service name", statefulSet, { serviceName: "a.b" }, ['spec.serviceName: Invalid value: "a.b": must not contain dots']],
    [
      "no room to roll",
      deployment,
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: "0%" } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
    ],
    [
      "recreating with a rolling update",
      deployment,
      { strategy: { type: "Recreate", rollingUpdate: {} } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    [
      "a deadline before readiness",
      deployment,
      { minReadySeconds: 10, progressDeadlineSeconds: 10 },
      ["spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds"],
    ],
    [
      "surge and unavailable",
      daemonSet,
      { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
      ["spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"],
    ],
  ])("%s", (_name, kind, spec, errors) => {
    expect(createErrors(kind, spec)).toEqual(errors);
  });

  it("a claim template stands in for the template's volume of its name", () => {
    const volumeClaimTemplates = [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }];
    const containers = [{ name: "app", image: "i", volumeDevices: [{ name: "data", devicePath: "/dev/x" }] }];
    expect(createErrors(statefulSet, { volumeClaimTemplates, template: template({ containers, volumes: [{ name: "data", emptyDir: {} }] }) })).toEqual([]);
  });
});

describe("#3.1 workload updates", () => {
  it("StatefulSet: what may change, and the message for the rest", () => {
    const old = created(statefulSet);
    expect(
      updated(statefulSet, old, (o) => {
        o.spec.replicas = 5;
        o.spec.ordinals = { start: 2 };
        o.spec.minReadySeconds = 3;
        o.spec.template.spec.containers[0].image = "registry.local/app:2";
        o.spec.persistentVolumeClaimRetentionPolicy.whenScaled = "Delete";
      }),
    ).toMatchObject({ errors: [], moved: true });
    const message =
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    expect(updated(statefulSet, old, (o) => (o.spec.serviceName = "other")).errors).toEqual([message]);
    expect(updated(statefulSet, old, (o) => (o.spec.podManagementPolicy = "Parallel")).errors).toEqual([message]);
    expect(updated(statefulSet, old, (o) => (o.spec.volumeClaimTemplates = [{ metadata: { name: "d" } }])).errors).toEqual([message]);
  });

  it("StatefulSet: maxUnavailable is dropped, its gate is off", () => {
    expect(created(statefulSet, { updateStrategy: { rollingUpdate: { maxUnavailable: "120%" } } }).spec.updateStrategy.rollingUpdate).toEqual({ partition: 0 });
  });

  it.each([deployment, replicaSet, daemonSet].map((k) => [k.kind, k] as const))("%s: the selector is immutable", (_name, kind) => {
    const { errors } = updated(kind, created(kind), (o) => {
      o.spec.selector = { matchLabels: { app: "z" } };
      o.spec.template.metadata.labels.app = "z";
    });
    expect(errors).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"z"}}: field is immutable']);
  });

  it("generation: the spec by meaning; annotations count for Deployments only", () => {
    const sized = { template: template({ containers: [{ name: "app", image: "i", resources: { limits: { cpu: "1" } } }] }) };
    for (const kind of ALL) {
      const old = created(kind, sized);
      expect(updated(kind, old, (o) => (o.spec.template.spec.containers[0].resources.limits.cpu = "1000m")).moved).toBe(false);
      expect(updated(kind, old, (o) => (o.spec.minReadySeconds = 1)).moved).toBe(true);
      expect(updated(kind, old, (o) => (o.metadata.annotations = { ...o.metadata.annotations, note: "x" })).moved).toBe(kind === deployment);
    }
  });

  it("#4.1 DaemonSet counts its templates in an annotation, and knows no other text in it than a number", () => {
    expect(daemonSet.conversionFault?.(raw(daemonSet))).toBeUndefined();
    expect(daemonSet.conversionFault?.(raw(daemonSet, {}, { annotations: { "deprecated.daemonset.template.generation": "+7" } }))).toBeUndefined();
    const key = "deprecated.daemonset.template.generation";
    const old = created(daemonSet);
    expect(old.metadata.annotations?.[key]).toBe("1");
    expect(updated(daemonSet, old, (o) => (o.spec.minReadySeconds = 1)).object.metadata.annotations?.[key]).toBe("1");
    expect(
      updated(daemonSet, old, (o) => {
        o.spec.template.spec.containers[0].image = "i:2";
        o.metadata.annotations = {};
      }).object.metadata.annotations?.[key],
    ).toBe("2");
  });
});

describe("#3.1 workload status", () => {
  it.each<[string, Kind, object, object, string[]]>([
    [
      "more ready than there are",
      statefulSet,
      { replicas: 1, readyReplicas: 2 },
      {},
      ["status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"],
    ],
    [
      "more available than ready",
      statefulSet,
      { replicas: 2, availableReplicas: 1 },
      {},
      ["status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas"],
    ],
    [
      "more available than ready",
      deployment,
      { replicas: 2, availableReplicas: 1 },
      {},
      ["status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas"],
    ],
    ["negative", replicaSet, { replicas: -1 }, {}, ["status.replicas: Invalid value: -1: must be greater than or equal to 0"]],
    ["a collision forgotten", deployment, { replicas: 0 }, { collisionCount: 1 }, ["status.collisionCount: Invalid value: 0: cannot be decremented"]],
  ])("%s", (_name, kind, status, before, errors) => {
    const got = statusErrors(kind, status, before);
    expect(got.slice(0, errors.length)).toEqual(errors);
  });
});

describe("#3.1 workload rows", () => {
  const row = (kind: Kind, spec: object, status: object, metadata: object = {}) => {
    const object = created(kind, spec, { creationTimestamp: "2026-03-01T11:58:00Z", ...metadata });
    object.status = status;
    const { cells } = kind.printer?.row(object, CTX) ?? { cells: [] };
    expect(cells).toHaveLength(kind.printer?.columns.length ?? -1);
    return cells;
  };

  it("print as kubectl shows them", () => {
    expect(row(statefulSet, { replicas: 3 }, { readyReplicas: 2 })).toEqual(["web", "2/3", "2m", "app", "registry.local/app:1"]);
    expect(row(deployment, {}, { readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 })).toEqual([
      "web",
      "1/1",
      1,
      1,
      "2m",
      "app",
      "registry.local/app:1",
      "app=web",
    ]);
    expect(row(replicaSet, { replicas: 2 }, { replicas: 1 })).toEqual(["web", 2, 1, 0, "2m", "app", "registry.local/app:1", "app=web"]);
    expect(row(daemonSet, {}, { desiredNumberScheduled: 2, numberReady: 1 })).toEqual([
      "web",
      2,
      0,
      1,
      0,
      0,
      "<none>",
      "2m",
      "app",
      "registry.local/app:1",
      "app=web",
    ]);
  });

  it("name a revision's controller with its group", () => {
    const object = {
      metadata: { name: "web-1", ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u", controller: true }] },
      revision: 3,
    };
    expect(controllerRevision.printer?.row(object as KubeObject, CTX).cells.slice(0, 3)).toEqual(["web-1", "statefulset.apps/web", 3]);
  });
});

describe("#3.1 revisions and templates", () => {
  const errors = (data: unknown) => texts(controllerRevision.validate?.({ metadata: { name: "r" }, revision: 1, data } as KubeObject));

  it("revisions carry an object that stays", () => {
    expect(errors({ spec: {} })).toEqual([]);
    expect(errors(undefined)).toEqual(["data: Required value: data is mandatory"]);
    expect(errors([1])).toEqual(["data: Required value: data must be a valid JSON object"]);
    const old = { metadata: { name: "r", namespace: "n", resourceVersion: "1" }, revision: 1, data: { a: 1 } } as unknown as KubeObject;
    expect(texts(controllerRevision.validateUpdate?.({ ...old, data: { a: 2 } }, old))).toEqual(['data: Invalid value: {"a":2}: field is immutable']);
  });

  it("pod templates are judged as workloads' are", () => {
    const object = { metadata: { name: "t" }, template: template({ ephemeralContainers: [{ name: "e", image: "i" }] }) } as unknown as KubeObject;
    podTemplate.defaults?.(object);
    expect(texts(podTemplate.validate?.(object))).toEqual(["template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"]);
  });
});
