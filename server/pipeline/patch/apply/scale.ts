/** Managed fields of a resource as its scale shows them, and back. Source: managedfields/scalehandler.go. */
import type { ManagedFieldsEntry } from "../../../../kinds/object.js";
import { difference, EMPTY, type FieldSet, has, isEmpty, setOfFields } from "./fieldset.js";
import { decodeManaged, encodeManaged, type Managed } from "./managed.js";

const SCALE_VERSION = "autoscaling/v1";
const SCALE_REPLICAS = setOfFields([["spec", "replicas"]]);
const SCALE_PATH = ["f:spec", "f:replicas"];

/** Where replicas stand, by version of the resource: `{"apps/v1": ["spec", "replicas"]}`; null in a version without scale. Leaf fields all. */
export type ReplicasPaths = Readonly<Record<string, readonly string[] | null>>;

const pathOf = (names: readonly string[]): string[] => names.map((name) => `f:${name}`);

/** The managers of the replicas, as managers of a Scale. Throws a plain Error on malformed entries. */
export function toScaleManagedFields(parent: readonly ManagedFieldsEntry[] | undefined, paths: ReplicasPaths): ManagedFieldsEntry[] | undefined {
  const out: Managed = new Map();
  for (const [id, m] of decodeManaged(parent)) {
    const names = paths[m.apiVersion];
    if (names && has(m.set, pathOf(names))) out.set(id, { ...m, apiVersion: SCALE_VERSION, set: SCALE_REPLICAS, source: undefined });
  }
  return encodeManaged(out);
}

/** The resource's entries after a write through scale: who lost the replicas there loses them here, who got them is added in `apiVersion`. */
export function fromScaleManagedFields(
  parent: readonly ManagedFieldsEntry[] | undefined,
  scale: readonly ManagedFieldsEntry[] | undefined,
  apiVersion: string,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const before = decodeManaged(parent);
  const after = decodeManaged(scale);
  const out: Managed = new Map();
  for (const [id, m] of before) {
    const names = paths[m.apiVersion];
    if (names === undefined) continue;
    if (names === null || !has(m.set, pathOf(names))) {
      out.set(id, m);
    } else if (after.has(id)) {
      out.set(id, m);
      after.delete(id);
    } else {
      const rest = difference(m.set, setOfFields([names]));
      if (!isEmpty(rest)) out.set(id, { ...m, set: rest });
    }
  }
  const own = paths[apiVersion];
  const replicas: FieldSet = own ? setOfFields([own]) : EMPTY;
  for (const [id, m] of after) {
    if (!has(m.set, SCALE_PATH)) continue;
    // upstream looks the time up among the resource's entries, so a manager that is new there has none
    out.set(id, { ...m, apiVersion, set: replicas, time: before.get(id)?.time, source: undefined });
  }
  return encodeManaged(out);
}
