/** Where the server's own groups and their versions stand in discovery. Source: pkg/controlplane/apiserver/aggregator.go, cmd/kube-apiserver/app/aggregator.go. */

/** How a group ranks among groups, and a version within its group; more is first. */
export interface Priority {
  readonly group: number;
  readonly version: number;
}

const GROUPS: Readonly<Record<string, number>> = {
  "": 18000,
  apps: 17800,
  "events.k8s.io": 17750,
  "authentication.k8s.io": 17700,
  "authorization.k8s.io": 17600,
  autoscaling: 17500,
  batch: 17400,
  "certificates.k8s.io": 17300,
  "networking.k8s.io": 17200,
  policy: 17100,
  "rbac.authorization.k8s.io": 17000,
  "storage.k8s.io": 16800,
  "apiextensions.k8s.io": 16700,
  "admissionregistration.k8s.io": 16700,
  "scheduling.k8s.io": 16600,
  "coordination.k8s.io": 16500,
  "node.k8s.io": 16300,
  "discovery.k8s.io": 16200,
  "resource.k8s.io": 16200,
  "flowcontrol.apiserver.k8s.io": 16100,
};

/** Versions that do not rank as the others: most are the only one of their group. */
const VERSIONS: Readonly<Record<string, number>> = { "/v1": 1, "autoscaling/v2": 30, "resource.k8s.io/v1": 21, "flowcontrol.apiserver.k8s.io/v1": 21 };

/** Undefined for what is nobody's: apiregistration.k8s.io stands before all others, and custom resources have their own. */
export function builtInPriority(group: string, version: string): Priority | undefined {
  const rank = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined;
  return rank === undefined ? undefined : { group: rank, version: VERSIONS[`${group}/${version}`] ?? 15 };
}
