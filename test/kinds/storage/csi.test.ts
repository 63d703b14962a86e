import { describe, expect, it } from "vitest";
import { csiDriver } from "../../../kinds/storage/csidriver/index.js";
import { csiNode } from "../../../kinds/storage/csinode/index.js";
import { csiStorageCapacity } from "../../../kinds/storage/csistoragecapacity/index.js";
import { volumeAttachment } from "../../../kinds/storage/volumeattachment/index.js";
import { volumeAttributesClass } from "../../../kinds/storage/volumeattributesclass/index.js";
import { cells, made, onCreate, onUpdate, updated } from "../support.js";

type Fields = Record<string, unknown>;
const spec = (fields: Fields): Fields => ({ spec: fields });

describe("#5.2 CSIDriver", () => {
  it("has a default for everything that counts", () => {
    expect(made(csiDriver, {}).spec).toEqual({
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: "ReadWriteOnceWithFSType",
      volumeLifecycleModes: ["Persistent"],
      requiresRepublish: false,
      seLinuxMount: false,
    });
  });

  it.each([
    [{}, []],
    [{ fsGroupPolicy: "X" }, ['spec.fsGroupPolicy: Unsupported value: "X": supported values: "File", "None", "ReadWriteOnceWithFSType"']],
    [{ volumeLifecycleModes: ["Forever"] }, ['spec.volumeLifecycleModes: Unsupported value: "Forever": supported values: "Persistent", "Ephemeral"']],
    [
      { tokenRequests: [{ audience: "a" }, { audience: "a", expirationSeconds: 1 }, { audience: "b", expirationSeconds: 1 }] },
      [
        'spec.tokenRequests[1].audience: Duplicate value: "a"',
        "spec.tokenRequests[2].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes",
      ],
    ],
    [
      { tokenRequests: [{ expirationSeconds: 5e9 }] },
      ["spec.tokenRequests[0].expirationSeconds: Invalid value: 5000000000: may not specify a duration larger than 2^32 seconds"],
    ],
    [{ nodeAllocatableUpdatePeriodSeconds: 9 }, ["spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds"]],
    [
      { serviceAccountTokenInSecrets: false },
      ["spec.serviceAccountTokenInSecrets: Invalid value: false: serviceAccountTokenInSecrets is set but no tokenRequests are specified"],
    ],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(csiDriver, spec(fields))).toEqual(expected);
  });

  it("keeps how it attaches and what it is for", () => {
    expect(onUpdate(csiDriver, spec({}), spec({ attachRequired: false, volumeLifecycleModes: ["Ephemeral"] }))).toEqual([
      "spec.attachedRequired: Invalid value: false: field is immutable",
      'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
    ]);
  });

  it("counts changes from none on, and warns of tokens in the open", () => {
    expect(updated(csiDriver, spec({}), spec({})).metadata.generation).toBeUndefined();
    expect(updated(csiDriver, spec({}), spec({ podInfoOnMount: true })).metadata.generation).toBe(1);
    const tokens = made(csiDriver, spec({ tokenRequests: [{}] }));
    expect(csiDriver.warnings?.(tokens)).toHaveLength(1);
    expect(csiDriver.warnings?.(tokens, structuredClone(tokens))).toEqual([]);
    expect(csiDriver.warnings?.(tokens, made(csiDriver, {}))).toHaveLength(1);
    expect(csiDriver.warnings?.(made(csiDriver, spec({ tokenRequests: [{}], serviceAccountTokenInSecrets: false })))).toEqual([]);
  });

  it("prints", () => {
    expect(cells(csiDriver, {})).toEqual(["x", true, false, false, "<unset>", false, "Persistent", "4m"]);
    expect(cells(csiDriver, spec({ tokenRequests: [{ audience: "a" }, {}] }))[4]).toBe("a,");
  });

  it("drops what its gate forbids", () => {
    expect(updated(csiDriver, spec({}), spec({ preventPodSchedulingIfMissing: true })).spec.preventPodSchedulingIfMissing).toBeUndefined();
    const old = spec({ preventPodSchedulingIfMissing: false });
    expect(updated(csiDriver, old, spec({ preventPodSchedulingIfMissing: true })).spec.preventPodSchedulingIfMissing).toBe(true);
  });
});

