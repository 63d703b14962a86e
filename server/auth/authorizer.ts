import type { ResourceAccess } from "../../kinds/rbac/rules.js";
import type { PolicyRule } from "../../kinds/schema/api/rbac.v1.js";
import type { UserInfo } from "../pipeline/types.js";

/** Somebody wants to do something with a resource. */
export interface ResourceAttributes extends ResourceAccess {
  readonly user: UserInfo;
  /** "" at the cluster scope. */
  readonly namespace: string;
}

/** Somebody wants something of a path that is no resource. */
export interface PathAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

export const isPath = (a: Attributes): a is PathAttributes => "path" in a;

export interface Decision {
  readonly allowed: boolean;
  /** Why; often "". Of a refusal it goes into the 403. */
  readonly reason: string;
}

/** The rules that apply to somebody, and what went wrong while they were looked for. */
export interface Rules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

/** Decides what users may do. Source: apiserver pkg/authorization/authorizer. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
  /** What a user may do in a namespace and cluster-wide. */
  rulesFor(user: UserInfo, namespace: string): Rules;
}

/** Members of this group may do everything, whatever roles say: nobody can lock the administrator out. */
export const PRIVILEGED_GROUP = "system:masters";
export const isPrivileged = (user: UserInfo): boolean => user.groups.includes(PRIVILEGED_GROUP);

const ALLOWED: Decision = { allowed: true, reason: "" };

/** Everybody may do everything. */
export const ALWAYS_ALLOW: Authorizer = {
  authorize: () => ALLOWED,
  rulesFor: () => ({
    rules: [
      { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
      { verbs: ["*"], nonResourceURLs: ["*"] },
    ],
    errors: [],
  }),
};

/** The privileged group before anything else is asked. Source: pkg/kubeapiserver/authorizer. */
export const withPrivileged = (inner: Authorizer): Authorizer => ({
  authorize: (attributes) => (isPrivileged(attributes.user) ? ALLOWED : inner.authorize(attributes)),
  rulesFor: (user, namespace) => inner.rulesFor(user, namespace),
});

/** Several errors as one text. Source: apimachinery pkg/util/errors aggregate. */
export function aggregate(errors: readonly string[]): string {
  const once = [...new Set(errors)];
  return once.length === 1 ? (once[0] as string) : `[${once.join(", ")}]`;
}
