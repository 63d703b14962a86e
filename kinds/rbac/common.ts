/** What the four kinds of rbac.authorization.k8s.io have in common. Sources: pkg/apis/rbac/validation, pkg/registry/rbac/<kind>/strategy.go. */
import { type FieldError, invalid, required } from "../field.js";
import type { Kind } from "../kind.js";
import type { KubeObject } from "../object.js";
import type { PolicyRule } from "../schema/api/rbac.v1.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../validation/metadata.js";
import { nameIsPathSegment } from "../validation/names.js";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** Names of roles and bindings need only survive in a path: `system:controller:x` is one. */
export const nameIsRbacName = (name: string): string[] => nameIsPathSegment(name, false);

/** What every kind of the group says alike. */
export const RBAC_KIND = {
  group: RBAC_GROUP,
  version: "v1",
  validateName: nameIsRbacName,
  allowCreateOnUpdate: true,
} as const satisfies Partial<Kind>;

/** Updates are judged as creations are, and then for what may not change; upstream looks at the metadata here once more. */
export const validateAsUpdate =
  (namespaced: boolean, validate: (object: KubeObject) => FieldError[], unchanged: (object: KubeObject, old: KubeObject) => FieldError[] = () => []) =>
  (object: KubeObject, old: KubeObject): FieldError[] => [
    ...validateKubeObjectMeta(object.metadata, namespaced, nameIsRbacName),
    ...validate(object),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...unchanged(object, old),
  ];

/** The rules of a Role (`namespaced`) or a ClusterRole. */
export const validateRules = (rules: readonly PolicyRule[] | null | undefined, namespaced: boolean): FieldError[] =>
  (rules ?? []).flatMap((rule, i) => validateRule(rule, namespaced, `rules[${i}]`));

function validateRule(rule: PolicyRule, namespaced: boolean, path: string): FieldError[] {
  const out: FieldError[] = [];
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  if (!verbs?.length) out.push(required(`${path}.verbs`, "verbs must contain at least one value"));
  if (nonResourceURLs?.length) {
    const at = `${path}.nonResourceURLs`;
    if (namespaced) out.push(invalid(at, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups?.length || resources?.length || resourceNames?.length)
      out.push(invalid(at, nonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs"));
    return out;
  }
  if (!apiGroups?.length) out.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  if (!resources?.length) out.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  return out;
}
