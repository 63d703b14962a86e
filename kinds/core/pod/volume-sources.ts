/** Volume sources that only check their own few fields, most of them of plugins long gone. Source: pkg/apis/core/validation validate…VolumeSource. */
import { type FieldError, invalid, notSupported, required, tooLong } from "../../field.js";
import type { AzureDiskVolumeSource, ISCSIVolumeSource, QuobyteVolumeSource, Volume } from "../../schema/api/core.v1.js";
import { byteLength, inclusiveRange, isDNS1123Label, isDNS1123Subdomain, nameIsDNSSubdomain } from "../../validation/names.js";
import { validateLocalDescendingPath, validatePathNoBacksteps } from "./paths.js";

type Check = (volume: Volume, path: string) => FieldError[];

const need = (value: unknown, path: string, detail = ""): FieldError[] => (value ? [] : [required(path, detail)]);
const label = (value: string, path: string): FieldError[] => isDNS1123Label(value).map((text) => invalid(path, value, text));
const partition = (n: number | undefined, path: string): FieldError[] =>
  n !== undefined && (n < 0 || n > 255) ? [invalid(path, n, inclusiveRange(1, 255))] : [];

const HOST_PATH_TYPES = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

function iscsiName(name: string, path: string): FieldError[] {
  const kind = name.slice(0, 3);
  if (!["iqn", "eui", "naa"].includes(kind)) return [invalid(path, name, "must be valid format starting with iqn, eui, or naa")];
  const format = kind === "iqn" ? /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9.-]+)(:[^,;*&$|\s]+)$/ : kind === "eui" ? /^eui.[a-zA-Z0-9]{16}$/ : /^naa.[a-zA-Z0-9]{32}$/;
  return format.test(name) ? [] : [invalid(path, name, "must be valid format")];
}

function validateISCSI(iscsi: ISCSIVolumeSource, path: string): FieldError[] {
  const lun = iscsi.lun ?? 0;
  return [
    ...need(iscsi.targetPortal, `${path}.targetPortal`),
    ...(iscsi.iqn ? iscsiName(iscsi.iqn, `${path}.iqn`) : [required(`${path}.iqn`)]),
    ...(lun < 0 || lun > 255 ? [invalid(`${path}.lun`, lun, inclusiveRange(0, 255))] : []),
    ...((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef ? [required(`${path}.secretRef`)] : []),
    ...(iscsi.initiatorName !== undefined ? iscsiName(iscsi.initiatorName, `${path}.initiatorname`) : []),
  ];
}

const HOST_PORTS = "must be a host:port pair or multiple pairs separated by commas";

function validateQuobyte(q: QuobyteVolumeSource, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (!q.registry) out.push(required(`${path}.registry`, HOST_PORTS));
  else if (byteLength(q.tenant ?? "") >= 65) out.push(required(`${path}.tenant`, "must be a UUID and may not exceed a length of 64 characters"));
  else
    for (const pair of q.registry.split(","))
      if (!/^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair)) out.push(invalid(`${path}.registry`, q.registry, HOST_PORTS));
  return [...out, ...need(q.volume, `${path}.volume`)];
}

function validateAzureDisk(disk: AzureDiskVolumeSource, path: string): FieldError[] {
  const out = [...need(disk.diskName, `${path}.diskName`), ...need(disk.diskURI, `${path}.diskURI`)];
  const uri = disk.diskURI ?? "";
  const modes = ["None", "ReadOnly", "ReadWrite"];
  const kinds = ["Dedicated", "Managed", "Shared"];
  if (disk.cachingMode !== undefined && !modes.includes(disk.cachingMode)) out.push(notSupported(`${path}.cachingMode`, disk.cachingMode, modes));
  if (disk.kind === undefined) return out;
  if (!kinds.includes(disk.kind)) out.push(notSupported(`${path}.kind`, disk.kind, kinds));
  if (disk.kind === "Managed" && !uri.startsWith("/subscriptions/"))
    out.push(notSupported(`${path}.diskURI`, uri, ["/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"]));
  if (disk.kind !== "Managed" && !uri.startsWith("https://"))
    out.push(notSupported(`${path}.diskURI`, uri, ["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"]));
  return out;
}

/** Options of flex volumes may not use the project's own namespaces. */
export function validateFlexOptions(options: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.keys(options ?? {})
    .sort()
    .filter((key) => /\.(kubernetes\.io|k8s\.io)$/.test(`.${(key.split("/", 2)[0] as string).toLowerCase()}`) && key !== "")
    .map((key) => invalid(`${path}.options[${key}]`, key, "kubernetes.io and k8s.io namespaces are reserved"));
}

/** ValidateCSIDriverName. */
export function validateCSIDriverName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)];
  return [...(byteLength(name) > 63 ? [tooLong(path, 63)] : []), ...isDNS1123Subdomain(name.toLowerCase()).map((text) => invalid(path, name, text))];
}

