/**
 * What a volume is to those who attach it to nodes: controller and kubelet must name it alike. Pure. Sources: k8s.io/csi-translation-lib, pkg/volume/util
 * (GetUniqueVolumeName, GetVolumesInUse), pkg/volume/csi csi_plugin.go.
 */
import type { CSIDriver, Node, PersistentVolume } from "./api.js";

/** On a Node: its volumes are attached by the controller and not by its kubelet. */
export const CONTROLLER_ATTACHES = "volumes.kubernetes.io/controller-managed-attach-detach";

/** In-tree plugins whose work CSI drivers do. */
const MIGRATED: Readonly<Record<string, string>> = {
  "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
  "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
  "kubernetes.io/azure-disk": "disk.csi.azure.com",
  "kubernetes.io/azure-file": "file.csi.azure.com",
  "kubernetes.io/cinder": "cinder.csi.openstack.org",
  "kubernetes.io/vsphere-volume": "csi.vsphere.vmware.com",
  "kubernetes.io/portworx-volume": "pxd.portworx.com",
};
/** The CSI driver an in-tree plugin has migrated to; undefined for anything else. */
export const migratedDriver = (plugin: string): string | undefined => MIGRATED[plugin];

export interface Attachable {
  readonly driver: string;
  /** What the driver calls the volume. */
  readonly handle: string;
  /** What a Node's status calls it. */
  readonly uniqueName: string;
}

const named = (driver: string | undefined, handle: string): Attachable | undefined =>
  driver === undefined ? undefined : { driver, handle, uniqueName: `kubernetes.io/csi/${driver}^${handle}` };

/** A disk of GCE is named with the place the volume says it is in. */
function gceHandle(volume: PersistentVolume, disk: string): string {
  const labels = volume.metadata.labels ?? {};
  const zones = (labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"] ?? "").split("__");
  if (zones.length === 1) return `projects/UNSPECIFIED/zones/${zones[0] || "UNSPECIFIED"}/disks/${disk}`;
  return `projects/UNSPECIFIED/regions/${zones[0].replace(/-[^-]*$/, "")}/disks/${disk}`;
}

/** The volume as its CSI driver knows it, in-tree ones as what they have migrated to; undefined for what no driver has to do with. */
export function csiVolumeOf(volume: PersistentVolume): Attachable | undefined {
  const { spec } = volume;
  if (spec.csi) return named(spec.csi.driver, spec.csi.volumeHandle);
  // An EBS volume may be named with its zone, `aws://zone/id`.
  if (spec.awsElasticBlockStore) return named(migratedDriver("kubernetes.io/aws-ebs"), spec.awsElasticBlockStore.volumeID.replace(/^aws:\/\/.*\//, ""));
  if (spec.gcePersistentDisk) return named(migratedDriver("kubernetes.io/gce-pd"), gceHandle(volume, spec.gcePersistentDisk.pdName));
  if (spec.azureDisk) return named(migratedDriver("kubernetes.io/azure-disk"), spec.azureDisk.diskURI);
  if (spec.azureFile) return named(migratedDriver("kubernetes.io/azure-file"), `#${spec.azureFile.secretName}#${spec.azureFile.shareName}#`);
  if (spec.cinder) return named(migratedDriver("kubernetes.io/cinder"), spec.cinder.volumeID);
  if (spec.vsphereVolume) return named(migratedDriver("kubernetes.io/vsphere-volume"), spec.vsphereVolume.volumePath);
  if (spec.portworxVolume) return named(migratedDriver("kubernetes.io/portworx-volume"), spec.portworxVolume.volumeID);
  return undefined;
}

/** The volume when it has to be attached; a driver that says nothing of itself is one that attaches. Source: csi_plugin.go skipAttach. */
export function attachableOf(volume: PersistentVolume, driver: (name: string) => CSIDriver | undefined): Attachable | undefined {
  const found = csiVolumeOf(volume);
  return found && driver(found.driver)?.spec.attachRequired !== false ? found : undefined;
}

/** Whether attaching to the node is the controller's. Only that the annotation is there counts. Source: attach_detach_controller.go nodeUpdate. */
export const isControllerAttached = (node: Pick<Node, "metadata"> | undefined): boolean => node?.metadata.annotations?.[CONTROLLER_ATTACHES] !== undefined;
