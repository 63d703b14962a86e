import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { until } from "../support/cluster.js";
import type { Doc } from "../support/http.js";
import { acceptance, type Kubectl } from "../support/kubectl.js";
import { claim, claimSpec, user, volume } from "../support/manifests.js";

/** Names of cluster objects of one test. */
const unique = (name: string): string => `${name}-${randomBytes(3).toString("hex")}`;
const phase = (kubectl: Kubectl, what: string, is: string) => kubectl.until(`get ${what} -o jsonpath={.status.phase}`, is);
const message = (kubectl: Kubectl, about: string, reason: string) =>
  kubectl.until(`get events --field-selector involvedObject.name=${about},reason=${reason} -o jsonpath={.items[0].message}`, (text) => text !== "");

acceptance("#5.2 volumes: bound by hand", (fresh) => {
  it("a claim takes the smallest volume that fits, and a volume serves one claim only", async () => {
    const kubectl = await fresh("static");
    const className = unique("hand");
    const [small, big] = [unique("small"), unique("big")];
    for (const [name, storage] of [
      [big, "8Gi"],
      [small, "2Gi"],
    ])
      await kubectl.ok("create -f -", volume(name, { capacity: { storage }, storageClassName: className }));
    await phase(kubectl, `pv ${small}`, "Available");
    await phase(kubectl, `pv ${big}`, "Available");
    await kubectl.ok("create -f -", claim("first", { storageClassName: className }));
    await phase(kubectl, "pvc first", "Bound");
    expect(await kubectl.ok("get pvc first -o jsonpath={.spec.volumeName}/{.status.capacity.storage}")).toBe(`${small}/2Gi`);
    await kubectl.ok("create -f -", claim("second", { storageClassName: className }));
    await phase(kubectl, "pvc second", "Bound");
    expect(await kubectl.ok("get pvc second -o jsonpath={.spec.volumeName}")).toBe(big);
    await kubectl.ok("create -f -", claim("third", { storageClassName: className }));
    expect(await message(kubectl, "third", "ProvisioningFailed")).toBe(`storageclass.storage.k8s.io "${className}" not found`);
    expect(await kubectl.ok("get pvc third -o jsonpath={.status.phase}")).toBe("Pending");
    await kubectl.ok("delete pvc first second third");
    await kubectl.ok(`delete pv ${small} ${big}`);
  });

  it("Retain leaves the volume Released; it binds again when its claimRef is cleared", async () => {
    const kubectl = await fresh("released");
    const className = unique("hand");
    const name = unique("kept");
    await kubectl.ok("create -f -", volume(name, { storageClassName: className }));
    expect(await kubectl.ok(`get pv ${name} -o jsonpath={.spec.persistentVolumeReclaimPolicy}`)).toBe("Retain");
    await kubectl.ok("create -f -", claim("one", { storageClassName: className }));
    await phase(kubectl, `pv ${name}`, "Bound");
    await kubectl.ok("delete pvc one");
    await phase(kubectl, `pv ${name}`, "Released");
    await kubectl.ok("create -f -", claim("two", { storageClassName: className }));
    await message(kubectl, "two", "ProvisioningFailed");
    expect(await kubectl.ok("get pvc two -o jsonpath={.status.phase}")).toBe("Pending");
    await kubectl.ok(`patch pv ${name} --type=json -p '[{"op":"remove","path":"/spec/claimRef"}]'`);
    await phase(kubectl, "pvc two", "Bound");
    await kubectl.ok("delete pvc two");
    await kubectl.ok(`delete pv ${name}`);
  });

  it("what is in use is protected until it is not", async () => {
    const kubectl = await fresh("inuse");
    const className = unique("hand");
    const name = unique("used");
    await kubectl.ok("create -f -", volume(name, { storageClassName: className }));
    await kubectl.ok("create -f -", claim("c", { storageClassName: className }));
    await kubectl.ok("create -f -", user("p", "c"));
    await kubectl.ok("wait pod/p --for=condition=Ready --timeout=20s");
    await kubectl.ok("delete pvc c --wait=false");
    await kubectl.ok(`delete pv ${name} --wait=false`);
    expect(await kubectl.ok("get pvc c -o jsonpath={.metadata.finalizers[0]}/{.status.phase}")).toBe("kubernetes.io/pvc-protection/Bound");
    expect((await kubectl.ok("get pvc")).split("\n")[1]).toMatch(/^c +Terminating /);
    expect((await kubectl.ok(`get pv ${name}`)).split("\n")[1]).toMatch(/ Terminating /);
    await kubectl.ok("delete pod p");
    await kubectl.ok("wait pvc/c --for=delete --timeout=20s");
    await kubectl.ok(`wait pv/${name} --for=delete --timeout=20s`);
  });
});

