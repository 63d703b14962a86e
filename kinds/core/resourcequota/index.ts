/** ResourceQuota. Sources: pkg/registry/core/resourcequota, pkg/apis/core. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import { canonicalQuantity, compareQuantity } from "../../quantity.js";
import { amountOf, sortedAmounts } from "../../resourcelist.js";
import { statusView } from "../../status.js";
import { roundAmounts } from "../amounts.js";
import { QUOTA_COLUMNS } from "./printer.js";
import { validateResourceQuota, validateResourceQuotaStatusUpdate, validateResourceQuotaUpdate } from "./validate.js";

/** Requests above limits make no sense; said on create only. */
function warnings(object: KubeObject, old?: KubeObject): string[] {
  if (old) return [];
  const hard: Record<string, string> = object.spec?.hard ?? {};
  return ["cpu", "memory", "storage", "ephemeral-storage"].flatMap((name) => {
    const short = (name === "cpu" || name === "memory") && hard[`requests.${name}`] === undefined;
    const requestName = short ? name : `requests.${name}`;
    const request = hard[requestName];
    const limit = hard[`limits.${name}`];
    if (request === undefined || limit === undefined || compareQuantity(request, limit) <= 0) return [];
    return [`ResourceQuota ${requestName} (${canonicalQuantity(request)}) should be less than limits.${name} (${canonicalQuantity(limit)})`];
  });
}

/** `name: used/hard` of everything, limits apart from the rest. */
function usage(object: KubeObject): [requests: string, limits: string] {
  const used: Record<string, string> = object.status?.used ?? {};
  const all = sortedAmounts(object.status?.hard).map(([name, hard]): [string, string] => [name, `${name}: ${amountOf(used, name) ?? "0"}/${hard}`]);
  const isLimit = (name: string): boolean => name.startsWith("limits.");
  const text = (limits: boolean): string =>
    all
      .filter(([name]) => isLimit(name) === limits)
      .map(([, cell]) => cell)
      .join(", ");
  return [text(false), text(true)];
}

export const resourceQuota: Kind = {
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  resource: "resourcequotas",
  singular: "resourcequota",
  shortNames: ["quota"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.ResourceQuota",
  defaults(object) {
    for (const list of [object.spec?.hard, object.status?.hard, object.status?.used]) roundAmounts(list);
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  warnings,
  returnDeletedObject: true,
  status: statusView({
    validateUpdate: validateResourceQuotaStatusUpdate,
  }),
  printer: printer(QUOTA_COLUMNS, (o, ctx) => [o.metadata.name ?? "", ...usage(o), age(o, ctx)]),
};
