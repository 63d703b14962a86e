import { storagePrefix } from "../../../kinds/kind.js";
import { clusterRole } from "../../../kinds/rbac/clusterrole/index.js";
import { clusterRoleBinding } from "../../../kinds/rbac/clusterrolebinding/index.js";
import { role } from "../../../kinds/rbac/role/index.js";
import { roleBinding } from "../../../kinds/rbac/rolebinding/index.js";
import { allowsPath, allowsResource } from "../../../kinds/rbac/rules.js";
import { RBAC_GROUP } from "../../../kinds/rbac/common.js";
import type { Store } from "../../../storage/store.js";
import type { UserInfo } from "../../pipeline/types.js";
import { type Authorizer, aggregate, type Decision, isPath, type Rules } from "../authorizer.js";
import { type Applying, clusterRules, describe, type Missing, namespaceRules } from "./resolver.js";

/** How many users (and users in namespaces) are remembered. */
const LIMIT = 500;

const errorOf = ({ missing, name }: Missing): string => `${missing.toLowerCase()}.${RBAC_GROUP} ${JSON.stringify(name)} not found`;

/**
 * Decides by roles and bindings. What applies to a user is put together once and kept until a role or a binding changes: the store tells of that in the turn of
 * the commit, so that the next request already sees it. Nothing is read or watched before the first question. Source: plugin/pkg/auth/authorizer/rbac.
 */
export function rbacAuthorizer(store: Store): Authorizer {
  const known = new Map<string, readonly Applying[]>();
  let following = false;

  const follow = (): void => {
    following = true;
    const onEvents = (): void => known.clear();
    for (const kind of [role, roleBinding, clusterRole, clusterRoleBinding]) store.watch({ prefix: storagePrefix(kind), after: store.revision, onEvents });
  };
  const remembered = (key: string, find: () => readonly Applying[]): readonly Applying[] => {
    let found = known.get(key);
    if (!found) {
      if (!following) follow();
      if (known.size >= LIMIT) known.clear();
      found = find();
      known.set(key, found);
    }
    return found;
  };
  /** What applies to a user in a namespace: cluster-wide rules first. */
  const applying = (user: UserInfo, namespace: string): readonly (readonly Applying[])[] => {
    const who = JSON.stringify([user.name, user.groups]);
    const everywhere = remembered(who, () => clusterRules(store, user));
    return namespace ? [everywhere, remembered(`${namespace} ${who}`, () => namespaceRules(store, user, namespace))] : [everywhere];
  };

  return {
    authorize(attributes): Decision {
      const errors: string[] = [];
      for (const list of applying(attributes.user, isPath(attributes) ? "" : attributes.namespace))
        for (const one of list) {
          if ("missing" in one) errors.push(errorOf(one));
          else if (isPath(attributes) ? allowsPath(one.rule, attributes.verb, attributes.path) : allowsResource(one.rule, attributes))
            return { allowed: true, reason: `RBAC: allowed by ${describe(one)}` };
        }
      return { allowed: false, reason: errors.length ? `RBAC: ${aggregate(errors)}` : "" };
    },
    rulesFor(user, namespace): Rules {
      const all = applying(user, namespace).flat();
      return {
        rules: all.flatMap((one) => ("missing" in one ? [] : [one.rule])),
        errors: all.flatMap((one) => ("missing" in one ? [errorOf(one)] : [])),
      };
    },
  };
}
