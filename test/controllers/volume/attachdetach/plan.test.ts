import { describe, expect, it } from "vitest";
import { csiVolumeOf } from "../../../../controllers/runtime/attachables.js";
import { attacherFinalizer } from "../../../../controllers/volume/attachdetach/attacher.js";
import {
  type AttachFacts,
  type AttachPlan,
  allowsMultiAttach,
  attachmentName,
  givesUpAt,
  MAX_WAIT_FOR_UNMOUNT_MS,
  needsVolumes,
  planAttachments,
  volumesAttached,
} from "../../../../controllers/volume/attachdetach/plan.js";

const attachable = { driver: "ebs.csi.aws.com", handle: "vol-1", uniqueName: "kubernetes.io/csi/ebs.csi.aws.com^vol-1" };
// biome-ignore lint/suspicious/noExplicitAny: parts of objects
type Part = any;
const volume = (...accessModes: string[]): Part => ({ metadata: { name: "pvc-1" }, spec: { accessModes } });
const pod = (name: string, nodeName: string, namespace = "default"): Part => ({ metadata: { name, namespace }, spec: { nodeName } });
const attachment = (nodeName: string, attached = true, extra: Part = {}): Part => ({
  metadata: { name: attachmentName(attachable, nodeName), ...extra },
  spec: { nodeName, attacher: attachable.driver },
  status: { attached },
});
const node = (inUse: boolean, ready = "True", taints: Part[] = []): Part => ({
  metadata: { name: "n" },
  spec: { taints },
  status: { conditions: [{ type: "Ready", status: ready }], ...(inUse && { volumesInUse: [attachable.uniqueName] }) },
});
const plan = (facts: Partial<AttachFacts>): AttachPlan =>
  planAttachments({
    volume: volume("ReadWriteOnce"),
    attachable,
    pods: [],
    attachments: [],
    node: () => node(false),
    unneededSince: () => 0,
    now: 0,
    ...facts,
  });
const texts = (p: AttachPlan): string[] => p.refuse.flatMap((r) => r.texts.map(([of, text]) => `${r.node} ${of.metadata.name}: ${text}`));