acceptance("#5.2 volumes: made on demand", (fresh) => {
  it("WaitForFirstConsumer waits for a pod, says so, and then binds where the pod goes", async () => {
    const kubectl = await fresh("wait");
    await kubectl.ok("create -f -", claim("c"));
    expect(await message(kubectl, "c", "WaitForFirstConsumer")).toBe("waiting for first consumer to be created before binding");
    expect(await kubectl.ok("get pvc c -o jsonpath={.status.phase}")).toBe("Pending");
    await kubectl.ok("create -f -", user("p", "c"));
    await kubectl.ok("wait pod/p --for=condition=Ready --timeout=20s");
    const { metadata, spec, status } = await kubectl.json("get pvc c");
    expect(status.phase).toBe("Bound");
    expect(metadata.annotations["volume.kubernetes.io/selected-node"]).toBe(await kubectl.ok("get pod p -o jsonpath={.spec.nodeName}"));
    // Delete: the volume goes with its claim
    await kubectl.ok("delete pod p");
    await kubectl.ok("delete pvc c");
    await kubectl.ok(`wait pv/${spec.volumeName} --for=delete --timeout=20s`);
  });

  it("an unknown provisioner leaves the claim Pending, with its Event", async () => {
    const kubectl = await fresh("unknown");
    const name = unique("nobody");
    await kubectl.ok("create -f -", { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name }, provisioner: "example.com/nobody" });
    await kubectl.ok("create -f -", claim("c", { storageClassName: name }));
    expect(await message(kubectl, "c", "ExternalProvisioning")).toBe(
      "Waiting for a volume to be created either by the external provisioner 'example.com/nobody' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
    );
    await kubectl.ok("create -f -", user("p", "c"));
    await message(kubectl, "p", "FailedScheduling");
    expect(await kubectl.ok("get pvc c -o jsonpath={.status.phase}")).toBe("Pending");
    expect(await kubectl.ok("get pod p -o jsonpath={.status.phase}/{.status.conditions[0].reason}")).toBe("Pending/Unschedulable");
    await kubectl.ok(`delete sc ${name}`);
  });

  it("a pod whose claim is not there says which", async () => {
    const kubectl = await fresh("absent");
    await kubectl.ok("create -f -", user("p", "nowhere"));
    expect(await message(kubectl, "p", "FailedScheduling")).toContain('persistentvolumeclaim "nowhere" not found');
    await kubectl.ok("create -f -", claim("nowhere"));
    await kubectl.ok("wait pod/p --for=condition=Ready --timeout=20s");
  });
});

