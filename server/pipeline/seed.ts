import type { KubeObject, ManagedFieldsEntry } from "../../kinds/object.js";
import { encodeAt, timestamp } from "./objects.js";
import type { Services } from "./types.js";

/**
 * Writes an object that the server itself brings, as it stands: no defaults, no admission, no validation. All of a turn share one commit, so a new cluster
 * has its hundred objects in the time of one. Whatever is there already stays.
 */
export function seed(services: Services, key: string, object: KubeObject): Promise<unknown> {
  return services.store.write(key, (current) =>
    current ? { action: "none" } : { action: "put", encode: (revision) => ({ bytes: encodeAt(object, revision).bytes }) },
  );
}

/** Metadata of an object made now. */
export const seedMetadata = (services: Services, name: string, rest: Partial<KubeObject["metadata"]> = {}): KubeObject["metadata"] => ({
  name,
  uid: services.uid(),
  creationTimestamp: timestamp(services.now()),
  ...rest,
});

/** A manager's entry; `of` are the fields it owns, as paths whose parts are joined by a space: `f:spec f:type`. */
export function seedManager(services: Services, manager: string, apiVersion: string, of: readonly string[], status?: "Apply" | "Update"): ManagedFieldsEntry {
  const fieldsV1: Record<string, unknown> = {};
  for (const path of of) {
    let at = fieldsV1;
    for (const part of path.split(" ")) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
  }
  const time = timestamp(services.now());
  return {
    manager,
    operation: status ?? "Update",
    apiVersion,
    time,
    fieldsType: "FieldsV1",
    fieldsV1,
    ...(status ? { subresource: "status" } : {}),
  };
}
