/** A pod's volumes: names, one source each, and the sources with rules of their own. Source: pkg/apis/core/validation ValidateVolumes. */
import { duplicate, type FieldError, forbidden, invalid, quote, required } from "../../field.js";
import type { ObjectMeta } from "../../object.js";

import type { DownwardAPIVolumeFile, EphemeralVolumeSource, KeyToPath, ProjectedVolumeSource, Volume } from "../../schema/api/core.v1.js";
import { validateTemplateObjectMeta } from "../../validation/metadata.js";
import { isDNS1123Label, nameIsDNSSubdomain } from "../../validation/names.js";
import { validateClaimSpec } from "./claim.js";
import { validatePullPolicy } from "./containers.js";
import { VOLUME_FIELD_PATHS, validateObjectFieldSelector, validateResourceFieldSelector } from "./env.js";
import type { PodValidationOptions } from "./options.js";
import { validateLocalNonReservedPath } from "./paths.js";
import { isNegativeAmount } from "./resources.js";
import { PLAIN_SOURCES } from "./volume-sources.js";

/** Volumes that passed, by name: mounts may name only these. */
export type VolumesByName = ReadonlyMap<string, Volume>;

const MODE = "must be a number between 0 and 0777 (octal), both inclusive";
const MORE_THAN_ONE = "may not specify more than 1 volume type";

const validateMode = (mode: number | undefined, path: string): FieldError[] =>
  mode !== undefined && (mode > 0o777 || mode < 0) ? [invalid(path, mode, MODE)] : [];

function validateKeyToPath(item: KeyToPath, path: string): FieldError[] {
  return [
    ...(item.key ? [] : [required(`${path}.key`)]),
    ...(item.path ? [] : [required(`${path}.path`)]),
    ...validateLocalNonReservedPath(item.path ?? "", `${path}.path`),
    ...validateMode(item.mode, `${path}.mode`),
  ];
}

const validateItems = (items: readonly KeyToPath[] | undefined, path: string): FieldError[] =>
  (items ?? []).flatMap((item, i) => validateKeyToPath(item, `${path}.items[${i}]`));

function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const out: FieldError[] = file.path ? [] : [required(`${path}.path`)];
  out.push(...validateLocalNonReservedPath(file.path ?? "", `${path}.path`));
  if (file.fieldRef) {
    out.push(...validateObjectFieldSelector(file.fieldRef, VOLUME_FIELD_PATHS, `${path}.fieldRef`));
    if (file.resourceFieldRef) out.push(invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
  } else if (file.resourceFieldRef) out.push(...validateResourceFieldSelector(file.resourceFieldRef, `${path}.resourceFieldRef`, true));
  else out.push(required(path, "one of fieldRef and resourceFieldRef is required"));
  return [...out, ...validateMode(file.mode, `${path}.mode`)];
}

/**
 * Projected sources. Two sources may not write the same file. Cluster trust bundles and pod certificates never get here: their gates are off and
 * the strategy has dropped them.
 */
