/**
 * What provisioner, attacher and resizer ask of a driver: the calls of CSI's controller service, each over a volume as Kubernetes knows it. Everything a driver does
 * to storage is behind this; the drivers that are played are in models.ts, and one that speaks to a real CSI driver would be another `Drivers`. Calls may be
 * repeated: who is stopped in between asks again for what was done already. One that fails throws a DriverError (errors.ts).
 */
import type { NodeSelectorRequirement, PersistentVolumeSpec } from "../../../kinds/schema/api/core.v1.js";
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from "../api.js";

export interface ProvisionRequest {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  /** The volume's name, `pvc-<uid>`. */
  readonly name: string;
  /** The node the scheduler chose; for classes that bind at once a node of the driver's choosing; undefined where there are no nodes. */
  readonly node: Node | undefined;
  /** Those of the claim's VolumeAttributesClass. */
  readonly mutableParameters?: Parameters;
}

/** What is the driver's own about a new volume. */
export interface Provisioned {
  readonly source: Partial<PersistentVolumeSpec>;
  /** As the driver rounds it. */
  readonly capacity: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** All must hold on a node that is to use it. */
  readonly topology?: readonly NodeSelectorRequirement[];
}

export type Parameters = Readonly<Record<string, string>>;

export interface AttachRequest {
  readonly volume: PersistentVolume;
  readonly node: string;
  readonly readOnly: boolean;
}

export interface ExpandRequest {
  readonly volume: PersistentVolume;
  /** What it is to hold at least. */
  readonly size: string;
}

export interface Expanded {
  /** As the driver rounds it. */
  readonly capacity: string;
  /** A node is to grow the file system before the claim has it. */
  readonly nodeExpansion: boolean;
}

export interface Driver {
  readonly name: string;
  /** The pod it runs in, as its Events' source shows it. */
  readonly pod: string;
  /** Keeps volumes with the external-provisioner finalizer until their storage is gone. */
  readonly finalizer: boolean;
  /** CreateVolume. */
  provision(request: ProvisionRequest): Promise<Provisioned>;
  /** DeleteVolume. */
  delete(volume: PersistentVolume): Promise<void>;
  /** ControllerPublishVolume; resolves to what the node is told of it. Absent where volumes need no attaching. */
  attach?(request: AttachRequest): Promise<Parameters>;
  /** ControllerUnpublishVolume; there where `attach` is. */
  detach?(volume: PersistentVolume, node: string): Promise<void>;
  /** ControllerExpandVolume; absent where the driver cannot. */
  expand?(request: ExpandRequest): Promise<Expanded>;
  /** ControllerModifyVolume: takes over the parameters of a VolumeAttributesClass; absent where the driver cannot. */
  modify?(volume: PersistentVolume, parameters: Parameters): Promise<void>;
}

/** The driver of that name; undefined for one that is not installed: nobody does its work, and its claims wait. */
export type Drivers = (name: string | undefined) => Driver | undefined;
