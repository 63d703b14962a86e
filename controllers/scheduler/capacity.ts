/** Whether a driver has room left for a volume that is still to be made. Pure. Source: plugins/volumebinding/binder.go hasEnoughCapacity. */
import { labelSelectorAsSelector } from "../../kinds/labels.js";
import type * as storage from "../../kinds/schema/api/storage.v1.js";
import type { As } from "../runtime/api.js";
import { amount } from "../volume/amount.js";
import type { PersistentVolumeClaim, StorageClass } from "../volume/api.js";

export type CSIDriver = As<storage.CSIDriver>;
export type CSIStorageCapacity = As<storage.CSIStorageCapacity>;

/** What is known of the storage behind the classes. */
export interface CapacityFacts {
  driver(name: string): CSIDriver | undefined;
  /** What drivers have told of a class, for whatever nodes. */
  capacities(className: string): readonly CSIStorageCapacity[];
}

/** The largest volume an object allows, in bytes; undefined where it tells none. The maximum is the more precise word. */
export function volumeLimit(capacity: CSIStorageCapacity): number | undefined {
  const limit = capacity.maximumVolumeSize ?? capacity.capacity;
  return limit === undefined || limit === null ? undefined : Math.ceil(amount(limit));
}

/** Without a topology the storage is out of reach; an empty one is every node's. */
const reaches = (capacity: CSIStorageCapacity, labels: Readonly<Record<string, string>>): boolean =>
  !!capacity.nodeTopology && labelSelectorAsSelector(capacity.nodeTopology).matches(labels);

/**
 * Only drivers that ask for it (`storageCapacity`) are judged; for them one object must tell enough. Every claim is looked at for itself: two that fit one by one
 * count as fitting together.
 */
export function hasEnoughCapacity(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  labels: Readonly<Record<string, string>>,
  facts: CapacityFacts,
): boolean {
  const requested = claim.spec.resources?.requests?.storage;
  if (requested === undefined || !facts.driver(storageClass.provisioner)?.spec.storageCapacity) return true;
  const size = Math.ceil(amount(requested));
  return facts.capacities(storageClass.metadata.name ?? "").some((capacity) => (volumeLimit(capacity) ?? -1) >= size && reaches(capacity, labels));
}
