/** The sources a PersistentVolume may have, one of them. Source: pkg/apis/core/validation ValidatePersistentVolumeSpec and what it calls. */
import { type FieldError, forbidden, invalid, required } from "../../field.js";
import type {
  AzureFilePersistentVolumeSource,
  CinderPersistentVolumeSource,
  CSIPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
  Volume,
} from "../../schema/api/core.v1.js";
import { validateDNS1123Label, validateDNS1123Subdomain } from "../../validation/core.js";
import { byteLength, inclusiveRange, nameIsDNSLabel } from "../../validation/names.js";
import { validatePathNoBacksteps } from "../pod/paths.js";
import { PLAIN_SOURCES, validateCSIDriverName } from "../pod/volume-sources.js";

type Spec = Partial<PersistentVolumeSpec>;

const need = (value: unknown, path: string): FieldError[] => (value ? [] : [required(path)]);

function secretReference(ref: SecretReference, path: string): FieldError[] {
  return [
    ...(ref.name ? validateDNS1123Subdomain(ref.name, `${path}.name`) : [required(`${path}.name`)]),
    ...(ref.namespace ? validateDNS1123Label(ref.namespace, `${path}.namespace`) : [required(`${path}.namespace`)]),
  ];
}

function csi(source: CSIPersistentVolumeSource, path: string): FieldError[] {
  const refs = ["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"] as const;
  return [
    ...validateCSIDriverName(source.driver, `${path}.driver`),
    ...need(source.volumeHandle, `${path}.volumeHandle`),
    ...refs.flatMap((name) => (source[name] ? secretReference(source[name] as SecretReference, `${path}.${name}`) : [])),
  ];
}

function iscsiName(name: string, path: string): FieldError[] {
  const format = {
    iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9.-]+)(:[^,;*&$|\s]+)$/,
    eui: /^eui.[a-zA-Z0-9]{16}$/,
    naa: /^naa.[a-zA-Z0-9]{32}$/,
  }[name.slice(0, 3)];
  return format?.test(name) ? [] : [invalid(path, name, "must be valid format")];
}

function iscsi(source: ISCSIPersistentVolumeSource, name: string, path: string): FieldError[] {
  const out = need(source.targetPortal, `${path}.targetPortal`);
  const initiator = source.initiatorName ?? undefined;
  if (initiator !== undefined && byteLength(`${name}:${source.targetPortal ?? ""}`) > 64) {
    const text = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
    out.push(invalid(`${path}.targetportal`, source.targetPortal, text));
  }
  out.push(...(source.iqn ? iscsiName(source.iqn, `${path}.iqn`) : [required(`${path}.iqn`)]));
  const lun = source.lun ?? 0;
  if (lun < 0 || lun > 255) out.push(invalid(`${path}.lun`, lun, inclusiveRange(0, 255)));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) out.push(required(`${path}.secretRef`));
  if (source.secretRef) out.push(...need(source.secretRef.name, `${path}.secretRef.name`));
  return initiator === undefined ? out : [...out, ...iscsiName(initiator, `${path}.initiatorname`)];
}

function glusterfs(source: GlusterfsPersistentVolumeSource, path: string): FieldError[] {
  const out = [...need(source.endpoints, `${path}.endpoints`), ...need(source.path, `${path}.path`)];
  const namespace = source.endpointsNamespace ?? undefined;
  const at = `${path}.endpointsNamespace`;
  if (namespace === "") return [...out, invalid(at, "", "if the endpointnamespace is set, it must be a valid namespace name")];
  return namespace === undefined ? out : [...out, ...nameIsDNSLabel(namespace, false).map((text) => invalid(at, namespace, text))];
}

const cinder = (source: CinderPersistentVolumeSource, path: string): FieldError[] => [
  ...need(source.volumeID, `${path}.volumeID`),
  ...(source.secretRef ? [...need(source.secretRef.name, `${path}.secretRef.name`), ...need(source.secretRef.namespace, `${path}.secretRef.namespace`)] : []),
];

const azureFile = (source: AzureFilePersistentVolumeSource, path: string): FieldError[] => [
  ...need(source.secretName, `${path}.secretName`),
  ...need(source.shareName, `${path}.shareName`),
  ...(source.secretNamespace === "" ? [required(`${path}.secretNamespace`)] : []),
];

