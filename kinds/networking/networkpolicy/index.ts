/** NetworkPolicy of networking.k8s.io/v1. Sources: pkg/registry/networking/networkpolicy, pkg/apis/networking. */
import type { Kind } from "../../kind.js";
import { formatLabelSelector } from "../../labels.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { plainEqual } from "../../validation/equality.js";
import { networkPolicyWarnings, validateNetworkPolicy, validateNetworkPolicyUpdate } from "./validate.js";

const SELECTOR =
  "podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively. This field is optional. If it is not specified, it defaults to an empty selector.";

export const networkPolicy: Kind = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  resource: "networkpolicies",
  singular: "networkpolicy",
  shortNames: ["netpol"],
  namespaced: true,
  schema: "io.k8s.api.networking.v1.NetworkPolicy",
  defaults(object) {
    object.spec ??= {};
    const { spec } = object;
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of rule.ports ?? []) port.protocol ??= "TCP";
    // a policy that names no types is at least one about incoming traffic
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  },
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
  warnings: networkPolicyWarnings,
  generation: (object, old) => !plainEqual(object.spec, old.spec),
  printer: printer([NAME_COLUMN, column("Pod-Selector", "string", SELECTOR), AGE_COLUMN], (o, ctx) => [
    o.metadata.name ?? "",
    formatLabelSelector(o.spec?.podSelector ?? {}),
    age(o, ctx),
  ]),
};
