/** Source: pkg/printers/internalversion printNode. */
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import { NODE_COLUMNS } from "./columns.js";

const ROLE_PREFIX = "node-role.kubernetes.io/";

function roles(object: KubeObject): string {
  const out = new Set<string>();
  for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX)) {
      if (key.length > ROLE_PREFIX.length) out.add(key.slice(ROLE_PREFIX.length));
    } else if (key === "kubernetes.io/role" && value) out.add(value);
  }
  return [...out].sort().join(",") || "<none>";
}

function status(object: KubeObject): string {
  // The last condition of a type counts, should it stand there twice.
  const ready = (object.status?.conditions ?? []).findLast((c: { type?: string }) => c.type === "Ready");
  const out = [ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown"];
  if (object.spec?.unschedulable) out.push("SchedulingDisabled");
  return out.join(",");
}

const address = (object: KubeObject, type: string): string =>
  (object.status?.addresses ?? []).find((a: { type?: string }) => a.type === type)?.address ?? "<none>";

export const nodePrinter = printer(NODE_COLUMNS, (o, ctx) => {
  const info = o.status?.nodeInfo ?? {};
  return [
    o.metadata.name ?? "",
    status(o),
    roles(o),
    age(o, ctx),
    info.kubeletVersion ?? "",
    address(o, "InternalIP"),
    address(o, "ExternalIP"),
    info.osImage || "<unknown>",
    (info.kernelVersion || "<unknown>") + (info.architecture ? ` (${info.architecture})` : ""),
    info.containerRuntimeVersion || "<unknown>",
  ];
});
