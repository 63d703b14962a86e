/** CSIDriver of storage.k8s.io/v1. Sources: pkg/registry/storage/csidriver, pkg/apis/storage. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import type { TokenRequest } from "../../schema/api/storage.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { CSI_DRIVER_COLUMNS } from "./printer.js";
import { validateCSIDriver, validateCSIDriverUpdate } from "./validate.js";

const RECOMMENDED =
  "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

const requestsOf = (object: KubeObject): TokenRequest[] => (object.spec?.tokenRequests ?? []).map((r: TokenRequest) => ({ ...r, audience: r.audience ?? "" }));
const comparable = (object: KubeObject): object => ({ ...object.spec, tokenRequests: requestsOf(object) });

/** VolumeLimitScaling is off: its field is dropped unless it is stored already. */
function dropDisabled(object: KubeObject, old?: KubeObject): void {
  if (object.spec && (old?.spec?.preventPodSchedulingIfMissing ?? null) === null) delete object.spec.preventPodSchedulingIfMissing;
}

export const csiDriver: Kind = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  resource: "csidrivers",
  singular: "csidriver",
  namespaced: false,
  schema: "io.k8s.api.storage.v1.CSIDriver",
  defaults(object) {
    object.spec ??= {};
    const { spec } = object;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  prepareForCreate: (object) => dropDisabled(object),
  prepareForUpdate(object, old) {
    dropDisabled(object, old);
    // a new object has no generation: it counts changes of the spec only
    if (!semanticEqual(comparable(object), comparable(old))) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: validateCSIDriver,
  validateUpdate: validateCSIDriverUpdate,
  warnings(object, old) {
    const requests = requestsOf(object);
    if (requests.length === 0 || (object.spec?.serviceAccountTokenInSecrets ?? null) !== null) return [];
    return old && semanticEqual(requests, requestsOf(old)) ? [] : [RECOMMENDED];
  },
  allowUnconditionalUpdate: false,
  returnDeletedObject: true,
  printer: printer(CSI_DRIVER_COLUMNS, (o, ctx) => [
    o.metadata.name ?? "",
    o.spec?.attachRequired ?? true,
    o.spec?.podInfoOnMount ?? false,
    o.spec?.storageCapacity ?? false,
    o.spec?.tokenRequests
      ? requestsOf(o)
          .map((r) => r.audience)
          .join(",")
      : "<unset>",
    o.spec?.requiresRepublish ?? false,
    (o.spec?.volumeLifecycleModes ?? []).join(",") || "<none>",
    age(o, ctx),
  ]),
};
