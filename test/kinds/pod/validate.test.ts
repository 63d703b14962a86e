import { describe, expect, it } from "vitest";
import { createErrors, storedPod, updateErrors } from "./fixtures.js";

const mount = (v: object, m: object) => [{ volumes: [v] }, { volumeMounts: [m] }] as const;

/** Spec, container, what the server says. */
const REFUSED: readonly (readonly [name: string, spec: object, container: object, errors: string[]])[] = [
  ["no containers", { containers: [] }, {}, ["spec.containers: Required value"]],
  ["padded image", {}, { image: " app " }, ['spec.containers[0].image: Invalid value: " app ": must not have leading or trailing whitespace']],
  ["a name twice among init containers", { initContainers: [{ name: "app", image: "i" }] }, {}, ['spec.initContainers[0].name: Duplicate value: "app"']],
  [
    "a probe on an init container that ends",
    { initContainers: [{ name: "init", image: "i", startupProbe: { exec: { command: ["x"] } } }] },
    {},
    ["spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always"],
  ],
  [
    "restart policy",
    { restartPolicy: "Sometimes" },
    {},
    ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
  ],
  [
    "a container's restart policy",
    {},
    { restartPolicy: "Sometimes" },
    ['spec.containers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'],
  ],
  [
    "restart rules without policy",
    {},
    { restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }] },
    ["spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used"],
  ],
  ["a mount without volume", {}, { volumeMounts: [{ name: "data", mountPath: "/d" }] }, ['spec.containers[0].volumeMounts[0].name: Not found: "data"']],
  [
    "sub path that climbs; the path names the list",
    ...mount({ name: "d", emptyDir: {} }, { name: "d", mountPath: "/d", subPath: "../x" }),
    ["spec.containers[0].volumeMounts.subPath: Invalid value: \"../x\": must not contain '..'"],
  ],
  [
    "recursive read-only on a writable mount",
    ...mount({ name: "d", emptyDir: {} }, { name: "d", mountPath: "/d", recursiveReadOnly: "Enabled" }),
    ["spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true"],
  ],
  [
    "two sources of one volume",
    { volumes: [{ name: "d", emptyDir: {}, secret: { secretName: "s" } }] },
    {},
    ["spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type"],
  ],
  [
    "a claim template that would make an invalid claim",
    { volumes: [{ name: "d", ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["Sometimes"] } } } }] },
    {},
    [
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value",
    ],
  ],
  [
    "projected files that collide",
    {
      volumes: [
        {
          name: "p",
          projected: { sources: [{ secret: { name: "a", items: [{ key: "k", path: "f" }] } }, { configMap: { name: "b", items: [{ key: "k", path: "f" }] } }] },
        },
      ],
    },
    {},
    ['spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths'],
  ],
  [
    "requests over limits",
    {},
    { resources: { limits: { cpu: "1" }, requests: { cpu: "1500m" } } },
    ['spec.containers[0].resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1'],
  ],
  [
    "half a device",
    {},
    { resources: { limits: { "example.com/gpu": "500m" } } },
    [
      'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
      'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
    ],
  ],
  [
    "huge pages alone and uneven",
    {},
    { resources: { limits: { "hugepages-2Mi": "3Mi" } } },
    [
      'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      "spec.containers[0].resources: Forbidden: HugePages require cpu or memory",
    ],
  ],
  [
    "a resource claim nobody made",
    {},
    { resources: { claims: [{ name: "gpu" }] } },
    ['spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty'],
  ],
  [
    "a security context that contradicts itself, printed as Go has it",
    {},
    { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    [
      'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
  ],
  [
    "host sysctls",
    { hostNetwork: true, securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "1" }] } },
    {},
    ["spec.securityContext.sysctls[0].name: Invalid value: \"net.core.somaxconn\": may not be specified when 'hostNetwork' is true"],
  ],
  [
    "a sleep longer than the grace period",
    { terminationGracePeriodSeconds: 5 },
    { lifecycle: { preStop: { sleep: { seconds: 9 } } } },
    ["spec.containers[0].lifecycle.preStop.sleep: Invalid value: 9: must be non-negative and less than terminationGracePeriodSeconds (5)"],
  ],
  [
    "a toleration with a comparison (its gate is off)",
    { tolerations: [{ key: "k", operator: "Gt", value: "1" }] },
    {},
    ['spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'],
  ],
  [
    "spread constraints that repeat",
    { topologySpreadConstraints: [1, 2].map((maxSkew) => ({ maxSkew, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: {} })) },
    {},
    ['spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'],
  ],
  [
    "windows with Linux fields",
    { os: { name: "windows" }, hostPID: true },
    { securityContext: { readOnlyRootFilesystem: true } },
    [
      "spec.hostPID: Forbidden: cannot be set for a windows pod",
      "spec.containers[0].securityContext.readOnlyRootFilesystem: Forbidden: cannot be set for a windows pod",
    ],
  ],
  [
    "a node before the gates are open",
    { nodeName: "n", schedulingGates: [{ name: "g" }] },
    {},
    ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
  ],
  ["ephemeral containers", { ephemeralContainers: [{ name: "dbg", image: "i" }] }, {}, ["spec.ephemeralContainers: Forbidden: cannot be set on create"]],
  [
    "a token without a service account",
    { volumes: [{ name: "p", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }] },
    {},
    ["spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set"],
  ],
];

