/** Source: pkg/apis/core/v1 SetDefaults_PersistentVolume and the declared defaults of its sources. */
import type { KubeObject } from "../../object.js";
import { roundAmounts } from "../amounts.js";

/** Source → field → value where nothing (or the empty string) stands. */
const SOURCE_DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  hostPath: { type: "" },
  rbd: { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" },
  iscsi: { iscsiInterface: "default" },
  azureDisk: { cachingMode: "ReadWrite", fsType: "ext4", readOnly: false, kind: "Shared" },
  scaleIO: { storageMode: "ThinProvisioned", fsType: "xfs" },
};
/** Pointers: only absence is unset, the empty string is a value. */
const POINTER_SOURCES = ["hostPath", "azureDisk"];

export function persistentVolumeDefaults(object: KubeObject): void {
  object.status ??= {};
  if (!object.status.phase) object.status.phase = "Pending";
  object.spec ??= {};
  const spec = object.spec;
  if (!spec.persistentVolumeReclaimPolicy) spec.persistentVolumeReclaimPolicy = "Retain";
  spec.volumeMode ??= "Filesystem";
  defaultVolumeSource(spec);
}

/** What stands in the spec of any volume, also in one that stands in a VolumeAttachment. */
export function defaultVolumeSource(spec: KubeObject["spec"]): void {
  roundAmounts(spec.capacity);
  for (const [name, fields] of Object.entries(SOURCE_DEFAULTS)) {
    const source = spec[name];
    if (!source) continue;
    for (const [field, value] of Object.entries(fields)) {
      if (source[field] === undefined || source[field] === null || (source[field] === "" && !POINTER_SOURCES.includes(name))) source[field] = value;
    }
  }
}
