import { storageKey, storagePrefix } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import { objectOf } from "../objects.js";
import type { Services } from "../types.js";

/** Another object, as a plugin sees it: shared, never written into. Undefined when it is not there (or its kind is not served). */
export function peek(services: Services, group: string, version: string, resource: string, namespace: string, name: string): KubeObject | undefined {
  const kind = services.kinds.find(group, version, resource);
  const entry = kind && services.store.get(storageKey(kind, namespace, name));
  return entry && objectOf(entry, kind);
}

/** All objects of a resource, in key order; of one namespace if given. */
export function peekAll(services: Services, group: string, version: string, resource: string, namespace = ""): KubeObject[] {
  const kind = services.kinds.find(group, version, resource);
  if (!kind) return [];
  return services.store.list(storagePrefix(kind) + (namespace ? `${namespace}/` : "")).entries.map((entry) => objectOf(entry, kind));
}