acceptance(
  "#5.2 volumes: real directories",
  (fresh) => {
    it("one for each volume, named after it; Delete takes it away, Retain leaves it", async () => {
      const kubectl = await fresh("dirs");
      const at = kubectl.cluster?.volumesDir as string;
      const keeping = unique("keeping");
      const gp2 = await kubectl.json("get sc gp2");
      await kubectl.ok("create -f -", { ...gp2, metadata: { name: keeping }, reclaimPolicy: "Retain" });
      for (const [name, storageClassName] of [
        ["gone", "gp2"],
        ["kept", keeping],
      ]) {
        await kubectl.ok("create -f -", claim(name, { storageClassName }));
        await kubectl.ok("create -f -", user(`pod-${name}`, name));
      }
      await kubectl.ok("wait pod/pod-gone pod/pod-kept --for=condition=Ready --timeout=20s");
      const [gone, kept] = await Promise.all(["gone", "kept"].map((name) => kubectl.ok(`get pvc ${name} -o jsonpath={.spec.volumeName}`)));
      expect(readdirSync(at).sort()).toEqual([gone, kept].sort());
      await kubectl.ok("delete pod pod-gone pod-kept");
      await kubectl.ok("delete pvc gone kept");
      await kubectl.ok(`wait pv/${gone} --for=delete --timeout=20s`);
      await until(
        () => existsSync(path.join(at, gone)),
        (there) => !there,
      );
      await phase(kubectl, `pv ${kept}`, "Released");
      expect(readdirSync(at)).toEqual([kept]);
    });
  },
  { oursBecause: "it looks at the directories of the volumes" },
);

const ENVIRONMENTS: readonly [NonNullable<Parameters<typeof acceptance>[2]>["environment"], readonly string[]][] = [
  ["eks", ["gp2 kubernetes.io/aws-ebs Delete WaitForFirstConsumer"]],
  [
    "gke",
    [
      "premium-rwo pd.csi.storage.gke.io Delete WaitForFirstConsumer",
      "standard kubernetes.io/gce-pd Delete Immediate",
      "standard-rwo* pd.csi.storage.gke.io Delete WaitForFirstConsumer",
    ],
  ],
  [
    "aks",
    [
      "azurefile file.csi.azure.com Delete Immediate",
      "azurefile-csi file.csi.azure.com Delete Immediate",
      "azurefile-csi-premium file.csi.azure.com Delete Immediate",
      "azurefile-premium file.csi.azure.com Delete Immediate",
      "default* disk.csi.azure.com Delete WaitForFirstConsumer",
      "managed disk.csi.azure.com Delete WaitForFirstConsumer",
      "managed-csi disk.csi.azure.com Delete WaitForFirstConsumer",
      "managed-csi-premium disk.csi.azure.com Delete WaitForFirstConsumer",
      "managed-premium disk.csi.azure.com Delete WaitForFirstConsumer",
    ],
  ],
  ["kind", ["standard* rancher.io/local-path Delete WaitForFirstConsumer"]],
  ["minikube", ["standard* k8s.io/minikube-hostpath Delete Immediate"]],
  ["k3s", ["local-path* rancher.io/local-path Delete WaitForFirstConsumer"]],
  ["none", []],
];
for (const [environment, classes] of ENVIRONMENTS) {
  acceptance(
    `#5.2 environment ${environment}`,
    (fresh) => {
      it("ships its classes; a claim without a class gets the default, if there is one", async () => {
        const kubectl = await fresh("env");
        const { items } = await kubectl.json("get sc");
        const line = (c: Doc): string =>
          `${c.metadata.name}${c.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true" ? "*" : ""} ${c.provisioner} ${c.reclaimPolicy} ${c.volumeBindingMode}`;
        expect(items.map(line)).toEqual(classes);
        const chosen = classes.find((c) => c.includes("*"))?.split("*")[0];
        const { storageClassName: _, ...spec } = claimSpec() as { storageClassName: string };
        await kubectl.ok("create -f -", { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "c" }, spec });
        await kubectl.ok("create -f -", user("p", "c"));
        if (chosen) {
          await kubectl.ok("wait pod/p --for=condition=Ready --timeout=20s");
          expect(await kubectl.ok("get pvc c -o jsonpath={.status.phase}/{.spec.storageClassName}")).toBe(`Bound/${chosen}`);
        } else {
          expect(await message(kubectl, "c", "FailedBinding")).toBe("no persistent volumes available for this claim and no storage class is set");
          expect(await message(kubectl, "p", "FailedScheduling")).toContain("pod has unbound immediate PersistentVolumeClaims");
        }
      });
    },
    { environment, oursBecause: "it is about what our environments ship" },
  );
}
