/** The StorageClasses a new cluster comes with, by the environment it imitates. Each is what the environment itself ships, as `kubectl get sc -o yaml` shows it. */
import { DEFAULT_CLASS, type StorageClass } from "./api.js";

export type Environment = "eks" | "gke" | "aks" | "kind" | "minikube" | "k3s" | "none";

interface ClassFacts {
  readonly name: string;
  readonly provisioner: string;
  readonly isDefault?: boolean;
  readonly parameters?: Record<string, string>;
  readonly binding: "WaitForFirstConsumer" | "Immediate";
  readonly expands?: boolean;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly mountOptions?: string[];
  readonly allowedTopologies?: StorageClass["allowedTopologies"];
  /** The object was made by `kubectl apply`, whose annotation it carries: what of the fields with a default the manifest said. */
  readonly applied?: readonly ("reclaimPolicy" | "volumeBindingMode")[];
}

/** The annotation as client-side apply writes it: keys sorted, a newline at the end, itself left out. */
function lastApplied(storageClass: Partial<StorageClass>): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (value && typeof value === "object")
      return Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([k, v]) => [k, sorted(v)]),
      );
    return value;
  };
  const metadata = { annotations: {}, ...storageClass.metadata };
  return `${JSON.stringify(sorted({ ...storageClass, metadata }))}\n`;
}

function build(facts: ClassFacts): StorageClass {
  const annotations: Record<string, string> = { ...facts.annotations, ...(facts.isDefault ? { [DEFAULT_CLASS]: "true" } : {}) };
  const made: StorageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: facts.name,
      ...(facts.labels && { labels: facts.labels }),
      ...(Object.keys(annotations).length ? { annotations } : {}),
    },
    provisioner: facts.provisioner,
    ...(facts.parameters && { parameters: facts.parameters }),
    ...(facts.mountOptions && { mountOptions: facts.mountOptions }),
    ...(facts.allowedTopologies && { allowedTopologies: facts.allowedTopologies }),
    ...(facts.expands === undefined ? {} : { allowVolumeExpansion: facts.expands }),
    reclaimPolicy: "Delete",
    volumeBindingMode: facts.binding,
  };
  if (!facts.applied) return made;
  const manifest: Partial<StorageClass> = { ...made };
  for (const field of ["reclaimPolicy", "volumeBindingMode"] as const) if (!facts.applied.includes(field)) delete manifest[field];
  made.metadata.annotations = { ...annotations, "kubectl.kubernetes.io/last-applied-configuration": lastApplied(manifest) };
  return made;
}

const ADDON = { "addonmanager.kubernetes.io/mode": "EnsureExists", "kubernetes.io/cluster-service": "true" };
const ADDON_RECONCILED = { "addonmanager.kubernetes.io/mode": "EnsureExists" };
const AKS_FILE_MOUNT = ["mfsymlinks", "actimeo=30", "nosharesock"];