function validateProjected(projected: ProjectedVolumeSource, path: string, options: PodValidationOptions): FieldError[] {
  const out = validateMode(projected.defaultMode, `${path}.defaultMode`);
  const paths = new Set<string>();
  const claim = (file: string, shown: string): void => {
    if (paths.has(file)) out.push(invalid(path, shown, "conflicting duplicate paths"));
    paths.add(file);
  };
  for (const [i, source] of (projected.sources ?? []).entries()) {
    const at = `${path}.sources[${i}]`;
    let count = 0;
    for (const field of ["secret", "configMap"] as const) {
      const named = source[field];
      if (!named) continue;
      count++;
      if (!named.name) out.push(required(`${at}.${field}.name`));
      for (const [j, item] of (named.items ?? []).entries()) {
        out.push(...validateKeyToPath(item, `${at}.${field}.items[${j}]`));
        if (item.path) claim(item.path, named.name ?? "");
      }
    }
    if (source.downwardAPI) {
      count++;
      for (const file of source.downwardAPI.items ?? []) {
        out.push(...validateDownwardFile(file, `${at}.downwardAPI`));
        if (file.path) claim(file.path, file.path);
      }
    }
    const token = source.serviceAccountToken;
    if (token) {
      count++;
      const seconds = token.expirationSeconds ?? 0;
      const field = `${at}.serviceAccountToken.expirationSeconds`;
      if (seconds < 600) out.push(invalid(field, seconds, "may not specify a duration less than 10 minutes"));
      if (seconds > 2 ** 32) out.push(invalid(field, seconds, "may not specify a duration larger than 2^32 seconds"));
      // Upstream names the volume's own path here, not the source's.
      if (!token.path) out.push(required(`${path}.path`));
      else if (!options.allowNonLocalProjectedTokenPath) out.push(...validateLocalNonReservedPath(token.path, `${path}.path`));
    }
    if (count > 1) out.push(forbidden(at, "may not specify more than 1 volume type per source"));
  }
  return out;
}

function validateEphemeral(source: EphemeralVolumeSource, path: string): FieldError[] {
  const template = source.volumeClaimTemplate;
  const at = `${path}.volumeClaimTemplate`;
  if (!template) return [required(at)];
  const out = validateTemplateObjectMeta(template.metadata as ObjectMeta | undefined, `${at}.metadata`);
  return [...out, ...validateClaimSpec(template.spec ?? {}, `${at}.spec`)];
}

/** JSON field, the path errors stand under when it is not the field, and the path of "more than 1" errors when that differs again. */
type SourceRule = readonly [
  field: keyof Volume & string,
  check: (volume: Volume, path: string, options: PodValidationOptions) => FieldError[],
  at?: string,
  forbiddenAt?: string,
];

