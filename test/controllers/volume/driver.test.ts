import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Driver } from "../../../controllers/volume/driver/driver.js";
import { DriverError } from "../../../controllers/volume/driver/errors.js";
import { playedDrivers } from "../../../controllers/volume/driver/played.js";
import { createVolumeController } from "../../../controllers/volume/index.js";
import { createDirectories } from "../../../controllers/volume/provisioner/directory.js";
import { type Live, live } from "../support/live.js";
import { volume } from "./support.js";

describe("#5.2 one interface for all a driver does", () => {
  let cluster: Live;
  const calls: string[] = [];
  let refuses = false;
  const driver: Driver = {
    name: "real.example.com",
    pod: "real-0",
    finalizer: true,
    async provision({ name, claim }) {
      calls.push(`provision ${claim.metadata.name}`);
      if (refuses) throw new DriverError("ResourceExhausted", "no space");
      return { source: { csi: { driver: "real.example.com", volumeHandle: name } }, capacity: "2Gi" };
    },
    delete: async (volume) => void calls.push(`delete ${volume.spec.claimRef?.name}`),
    async expand({ size }) {
      calls.push(`expand ${size}`);
      return { capacity: "8Gi", nodeExpansion: false };
    },
  };
  beforeEach(async () => {
    calls.length = 0;
    refuses = false;
    const drivers = (name: string | undefined) => (name === driver.name ? driver : undefined);
    cluster = await live(createVolumeController({ volumesDir: "/nowhere", drivers }));
    await cluster.create("storageclasses/real", { provisioner: driver.name, allowVolumeExpansion: true });
  });
  afterEach(() => cluster.stop());
  const make = async (): Promise<void> => {
    await cluster.create("persistentvolumeclaims/c", {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "real" },
    });
    await cluster.settle();
  };

  it("a driver that somebody brings along makes, grows and deletes the volumes of its class", async () => {
    await make();
    const claim = cluster.get("persistentvolumeclaims/c");
    expect(claim.status).toMatchObject({ phase: "Bound", capacity: { storage: "2Gi" } });
    await cluster.patch("persistentvolumeclaims/c", { spec: { resources: { requests: { storage: "5Gi" } } } });
    await cluster.settle();
    expect(cluster.get("persistentvolumeclaims/c").status.capacity).toEqual({ storage: "8Gi" });
    const gone = claim.spec.volumeName;
    await cluster.remove("persistentvolumeclaims/c");
    await cluster.settle();
    expect(calls).toEqual(["provision c", "expand 5Gi", "delete c"]);
    expect(cluster.has(`persistentvolumes/${gone}`)).toBe(false);
  });

  it("what it refuses is told on the claim, and tried again", async () => {
    refuses = true;
    await make();
    expect(cluster.get("persistentvolumeclaims/c").status).toEqual({ phase: "Pending" });
    refuses = false;
    await cluster.clock.advance(60_000);
    await cluster.settle();
    expect(cluster.get("persistentvolumeclaims/c").status.phase).toBe("Bound");
  });

  it("those that are played keep a directory for each volume; only what is made on a device is attached", async () => {
    const dir = await mkdtemp(join(tmpdir(), "mockube-drivers-"));
    const drivers = playedDrivers(createDirectories(dir));
    const disk = drivers("ebs.csi.aws.com");
    expect(drivers("ebs.csi.aws.com")).toBe(disk);
    await disk?.provision({
      claim: { metadata: { name: "c", namespace: "default" }, spec: {} },
      storageClass: { metadata: { name: "s" }, provisioner: "ebs.csi.aws.com" },
      name: "pvc-1",
      node: undefined,
    });
    await access(join(dir, "pvc-1"));
    const made = volume("pvc-1", "1Gi", {});
    expect(await disk?.attach?.({ volume: made, node: "n", readOnly: false })).toEqual({});
    await disk?.detach?.(made, "n");
    await disk?.delete(made);
    await expect(access(join(dir, "pvc-1"))).rejects.toThrow();
    expect(drivers("nfs.csi.k8s.io")?.attach).toBeUndefined();
    expect(drivers("rancher.io/local-path")?.attach).toBeUndefined();
    expect(drivers("nobody.example.com")).toBeUndefined();
    await rm(dir, { recursive: true, force: true });
  });
});
