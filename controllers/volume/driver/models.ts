/**
 * External drivers that are played here, told as data: for each name who speaks in its Events, what its volumes look like and what it can do. Pure.
 * A name that is not listed is nobody's: its claims wait, as in a cluster where that driver is not installed.
 */
import { createHash } from "node:crypto";
import type { NodeSelectorRequirement, PersistentVolumeSpec } from "../../../kinds/schema/api/core.v1.js";
import { amount, quantityOf } from "../amount.js";
import type { Node, PersistentVolumeClaim, StorageClass } from "../api.js";
import type { Driver, Expanded, ExpandRequest, Parameters, Provisioned, ProvisionRequest } from "./driver.js";
import { DriverError } from "./errors.js";

/** A driver as data: what it would answer, without the storage behind it. */
export interface Model extends Pick<Driver, "name" | "pod" | "finalizer"> {
  /** `localPathRoot`: the directory of the nodes that local-path is set up with. */
  provision(request: ProvisionRequest, localPathRoot?: string): Provisioned;
  /** Whether a volume must be attached to the node that uses it. */
  readonly attaches: boolean;
  expand?(request: ExpandRequest): Expanded;
  modify?(parameters: Parameters): void;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
/** A uid-shaped name made of another text: the same for the same. */
const uidOf = (text: string): string => digest(text).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-a$4-$5");

const GiB = 2 ** 30;
const TiB = 2 ** 40;
const asAsked = (claim: PersistentVolumeClaim): string => claim.spec.resources?.requests?.storage ?? "0";
const inGiB = (size: string): string => quantityOf(Math.max(1, Math.ceil(amount(size) / GiB)) * GiB);
const label = (node: Node | undefined, ...keys: string[]): { key: string; value: string } | undefined => {
  for (const key of keys) {
    const value = node?.metadata.labels?.[key];
    if (value !== undefined) return { key, value };
  }
  return undefined;
};
const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";
const HOSTNAME = "kubernetes.io/hostname";
const requires = (key: string, value: string): NodeSelectorRequirement => ({ key, operator: "In", values: [value] });
const zoneOf = (node: Node | undefined): string => label(node, ZONE)?.value ?? "";

interface CsiOptions {
  readonly pod?: string;
  /** Topology keys the driver writes, the first the node carries wins; none for network file systems. */
  readonly topology?: readonly string[];
  readonly handle?: (request: ProvisionRequest) => string;
  readonly attributes?: (request: ProvisionRequest) => Record<string, string>;
  /** "" for file systems that are not made on a device. */
  readonly fsType?: string;
  readonly rounds?: boolean;
  /** Grows without a node's help: a file system of the network has no device that grows first. */
  readonly expandsAlone?: boolean;
  /** The largest volume, in bytes. */
  readonly largest?: number;
  /** Parameters it takes over from a VolumeAttributesClass, with what each is called when its value is no number; undefined for text. */
  readonly mutable?: Readonly<Record<string, string | undefined>>;
  /** The in-tree plugin that migrated to this driver: volumes of its classes keep the in-tree source. */
  readonly inTree?: { readonly plugin: string; source(handle: string, fsType: string | undefined, request: ProvisionRequest): Partial<PersistentVolumeSpec> };
}

/** A CSI driver with its csi-provisioner side-car. Source: kubernetes-csi/external-provisioner pkg/controller, csi-translation-lib. */
function csi(name: string, options: CsiOptions = {}): Model {
  const { mutable } = options;
  const rounded = (size: string): string => (options.rounds === false ? size : inGiB(size));
  const withinLimit = (size: string): void => {
    const bytes = Math.ceil(amount(size));
    if (options.largest !== undefined && bytes > options.largest)
      throw new DriverError("OutOfRange", `Requested capacity ${bytes} exceeds maximum allowed ${options.largest}`);
  };
  const pod = options.pod ?? `${name.split(".")[0]}-csi-controller-0`;
  return {
    name,
    pod,
    finalizer: true,
    expand({ volume, size }) {
      withinLimit(size);
      const capacity = rounded(size);
      // A driver answers in bytes. A device without a file system leaves nothing to a node.
      return { capacity: quantityOf(Math.ceil(amount(capacity))), nodeExpansion: !options.expandsAlone && volume.spec.volumeMode !== "Block" };
    },
    // What is made on a device must be attached; what has no device is reached over the network.
    attaches: options.fsType !== "",
    ...(mutable && { modify: (parameters) => checkParameters(mutable, parameters) }),
    provision(request) {
      const { claim, storageClass, node, mutableParameters } = request;
      if (mutableParameters) checkParameters(mutable ?? {}, mutableParameters);
      withinLimit(asAsked(claim));
      const handle = options.handle?.(request) ?? uidOf(`${name}/${request.name}`);
      const parameters = storageClass.parameters ?? {};
      const block = claim.spec.volumeMode === "Block";
      const fsType = block || options.fsType === "" ? undefined : (parameters["csi.storage.k8s.io/fstype"] ?? parameters.fsType ?? options.fsType ?? "ext4");
      const capacity = rounded(asAsked(claim));
      const annotations = { "volume.kubernetes.io/provisioner-deletion-secret-name": "", "volume.kubernetes.io/provisioner-deletion-secret-namespace": "" };
      const at = options.topology ? label(node, ...options.topology, ZONE) : undefined;
      if (options.inTree && storageClass.provisioner === options.inTree.plugin) {
        // Translated back: the zone stands under its Kubernetes name, with its region where the node tells one, and as a label.
        const zone = label(node, ZONE);
        const region = label(node, REGION);
        return {
          source: options.inTree.source(handle, fsType, request),
          capacity,
          annotations,
          ...(zone && {
            labels: { ...(region && { [REGION]: region.value }), [ZONE]: zone.value },
            topology: [requires(ZONE, zone.value), ...(region ? [requires(REGION, region.value)] : [])],
          }),
        };
      }
      const identity = `${1_700_000_000_000 + Number.parseInt(digest(name).slice(0, 8), 16)}-${(Number.parseInt(digest(name).slice(8, 12), 16) % 9000) + 1000}-${name}`;
      return {
        source: {
          csi: {
            driver: name,
            ...(fsType && { fsType }),
            volumeAttributes: { ...options.attributes?.(request), "storage.kubernetes.io/csiProvisionerIdentity": identity },
            volumeHandle: handle,
          },
        },
        capacity,
        annotations,
        ...(at && { topology: [requires(at.key, at.value)] }),
      };
    },
  };
}

/** A driver takes no parameter it does not know, and no number that is none. */
function checkParameters(known: Readonly<Record<string, string | undefined>>, parameters: Parameters): void {
  const unknown = Object.keys(parameters).filter((key) => !(key in known));
  if (unknown.length) throw new DriverError("InvalidArgument", `invalid parameters: [${unknown.sort().join(" ")}]`);
  for (const [key, value] of Object.entries(parameters)) {
    const called = known[key];
    if (called && !/^[+-]?\d+$/.test(value)) throw new DriverError("InvalidArgument", `Could not parse ${called}: ${JSON.stringify(value)}`);
  }
}

const azureGroup = `/subscriptions/${uidOf("azure-subscription")}/resourceGroups/mc_mockube_mockube_eastus`;

const MODELS: readonly Model[] = [
  csi("ebs.csi.aws.com", {
    pod: "ebs-csi-controller-7f5959c7c9-x7k2p",
    topology: [ZONE, "topology.ebs.csi.aws.com/zone"],
    handle: ({ name }) => `vol-0${digest(name).slice(0, 16)}`,
    mutable: { type: undefined, iops: "IOPS", throughput: "throughput" },
    inTree: {
      plugin: "kubernetes.io/aws-ebs",
      source: (volumeID, fsType) => ({ awsElasticBlockStore: { volumeID, ...(fsType && { fsType }) } }),
    },
  }),
  csi("pd.csi.storage.gke.io", {
    pod: "gke-pd-csi-controller-0",
    topology: ["topology.gke.io/zone"],
    mutable: { iops: "iops", throughput: "throughput" },
    handle: ({ name, node }) => `projects/mockube/zones/${zoneOf(node) || "us-central1-a"}/disks/${name}`,
    inTree: {
      plugin: "kubernetes.io/gce-pd",
      source: (_handle, fsType, { name }) => ({ gcePersistentDisk: { pdName: name, ...(fsType && { fsType }) } }),
    },
  }),
  csi("filestore.csi.storage.gke.io", { fsType: "", expandsAlone: true }),
  csi("disk.csi.azure.com", {
    pod: "csi-azuredisk-controller-6d8c6b9d5f-4tqzk",
    topology: ["topology.disk.csi.azure.com/zone"],
    handle: ({ name }) => `${azureGroup}/providers/Microsoft.Compute/disks/${name}`,
    attributes: ({ claim, name, storageClass }) => ({
      "csi.storage.k8s.io/pv/name": name,
      "csi.storage.k8s.io/pvc/name": claim.metadata.name ?? "",
      "csi.storage.k8s.io/pvc/namespace": claim.metadata.namespace ?? "",
      requestedsizegib: String(Math.max(1, Math.ceil(amount(claim.spec.resources?.requests?.storage) / GiB))),
      ...storageClass.parameters,
    }),
    fsType: undefined,
    mutable: { skuname: undefined, DiskIOPSReadWrite: "DiskIOPSReadWrite", DiskMBpsReadWrite: "DiskMBpsReadWrite" },
    inTree: {
      plugin: "kubernetes.io/azure-disk",
      source: (diskURI, fsType, { name }) => ({
        azureDisk: { diskName: name, diskURI, cachingMode: "ReadOnly", fsType: fsType ?? "ext4", readOnly: false, kind: "Managed" },
      }),
    },
  }),
  csi("file.csi.azure.com", {
    pod: "csi-azurefile-controller-5c9b7d8f6c-m2xwd",
    handle: ({ name }) => `mc_mockube_mockube_eastus#f${digest("azure-account").slice(0, 20)}#${name}###default`,
    fsType: "",
    expandsAlone: true,
    inTree: {
      plugin: "kubernetes.io/azure-file",
      source: (_handle, _fsType, { name, claim }) => ({
        azureFile: {
          secretName: `azure-storage-account-f${digest("azure-account").slice(0, 20)}-secret`,
          shareName: name,
          secretNamespace: claim.metadata.namespace,
        },
      }),
    },
  }),
  csi("efs.csi.aws.com", {
    fsType: "",
    rounds: false,
    handle: ({ name }) => `fs-${digest("efs").slice(0, 17)}::fsap-${digest(name).slice(0, 17)}`,
    expandsAlone: true,
  }),
  csi("fsx.csi.aws.com", { fsType: "", expandsAlone: true }),
  csi("cinder.csi.openstack.org", { topology: ["topology.cinder.csi.openstack.org/zone"] }),
  csi("csi.vsphere.vmware.com"),
  csi("dobs.csi.digitalocean.com", { topology: ["region"] }),
  csi("linodebs.csi.linode.com", { topology: ["topology.linode.com/region"] }),
  csi("csi.hetzner.cloud", { topology: ["csi.hetzner.cloud/location"] }),
  csi("hostpath.csi.k8s.io", {
    topology: ["topology.hostpath.csi/node", HOSTNAME],
    rounds: false,
    largest: TiB,
    mutable: { iops: "iops", throughput: "throughput" },
  }),
  csi("driver.longhorn.io", { rounds: false }),
  csi("rook-ceph.rbd.csi.ceph.com"),
  csi("rook-ceph.cephfs.csi.ceph.com", { fsType: "", expandsAlone: true }),
  csi("rbd.csi.ceph.com"),
  csi("cephfs.csi.ceph.com", { fsType: "", expandsAlone: true }),
  csi("nfs.csi.k8s.io", { fsType: "", rounds: false, expandsAlone: true }),
  {
    // rancher/local-path-provisioner: a directory on the node of the first consumer.
    name: "rancher.io/local-path",
    pod: "local-path-provisioner-57c5987fd4-7x9bq",
    finalizer: false,
    attaches: false,
    provision({ claim, storageClass, name, node }, localPathRoot) {
      const hostname = label(node, HOSTNAME);
      const host = node?.metadata.name ?? "";
      const path = `${storageClass.parameters?.nodePath ?? localPathRoot ?? "/opt/local-path-provisioner"}/${name}_${claim.metadata.namespace}_${claim.metadata.name}`;
      const local = localVolumeType(claim, storageClass) === "local";
      return {
        source: local ? { local: { path } } : { hostPath: { path, type: "DirectoryOrCreate" } },
        capacity: asAsked(claim),
        annotations: { "local.path.provisioner/selected-node": host },
        ...(hostname && { topology: [requires(HOSTNAME, hostname.value)] }),
      };
    },
  },
  {
    // minikube's storage-provisioner: one node, so nothing says where the volume may be used.
    name: "k8s.io/minikube-hostpath",
    pod: "minikube",
    finalizer: false,
    attaches: false,
    provision: ({ claim }) => ({
      source: { hostPath: { path: `/tmp/hostpath-provisioner/${claim.metadata.namespace}/${claim.metadata.name}`, type: "" } },
      capacity: asAsked(claim),
      annotations: { hostPathProvisionerIdentity: uidOf("minikube-hostpath") },
    }),
  },
];

/** The kind of volume local-path makes: the claim's word, else its class's. */
function localVolumeType(claim: PersistentVolumeClaim, storageClass: StorageClass): string | undefined {
  return claim.metadata.annotations?.volumeType ?? storageClass.metadata.annotations?.defaultVolumeType;
}

const BY_NAME: ReadonlyMap<string, Model> = new Map(MODELS.map((model) => [model.name, model]));

/** The model of that name; undefined for a driver that is not played. */
export const modelOf = (name: string | undefined): Model | undefined => (name === undefined ? undefined : BY_NAME.get(name));

/** What a driver calls itself as an Event's source: `<driver>_<pod>_<uid>`. */
export const driverComponent = (driver: Pick<Driver, "name" | "pod">): string => `${driver.name}_${driver.pod}_${uidOf(`${driver.name}/identity`)}`;