describe("#5.2 CSINode", () => {
  const driver = { name: "d.example.com", nodeID: "n", topologyKeys: ["zone"] };
  it.each([
    [[], []],
    [[driver], []],
    [[{}], ["spec.drivers[0].name: Required value", "spec.drivers[0].nodeID: Required value"]],
    [[driver, driver], ['spec.drivers[1].name: Duplicate value: "d.example.com"']],
    [[{ ...driver, nodeID: "n".repeat(257) }], [`spec.drivers[0].nodeID: Invalid value: "${"n".repeat(257)}": must be 256 characters or less`]],
    [[{ ...driver, allocatable: { count: -1 } }], ["spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0"]],
    [[{ ...driver, topologyKeys: ["a", "a"] }], ['spec.drivers[0]: Duplicate value: "a"']],
  ])("judges %j", (drivers, expected) => {
    expect(onCreate(csiNode, spec({ drivers }))).toEqual(expected);
  });

  it("may change what is allocatable, and which drivers there are, but no driver", () => {
    const change = (now: object): string[] => onUpdate(csiNode, spec({ drivers: [driver] }), spec({ drivers: [now] }));
    expect(change({ ...driver, allocatable: { count: 3 } })).toEqual([]);
    expect(change({ ...driver, name: "other" })).toEqual([]);
    expect(change({ ...driver, nodeID: "m" })).toEqual([
      'spec.drivers: Invalid value: {"Name":"d.example.com","NodeID":"m","TopologyKeys":["zone"],"Allocatable":null}: field is immutable',
    ]);
  });
});

describe("#5.2 CSIStorageCapacity", () => {
  const capacity = (fields: Fields): Fields => ({ storageClassName: "s", ...fields });
  it.each([
    [{}, []],
    [{ capacity: "-1Gi" }, ['capacity: Invalid value: "-1Gi": must be greater than or equal to 0']],
    [
      { nodeTopology: { matchExpressions: [{ key: "a", operator: "Never" }] } },
      ['nodeTopology.matchExpressions[0].operator: Invalid value: "Never": not a valid selector operator'],
    ],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(csiStorageCapacity, capacity(fields))).toEqual(expected);
  });

  it("keeps what was asked, and warns of old labels", () => {
    const now = capacity({ nodeTopology: { matchLabels: { b: "2", a: "1" } } });
    expect(onUpdate(csiStorageCapacity, capacity({}), { ...now, storageClassName: "t" })).toEqual([
      'nodeTopology: Invalid value: {"matchLabels":{"a":"1","b":"2"}}: field is immutable',
      'storageClassName: Invalid value: "t": field is immutable',
    ]);
    expect(csiStorageCapacity.warnings?.(made(csiStorageCapacity, capacity({ nodeTopology: { matchLabels: { "beta.kubernetes.io/os": "x" } } })))).toEqual([
      'nodeTopology.matchLabels.beta.kubernetes.io/os: deprecated since v1.14; use "kubernetes.io/os" instead',
    ]);
  });
});

describe("#5.2 VolumeAttachment", () => {
  const at = (source: object, more: object = {}): Fields => spec({ attacher: "d.example.com", nodeName: "n", source, ...more });
  const inline = (fields: object): Fields => at({ inlineVolumeSpec: { accessModes: ["ReadWriteOnce"], csi: { driver: "d", volumeHandle: "h" }, ...fields } });
  const IN = "spec.source.inlineVolumeSpec";
  it.each([
    [at({ persistentVolumeName: "pv" }), []],
    [at({}), ["spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"]],
    [
      at({ persistentVolumeName: "a", inlineVolumeSpec: {} }),
      ["spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName"],
    ],
    [at({ persistentVolumeName: "pv" }, { attacher: "" }), ["spec.attacher: Required value"]],
    [inline({}), []],
    [
      inline({
        csi: undefined,
        hostPath: { path: "/a" },
        capacity: { storage: "1" },
        storageClassName: "s",
        persistentVolumeReclaimPolicy: "Delete",
        volumeMode: "Block",
      }),
      [
        `${IN}.capacity: Forbidden: may not be specified in the context of inline volumes`,
        `${IN}.csi: Required value: has to be specified in the context of inline volumes`,
        `${IN}.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes`,
        `${IN}.storageClassName: Forbidden: may not be specified in the context of inline volumes`,
        `${IN}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes`,
      ],
    ],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(volumeAttachment, fields)).toEqual(expected);
  });

  it("never changes, but for its status", () => {
    expect(onUpdate(volumeAttachment, at({ persistentVolumeName: "a" }), at({ persistentVolumeName: "b" }))).toEqual([
      'spec: Invalid value: {"Attacher":"d.example.com","Source":{"PersistentVolumeName":"b","InlineVolumeSpec":null},"NodeName":"n"}: field is immutable',
    ]);
    const status = { attachError: { message: "m".repeat(1025), errorCode: -1 } };
    expect(onUpdate(volumeAttachment, at({ persistentVolumeName: "a" }), { ...at({ persistentVolumeName: "a" }), status })).toEqual([
      "status.attachError.message: Too long: may not be more than 262144 bytes",
      "status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive",
    ]);
  });
});

describe("#5.2 VolumeAttributesClass", () => {
  it("names a driver and at least one parameter, for good", () => {
    expect(onCreate(volumeAttributesClass, {})).toEqual(["driverName: Required value", "parameters: Required value: must contain at least one key/value pair"]);
    const at = (driverName: string, iops: string): Fields => ({ driverName, parameters: { iops } });
    expect(onUpdate(volumeAttributesClass, at("d", "1"), at("e", "2"))).toEqual([
      "driverName: Forbidden: updates to driverName are forbidden.",
      "parameters: Forbidden: updates to parameters are forbidden.",
    ]);
  });
});
