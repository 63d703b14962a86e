/** Node. Sources: pkg/registry/core/node, pkg/apis/core. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { statusView } from "../../status.js";
import { warningsForCIDR } from "../../validation/ip.js";
import { roundAmounts } from "../amounts.js";
import { nodePrinter } from "./printer.js";
import { validateNode, validateNodeChange, validateNodeUpdate } from "./validate.js";

/** podCIDR and podCIDRs are two forms of one field. Source: pkg/apis/core/v1 conversion of NodeSpec. */
function joinPodCIDRs(object: KubeObject): void {
  const spec = object.spec;
  if (!spec) return;
  if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
  else if (!spec.podCIDR && spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0];
}

function warnings(object: KubeObject): string[] {
  const spec = object.spec ?? {};
  const out: string[] = [];
  if (spec.configSource) out.push("spec.configSource: the feature is removed");
  if (spec.externalID) out.push("spec.externalID: this field is deprecated, and is unused by Kubernetes");
  return [...out, ...(spec.podCIDRs ?? []).flatMap((cidr: string, i: number) => warningsForCIDR(`spec.podCIDRs[${i}]`, cidr))];
}

export const node: Kind = {
  group: "",
  version: "v1",
  kind: "Node",
  resource: "nodes",
  singular: "node",
  shortNames: ["no"],
  namespaced: false,
  schema: "io.k8s.api.core.v1.Node",
  storagePath: "minions",
  defaults(object) {
    joinPodCIDRs(object);
    for (const list of [object.status?.capacity, object.status?.allocatable]) roundAmounts(list);
    if (object.status?.capacity && !object.status.allocatable) object.status.allocatable = { ...object.status.capacity };
  },
  // A kubelet registers with its status: it stays on create.
  prepareForCreate(object) {
    if (object.spec) delete object.spec.configSource;
    if (object.status) delete object.status.config;
  },
  prepareForUpdate(object, old) {
    object.status = old.status;
    if (object.spec && !old.spec?.configSource) delete object.spec.configSource;
  },
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  warnings,
  selectable: { "spec.unschedulable": (o) => String(o.spec?.unschedulable ?? false) },
  status: statusView({
    prepareForUpdate(object, old) {
      if (object.status && !old.status?.config) delete object.status.config;
    },
    validateUpdate: validateNodeChange,
  }),
  connect: [{ name: "proxy", kind: "NodeProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] }],
  printer: nodePrinter,
};
