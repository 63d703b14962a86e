/** Which volume a claim gets. Pure. Source: component-helpers storage/volume FindMatchingVolume, pkg/controller/volume/persistentvolume/index.go. */
import { labelSelectorAsSelector } from "../../kinds/labels.js";
import { nodeSelectorMatches } from "../runtime/nodes.js";
import { amount } from "./amount.js";
import { claimClass, type Node, type PersistentVolume, type PersistentVolumeClaim, volumeClass } from "./api.js";

/** Whether the volume's claimRef is this claim's: by name, and by uid where it has one. */
export function isVolumeBoundToClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = volume.spec.claimRef;
  if (!ref || ref.name !== claim.metadata.name || ref.namespace !== claim.metadata.namespace) return false;
  return !ref.uid || ref.uid === claim.metadata.uid;
}

export const requestedStorage = (claim: PersistentVolumeClaim): string => claim.spec.resources?.requests?.storage ?? "0";
export const volumeCapacity = (volume: PersistentVolume): string => volume.spec.capacity?.storage ?? "0";

export const volumeModeMismatch = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  (claim.spec.volumeMode ?? "Filesystem") !== (volume.spec.volumeMode ?? "Filesystem");

export const hasAccessModes = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));

/** Whether a node may use the volume. Fields are not looked at. Source: component-helpers storage/volume CheckNodeAffinity. */
export function volumeFitsNode(volume: PersistentVolume, labels: Readonly<Record<string, string>>): boolean {
  const required = volume.spec.nodeAffinity?.required;
  return !required || nodeSelectorMatches(required, { name: "", labels });
}

export interface MatchOptions {
  /** The scheduler's view: the node that must be able to use the volume. */
  readonly node?: Node;
  /** Names of volumes already given away. */
  readonly excluded?: ReadonlySet<string>;
  /** The claim waits for its first consumer: without a node only a pre-bound volume will do. */
  readonly delayBinding?: boolean;
}

/**
 * The volume that is pre-bound to the claim, else the smallest that fits, else undefined. Of equals the first in the order given wins.
 * Access modes are compared on the scheduler's path only; the binder chooses among volumes grouped by modes (findBestMatch).
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  options: MatchOptions = {},
): PersistentVolume | undefined {
  const requested = amount(requestedStorage(claim));
  const wantedClass = claimClass(claim);
  const selector = claim.spec.selector ? labelSelectorAsSelector(claim.spec.selector) : undefined;
  const labels = options.node?.metadata.labels ?? {};
  let smallest: PersistentVolume | undefined;
  let smallestSize = 0;
  for (const volume of volumes) {
    if (options.excluded?.has(volume.metadata.name ?? "")) continue;
    const bound = isVolumeBoundToClaim(volume, claim);
    if (volume.spec.claimRef && !bound) continue;
    const size = amount(volumeCapacity(volume));
    if (size < requested || volumeModeMismatch(claim, volume)) continue;
    if ((claim.spec.volumeAttributesClassName ?? "") !== (volume.spec.volumeAttributesClassName ?? "")) continue;
    if (volume.metadata.deletionTimestamp) continue;
    const fitsNode = !options.node || volumeFitsNode(volume, labels);
    if (bound) return fitsNode ? volume : undefined;
    if (!options.node && options.delayBinding) continue;
    if (volume.status?.phase !== "Available") continue;
    if (selector && !selector.matches(volume.metadata.labels ?? {})) continue;
    if (volumeClass(volume) !== wantedClass || !fitsNode) continue;
    if (options.node && !hasAccessModes(claim, volume)) continue;
    if (!smallest || size < smallestSize) {
      smallest = volume;
      smallestSize = size;
    }
  }
  return smallest;
}

/** The binder's choice: volumes with the fewest access modes that suffice come first, among them the smallest. */
export function findBestMatch(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[], delayBinding: boolean): PersistentVolume | undefined {
  const groups = new Map<string, PersistentVolume[]>();
  for (const volume of volumes) {
    if (!hasAccessModes(claim, volume)) continue;
    const modes = [...new Set(volume.spec.accessModes ?? [])].sort().join(",");
    const group = groups.get(modes);
    if (group) group.push(volume);
    else groups.set(modes, [volume]);
  }
  const ordered = [...groups].sort(([a], [b]) => a.split(",").length - b.split(",").length || (a < b ? -1 : 1));
  for (const [, group] of ordered) {
    const found = findMatchingVolume(claim, group, { delayBinding });
    if (found) return found;
  }
  return undefined;
}

/** Why a volume asked for by name will not do; undefined when it will. Source: pv_controller.go checkVolumeSatisfyClaim. */
export function volumeMismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (amount(volumeCapacity(volume)) < amount(requestedStorage(claim))) return "requested PV is too small";
  if (volumeClass(volume) !== claimClass(claim)) return "storageClassName does not match";
  if ((claim.spec.volumeAttributesClassName ?? "") !== (volume.spec.volumeAttributesClassName ?? "")) return "volumeAttributesClassName does not match";
  if (volumeModeMismatch(claim, volume)) return "incompatible volumeMode";
  if (!hasAccessModes(claim, volume)) return "incompatible accessMode";
  return undefined;
}
