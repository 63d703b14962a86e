import { storageKey } from "../../kinds/kind.js";
import { bareError, notFound, tooLargeResourceVersion } from "../errors.js";
import { getComputed } from "./computed.js";
import { answerEntry, resourceName } from "./objects.js";
import type { Answer, Services, Target } from "./types.js";
import { parseVersion } from "./version.js";

/**
 * GET on one object or a view of it. `resourceVersion`: "" and "0" mean now; others must not be in the future. Source: etcd3 store.Get.
 */
export function get(services: Services, target: Target, resourceVersion = ""): Answer {
  if (target.kind.computed) return getComputed(services, target);
  const version = parseVersion(resourceVersion, bareError);
  if (version > services.store.revision) throw tooLargeResourceVersion(BigInt(resourceVersion), services.store.revision);
  const entry = services.store.get(storageKey(target.kind, target.namespace, target.name));
  if (!entry) throw notFound(resourceName(target.kind), target.name);
  return answerEntry(200, target.kind, entry);
}
