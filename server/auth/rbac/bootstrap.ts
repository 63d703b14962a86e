import { type Kind, storageKey } from "../../../kinds/kind.js";
import type { KubeObject, ManagedFieldsEntry } from "../../../kinds/object.js";
import { aggregatedRules } from "../../../kinds/rbac/aggregate.js";
import { bootstrapPolicy } from "../../../kinds/rbac/policy/parse.js";
import { reconcilePolicy } from "../../../kinds/rbac/policy/reconcile.js";
import { RBAC_GROUP } from "../../../kinds/rbac/common.js";
import { serverContext } from "../../bootstrap/context.js";
import { create } from "../../pipeline/create.js";
import { remove } from "../../pipeline/delete.js";
import { cloneJson, objectOf, timestamp } from "../../pipeline/objects.js";
import { put } from "../../pipeline/put.js";
import { seed } from "../../pipeline/seed.js";
import type { Services } from "../../pipeline/types.js";

const API_VERSION = `${RBAC_GROUP}/v1`;

const CONTEXT = serverContext("kube-apiserver");

/**
 * Sees to it that the roles and bindings of a new cluster are there, and says what they must. In a new cluster all of them are written as they stand, in one
 * commit: going through the pipeline one by one would take as long as the rest of the start. `aggregate`: with the rules that the aggregation controller would
 * give them. Source: pkg/registry/rbac/rest EnsureRBACPolicy.
 */
export async function ensurePolicy(services: Services, aggregate: boolean): Promise<void> {
  const policy = bootstrapPolicy();
  const roles = policy.filter((o) => o.kind === "ClusterRole").sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
  const work: Promise<unknown>[] = [];
  // what is part of an aggregated role may be one itself: the innermost first
  for (const role of aggregate ? innermostFirst(roles) : []) role.rules = aggregatedRules(role, roles);
  for (const object of policy) {
    const kind = services.kinds.findKind(RBAC_GROUP, "v1", object.kind as string) as Kind;
    const key = storageKey(kind, object.metadata.namespace ?? "", object.metadata.name as string);
    const entry = services.store.get(key);
    if (!entry) work.push(writeNew(services, key, object, aggregate));
    else work.push(reconcile(services, kind, objectOf(entry, kind), object));
  }
  await Promise.all(work);
}

/** Aggregated roles, each after those it gathers: view, edit, admin. */
function innermostFirst(roles: readonly KubeObject[]): KubeObject[] {
  const out: KubeObject[] = [];
  const visit = (role: KubeObject): void => {
    if (!role.aggregationRule || out.includes(role)) return;
    for (const { matchLabels } of role.aggregationRule.clusterRoleSelectors as { matchLabels: Record<string, string> }[])
      for (const [label, value] of Object.entries(matchLabels)) for (const part of roles) if (part.metadata.labels?.[label] === value) visit(part);
    out.push(role);
  };
  for (const role of roles) visit(role);
  return out;
}

function writeNew(services: Services, key: string, object: KubeObject, aggregate: boolean): Promise<unknown> {
  const time = timestamp(services.now());
  const { name, namespace, labels, annotations } = object.metadata;
  const { kind: _, apiVersion: __, metadata: ___, subjects, roleRef, rules, aggregationRule } = object;
  const stored: KubeObject = {
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      uid: services.uid(),
      creationTimestamp: time,
      labels,
      annotations,
      managedFields: managersOf(object, time, aggregate),
    },
    // an aggregated role has no rules until somebody has gathered them
    ...(roleRef ? { ...(subjects ? { subjects } : {}), roleRef } : { rules: rules?.length ? rules : null, ...(aggregationRule ? { aggregationRule } : {}) }),
  };
  return seed(services, key, stored);
}

/** As if the server had posted it, and the aggregation controller had applied the rules. */
function managersOf(object: KubeObject, time: string, aggregate: boolean): ManagedFieldsEntry[] {
  const names = (map: Readonly<Record<string, string>> = {}) => ({ ".": {}, ...Object.fromEntries(Object.keys(map).map((name) => [`f:${name}`, {}])) });
  const own: Record<string, object> = {};
  if (object.aggregationRule) own["f:aggregationRule"] = { ".": {}, "f:clusterRoleSelectors": {} };
  own["f:metadata"] = { "f:annotations": names(object.metadata.annotations), "f:labels": names(object.metadata.labels) };
  if (object.roleRef) own["f:roleRef"] = {};
  if (!object.roleRef && !object.aggregationRule) own["f:rules"] = {};
  if (object.subjects) own["f:subjects"] = {};
  const entry = (manager: string, operation: "Apply" | "Update", fieldsV1: object): ManagedFieldsEntry =>
    ({ manager, operation, apiVersion: API_VERSION, time, fieldsType: "FieldsV1", fieldsV1 }) as ManagedFieldsEntry;
  const server = entry("kube-apiserver", "Update", own);
  return object.aggregationRule && aggregate ? [entry("clusterrole-aggregation-controller", "Apply", { "f:rules": {} }), server] : [server];
}

async function reconcile(services: Services, kind: Kind, existing: KubeObject, expected: KubeObject): Promise<void> {
  // rules of aggregated roles are the controller's
  const done = reconcilePolicy(existing, expected.aggregationRule ? { ...expected, rules: [] } : expected);
  if (done.action === "none") return;
  const target = { kind, namespace: expected.metadata.namespace ?? "", name: expected.metadata.name as string, subresource: "" };
  if (done.action === "update") {
    await put(services, CONTEXT, target, cloneJson(done.object));
    return;
  }
  await remove(services, CONTEXT, target, { preconditions: { uid: existing.metadata.uid } });
  await create(services, CONTEXT, { ...target, name: "" }, cloneJson(expected));
}
