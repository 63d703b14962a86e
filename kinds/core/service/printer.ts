/** Source: pkg/printers/internalversion printService. */
import type { KubeObject } from "../../object.js";
import { age, formatLabels, printer } from "../../printing.js";
import type { LoadBalancerIngress, ServicePort } from "../../schema/api/core.v1.js";
import { SERVICE_COLUMNS } from "./columns.js";

function externalIP(object: KubeObject): string {
  const externalIPs: string[] = object.spec?.externalIPs ?? [];
  switch (object.spec?.type) {
    case "ClusterIP":
    case "NodePort":
      return externalIPs.length > 0 ? externalIPs.join(",") : "<none>";
    case "LoadBalancer": {
      const ingress: LoadBalancerIngress[] = object.status?.loadBalancer?.ingress ?? [];
      const own = [...new Set(ingress.map((i) => i.ip || i.hostname || "").filter((text) => text !== ""))].sort();
      const all = [...own, ...externalIPs];
      return all.length > 0 ? all.join(",") : "<pending>";
    }
    case "ExternalName":
      return object.spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

const ports = (list: readonly ServicePort[]): string =>
  list.map((p) => `${p.port ?? 0}${p.nodePort && p.nodePort > 0 ? `:${p.nodePort}` : ""}/${p.protocol ?? ""}`).join(",");

export const servicePrinter = printer(SERVICE_COLUMNS, (o, ctx) => [
  o.metadata.name ?? "",
  o.spec?.type ?? "",
  o.spec?.clusterIPs?.[0] ?? "<none>",
  externalIP(o),
  ports(o.spec?.ports ?? []) || "<none>",
  age(o, ctx),
  formatLabels(o.spec?.selector),
]);
