/** Rules for paths inside containers and volumes. Source: pkg/apis/core/validation. */
import { type FieldError, invalid } from "../../field.js";

export function validatePathNoBacksteps(target: string, path: string): FieldError[] {
  return target.split("/").includes("..") ? [invalid(path, target, "must not contain '..'")] : [];
}

export function validateLocalDescendingPath(target: string, path: string): FieldError[] {
  return [...(target.startsWith("/") ? [invalid(path, target, "must be a relative path")] : []), ...validatePathNoBacksteps(target, path)];
}

/** As above, and names beginning with `..` are kept for the kubelet's own files. */
export function validateLocalNonReservedPath(target: string, path: string): FieldError[] {
  const out = validateLocalDescendingPath(target, path);
  if (target.startsWith("..") && !target.startsWith("../")) out.push(invalid(path, target, "must not start with '..'"));
  return out;
}
