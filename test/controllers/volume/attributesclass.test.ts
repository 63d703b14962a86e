import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attributesClassProtectionController, claimClasses, planFinalizers } from "../../../controllers/volume/attributesclass/index.js";
import { type Live, live } from "../support/live.js";

const FINALIZER = "kubernetes.io/vac-protection";

describe("#5.2 VolumeAttributesClasses in use", () => {
  let cluster: Live;
  beforeEach(async () => {
    cluster = await live(attributesClassProtectionController);
  });
  afterEach(() => cluster.stop());

  const claim = (volumeAttributesClassName?: string): Record<string, unknown> => ({
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, volumeAttributesClassName },
  });
  const gold = { driverName: "d.example.com", parameters: { iops: "1" } };

  it("have a finalizer from the start and go at once where nothing names them", async () => {
    const made = await cluster.create("volumeattributesclasses/gold", gold);
    expect(made.metadata.finalizers).toEqual([FINALIZER]);
    await cluster.remove("volumeattributesclasses/gold");
    await cluster.settle();
    expect(cluster.has("volumeattributesclasses/gold")).toBe(false);
  });

  it("wait for the last claim", async () => {
    await cluster.create("volumeattributesclasses/gold", gold);
    const { metadata } = await cluster.create("persistentvolumeclaims/c", claim("gold"));
    await cluster.remove("volumeattributesclasses/gold");
    await cluster.settle();
    expect(cluster.get("volumeattributesclasses/gold").metadata.deletionTimestamp).toBeDefined();
    await cluster.remove("persistentvolumeclaims/c");
    await cluster.put("persistentvolumeclaims/c", { ...claim("gold"), metadata: { name: "c", uid: metadata.uid, finalizers: [] } });
    await cluster.settle();
    expect(cluster.has("volumeattributesclasses/gold")).toBe(false);
  });

  it("get the finalizer back", async () => {
    await cluster.create("volumeattributesclasses/gold", gold);
    await cluster.patch("volumeattributesclasses/gold", { metadata: { finalizers: null } });
    await cluster.settle();
    expect(cluster.get("volumeattributesclasses/gold").metadata.finalizers).toEqual([FINALIZER]);
  });

  it("are those a claim has, had or shall have", () => {
    const status = { currentVolumeAttributesClassName: "a", modifyVolumeStatus: { status: "Pending", targetVolumeAttributesClassName: "b" } };
    expect(claimClasses({ spec: { volumeAttributesClassName: "b" }, status } as never)).toEqual(["b", "a"]);
    expect(planFinalizers({ metadata: { finalizers: [FINALIZER, "x"], deletionTimestamp: "t" } } as never, false)).toEqual(["x"]);
    expect(planFinalizers({ metadata: { finalizers: [FINALIZER], deletionTimestamp: "t" } } as never, true)).toBeUndefined();
  });
});
