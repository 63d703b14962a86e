/** Source: pkg/apis/storage/validation ValidateCSIDriver(Update). */
import { duplicate, type FieldError, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { CSIDriverSpec, TokenRequest } from "../../schema/api/storage.v1.js";
import { validateImmutableField, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";

const FS_GROUP_POLICIES = ["File", "None", "ReadWriteOnceWithFSType"];
const MODES = ["Persistent", "Ephemeral"];
const MIN_EXPIRATION = 600;
const MAX_EXPIRATION = 2 ** 32;
const MIN_UPDATE_PERIOD = 10;

/** `attachedRequired`, upstream's slip, is the path of what is called attachRequired. */
const ATTACH = "spec.attachedRequired";

function validateTokenRequests(requests: readonly TokenRequest[]): FieldError[] {
  const seen = new Set<string>();
  return requests.flatMap((request, i) => {
    const at = `spec.tokenRequests[${i}]`;
    const audience = request.audience ?? "";
    if (seen.has(audience)) return [duplicate(`${at}.audience`, audience)];
    seen.add(audience);
    const seconds = request.expirationSeconds ?? undefined;
    if (seconds === undefined) return [];
    if (seconds < MIN_EXPIRATION) return [invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes")];
    return seconds > MAX_EXPIRATION ? [invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds")] : [];
  });
}

export function validateCSIDriver(object: KubeObject): FieldError[] {
  const spec: Partial<CSIDriverSpec> = object.spec ?? {};
  const set = (value: unknown, field: string): FieldError[] => ((value ?? null) === null ? [required(field)] : []);
  const policy = spec.fsGroupPolicy ?? undefined;
  const requests = spec.tokenRequests ?? [];
  const period = spec.nodeAllocatableUpdatePeriodSeconds ?? undefined;
  const inSecrets = spec.serviceAccountTokenInSecrets ?? undefined;
  return [
    ...set(spec.attachRequired, ATTACH),
    ...set(spec.podInfoOnMount, "spec.podInfoOnMount"),
    ...set(spec.storageCapacity, "spec.storageCapacity"),
    ...(policy === undefined || FS_GROUP_POLICIES.includes(policy) ? [] : [notSupported("spec.fsGroupPolicy", policy, FS_GROUP_POLICIES)]),
    ...validateTokenRequests(requests),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) => (MODES.includes(mode) ? [] : [notSupported("spec.volumeLifecycleModes", mode, MODES)])),
    ...set(spec.seLinuxMount, "spec.seLinuxMount"),
    ...(period !== undefined && period < MIN_UPDATE_PERIOD
      ? [invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, "must be greater than or equal to 10 seconds")]
      : []),
    ...(inSecrets !== undefined && requests.length === 0
      ? [invalid("spec.serviceAccountTokenInSecrets", inSecrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified")]
      : []),
  ];
}

export const validateCSIDriverUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateCSIDriver(object),
  ...validateImmutableField(object.spec?.attachRequired, old.spec?.attachRequired, ATTACH),
  ...validateImmutableField(object.spec?.volumeLifecycleModes, old.spec?.volumeLifecycleModes, "spec.volumeLifecycleModes"),
];
