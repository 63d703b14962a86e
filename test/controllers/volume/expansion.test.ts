import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../../client/index.js";
import { schedulerController } from "../../../controllers/scheduler/index.js";
import type { PersistentVolume, PersistentVolumeClaim } from "../../../controllers/volume/api.js";
import type { Driver } from "../../../controllers/volume/driver/driver.js";
import { DriverError, type GrpcCode } from "../../../controllers/volume/driver/errors.js";
import { planResize, resizeBegun } from "../../../controllers/volume/expansion/plan.js";
import { RETRY_MAX_MS, RETRY_START_MS, Resizer } from "../../../controllers/volume/expansion/resizer.js";
import { createVolumeController } from "../../../controllers/volume/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { nodeExpansion } from "../../../kubelet/expansion.js";
import { createKubelet } from "../../../kubelet/index.js";
import { type Live, live } from "../support/live.js";
import { Cluster, claim, pod, volume, withClaim } from "./support.js";

interface State {
  asks: string;
  has: string;
  holds: string;
  allocated?: string;
  state?: string;
  pending?: boolean;
}
const asClaim = ({ asks, has, allocated, state, pending }: State): PersistentVolumeClaim => ({
  ...claim("c", asks, { volumeName: "v" }),
  metadata: { name: "c", namespace: "default", uid: "u" },
  status: {
    phase: "Bound",
    capacity: { storage: has },
    ...(allocated && { allocatedResources: { storage: allocated } }),
    ...(state && { allocatedResourceStatuses: { storage: state } }),
    ...(pending && { conditions: [{ type: "FileSystemResizePending", status: "True" }] }),
  },
});
const asVolume = (holds: string): PersistentVolume =>
  ({
    ...volume("v", holds, { hostPath: undefined, csi: { driver: "d", volumeHandle: "h" }, claimRef: { namespace: "default", name: "c", uid: "u" } }),
  }) as PersistentVolume;

