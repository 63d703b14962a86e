// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as metaV1 from "./meta.v1.js";

export interface AggregationRule {
  clusterRoleSelectors?: metaV1.LabelSelector[];
}

/** rbac.authorization.k8s.io/v1 ClusterRole */
export interface ClusterRole {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  rules?: PolicyRule[] | null;
  aggregationRule?: AggregationRule;
}

/** rbac.authorization.k8s.io/v1 ClusterRoleBinding */
export interface ClusterRoleBinding {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  subjects?: Subject[];
  roleRef: RoleRef;
}

/** rbac.authorization.k8s.io/v1 ClusterRoleBindingList */
export interface ClusterRoleBindingList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: ClusterRoleBinding[];
}

/** rbac.authorization.k8s.io/v1 ClusterRoleList */
export interface ClusterRoleList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: ClusterRole[];
}

export interface PolicyRule {
  verbs: string[] | null;
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** rbac.authorization.k8s.io/v1 Role */
export interface Role {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  rules?: PolicyRule[] | null;
}

/** rbac.authorization.k8s.io/v1 RoleBinding */
export interface RoleBinding {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  subjects?: Subject[];
  roleRef: RoleRef;
}

/** rbac.authorization.k8s.io/v1 RoleBindingList */
export interface RoleBindingList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: RoleBinding[];
}

/** rbac.authorization.k8s.io/v1 RoleList */
export interface RoleList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: Role[];
}

export interface RoleRef {
  apiGroup?: string;
  kind: string;
  name: string;
}

export interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}