const ACCEPTED: readonly (readonly [name: string, spec: object, container: object])[] = [
  ["a sidecar with probes", { initContainers: [{ name: "side", image: "i", restartPolicy: "Always", readinessProbe: { tcpSocket: { port: 1 } } }] }, {}],
  ["any scheduler's name", { schedulerName: "Not A Name" }, {}],
  ["a pull secret without name", { imagePullSecrets: [{}] }, {}],
  ["env names beyond C identifiers", {}, { env: [{ name: "a-b.c/d", value: "x" }] }],
  ["a container's own restart policy", {}, { restartPolicy: "OnFailure" }],
];

describe("#3.1 pod validation", () => {
  it.each(REFUSED)("refuses %s", (_name, spec, container, errors) => {
    expect(createErrors(spec, container)).toEqual(errors);
  });

  it.each(ACCEPTED)("accepts %s", (_name, spec, container) => {
    expect(createErrors(spec, container)).toEqual([]);
  });

  it("judges annotations that mean something", () => {
    const annotations = {
      "container.apparmor.security.beta.kubernetes.io/other": "nonsense",
      "controller.kubernetes.io/pod-deletion-cost": "007",
    };
    expect(createErrors({}, {}, { annotations })).toEqual([
      'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "007": must be a 32bit integer',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/other]: Invalid value: "other": container not found',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/other]: Invalid value: "nonsense": invalid AppArmor profile name: "nonsense"',
    ]);
  });
});

const FIELDS =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

describe("#3.1 pod updates", () => {
  const old = storedPod({ activeDeadlineSeconds: 100, tolerations: [{ key: "k", operator: "Exists" }] });

  it("allow images, shorter deadlines and more tolerations", () => {
    expect(
      updateErrors(old, (o) => {
        o.spec.containers[0].image = "registry.local/app:2";
        o.spec.activeDeadlineSeconds = 50;
        o.spec.tolerations.push({ key: "more", operator: "Exists" });
      }),
    ).toEqual([]);
  });

  it("print what changed otherwise, with Go's names", () => {
    expect(
      updateErrors(old, (o) => {
        o.spec.nodeName = "node-7";
      }),
    ).toEqual([
      `spec: Forbidden: ${FIELDS}@@ -42,7 +42,7 @@\n  "NodeSelector": null,\n  "ServiceAccountName": "",\n  "AutomountServiceAccountToken": null,\n- "NodeName": "",\n+ "NodeName": "node-7",\n  "SecurityContext": {\n   "HostNetwork": false,\n   "HostPID": false,\n`,
    ]);
  });

  it("see amounts by value", () => {
    const sized = storedPod({}, { resources: { requests: { cpu: "1" } } });
    expect(
      updateErrors(sized, (o) => {
        o.spec.containers[0].resources.requests.cpu = "1000m";
      }),
    ).toEqual([]);
  });

  it.each<[string, (o: ReturnType<typeof storedPod>) => void, string[]]>([
    [
      "a longer deadline",
      (o) => (o.spec.activeDeadlineSeconds = 200),
      ["spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value"],
    ],
    [
      "no deadline",
      (o) => delete o.spec.activeDeadlineSeconds,
      ["spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"],
    ],
    [
      "another toleration",
      (o) => (o.spec.tolerations[0].key = "z"),
      ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"],
    ],
    [
      "a container more",
      (o) => o.spec.containers.push({ name: "b", image: "i" }),
      ["spec.containers: Forbidden: pod updates may not add or remove containers"],
    ],
    [
      "a gate",
      (o) => (o.spec.schedulingGates = [{ name: "late" }]),
      ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'late'"],
    ],
  ])("refuse %s", (_name, change, errors) => {
    expect(updateErrors(old, change).filter((text) => !text.startsWith("spec: "))).toEqual(errors);
  });

  it("let a gated pod narrow where it may go, nothing else", () => {
    const gated = storedPod({ schedulingGates: [{ name: "g" }], nodeSelector: { a: "1" } });
    expect(updateErrors(gated, (o) => (o.spec.nodeSelector.b = "2"))).toEqual([]);
    expect(updateErrors(gated, (o) => (o.spec.nodeSelector = { b: "2" }))).toEqual([
      'spec.nodeSelector: Invalid value: {"b":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ]);
    expect(updateErrors(gated, (o) => (o.spec.schedulingGates = []))).toEqual([]);
  });
});