describe("#5.2 growing: what the resizer does next", () => {
  const grown = { asks: "3Gi", has: "1Gi", holds: "3Gi" };
  const small = { asks: "3Gi", has: "1Gi", holds: "1Gi" };
  const half = { asks: "3Gi", has: "1Gi", holds: "2Gi" };
  const resize = (size: string, fresh: boolean) => ({ do: "resize", size, fresh });
  it.each<[string, State, { finalError?: boolean; slow?: boolean }, object]>([
    ["a first wish", small, {}, resize("3Gi", true)],
    ["a wish after one that was fulfilled", { ...small, allocated: "1Gi" }, {}, resize("3Gi", true)],
    [
      "a try whose end is not known goes on, whatever is wished by now",
      { ...small, allocated: "2Gi", state: "ControllerResizeInProgress" },
      {},
      resize("2Gi", false),
    ],
    ["one that has failed gives way", { ...small, allocated: "2Gi", state: "ControllerResizeInProgress" }, { finalError: true }, resize("3Gi", true)],
    ["a request taken back", { ...small, allocated: "9Ti", state: "ControllerResizeInfeasible" }, { slow: true, finalError: true }, resize("3Gi", true)],
    ["an infeasible one is tried once more", { ...small, allocated: "3Gi", state: "ControllerResizeInfeasible" }, {}, resize("3Gi", false)],
    ["and then left alone", { ...small, allocated: "3Gi", state: "ControllerResizeInfeasible" }, { slow: true }, { do: "wait" }],
    ["a node's turn", { ...half, allocated: "2Gi", state: "NodeResizePending" }, {}, { do: "nothing" }],
    ["a node at work", { ...half, allocated: "2Gi", state: "NodeResizeInProgress" }, {}, { do: "nothing" }],
    ["a node that cannot", { ...half, allocated: "2Gi", state: "NodeResizeInfeasible" }, {}, resize("2Gi", false)],
    ["done, but for the node", { ...grown, allocated: "3Gi", state: "NodeResizePending" }, {}, { do: "nothing" }],
    ["done, and not written down", { ...grown, allocated: "3Gi", state: "ControllerResizeInProgress" }, {}, resize("3Gi", false)],
    ["a resizer of old had done it", { ...grown, pending: true }, {}, { do: "nothing" }],
    ["a volume that is larger than asked for", { ...grown, holds: "4Gi" }, {}, resize("3Gi", true)],
  ])("%s", (_, state, memory, expected) =>
    expect(planResize(asClaim(state), asVolume(state.holds), { finalError: false, slow: false, ...memory })).toEqual(expected),
  );

  it("a new size drops the conditions of the last one, the same size keeps them; those of others stay", () => {
    const conditions = ["Other", "ControllerResizeError", "Resizing"].map((type) => ({ type, status: "True" }));
    const before = asClaim(small);
    const types = (fresh: boolean) =>
      resizeBegun({ ...before, status: { ...before.status, conditions } }, { do: "resize", size: "3Gi", fresh }, "t").status?.conditions?.map((c) => c.type);
    expect(types(true)).toEqual(["Other", "Resizing"]);
    expect(types(false)).toEqual(["Other", "ControllerResizeError", "Resizing"]);
  });

  it.each<[string, State, string | undefined]>([
    ["its turn", { asks: "3Gi", has: "1Gi", holds: "4Gi", allocated: "3Gi", state: "NodeResizePending" }, "3Gi"],
    ["the driver's turn", { asks: "3Gi", has: "1Gi", holds: "4Gi", allocated: "3Gi", state: "ControllerResizeInProgress" }, undefined],
    ["nothing to grow", { asks: "3Gi", has: "4Gi", holds: "4Gi" }, undefined],
    ["a resizer that tells nothing", { asks: "3Gi", has: "1Gi", holds: "4Gi" }, "4Gi"],
    ["what cannot be", { asks: "3Gi", has: "1Gi", holds: "4Gi", allocated: "3Gi", state: "NodeResizeInfeasible" }, undefined],
  ])("the node, %s", (_, state, expected) => expect(nodeExpansion(asClaim(state), asVolume(state.holds))).toBe(expected));
});

