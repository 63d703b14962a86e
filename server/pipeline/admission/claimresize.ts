import { compareQuantity } from "../../../kinds/quantity.js";
import { forbidden } from "../../errors.js";
import { resourceName } from "../objects.js";
import { peek } from "./lookup.js";
import type { AdmissionPlugin } from "./types.js";

/** Source: plugin/pkg/admission/storage/persistentvolume/resize. */
export const claimResize: AdmissionPlugin = {
  name: "PersistentVolumeClaimResize",
  validate({ operation, kind, subresource, object, old, name }, _ctx, services) {
    if (!object || !old || operation !== "UPDATE" || kind.group !== "" || kind.resource !== "persistentvolumeclaims" || subresource !== "") return;
    const now = object.spec?.resources?.requests?.storage;
    const was = old.spec?.resources?.requests?.storage;
    if (now === undefined || was === undefined || compareQuantity(now, was) <= 0) return;
    if (old.status?.phase !== "Bound") throw forbidden(resourceName(kind), name, "Only bound persistent volume claims can be expanded");
    const className = object.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? object.spec.storageClassName ?? "";
    const found = className ? peek(services, "storage.k8s.io", "v1", "storageclasses", "", className) : undefined;
    if (!found?.allowVolumeExpansion)
      throw forbidden(
        resourceName(kind),
        name,
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
      );
  },
};
