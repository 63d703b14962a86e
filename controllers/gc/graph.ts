import type { OwnerReference } from "../../kinds/object.js";

/** An object's place: which resource, and its key in it. */
export interface Place {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** A place as a queue key; neither part can hold a "|". */
export const placeKey = (p: Place): string => `${p.resource}|${p.namespace}|${p.name}`;

export function parsePlace(key: string): Place {
  const [resource, namespace, name] = key.split("|");
  return { resource, namespace, name };
}

/**
 * Who names whom as owner: only objects that have owners are in it, by their owners' uids, whether those exist or not.
 */
export class Graph {
  private readonly dependents = new Map<string, Map<string, Place>>();

  link(place: Place, owners: readonly OwnerReference[] | undefined): void {
    const key = placeKey(place);
    for (const { uid } of owners ?? []) {
      let of = this.dependents.get(uid);
      if (!of) {
        of = new Map();
        this.dependents.set(uid, of);
      }
      of.set(key, place);
    }
  }

  unlink(place: Place, owners: readonly OwnerReference[] | undefined): void {
    const key = placeKey(place);
    for (const { uid } of owners ?? []) {
      const of = this.dependents.get(uid);
      of?.delete(key);
      if (of?.size === 0) this.dependents.delete(uid);
    }
  }

  /** Every object that names an owner. */
  all(): Place[] {
    const places = new Map<string, Place>();
    for (const of of this.dependents.values()) for (const [key, place] of of) places.set(key, place);
    return [...places.values()];
  }

  dependentsOf(uid: string | undefined): Place[] {
    return uid ? [...(this.dependents.get(uid)?.values() ?? [])] : [];
  }
}
