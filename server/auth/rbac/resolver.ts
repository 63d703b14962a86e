/** Which rules apply to somebody. Source: pkg/registry/rbac/validation DefaultRuleResolver. */
import { quote } from "../../../kinds/field.js";
import { type Kind, storageKey, storagePrefix } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import { clusterRole } from "../../../kinds/rbac/clusterrole/index.js";
import { clusterRoleBinding } from "../../../kinds/rbac/clusterrolebinding/index.js";
import { role } from "../../../kinds/rbac/role/index.js";
import { roleBinding } from "../../../kinds/rbac/rolebinding/index.js";
import type { PolicyRule, RoleRef, Subject } from "../../../kinds/schema/api/rbac.v1.js";
import type { Store } from "../../../storage/store.js";
import { objectOf } from "../../pipeline/objects.js";
import type { UserInfo } from "../../pipeline/types.js";

/** A role that a binding refers to and that is not there. */
export interface Missing {
  readonly missing: "Role" | "ClusterRole";
  readonly name: string;
}

/** A rule that applies, with the binding that makes it so; or a binding that leads nowhere. */
export type Applying = { readonly rule: PolicyRule; readonly binding: KubeObject; readonly subject: Subject } | Missing;

export type ReadStore = Pick<Store, "get" | "list">;

const ACCOUNT = "system:serviceaccount:";

/** Everything cluster role bindings give, in the order of their names. */
export const clusterRules = (store: ReadStore, user: UserInfo): Applying[] => rulesThrough(store, clusterRoleBinding, user, "");

/** Everything a namespace's role bindings give. */
export const namespaceRules = (store: ReadStore, user: UserInfo, namespace: string): Applying[] => rulesThrough(store, roleBinding, user, namespace);

function rulesThrough(store: ReadStore, kind: Kind, user: UserInfo, namespace: string): Applying[] {
  const out: Applying[] = [];
  for (const entry of store.list(storagePrefix(kind) + (namespace ? `${namespace}/` : "")).entries) {
    const binding = objectOf(entry, kind);
    const subject = ((binding.subjects ?? []) as Subject[]).find((s) => appliesTo(s, user, namespace));
    if (!subject) continue;
    const rules = rulesOf(store, binding.roleRef, namespace);
    if (Array.isArray(rules)) for (const rule of rules) out.push({ rule, binding, subject });
    else out.push(rules as Missing);
  }
  return out;
}

function appliesTo(subject: Subject, user: UserInfo, namespace: string): boolean {
  switch (subject.kind) {
    case "User":
      return user.name === subject.name;
    case "Group":
      return user.groups.includes(subject.name);
    case "ServiceAccount":
      // an account without a namespace is one of the binding's own
      return user.name.startsWith(ACCOUNT) && user.name === `${ACCOUNT}${subject.namespace || namespace}:${subject.name}`;
    default:
      return false;
  }
}

/** The rules of the role a binding in `namespace` ("" for a cluster role binding) refers to. */
export function rulesOf(store: ReadStore, { kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | Missing {
  const of = kind === "Role" ? role : clusterRole;
  const entry = store.get(storageKey(of, namespace, name));
  return entry ? (objectOf(entry, of).rules ?? []) : { missing: kind as Missing["missing"], name };
}

/** `RoleBinding "reader/default" of Role "reader" to User "ann"`. */
export function describe({ binding, subject }: Exclude<Applying, Missing>): string {
  const { name = "", namespace = "" } = binding.metadata;
  const title = namespace ? `RoleBinding ${quote(`${name}/${namespace}`)}` : `ClusterRoleBinding ${quote(name)}`;
  const who = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `${title} of ${binding.roleRef.kind} ${quote(binding.roleRef.name)} to ${subject.kind} ${quote(who)}`;
}
