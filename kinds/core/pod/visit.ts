import type { Container, PodSpec } from "../../schema/api/core.v1.js";

/** All containers with their field paths, in the order upstream visits them for warnings and cross checks: init, regular, ephemeral. */
export function visitContainers(spec: PodSpec, path: string): [container: Container, path: string][] {
  const at = path === "" ? "" : `${path}.`;
  return [
    ...(spec.initContainers ?? []).map((c, i): [Container, string] => [c, `${at}initContainers[${i}]`]),
    ...(spec.containers ?? []).map((c, i): [Container, string] => [c, `${at}containers[${i}]`]),
    ...(spec.ephemeralContainers ?? []).map((c, i): [Container, string] => [c, `${at}ephemeralContainers[${i}]`]),
  ];
}

/** An init container that runs beside the others for the pod's whole life. */
export const isSidecar = (c: Pick<Container, "restartPolicy"> | undefined): boolean => c?.restartPolicy === "Always";
