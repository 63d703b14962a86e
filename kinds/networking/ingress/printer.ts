/** Source: pkg/printers/internalversion printIngress. */
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { pointsOf } from "./validate.js";

const SHOWN_HOSTS = 3;

/** The first three hosts, then how many more rules there are. */
function hosts(object: KubeObject): string {
  const rules: readonly { host?: string }[] = object.spec?.rules ?? [];
  const shown: string[] = [];
  let more = false;
  for (const rule of rules) {
    if (shown.length === SHOWN_HOSTS) more = true;
    if (!more && rule.host) shown.push(rule.host);
  }
  if (shown.length === 0) return "*";
  return more ? `${shown.join(",")} + ${rules.length - SHOWN_HOSTS} more...` : shown.join(",");
}

/** Addresses in order, each once. The server generates its Tables wide: nothing is cut. */
const addresses = (object: KubeObject): string => [...new Set(pointsOf(object).flatMap((point) => point.ip || point.hostname || []))].sort().join(",");

export const ingressPrinter = printer(
  [
    NAME_COLUMN,
    column("Class", "string", "The name of the IngressClass resource that should be used for additional configuration"),
    column("Hosts", "string", "Hosts that incoming requests are matched against before the ingress rule"),
    column("Address", "string", "Address is a list containing ingress points for the load-balancer"),
    column("Ports", "string", "Ports of TLS configurations that open"),
    AGE_COLUMN,
  ],
  (object, ctx) => [
    object.metadata.name ?? "",
    object.spec?.ingressClassName ?? "<none>",
    hosts(object),
    addresses(object),
    object.spec?.tls?.length ? "80, 443" : "80",
    age(object, ctx),
  ],
);
