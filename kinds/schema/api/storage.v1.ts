// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as coreV1 from "./core.v1.js";
import type * as metaV1 from "./meta.v1.js";

/** storage.k8s.io/v1 CSIDriver */
export interface CSIDriver {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: CSIDriverSpec;
}

/** storage.k8s.io/v1 CSIDriverList */
export interface CSIDriverList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: CSIDriver[];
}

export interface CSIDriverSpec {
  attachRequired?: boolean;
  podInfoOnMount?: boolean;
  volumeLifecycleModes?: string[];
  storageCapacity?: boolean;
  fsGroupPolicy?: string;
  tokenRequests?: TokenRequest[];
  requiresRepublish?: boolean;
  seLinuxMount?: boolean;
  nodeAllocatableUpdatePeriodSeconds?: number;
  serviceAccountTokenInSecrets?: boolean;
  preventPodSchedulingIfMissing?: boolean;
}

/** storage.k8s.io/v1 CSINode */
export interface CSINode {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: CSINodeSpec;
}

export interface CSINodeDriver {
  name: string;
  nodeID: string;
  topologyKeys?: string[] | null;
  allocatable?: VolumeNodeResources;
}

/** storage.k8s.io/v1 CSINodeList */
export interface CSINodeList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: CSINode[];
}

export interface CSINodeSpec {
  drivers: CSINodeDriver[] | null;
}

/** storage.k8s.io/v1 CSIStorageCapacity */
export interface CSIStorageCapacity {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  nodeTopology?: metaV1.LabelSelector;
  storageClassName: string;
  capacity?: string;
  maximumVolumeSize?: string;
}

/** storage.k8s.io/v1 CSIStorageCapacityList */
export interface CSIStorageCapacityList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: CSIStorageCapacity[];
}

/** storage.k8s.io/v1 StorageClass */
export interface StorageClass {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  provisioner: string;
  parameters?: Record<string, string>;
  reclaimPolicy?: string;
  mountOptions?: string[];
  allowVolumeExpansion?: boolean;
  volumeBindingMode?: string;
  allowedTopologies?: coreV1.TopologySelectorTerm[];
}

/** storage.k8s.io/v1 StorageClassList */
export interface StorageClassList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: StorageClass[];
}

export interface TokenRequest {
  audience: string;
  expirationSeconds?: number;
}

/** storage.k8s.io/v1 VolumeAttachment */
export interface VolumeAttachment {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: VolumeAttachmentSpec;
  status?: VolumeAttachmentStatus;
}

/** storage.k8s.io/v1 VolumeAttachmentList */
export interface VolumeAttachmentList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: VolumeAttachment[];
}

export interface VolumeAttachmentSource {
  persistentVolumeName?: string;
  inlineVolumeSpec?: coreV1.PersistentVolumeSpec;
}

export interface VolumeAttachmentSpec {
  attacher: string;
  source: VolumeAttachmentSource;
  nodeName: string;
}

export interface VolumeAttachmentStatus {
  attached: boolean;
  attachmentMetadata?: Record<string, string>;
  attachError?: VolumeError;
  detachError?: VolumeError;
}

/** storage.k8s.io/v1 VolumeAttributesClass */
export interface VolumeAttributesClass {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  driverName: string;
  parameters?: Record<string, string>;
}

/** storage.k8s.io/v1 VolumeAttributesClassList */
export interface VolumeAttributesClassList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: VolumeAttributesClass[];
}

export interface VolumeError {
  time?: string;
  message?: string;
  errorCode?: number;
}

export interface VolumeNodeResources {
  count?: number;
}