/** Checks by JSON field; each gets the volume whose source it is, and the source's path. */
export const PLAIN_SOURCES = {
  hostPath: (v, at) => {
    const source = v.hostPath;
    if (!source?.path) return [required(`${at}.path`)];
    const type = source.type;
    return [
      ...validatePathNoBacksteps(source.path, `${at}.path`),
      ...(type !== undefined && type !== null && !HOST_PATH_TYPES.includes(type) ? [notSupported(`${at}.type`, type, HOST_PATH_TYPES)] : []),
    ];
  },
  gitRepo: (v, at) => [...need(v.gitRepo?.repository, `${at}.repository`), ...validateLocalDescendingPath(v.gitRepo?.directory ?? "", `${at}.directory`)],
  gcePersistentDisk: (v, at) => [...need(v.gcePersistentDisk?.pdName, `${at}.pdName`), ...partition(v.gcePersistentDisk?.partition, `${at}.partition`)],
  awsElasticBlockStore: (v, at) => [
    ...need(v.awsElasticBlockStore?.volumeID, `${at}.volumeID`),
    ...partition(v.awsElasticBlockStore?.partition, `${at}.partition`),
  ],
  nfs: (v, at) => {
    const path = v.nfs?.path ?? "";
    return [
      ...need(v.nfs?.server, `${at}.server`),
      ...need(path, `${at}.path`),
      ...(path.startsWith("/") ? [] : [invalid(`${at}.path`, path, "must be an absolute path")]),
    ];
  },
  iscsi: (v, at) => validateISCSI(v.iscsi as ISCSIVolumeSource, at),
  glusterfs: (v, at) => [...need(v.glusterfs?.endpoints, `${at}.endpoints`), ...need(v.glusterfs?.path, `${at}.path`)],
  flocker: (v, at) => {
    const { datasetName: name = "", datasetUUID: uuid = "" } = v.flocker ?? {};
    return [
      ...(name || uuid ? [] : [required(at, "one of datasetName and datasetUUID is required")]),
      ...(name && uuid ? [invalid(at, "resource", "datasetName and datasetUUID can not be specified simultaneously")] : []),
      ...(name.includes("/") ? [invalid(`${at}.datasetName`, name, "must not contain '/'")] : []),
    ];
  },
  rbd: (v, at) => [...need(v.rbd?.monitors?.length, `${at}.monitors`), ...need(v.rbd?.image, `${at}.image`)],
  cinder: (v, at) => [...need(v.cinder?.volumeID, `${at}.volumeID`), ...(v.cinder?.secretRef ? need(v.cinder.secretRef.name, `${at}.secretRef.name`) : [])],
  cephfs: (v, at) => need(v.cephfs?.monitors?.length, `${at}.monitors`),
  quobyte: (v, at) => validateQuobyte(v.quobyte as QuobyteVolumeSource, at),
  fc: (v, at) => {
    const { targetWWNs = [], wwids = [], lun } = v.fc ?? {};
    const out: FieldError[] = [];
    const wwns = targetWWNs ?? [];
    const ids = wwids ?? [];
    if (wwns.length === 0 && ids.length === 0) out.push(required(`${at}.targetWWNs`, "must specify either targetWWNs or wwids, but not both"));
    if (wwns.length > 0 && ids.length > 0) out.push(invalid(`${at}.targetWWNs`, wwns, "targetWWNs and wwids can not be specified simultaneously"));
    if (wwns.length > 0 && lun === undefined) out.push(required(`${at}.lun`, "lun is required if targetWWNs is specified"));
    else if (wwns.length > 0 && lun !== undefined && (lun < 0 || lun > 255)) out.push(invalid(`${at}.lun`, lun, inclusiveRange(0, 255)));
    return out;
  },
  flexVolume: (v, at) => [...need(v.flexVolume?.driver, `${at}.driver`), ...validateFlexOptions(v.flexVolume?.options, at)],
  azureFile: (v, at) => [...need(v.azureFile?.secretName, `${at}.secretName`), ...need(v.azureFile?.shareName, `${at}.shareName`)],
  vsphereVolume: (v, at) => need(v.vsphereVolume?.volumePath, `${at}.volumePath`),
  photonPersistentDisk: (v, at) => need(v.photonPersistentDisk?.pdID, `${at}.pdID`),
  portworxVolume: (v, at) => need(v.portworxVolume?.volumeID, `${at}.volumeID`),
  azureDisk: (v, at) => validateAzureDisk(v.azureDisk as AzureDiskVolumeSource, at),
  storageos: (v, at) => {
    const { volumeName = "", volumeNamespace = "", secretRef } = v.storageos ?? {};
    return [
      ...(volumeName ? label(volumeName, `${at}.volumeName`) : [required(`${at}.volumeName`)]),
      ...(volumeNamespace ? label(volumeNamespace, `${at}.volumeNamespace`) : []),
      ...(secretRef ? need(secretRef.name, `${at}.secretRef.name`) : []),
    ];
  },
  scaleIO: (v, at) => [
    ...need(v.scaleIO?.gateway, `${at}.gateway`),
    ...need(v.scaleIO?.system, `${at}.system`),
    ...need(v.scaleIO?.volumeName, `${at}.volumeName`),
  ],
  csi: (v, at) => {
    const out = validateCSIDriverName(v.csi?.driver, `${at}.driver`);
    const ref = v.csi?.nodePublishSecretRef;
    if (!ref) return out;
    // Upstream drops the reference's own field from the path of a bad name.
    if (!ref.name) out.push(required(`${at}.nodePublishSecretRef.name`));
    else for (const text of nameIsDNSSubdomain(ref.name, false)) out.push(invalid(`${at}.name`, ref.name, text));
    return out;
  },
} satisfies Record<string, Check>;
