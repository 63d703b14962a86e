/** Which fields of a write a resource's strategy throws away, so that nobody comes to own them. Source: the strategies' GetResetFields. */
import type { Pattern } from "./fieldset.js";

type Fields = readonly (readonly string[])[];

/** The `resetFields` and `onlyFields` of a write. */
export interface Reset {
  readonly resetFields?: Fields;
  readonly onlyFields?: readonly Pattern[];
}

const NONE: Reset = {};
const STATUS: Reset = { resetFields: [["status"]] };
const SPEC: Reset = { resetFields: [["spec"]] };
const SPEC_AND_METADATA: Reset = { resetFields: [["spec"], ["metadata"]] };

/** Resources, as `<resource>.<group>`, whose status endpoint keeps metadata to itself. */
const STATUS_KEEPS_METADATA: ReadonlySet<string> = new Set([
  "apiservices.apiregistration.k8s.io",
  "devicetaintrules.resource.k8s.io",
  "flowschemas.flowcontrol.apiserver.k8s.io",
  "podgroups.scheduling.k8s.io",
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
  "resourceclaims.resource.k8s.io",
  "resourcepoolstatusrequests.resource.k8s.io",
  "servicecidrs.networking.k8s.io",
  "storageversionmigrations.storagemigration.k8s.io",
  "storageversions.internal.apiserver.k8s.io",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "volumeattachments.storage.k8s.io",
]);

/** Endpoints with rules of their own: `<resource>.<group>/<subresource>`. */
const OWN: Readonly<Record<string, Reset>> = {
  "deployments.apps/status": { resetFields: [["spec"], ["metadata", "labels"]] },
  "pods/status": { resetFields: [["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]] },
  "pods/ephemeralcontainers": { onlyFields: [["spec", "ephemeralContainers"]] },
  "pods/resize": {
    onlyFields: [
      ["spec", "containers", "*", "resources"],
      ["spec", "containers", "*", "resizePolicy"],
      ["spec", "initContainers", "*", "resources"],
      ["spec", "initContainers", "*", "resizePolicy"],
    ],
  },
  "namespaces/finalize": STATUS,
  "certificatesigningrequests.certificates.k8s.io/": { resetFields: [["spec"], ["status"]] },
  "certificatesigningrequests.certificates.k8s.io/status": { resetFields: [["spec"], ["status", "conditions"]] },
  "certificatesigningrequests.certificates.k8s.io/approval": { resetFields: [["spec"], ["status", "certificate"]] },
  "podcertificaterequests.certificates.k8s.io/": NONE,
};

/** The rules of an endpoint. `hasStatus`: the resource has a status subresource. */
export function resetFieldsFor(group: string, resource: string, subresource: string, hasStatus: boolean, customResource = false): Reset {
  const name = group ? `${resource}.${group}` : resource;
  const own = OWN[`${name}/${subresource}`];
  if (own) return own;
  if (subresource === "") return hasStatus ? STATUS : NONE;
  if (subresource !== "status") return NONE;
  return customResource || STATUS_KEEPS_METADATA.has(name) ? SPEC_AND_METADATA : SPEC;
}