const FACTS: Readonly<Record<Environment, readonly ClassFacts[]>> = {
  // EKS makes gp2 by itself and, since clusters of version 1.30, no longer marks it as the default: a claim without a class stays Pending there.
  // gp2 still names the in-tree provisioner, which CSI migration hands to ebs.csi.aws.com; it does not allow expansion.
  eks: [
    {
      name: "gp2",
      provisioner: "kubernetes.io/aws-ebs",
      parameters: { fsType: "ext4", type: "gp2" },
      binding: "WaitForFirstConsumer",
      applied: ["volumeBindingMode"],
    },
  ],
  // GKE: standard-rwo is the default; `standard` stays for compatibility and binds at once.
  gke: [
    {
      name: "premium-rwo",
      provisioner: "pd.csi.storage.gke.io",
      parameters: { type: "pd-ssd" },
      binding: "WaitForFirstConsumer",
      expands: true,
      annotations: { "components.gke.io/component-name": "pdcsi", "components.gke.io/layer": "addon" },
      labels: { ...ADDON_RECONCILED, "k8s-app": "gcp-compute-persistent-disk-csi-driver" },
    },
    {
      name: "standard",
      provisioner: "kubernetes.io/gce-pd",
      parameters: { type: "pd-standard" },
      binding: "Immediate",
      expands: true,
      annotations: { "components.gke.io/layer": "addon", "storageclass.kubernetes.io/is-default-class": "false" },
      labels: ADDON_RECONCILED,
    },
    {
      name: "standard-rwo",
      provisioner: "pd.csi.storage.gke.io",
      isDefault: true,
      parameters: { type: "pd-balanced" },
      binding: "WaitForFirstConsumer",
      expands: true,
      annotations: { "components.gke.io/component-name": "pdcsi", "components.gke.io/layer": "addon" },
      labels: { ...ADDON_RECONCILED, "k8s-app": "gcp-compute-persistent-disk-csi-driver" },
    },
  ],
  // AKS: `default` and `managed` are the same disk (StandardSSD), `managed-csi` is the newer name; files bind at once, as a share belongs to no zone.
  aks: [
    {
      name: "azurefile",
      provisioner: "file.csi.azure.com",
      parameters: { skuName: "Standard_LRS" },
      binding: "Immediate",
      expands: true,
      labels: ADDON,
      mountOptions: AKS_FILE_MOUNT,
    },
    {
      name: "azurefile-csi",
      provisioner: "file.csi.azure.com",
      parameters: { skuName: "Standard_LRS" },
      binding: "Immediate",
      expands: true,
      labels: ADDON,
      mountOptions: AKS_FILE_MOUNT,
    },
    {
      name: "azurefile-csi-premium",
      provisioner: "file.csi.azure.com",
      parameters: { skuName: "Premium_LRS" },
      binding: "Immediate",
      expands: true,
      labels: ADDON,
      mountOptions: AKS_FILE_MOUNT,
    },
    {
      name: "azurefile-premium",
      provisioner: "file.csi.azure.com",
      parameters: { skuName: "Premium_LRS" },
      binding: "Immediate",
      expands: true,
      labels: ADDON,
      mountOptions: AKS_FILE_MOUNT,
    },
    {
      name: "default",
      provisioner: "disk.csi.azure.com",
      isDefault: true,
      parameters: { skuname: "StandardSSD_LRS" },
      binding: "WaitForFirstConsumer",
      expands: true,
      labels: ADDON,
    },
    {
      name: "managed",
      provisioner: "disk.csi.azure.com",
      parameters: { skuname: "StandardSSD_LRS" },
      binding: "WaitForFirstConsumer",
      expands: true,
      labels: ADDON,
    },
    {
      name: "managed-csi",
      provisioner: "disk.csi.azure.com",
      parameters: { skuname: "StandardSSD_LRS" },
      binding: "WaitForFirstConsumer",
      expands: true,
      labels: ADDON,
    },
    {
      name: "managed-csi-premium",
      provisioner: "disk.csi.azure.com",
      parameters: { skuname: "Premium_LRS" },
      binding: "WaitForFirstConsumer",
      expands: true,
      labels: ADDON,
    },
    {
      name: "managed-premium",
      provisioner: "disk.csi.azure.com",
      parameters: { skuname: "Premium_LRS" },
      binding: "WaitForFirstConsumer",
      expands: true,
      labels: ADDON,
    },
  ],
  kind: [
    {
      name: "standard",
      provisioner: "rancher.io/local-path",
      isDefault: true,
      binding: "WaitForFirstConsumer",
      applied: ["reclaimPolicy", "volumeBindingMode"],
    },
  ],
  minikube: [
    {
      name: "standard",
      provisioner: "k8s.io/minikube-hostpath",
      isDefault: true,
      binding: "Immediate",
      labels: { "addonmanager.kubernetes.io/mode": "EnsureExists" },
      applied: [],
    },
  ],
  k3s: [
    {
      name: "local-path",
      provisioner: "rancher.io/local-path",
      isDefault: true,
      binding: "WaitForFirstConsumer",
      annotations: { defaultVolumeType: "local" },
    },
  ],
  none: [],
};

/** The StorageClasses an environment ships, new objects each time. */
export const storageClassesFor = (environment: Environment): StorageClass[] => FACTS[environment].map((facts) => structuredClone(build(facts)));