describe("#5.2 growing: a driver that will not", () => {
  let cluster: Cluster;
  let resizer: Resizer;
  let answer: GrpcCode | undefined;
  const asked: string[] = [];
  const driver: Driver = {
    name: "d",
    pod: "d-0",
    finalizer: false,
    provision: async () => ({ source: {}, capacity: "0" }),
    delete: async () => {},
    async expand({ size }) {
      asked.push(size);
      if (answer) throw new DriverError(answer, "no");
      return { capacity: size, nodeExpansion: false };
    },
  };
  beforeEach(async () => {
    cluster = new Cluster();
    const { informers } = cluster.context;
    const of = <T extends KubeObject>(resource: string) => informers.informer<T>({ group: "", version: "v1", resource });
    const pods = of<never>("pods");
    pods.addIndex("volume.claim", (p: KubeObject) =>
      (p.spec.volumes ?? []).map((v: { persistentVolumeClaim: { claimName: string } }) => `default/${v.persistentVolumeClaim.claimName}`),
    );
    resizer = new Resizer(cluster.context, { claims: of("persistentvolumeclaims"), volumes: of("persistentvolumes"), pods }, () => driver);
    asked.length = 0;
    answer = undefined;
    const { metadata } = cluster.create("persistentvolumeclaims", claim("c", "2Gi", { volumeName: "v" }));
    cluster.create("persistentvolumes", volume("v", "1Gi", { claimRef: { namespace: "default", name: "c", uid: metadata.uid } }));
    cluster.change("persistentvolumeclaims", "c", (c) => Object.assign(c, { status: { phase: "Bound", capacity: { storage: "1Gi" } } }));
  });
  afterEach(() => cluster.close());
  const sync = () => resizer.syncClaim("default/c");
  const status = () => cluster.get("persistentvolumeclaims", "c").status;
  const ask = (storage: string) => cluster.change("persistentvolumeclaims", "c", (c) => Object.assign(c.spec.resources.requests, { storage }));
  const said = (): string[] => cluster.events("c").filter((e) => e.startsWith("VolumeResizeFailed"));

  it("what is uncertain is gone on with, although less is asked for by now", async () => {
    answer = "DeadlineExceeded";
    ask("5Gi");
    expect(await sync()).toEqual({ requeueAfterMs: RETRY_START_MS });
    expect(status().allocatedResourceStatuses).toEqual({ storage: "ControllerResizeInProgress" });
    expect(status().conditions.map((c: { type: string }) => c.type)).toEqual(["Resizing"]);
    ask("2Gi");
    expect(await sync()).toEqual({ requeueAfterMs: 2 * RETRY_START_MS });
    expect(asked).toEqual(["5Gi", "5Gi"]);
    await cluster.settle();
    expect(said()).toEqual(['VolumeResizeFailed: resize volume "v" by resizer "d" failed: rpc error: code = DeadlineExceeded desc = no']);
  });

  it("what is final and may yet be is told in a condition, and tried with what is asked for", async () => {
    answer = "Internal";
    ask("5Gi");
    await sync();
    expect(status()).toMatchObject({ allocatedResourceStatuses: { storage: "ControllerResizeInProgress" }, allocatedResources: { storage: "5Gi" } });
    expect(status().conditions[1]).toMatchObject({ type: "ControllerResizeError", message: "failed to expand pvc with rpc error: code = Internal desc = no" });
    ask("2Gi");
    answer = undefined;
    expect(await sync()).toBeUndefined();
    expect(asked).toEqual(["5Gi", "2Gi"]);
    expect(status()).toEqual({ phase: "Bound", capacity: { storage: "2Gi" }, allocatedResources: { storage: "2Gi" } });
  });

  it("what can never be is tried twice, then every five minutes", async () => {
    answer = "OutOfRange";
    await sync();
    expect(status().allocatedResourceStatuses).toEqual({ storage: "ControllerResizeInfeasible" });
    expect(await sync()).toEqual({ requeueAfterMs: 2 * RETRY_START_MS });
    expect(await sync()).toEqual({ requeueAfterMs: RETRY_MAX_MS });
    expect(asked).toHaveLength(2);
    await cluster.clock.advance(RETRY_MAX_MS);
    await sync();
    expect(asked).toHaveLength(3);
  });

  it("a volume in use waits for its pod, where the driver wants that", async () => {
    answer = "FailedPrecondition";
    cluster.create("pods", pod("p", withClaim("c")));
    await sync();
    answer = undefined;
    await sync();
    await cluster.settle();
    expect(asked).toHaveLength(1);
    expect(said()[1]).toBe(
      "VolumeResizeFailed: Unable to expand default/c because CSI driver d only supports offline expansion and volume is currently in-use",
    );
    cluster.delete("pods", "p");
    await sync();
    expect(status().capacity).toEqual({ storage: "2Gi" });
  });
});

