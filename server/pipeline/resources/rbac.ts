/**
 * Nobody grants what he does not hold, unless he may escalate (roles) or bind (bindings). Sources: pkg/registry/rbac/{role,clusterrole,rolebinding,
 * clusterrolebinding}/policybased, pkg/registry/rbac/escalation_check.go, pkg/registry/rbac/validation ConfirmNoEscalation.
 */
import { quote } from "../../../kinds/field.js";
import type { Kind } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import { describeMissing, quoteAll, uncovered } from "../../../kinds/rbac/rules.js";
import type { PolicyRule, RoleRef } from "../../../kinds/schema/api/rbac.v1.js";
import { semanticEqual } from "../../../kinds/validation/equality.js";
import { aggregate, isPrivileged } from "../../auth/authorizer.js";
import { clusterRules, type Missing, namespaceRules, rulesOf } from "../../auth/rbac/resolver.js";
import { bareError, forbidden, notFound, qualified } from "../../errors.js";
import { resourceName } from "../objects.js";
import type { RequestContext, Services, Target } from "../types.js";
import type { ResourceHook } from "./types.js";

/** Aggregation can gather anything. */
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

type Guard = (object: KubeObject, old: KubeObject | undefined, target: Target, ctx: RequestContext, services: Services) => void;

const hook = (guard: Guard): ResourceHook => ({
  guardCreate: (object, target, ctx, services) => {
    if (!ctx.trusted && !isPrivileged(ctx.user)) guard(object, undefined, target, ctx, services);
  },
  guardUpdate: (object, old, target, ctx, services) => {
    if (!ctx.trusted && !isPrivileged(ctx.user) && !letsGoOnly(object, old)) guard(object, old, target, ctx, services);
  },
});

/** The garbage collector may always do its work. Source: IsOnlyMutatingGCFields. */
function letsGoOnly(object: KubeObject, old: KubeObject): boolean {
  const { ownerReferences, finalizers, managedFields } = old.metadata;
  return semanticEqual({ ...object, metadata: { ...object.metadata, selfLink: undefined, ownerReferences, finalizers, managedFields } }, old);
}

const guardRole: Guard = (object, old, target, ctx, services) => {
  const { kind, namespace, name } = target;
  const escalate = { user: ctx.user, verb: "escalate", group: kind.group, resource: kind.resource, subresource: "", namespace, name };
  if (services.authorizer.authorize(escalate).allowed) return;
  refuseEscalation(object.rules ?? [], object, target, ctx, services);
  if (!isAggregated(object) && !isAggregated(old)) return;
  if (uncovered(heldBy(ctx, services, "").rules, EVERYTHING).length)
    throw forbidden(resourceName(kind), object.metadata.name ?? "", "must have cluster-admin privileges to use the aggregationRule");
};

const isAggregated = (role: KubeObject | undefined): boolean => (role?.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0;

const guardBinding: Guard = (object, _old, target, ctx, services) => {
  const { kind, namespace } = target;
  const ref: RoleRef = object.roleRef;
  const resource = ({ ClusterRole: "clusterroles", Role: "roles" } as Readonly<Record<string, string>>)[ref.kind];
  if (resource) {
    const bind = { user: ctx.user, verb: "bind", group: ref.apiGroup ?? "", resource, subresource: "", namespace, name: ref.name ?? "" };
    if (services.authorizer.authorize(bind).allowed) return;
  } else throw bareError(`unsupported role reference kind: ${quote(ref.kind ?? "")}`);
  const rules = rulesOf(services.store, ref, namespace);
  // the registry that is read knows only the resource of the request, and names that
  if (!Array.isArray(rules)) throw notFound(resourceName(kind), (rules as Missing).name);
  refuseEscalation(rules, object, target, ctx, services);
};

function refuseEscalation(rules: readonly PolicyRule[], object: KubeObject, { kind, namespace }: Target, ctx: RequestContext, services: Services): void {
  const held = heldBy(ctx, services, namespace);
  const missing = uncovered(held.rules, rules);
  if (missing.length === 0) return;
  const { name, groups } = ctx.user;
  const who = `user ${quote(name)} (groups=${quoteAll(groups)})`;
  // a binding that leads nowhere may be why
  const errors = held.errors.map((missed) => `${qualified(resourceName(kind))} ${quote(missed)} not found`);
  const tail = errors.length ? `; resolution errors: [${aggregate(errors)}]` : "";
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${describeMissing(missing)}${tail}`;
  throw forbidden(resourceName(kind), object.metadata.name ?? "", why);
}

/** The rules a user has, as they are stored at this moment, and the roles that were not found. */
function heldBy({ user }: RequestContext, { store }: Services, namespace: string): { rules: PolicyRule[]; errors: string[] } {
  const all = [...clusterRules(store, user), ...(namespace ? namespaceRules(store, user, namespace) : [])];
  return {
    rules: all.flatMap((one) => ("missing" in one ? [] : [one.rule])),
    errors: all.flatMap((one) => ("missing" in one ? [one.name] : [])),
  };
}

const key = (resource: Kind["resource"]): string => `rbac.authorization.k8s.io/${resource}`;

export const rbacHooks: readonly (readonly [string, ResourceHook])[] = [
  [key("roles"), hook(guardRole)],
  [key("clusterroles"), hook(guardRole)],
  [key("rolebindings"), hook(guardBinding)],
  [key("clusterrolebindings"), hook(guardBinding)],
];