/** In upstream's order: the first source of a volume counts, the others are forbidden. */
const SOURCES: readonly SourceRule[] = [
  [
    "emptyDir",
    (v, at) =>
      v.emptyDir?.sizeLimit && isNegativeAmount(v.emptyDir.sizeLimit)
        ? [forbidden(`${at}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
        : [],
  ],
  ["hostPath", PLAIN_SOURCES.hostPath],
  ["gitRepo", PLAIN_SOURCES.gitRepo],
  ["gcePersistentDisk", PLAIN_SOURCES.gcePersistentDisk, "persistentDisk", "gcePersistentDisk"],
  ["awsElasticBlockStore", PLAIN_SOURCES.awsElasticBlockStore],
  [
    "secret",
    (v, at) => [
      ...(v.secret?.secretName ? [] : [required(`${at}.secretName`)]),
      ...validateMode(v.secret?.defaultMode, `${at}.defaultMode`),
      ...validateItems(v.secret?.items, at),
    ],
  ],
  ["nfs", PLAIN_SOURCES.nfs],
  ["iscsi", PLAIN_SOURCES.iscsi],
  ["glusterfs", PLAIN_SOURCES.glusterfs],
  ["flocker", PLAIN_SOURCES.flocker],
  ["persistentVolumeClaim", (v, at) => (v.persistentVolumeClaim?.claimName ? [] : [required(`${at}.claimName`)])],
  ["rbd", PLAIN_SOURCES.rbd],
  ["cinder", PLAIN_SOURCES.cinder],
  ["cephfs", PLAIN_SOURCES.cephfs, "cephfs", "cephFS"],
  ["quobyte", PLAIN_SOURCES.quobyte],
  [
    "downwardAPI",
    (v, at) => [
      ...validateMode(v.downwardAPI?.defaultMode, `${at}.defaultMode`),
      ...(v.downwardAPI?.items ?? []).flatMap((file) => validateDownwardFile(file, at)),
    ],
    "downwardAPI",
    "downwarAPI",
  ],
  ["fc", PLAIN_SOURCES.fc],
  ["flexVolume", PLAIN_SOURCES.flexVolume],
  [
    "configMap",
    (v, at) => [
      ...(v.configMap?.name ? [] : [required(`${at}.name`)]),
      ...validateMode(v.configMap?.defaultMode, `${at}.defaultMode`),
      ...validateItems(v.configMap?.items, at),
    ],
  ],
  ["azureFile", PLAIN_SOURCES.azureFile],
  ["vsphereVolume", PLAIN_SOURCES.vsphereVolume],
  ["photonPersistentDisk", PLAIN_SOURCES.photonPersistentDisk],
  ["portworxVolume", PLAIN_SOURCES.portworxVolume],
  ["azureDisk", PLAIN_SOURCES.azureDisk],
  ["storageos", PLAIN_SOURCES.storageos],
  ["projected", (v, at, options) => validateProjected(v.projected as ProjectedVolumeSource, at, options)],
  ["scaleIO", PLAIN_SOURCES.scaleIO],
  ["csi", PLAIN_SOURCES.csi],
  ["ephemeral", (v, at) => validateEphemeral(v.ephemeral as EphemeralVolumeSource, at)],
  [
    "image",
    (v, at, options) => [
      ...(options.resourceIsPod && !v.image?.reference ? [required(`${at}.reference`)] : []),
      ...validatePullPolicy(v.image?.pullPolicy, `${at}.pullPolicy`),
    ],
  ],
];

function validateSource(volume: Volume, path: string, podName: string, options: PodValidationOptions): FieldError[] {
  const out: FieldError[] = [];
  let count = 0;
  const name = volume.name ?? "";
  for (const [field, check, at = field, forbiddenAt = at] of SOURCES) {
    if (volume[field] === undefined || volume[field] === null) continue;
    if (count > 0) out.push(forbidden(`${path}.${forbiddenAt}`, MORE_THAN_ONE));
    else out.push(...check(volume, `${path}.${at}`, options));
    if (field === "iscsi" && volume.iscsi?.initiatorName !== undefined && `${name}:${volume.iscsi.targetPortal ?? ""}`.length > 64)
      out.push(
        invalid(`${path}.name`, name, "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified."),
      );
    if (field === "ephemeral" && count === 0 && podName && name) {
      const claim = `${podName}-${name}`;
      for (const text of nameIsDNSSubdomain(claim, false)) out.push(invalid(`${path}.name`, name, `PVC name ${quote(claim)}: ${text}`));
    }
    count++;
  }
  return count === 0 ? [required(path, "must specify a volume type")] : out;
}

/** All volumes and, by name, those that passed. `meta` is the pod's; templates have none, their pods' names are not known yet. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  meta: ObjectMeta | undefined,
  path: string,
  options: PodValidationOptions,
): [VolumesByName, FieldError[]] {
  const out: FieldError[] = [];
  const passed = new Map<string, Volume>();
  const podName = meta?.name ?? "";
  const made = new Set(podName ? (volumes ?? []).filter((v) => v.ephemeral).map((v) => `${podName}-${v.name ?? ""}`) : []);
  for (const [i, volume] of (volumes ?? []).entries()) {
    const at = `${path}[${i}]`;
    const name = volume.name ?? "";
    const found = validateSource(volume, at, podName, options);
    if (name === "") found.push(required(`${at}.name`));
    else for (const text of isDNS1123Label(name)) found.push(invalid(`${at}.name`, name, text));
    if (passed.has(name)) found.push(duplicate(`${at}.name`, name));
    if (found.length === 0) passed.set(name, volume);
    else out.push(...found);
    const claim = volume.persistentVolumeClaim?.claimName ?? "";
    if (volume.persistentVolumeClaim && made.has(claim))
      out.push(invalid(`${at}.persistentVolumeClaim.claimName`, claim, "must not reference a PVC that gets created for an ephemeral volume"));
  }
  return [passed, out];
}
