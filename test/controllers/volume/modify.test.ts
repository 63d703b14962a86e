import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../../client/index.js";
import type { PersistentVolumeClaim } from "../../../controllers/volume/api.js";
import type { Driver } from "../../../controllers/volume/driver/driver.js";
import { DriverError, type GrpcCode } from "../../../controllers/volume/driver/errors.js";
import { RETRY_MAX_MS } from "../../../controllers/volume/expansion/resizer.js";
import { createVolumeController } from "../../../controllers/volume/index.js";
import { planModify } from "../../../controllers/volume/modify/plan.js";
import { type Live, live } from "../support/live.js";

interface State {
  wants?: string;
  has?: string;
  status?: string;
  target?: string;
  modifying?: boolean;
  phase?: string;
}
const asClaim = ({ wants, has, status, target, modifying, phase = "Bound" }: State): PersistentVolumeClaim => ({
  metadata: { name: "c" },
  spec: { ...(wants !== undefined && { volumeAttributesClassName: wants }) },
  status: {
    phase,
    ...(has && { currentVolumeAttributesClassName: has }),
    ...(status && { modifyVolumeStatus: { status, ...(target && { targetVolumeAttributesClassName: target }) } }),
    ...(modifying && { conditions: [{ type: "ModifyingVolume", status: "True" }] }),
  },
});

describe("#5.2 volume attributes: what is done about a claim", () => {
  it.each<[string, State, { uncertain?: boolean; slow?: boolean }, object]>([
    ["it has what it names", { wants: "gold", has: "gold" }, {}, { do: "nothing" }],
    ["it names none", {}, {}, { do: "nothing" }],
    ["it is not bound", { wants: "gold", phase: "Pending" }, {}, { do: "nothing" }],
    ["it names another", { wants: "gold", has: "silver" }, {}, { do: "begin", target: "gold" }],
    ["it names its first", { wants: "gold" }, {}, { do: "begin", target: "gold" }],
    ["its class was not there", { wants: "gold", status: "Pending" }, {}, { do: "begin", target: "gold" }],
    ["what was begun may go on still", { wants: "gold", status: "InProgress", target: "silver" }, { uncertain: true }, { do: "go-on", target: "silver" }],
    ["what was begun has failed", { wants: "gold", status: "InProgress", target: "silver" }, {}, { do: "begin", target: "gold" }],
    ["the same has just failed for good", { wants: "gold", status: "Infeasible", target: "gold" }, { slow: true }, { do: "wait" }],
    ["another has", { wants: "gold", status: "Infeasible", target: "silver" }, { slow: true }, { do: "begin", target: "gold" }],
    ["the wish is taken back", { status: "Infeasible", target: "gold", modifying: true }, {}, { do: "roll-back" }],
    ["and that is seen", { status: "Infeasible", target: "gold" }, {}, { do: "nothing" }],
    ["taken back, and under way", { status: "InProgress", target: "gold", modifying: true }, {}, { do: "go-on", target: "gold" }],
  ])("%s", (_, state, memory, expected) => expect(planModify(asClaim(state), { uncertain: false, slow: false, ...memory })).toEqual(expected));
});

