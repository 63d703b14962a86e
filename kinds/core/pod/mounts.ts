/** Volume mounts and block devices of one container. Source: pkg/apis/core/validation ValidateVolumeMounts, ValidateVolumeDevices. */
import { type FieldError, forbidden, invalid, notFound, notSupported, required } from "../../field.js";
import type { Container, VolumeMount } from "../../schema/api/core.v1.js";
import { validateLocalDescendingPath, validatePathNoBacksteps } from "./paths.js";
import type { VolumesByName } from "./volumes.js";

const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];
const RECURSIVE_READ_ONLY = ["Disabled", "Enabled", "IfPossible"];

/** `path` is the list's: upstream points at the list, not the item, for sub paths, propagation and recursive read-only. */
function validateMountModes(mount: VolumeMount, privileged: boolean, path: string): FieldError[] {
  const out: FieldError[] = [];
  const propagation = mount.mountPropagation;
  if (propagation !== undefined) {
    const at = `${path}.mountPropagation`;
    if (!PROPAGATIONS.includes(propagation)) out.push(notSupported(at, propagation, PROPAGATIONS));
    if (propagation === "Bidirectional" && !privileged) out.push(forbidden(at, "Bidirectional mount propagation is available only to privileged containers"));
  }
  const recursive = mount.recursiveReadOnly;
  const at = `${path}.recursiveReadOnly`;
  if (recursive === "Enabled" || recursive === "IfPossible") {
    if (!mount.readOnly) out.push(forbidden(at, "may only be specified when readOnly is true"));
    if (propagation !== undefined && propagation !== "None") out.push(forbidden(at, "may only be specified when mountPropagation is None or not specified"));
  } else if (recursive !== undefined && recursive !== "Disabled") out.push(notSupported(at, recursive, RECURSIVE_READ_ONLY));
  return out;
}

export function validateVolumeMounts(c: Container, volumes: VolumesByName, path: string): FieldError[] {
  const seen = new Set<string>();
  const devices = new Map((c.volumeDevices ?? []).map((d) => [d.name ?? "", d.devicePath ?? ""]));
  const devicePaths = new Set(devices.values());
  return (c.volumeMounts ?? []).flatMap((mount, i) => {
    const at = `${path}[${i}]`;
    const out: FieldError[] = [];
    const [name, mountPath] = [mount.name ?? "", mount.mountPath ?? ""];
    if (name === "") out.push(required(`${at}.name`));
    if (!volumes.has(name)) out.push(notFound(`${at}.name`, name));
    if (mountPath === "") out.push(required(`${at}.mountPath`));
    if (seen.has(mountPath)) out.push(invalid(`${at}.mountPath`, mountPath, "must be unique"));
    seen.add(mountPath);
    if (devices.has(name)) out.push(invalid(`${at}.name`, name, "must not already exist in volumeDevices"));
    if (devicePaths.has(mountPath)) out.push(invalid(`${at}.mountPath`, mountPath, "must not already exist as a path in volumeDevices"));
    if (mount.subPath) out.push(...validateLocalDescendingPath(mount.subPath, `${path}.subPath`));
    if (mount.subPathExpr) {
      if (mount.subPath) out.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, "subPathExpr and subPath are mutually exclusive"));
      out.push(...validateLocalDescendingPath(mount.subPathExpr, `${path}.subPathExpr`));
    }
    return [...out, ...validateMountModes(mount, c.securityContext?.privileged === true, path)];
  });
}

export function validateVolumeDevices(c: Container, volumes: VolumesByName, path: string): FieldError[] {
  const paths = new Set<string>();
  const names = new Set<string>();
  const mounts = new Map((c.volumeMounts ?? []).map((m) => [m.name ?? "", m.mountPath ?? ""]));
  const mountPaths = new Set(mounts.values());
  return (c.volumeDevices ?? []).flatMap((device, i) => {
    const at = `${path}[${i}]`;
    const out: FieldError[] = [];
    const [name, devicePath] = [device.name ?? "", device.devicePath ?? ""];
    const volume = volumes.get(name);
    if (name === "") out.push(required(`${at}.name`));
    if (names.has(name)) out.push(invalid(`${at}.name`, name, "must be unique"));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      out.push(invalid(`${at}.name`, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"));
    if (!volume) out.push(notFound(`${at}.name`, name));
    if (devicePath === "") out.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) out.push(invalid(`${at}.devicePath`, devicePath, "must be unique"));
    if (validatePathNoBacksteps(devicePath, "").length > 0) out.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.has(name)) out.push(invalid(`${at}.name`, name, "must not already exist in volumeMounts"));
    if (mountPaths.has(devicePath)) out.push(invalid(`${at}.devicePath`, devicePath, "must not already exist as a path in volumeMounts"));
    if (name !== "") names.add(name);
    return out;
  });
}