function storageos(source: NonNullable<Spec["storageos"]>, path: string): FieldError[] {
  return [
    ...(source.volumeName ? validateDNS1123Label(source.volumeName, `${path}.volumeName`) : [required(`${path}.volumeName`)]),
    ...(source.volumeNamespace ? validateDNS1123Label(source.volumeNamespace, `${path}.volumeNamespace`) : []),
    ...(source.secretRef ? [...need(source.secretRef.name, `${path}.secretRef.name`), ...need(source.secretRef.namespace, `${path}.secretRef.namespace`)] : []),
  ];
}

type PlainSource = keyof typeof PLAIN_SOURCES;
const plain =
  (name: PlainSource) =>
  (spec: Spec, _: string, path: string): FieldError[] =>
    PLAIN_SOURCES[name](spec as Volume, path);

interface Source {
  readonly field: keyof Spec;
  /** Path of its findings and of "more than one" where upstream's differ from the field. */
  readonly path?: string;
  readonly extra?: string;
  check(spec: Spec, name: string, path: string, root: string): FieldError[];
}

/** In upstream's order: the first that is set is judged, each further one is one too many. */
const SOURCES: readonly Source[] = [
  { field: "hostPath", check: plain("hostPath") },
  { field: "gcePersistentDisk", path: "persistentDisk", extra: "gcePersistentDisk", check: plain("gcePersistentDisk") },
  { field: "awsElasticBlockStore", check: plain("awsElasticBlockStore") },
  { field: "glusterfs", check: (s, _, at) => glusterfs(s.glusterfs as GlusterfsPersistentVolumeSource, at) },
  { field: "flocker", check: plain("flocker") },
  { field: "nfs", check: plain("nfs") },
  { field: "rbd", check: plain("rbd") },
  { field: "quobyte", check: plain("quobyte") },
  { field: "cephfs", extra: "cephFS", check: plain("cephfs") },
  { field: "iscsi", check: (s, name, at) => iscsi(s.iscsi as ISCSIPersistentVolumeSource, name, at) },
  { field: "cinder", check: (s, _, at) => cinder(s.cinder as CinderPersistentVolumeSource, at) },
  { field: "fc", check: plain("fc") },
  { field: "flexVolume", check: plain("flexVolume") },
  { field: "azureFile", check: (s, _, at) => azureFile(s.azureFile as AzureFilePersistentVolumeSource, at) },
  { field: "vsphereVolume", check: plain("vsphereVolume") },
  { field: "photonPersistentDisk", check: plain("photonPersistentDisk") },
  { field: "portworxVolume", check: plain("portworxVolume") },
  { field: "azureDisk", check: plain("azureDisk") },
  { field: "scaleIO", check: plain("scaleIO") },
  {
    field: "local",
    check: (s, _, at, root) => {
      const path = s.local?.path ?? "";
      const out = path ? validatePathNoBacksteps(path, `${at}.path`) : [required(`${at}.path`)];
      return s.nodeAffinity ? out : [...out, required(`${root}.nodeAffinity`, "Local volume requires node affinity")];
    },
  },
  { field: "storageos", check: (s, _, at) => storageos(s.storageos as NonNullable<Spec["storageos"]>, at) },
  { field: "csi", check: (s, _, at) => csi(s.csi as CSIPersistentVolumeSource, at) },
];

/** JSON names of all sources. */
export const SOURCE_FIELDS: readonly string[] = SOURCES.map((s) => s.field);

/** `name` is the volume's: iSCSI limits it together with the portal. `root` is the path of the spec. */
export function validateSources(spec: Spec, name: string, root = "spec"): FieldError[] {
  const out: FieldError[] = [];
  let count = 0;
  for (const source of SOURCES) {
    if (!spec[source.field]) continue;
    // Upstream never counts a flex volume as one too many.
    if (count > 0 && source.field !== "flexVolume") out.push(forbidden(`${root}.${source.extra ?? source.field}`, "may not specify more than 1 volume type"));
    else {
      count++;
      out.push(...source.check(spec, name, `${root}.${source.path ?? source.field}`, root));
    }
  }
  return count === 0 ? [...out, required(root, "must specify a volume type")] : out;
}
