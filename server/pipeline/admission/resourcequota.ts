import { storagePrefix } from "../../../kinds/kind.js";
import { chargeQuotas, evaluatorOf, type QuotaFacts } from "../../../kinds/core/resourcequota/usage/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { equalLists } from "../../../kinds/resourcelist.js";
import { forbidden } from "../../errors.js";
import { objectOf, resourceName, storedForm } from "../objects.js";
import { modifyAlong } from "../put.js";
import type { RequestContext, Services } from "../types.js";
import { peek, peekAll } from "./lookup.js";
import type { AdmissionPlugin, Attributes } from "./types.js";

/** What a quota is charged with is written by the server itself. */
const SELF: RequestContext = {
  user: { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] },
  userAgent: "kube-apiserver",
  fieldManager: "",
  dryRun: false,
  fieldValidation: "Ignore",
  warn() {},
};

/**
 * Charges the quotas of a namespace with what is written into it, or refuses what does not fit. The charge is part of the same commit as the object: upstream
 * writes it before, and makes up for writes that fail afterwards with the next recount.
 * Source: apiserver pkg/admission/plugin/resourcequota.
 */
export const resourceQuota: AdmissionPlugin = {
  name: "ResourceQuota",
  validate(a, ctx, services) {
    const { kind, operation, object, old, subresource, batch } = a;
    if (!object || operation === "DELETE" || !kind.namespaced) return;
    const quotas = quotasOf(a, services);
    const evaluator = quotas.length > 0 ? evaluatorOf(kind.group, kind.resource) : undefined;
    if (!evaluator) return;
    const request = { operation, subresource, object: storedForm(kind, object), old: old && storedForm(kind, old) };
    const charges = chargeQuotas(evaluator, quotas, request, factsOf(services));
    if ("refused" in charges) throw forbidden(resourceName(kind), a.name || (object.metadata.name ?? ""), charges.refused);
    if (ctx.dryRun || !batch) return;
    for (const { quota, used } of charges) {
      if (equalLists(quota.status?.used, used)) continue;
      const { name = "", namespace = "" } = quota.metadata;
      const target = { kind: quotaKind(services), namespace, name, subresource: "status" };
      modifyAlong(batch, services, SELF, target, (current) => ({ ...current, status: { ...current.status, used: { ...used } } }));
    }
  },
};

const quotaKind = (services: Services) => services.kinds.find("", "v1", "resourcequotas") as NonNullable<ReturnType<Services["kinds"]["find"]>>;

/** The quotas as they stand, with what the writes before this one in the same batch were charged. */
function quotasOf({ namespace, batch }: Attributes, services: Services): KubeObject[] {
  const kind = quotaKind(services);
  const { entries } = services.store.list(`${storagePrefix(kind)}${namespace}/`);
  return entries.flatMap(({ key }) => {
    const entry = batch ? batch.get(key) : services.store.get(key);
    return entry ? [objectOf(entry, kind)] : [];
  });
}

const factsOf = (services: Services): QuotaFacts => ({
  now: services.now(),
  deviceClasses: () => peekAll(services, "resource.k8s.io", "v1", "deviceclasses"),
  pod: (namespace, name) => peek(services, "", "v1", "pods", namespace, name),
  resourceClaims: (namespace) => peekAll(services, "resource.k8s.io", "v1", "resourceclaims", namespace),
});