describe("#5.2 growing, from the request to the file system", () => {
  let cluster: Live;
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "mockube-expansion-"));
    cluster = await live(createVolumeController({ volumesDir: dir }), schedulerController, createKubelet({ pace: "instant" }));
    await cluster.create("nodes/node-0", { metadata: { labels: { "kubernetes.io/hostname": "node-0" } } });
    // Nobody is there to see that it is ready.
    await cluster.patch("nodes/node-0", { spec: { taints: null } });
    await cluster.patch("nodes/node-0/status", { status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" } } });
    for (const [name, provisioner] of [
      ["device", "hostpath.csi.k8s.io"],
      ["disk", "ebs.csi.aws.com"],
      ["share", "nfs.csi.k8s.io"],
      ["in-tree", "kubernetes.io/aws-ebs"],
      ["local", "rancher.io/local-path"],
    ])
      await cluster.create(`storageclasses/${name}`, { provisioner, allowVolumeExpansion: true });
    await cluster.create("storageclasses/fixed", { provisioner: "hostpath.csi.k8s.io" });
  });
  afterEach(async () => {
    cluster.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const make = async (name: string, storageClassName: string, storage = "1Gi", spec: object = {}): Promise<void> => {
    await cluster.create(`persistentvolumeclaims/${name}`, {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, storageClassName, ...spec },
    });
    await cluster.settle();
  };
  const grow = async (name: string, storage: string): Promise<void> => {
    await cluster.patch(`persistentvolumeclaims/${name}`, { spec: { resources: { requests: { storage } } } });
    await cluster.settle();
  };
  const run = async (name: string, claimName: string): Promise<void> => {
    await cluster.create(`pods/${name}`, { spec: { containers: [{ name: "c", image: "x" }], ...withClaim(claimName) } });
    await cluster.settle();
  };
  const claimOf = (name: string): KubeObject => cluster.get(`persistentvolumeclaims/${name}`);
  const volumeOf = (name: string): KubeObject => cluster.get(`persistentvolumes/${claimOf(name).spec.volumeName}`);
  const events = async (about: string): Promise<string[]> => {
    const { items } = await createClient(cluster.services).resource({ group: "", version: "v1", resource: "events" }).list("default");
    return items.filter((e) => e.involvedObject.name === about).map((e) => `${e.source.component}: ${e.reason}: ${e.message}`);
  };

  it("offline: the volume grows at once, the claim when a pod mounts it", async () => {
    await make("c", "device");
    await grow("c", "3Gi");
    expect(claimOf("c").status).toEqual({
      phase: "Bound",
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      allocatedResources: { storage: "3Gi" },
      allocatedResourceStatuses: { storage: "NodeResizePending" },
      conditions: [
        { type: "Resizing", status: "True", lastProbeTime: null, lastTransitionTime: "2026-01-02T03:04:05Z" },
        {
          type: "FileSystemResizePending",
          status: "True",
          lastProbeTime: null,
          lastTransitionTime: "2026-01-02T03:04:05Z",
          message: "Waiting for user to (re-)start a pod to finish file system resize of volume on node.",
        },
      ],
    });
    expect(volumeOf("c").spec.capacity).toEqual({ storage: "3Gi" });
    expect(volumeOf("c").metadata.annotations).toMatchObject({ "volume.alpha.kubernetes.io/pre-resize-capacity": "1Gi" });
    const name = volumeOf("c").metadata.name;
    expect((await events("c")).slice(-3)).toEqual([
      "volume_expand: ExternalExpanding: waiting for an external controller to expand this PVC",
      `external-resizer hostpath.csi.k8s.io: Resizing: External resizer is resizing volume ${name}`,
      "external-resizer hostpath.csi.k8s.io: FileSystemResizeRequired: Require file system resize of volume on node",
    ]);
    await run("p", "c");
    expect(cluster.get("pods/p").status.phase).toBe("Running");
    expect(claimOf("c").status).toEqual({
      phase: "Bound",
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "3Gi" },
      allocatedResources: { storage: "3Gi" },
    });
    expect(volumeOf("c").metadata.annotations).not.toHaveProperty(["volume.alpha.kubernetes.io/pre-resize-capacity"]);
    const told = `kubelet: FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume "${name}" node-0`;
    expect((await events("c")).at(-1)).toBe(told);
    // Before anything of the pod is started.
    expect((await events("p")).indexOf(told)).toBe(1);
    // And nothing of it comes twice.
    expect((await events("c")).filter((e) => e.includes("ExternalExpanding"))).toHaveLength(1);
  });

  it("online: the pod that runs has more at once, and again", async () => {
    await make("c", "device");
    await run("p", "c");
    await grow("c", "2Gi");
    expect(claimOf("c").status).toMatchObject({ capacity: { storage: "2Gi" }, allocatedResources: { storage: "2Gi" } });
    await grow("c", "4Gi");
    expect(claimOf("c").status).toMatchObject({ capacity: { storage: "4Gi" }, allocatedResources: { storage: "4Gi" } });
    expect(claimOf("c").status).not.toHaveProperty("conditions");
  });

  it("a driver that rounds up: the volume has what it made, the claim what was asked for", async () => {
    await make("c", "disk");
    await run("p", "c");
    await grow("c", "1500Mi");
    expect(volumeOf("c").spec.capacity).toEqual({ storage: "2Gi" });
    expect(claimOf("c").status.capacity).toEqual({ storage: "1500Mi" });
  });

  it.each([
    ["a file system of the network", "share", {}],
    ["a raw device", "device", { volumeMode: "Block" }],
  ])("%s needs no node", async (_, storageClassName, spec) => {
    await make("c", storageClassName, "1Gi", spec);
    await grow("c", "2Gi");
    expect(claimOf("c").status).toMatchObject({ capacity: { storage: "2Gi" }, allocatedResources: { storage: "2Gi" } });
    expect(claimOf("c").status).not.toHaveProperty("allocatedResourceStatuses");
    expect(claimOf("c").metadata.annotations).toMatchObject({ "volume.kubernetes.io/node-expansion-not-required": "true" });
    expect((await events("c")).at(-1)).toMatch(/^external-resizer .*: VolumeResizeSuccessful: Resize volume succeeded$/);
  });

  it("a volume of a plugin that has migrated is its driver's, once the expand controller has said so", async () => {
    await make("c", "in-tree");
    await grow("c", "2Gi");
    expect(claimOf("c").metadata.annotations).toMatchObject({ "volume.kubernetes.io/storage-resizer": "ebs.csi.aws.com" });
    expect((await events("c")).filter((e) => e.startsWith("volume_expand"))).toEqual([
      "volume_expand: ExternalExpanding: CSI migration enabled for kubernetes.io/aws-ebs; waiting for external resizer to expand the pvc",
    ]);
    await run("p", "c");
    expect(claimOf("c").status.capacity).toEqual({ storage: "2Gi" });
  });

  it("too much: told, and taken back by asking for less", async () => {
    await make("c", "device");
    await run("p", "c");
    await grow("c", "2Ti");
    expect(claimOf("c").status).toMatchObject({ capacity: { storage: "1Gi" }, allocatedResourceStatuses: { storage: "ControllerResizeInfeasible" } });
    const error = "rpc error: code = OutOfRange desc = Requested capacity 2199023255552 exceeds maximum allowed 1099511627776";
    expect(claimOf("c").status.conditions[1]).toMatchObject({ type: "ControllerResizeError", status: "True", message: `failed to expand pvc with ${error}` });
    expect((await events("c")).at(-1)).toBe(
      `external-resizer hostpath.csi.k8s.io: VolumeResizeFailed: resize volume "${volumeOf("c").metadata.name}" by resizer "hostpath.csi.k8s.io" failed: ${error}`,
    );
    await expect(grow("c", "1Gi")).rejects.toThrow("field can not be less than status.capacity");
    await grow("c", "5Gi");
    expect(claimOf("c").status).toEqual({
      phase: "Bound",
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "5Gi" },
      allocatedResources: { storage: "5Gi" },
    });
  });

  it("a class that does not allow it is refused; a provisioner that cannot only says that it waits", async () => {
    await make("f", "fixed");
    await expect(grow("f", "2Gi")).rejects.toThrow("the storageclass that provisions the pvc must support resize");
    await make("l", "local");
    await grow("l", "2Gi");
    expect(claimOf("l").status).toEqual({ phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" } });
    expect((await events("l")).at(-1)).toBe("volume_expand: ExternalExpanding: waiting for an external controller to expand this PVC");
  });
});