describe("#5.2 volume attributes, from the claim to the driver", () => {
  let cluster: Live;
  let answer: GrpcCode | undefined;
  const asked: object[] = [];
  const driver: Driver = {
    name: "d.example.com",
    pod: "d-0",
    finalizer: true,
    async provision({ name, mutableParameters }) {
      if (mutableParameters) asked.push({ new: mutableParameters });
      return { source: { csi: { driver: "d.example.com", volumeHandle: name } }, capacity: "1Gi" };
    },
    delete: async () => {},
    async modify(_, parameters) {
      asked.push(parameters);
      if (answer) throw new DriverError(answer, "no");
    },
  };
  beforeEach(async () => {
    asked.length = 0;
    answer = undefined;
    const plain: Driver = { ...driver, name: "plain.example.com", modify: undefined };
    const drivers = (name: string | undefined) => [driver, plain].find((one) => one.name === name);
    cluster = await live(createVolumeController({ volumesDir: "/nowhere", drivers }));
    await cluster.create("storageclasses/s", { provisioner: "d.example.com" });
    await cluster.create("storageclasses/plain", { provisioner: "plain.example.com" });
    for (const [name, iops] of Object.entries({ silver: "100", gold: "900" })) await attributes(name, { iops });
  });
  afterEach(() => cluster.stop());
  const attributes = async (name: string, parameters: object, driverName = "d.example.com"): Promise<void> => {
    await cluster.create(`volumeattributesclasses/${name}`, { driverName, parameters });
    await cluster.settle();
  };
  const make = async (volumeAttributesClassName?: string, storageClassName = "s"): Promise<void> => {
    await cluster.create("persistentvolumeclaims/c", {
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
        storageClassName,
        ...(volumeAttributesClassName && { volumeAttributesClassName }),
      },
    });
    await cluster.settle();
  };
  const name = async (volumeAttributesClassName: string | null): Promise<void> => {
    await cluster.patch("persistentvolumeclaims/c", { spec: { volumeAttributesClassName } });
    await cluster.settle();
  };
  const later = async (ms: number): Promise<void> => {
    await cluster.clock.advance(ms);
    await cluster.settle();
  };
  const status = () => cluster.get("persistentvolumeclaims/c").status;
  const volumeClass = () => cluster.get(`persistentvolumes/${cluster.get("persistentvolumeclaims/c").spec.volumeName}`).spec.volumeAttributesClassName;
  const events = async (): Promise<string[]> => {
    const { items } = await createClient(cluster.services).resource({ group: "", version: "v1", resource: "events" }).list("default");
    return items.filter((e) => /Modify|ProvisioningFailed/.test(e.reason)).map((e) => `${e.type} ${e.source.component}: ${e.reason}: ${e.message}`);
  };

  it("made with a class, then moved to another", async () => {
    await make("silver");
    expect(status()).toMatchObject({ phase: "Bound", currentVolumeAttributesClassName: "silver" });
    expect(await events()).toEqual([]);
    await name("gold");
    expect(asked).toEqual([{ new: { iops: "100" } }, { iops: "900" }]);
    expect(status()).toMatchObject({ currentVolumeAttributesClassName: "gold" });
    expect(status()).not.toHaveProperty("modifyVolumeStatus");
    expect(status()).not.toHaveProperty("conditions");
    expect(volumeClass()).toBe("gold");
    expect(await events()).toEqual([
      "Normal external-resizer d.example.com: VolumeModify: external resizer is modifying volume c with vac gold",
      "Normal external-resizer d.example.com: VolumeModifySuccessful: external resizer modified volume c with vac gold successfully",
    ]);
  });

  it("a class that is not there is waited for", async () => {
    await make();
    await name("late");
    expect(status().modifyVolumeStatus).toEqual({ status: "Pending" });
    expect(status()).not.toHaveProperty("conditions");
    expect(await events()).toEqual(['Warning external-resizer d.example.com: VolumeModifyFailed: VAC "late" does not exist.']);
    await attributes("late", { iops: "5" });
    expect(status().currentVolumeAttributesClassName).toBe("late");
  });

  it("what the driver cannot do is told, left alone for five minutes, and taken back", async () => {
    await make();
    answer = "InvalidArgument";
    await name("gold");
    const at = "2026-01-02T03:04:05Z";
    expect(status().modifyVolumeStatus).toEqual({ targetVolumeAttributesClassName: "gold", status: "Infeasible" });
    const times = { lastProbeTime: at, lastTransitionTime: at };
    expect(status().conditions).toEqual([
      { type: "ModifyingVolume", status: "True", ...times, message: 'Modifying volume to "gold" failed. Waiting for retry.' },
      { type: "ModifyVolumeError", status: "True", ...times, reason: "InvalidArgument", message: "no" },
    ]);
    expect((await events()).at(-1)).toBe("Warning external-resizer d.example.com: VolumeModifyFailed: rpc error: code = InvalidArgument desc = no");
    await later(RETRY_MAX_MS / 2);
    expect(asked).toHaveLength(1);
    await later(RETRY_MAX_MS / 2);
    expect(asked).toHaveLength(2);
    await name(null);
    expect(status().conditions.map((c: { type: string }) => c.type)).toEqual(["ModifyVolumeError"]);
    expect((await events()).at(-1)).toBe("Normal external-resizer d.example.com: VolumeModifyCanceled: Cancelled modify.");
  });

  it("what may still be under way is finished before another class is looked at", async () => {
    await make();
    answer = "DeadlineExceeded";
    await name("silver");
    expect(status().conditions[0].message).toBe('Modifying volume to "silver" is still in progress.');
    expect((await events()).at(-1)).toMatch(/VolumeModifyFailed: rpc error: code = DeadlineExceeded desc = no\. Still modifying to VAC silver$/);
    await name("gold");
    answer = undefined;
    await later(RETRY_MAX_MS);
    expect(asked.slice(-2)).toEqual([{ iops: "100" }, { iops: "900" }]);
    expect(status().currentVolumeAttributesClassName).toBe("gold");
  });

  it.each([
    ["plain", "gold", "CSI driver does not support VolumeAttributesClass: controller MODIFY_VOLUME capability is not reported"],
    ["s", "none", 'volumeattributesclasses.storage.k8s.io "none" not found'],
    ["s", "foreign", "VAC foreign referenced in PVC is for driver x.example.com which does not match driver name d.example.com"],
  ])("no volume of class %s is made with %s", async (storageClass, named, why) => {
    await attributes("foreign", { iops: "1" }, "x.example.com");
    await make(named, storageClass);
    expect(status()).toEqual({ phase: "Pending" });
    expect((await events())[0]).toContain(`ProvisioningFailed: failed to provision volume with StorageClass "${storageClass}": ${why}`);
  });
});
