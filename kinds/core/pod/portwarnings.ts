/** Container ports that contradict or repeat each other. Source: pkg/api/pod/warnings.go. */
import { quote } from "../../field.js";
import type { ContainerPort, PodSpec } from "../../schema/api/core.v1.js";
import { visitContainers } from "./visit.js";

/** Go's `%+v` of core.ContainerPort. */
const goPort = (p: ContainerPort): string =>
  `{Name:${p.name ?? ""} HostPort:${p.hostPort ?? 0} ContainerPort:${p.containerPort ?? 0} Protocol:${p.protocol ?? ""} HostIP:${p.hostIP ?? ""}}`;

function conflict(a: ContainerPort, b: ContainerPort): string | undefined {
  const [ipA, ipB, portA, portB] = [a.hostIP ?? "", b.hostIP ?? "", a.hostPort ?? 0, b.hostPort ?? 0];
  if (ipA === ipB && portA === portB) return "duplicate";
  if (portA === 0 || portB === 0) return "overlapping";
  return portA === portB && (ipA === "") !== (ipB === "") ? "dangerously ambiguous" : undefined;
}

export function portWarnings(spec: PodSpec, path: string): string[] {
  const out: string[] = [];
  const byPort = new Map<string, { at: string; port: ContainerPort }[]>();
  const containers = visitContainers(spec, path);
  for (const [c, cPath] of containers)
    for (const [i, port] of (c.ports ?? []).entries()) {
      const at = `${cPath}.ports[${i}]`;
      if (port.hostIP && !port.hostPort) out.push(`${at}: hostIP set without hostPort: ${goPort(port)}`);
      const key = `${port.containerPort ?? 0}/${port.protocol ?? ""}`;
      const others = byPort.get(key) ?? [];
      for (const other of others) {
        const what = conflict(port, other.port);
        if (what) out.push(`${at}: ${what} port definition with ${other.at}`);
      }
      byPort.set(key, [...others, { at, port }]);
    }
  const names = new Map<string, string>();
  for (const [c, cPath] of containers)
    for (const [i, port] of (c.ports ?? []).entries()) {
      if (!port.name) continue;
      const other = names.get(port.name);
      if (other)
        out.push(
          `${cPath}.ports[${i}]: duplicate port name ${quote(port.name)} with ${other}, services and probes that select ports by name will use ${other}`,
        );
      else names.set(port.name, `${cPath}.ports[${i}]`);
    }
  return out;
}