describe("#5.2 which volume is attached where", () => {
  it("an attachment is named by volume, driver and node", () => {
    // sha256 of "vol-1ebs.csi.aws.comnode-0"
    expect(attachmentName(attachable, "node-0")).toMatch(/^csi-[0-9a-f]{64}$/);
    expect(attachmentName(attachable, "node-0")).not.toBe(attachmentName(attachable, "node-1"));
    expect(attacherFinalizer("ebs.csi.aws.com")).toBe("external-attacher/ebs-csi-aws-com");
    expect(attacherFinalizer("a.")).toBe("external-attacher/a-X");
  });
  it.each([
    [{ csi: { driver: "x.y", volumeHandle: "h" } }, "kubernetes.io/csi/x.y^h"],
    [{ awsElasticBlockStore: { volumeID: "aws://eu-1a/vol-9" } }, "kubernetes.io/csi/ebs.csi.aws.com^vol-9"],
    [{ gcePersistentDisk: { pdName: "d" } }, "kubernetes.io/csi/pd.csi.storage.gke.io^projects/UNSPECIFIED/zones/z1/disks/d"],
    [{ azureDisk: { diskURI: "/sub/d" } }, "kubernetes.io/csi/disk.csi.azure.com^/sub/d"],
    [{ hostPath: { path: "/d" } }, undefined],
    [{ local: { path: "/d" } }, undefined],
    [{ nfs: { server: "s", path: "/d" } }, undefined],
  ])("%j is %s", (spec, name) => {
    const labels = { "topology.kubernetes.io/zone": "z1" };
    expect(csiVolumeOf({ metadata: { name: "v", labels }, spec } as Part)?.uniqueName).toBe(name);
  });
  it("only a pod that has a node and is not over needs its volumes there", () => {
    const running = { containerStatuses: [{ state: { running: {} } }] };
    expect(needsVolumes(pod("a", ""))).toBe(false);
    expect(needsVolumes(pod("a", "n"))).toBe(true);
    expect(needsVolumes({ ...pod("a", "n"), status: { phase: "Failed" } })).toBe(false);
    const going = { ...pod("a", "n"), metadata: { name: "a", deletionTimestamp: "2025-01-01T00:00:00Z" } };
    expect(needsVolumes({ ...going, status: running })).toBe(true);
    expect(needsVolumes({ ...going, status: { containerStatuses: [{ state: { terminated: {} } }] } })).toBe(false);
  });
  it("one node may have a ReadWriteOnce volume, several one of many", () => {
    expect(allowsMultiAttach(volume("ReadWriteOnce"))).toBe(false);
    expect(allowsMultiAttach(volume("ReadWriteOncePod"))).toBe(false);
    expect(allowsMultiAttach(volume("ReadWriteOnce", "ReadOnlyMany"))).toBe(true);
    const pods = [pod("a", "n1"), pod("b", "n2"), pod("c", "n2")];
    expect(plan({ pods }).attach).toEqual(["n1"]);
    expect(plan({ pods, volume: volume("ReadWriteMany") }).attach).toEqual(["n1", "n2"]);
  });
  it("who cannot have it is told who has; pods of other namespaces are not named", () => {
    const refused = (...pods: Part[]) => texts(plan({ pods: [...pods, pod("late", "n2")], attachments: [attachment("n1")], node: () => node(true) }));
    const text = 'n2 late: Multi-Attach error for volume "pvc-1" ';
    expect(refused(pod("a", "n1"), pod("b", "n1"))).toEqual([`${text}Volume is already used by pod(s) a, b`]);
    expect(refused(pod("a", "n1", "other"))).toEqual([`${text}Volume is already used by 1 pod(s) in different namespaces`]);
    expect(refused(pod("a", "n1"), pod("b", "n1", "other"))).toEqual([`${text}Volume is already used by pod(s) a and 1 pod(s) in different namespaces`]);
    expect(refused()).toEqual([`${text}Volume is already exclusively attached to one node and can't be attached to another`]);
  });
  it("nothing is told while something is under way", () => {
    const pods = [pod("a", "n1"), pod("late", "n2")];
    expect(plan({ pods, attachments: [attachment("n1", false)] })).toEqual({ attach: [], detach: [], refuse: [] });
    const going = attachment("n1", true, { deletionTimestamp: "2025-01-01T00:00:00Z" });
    expect(plan({ pods: [pod("late", "n2")], attachments: [going] })).toEqual({ attach: [], detach: [], refuse: [] });
    const free = attachment("n1");
    expect(plan({ pods: [pod("late", "n2")], attachments: [free] })).toEqual({ attach: [], detach: [free], refuse: [] });
  });
  it("a volume in use stays, for six minutes where its node is not healthy; out of service it goes at once", () => {
    const attachments = [attachment("n1")];
    const left = (n: Part, now = 0) => {
      const { detach, again } = plan({ attachments, node: () => n, now });
      return detach.length ? "detached" : again;
    };
    expect(left(node(false))).toBe("detached");
    expect(left(undefined)).toBe("detached");
    expect(left(node(true), 10 * MAX_WAIT_FOR_UNMOUNT_MS)).toBe(undefined);
    expect(left(node(true, "Unknown"), 60_000)).toBe(300_000);
    expect(left(node(true, "Unknown"), MAX_WAIT_FOR_UNMOUNT_MS)).toBe("detached");
    expect(left(node(true, "True", [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }]))).toBe("detached");
  });
  it("an attempt waits two minutes, then again after a back-off", () => {
    expect([0, 1, 2].map((n) => givesUpAt(0, n))).toEqual([120_000, 240_500, 361_500]);
    expect(givesUpAt(0, 30) - givesUpAt(0, 29)).toBe(242_000);
  });
  it("a node's list keeps its order", () => {
    const listed = ["a", "b"].map((name) => ({ name, devicePath: "" }));
    expect(volumesAttached(listed, ["b", "a"])).toBeUndefined();
    expect(volumesAttached(undefined, [])).toBeUndefined();
    expect(volumesAttached(listed, ["c", "b"])?.map((v) => v.name)).toEqual(["b", "c"]);
  });
});
