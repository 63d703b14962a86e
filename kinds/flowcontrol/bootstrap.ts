/**
 * The flow schemas and priority levels of every cluster. Those called mandatory have to be as they are; the others are suggestions, which stay up to date
 * unless somebody takes them over. Source: apiserver pkg/apis/flowcontrol/bootstrap/default.go.
 */
import type { FlowSchemaSpec, PriorityLevelConfigurationSpec, Subject } from "../schema/api/flowcontrol.v1.js";

/** Says that the server keeps the spec up to date. */
export const AUTOUPDATE = "apf.kubernetes.io/autoupdate-spec";

const group = (name: string): Subject => ({ kind: "Group", group: { name } });
const user = (name: string): Subject => ({ kind: "User", user: { name } });
const serviceAccounts = (namespace: string): Subject => ({ kind: "ServiceAccount", serviceAccount: { namespace, name: "*" } });
const EVERYBODY = [group("system:unauthenticated"), group("system:authenticated")];
const MANAGERS = [user("system:kube-controller-manager"), user("system:kube-scheduler")] as const;

type Rules = NonNullable<FlowSchemaSpec["rules"]>;
const resources = (verbs: string[], apiGroup: string, names: string[], clusterScope = false) => ({
  verbs,
  apiGroups: [apiGroup],
  resources: names,
  ...(clusterScope ? { clusterScope } : {}),
  namespaces: ["*"],
});
const everything = (...subjects: Subject[]): Rules => [
  { subjects, resourceRules: [resources(["*"], "*", ["*"], true)], nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }] },
];

function schema(priorityLevel: string, matchingPrecedence: number, method: "" | "ByUser" | "ByNamespace", rules: Rules): FlowSchemaSpec {
  return {
    priorityLevelConfiguration: { name: priorityLevel },
    matchingPrecedence,
    ...(method ? { distinguisherMethod: { type: method } } : {}),
    rules,
  };
}

function limited(nominalConcurrencyShares: number, lendablePercent: number, queues?: number, handSize?: number): PriorityLevelConfigurationSpec {
  const limitResponse = queues && handSize ? { type: "Queue", queuing: { queues, handSize, queueLengthLimit: 50 } } : { type: "Reject" };
  return { type: "Limited", limited: { nominalConcurrencyShares, limitResponse, lendablePercent } };
}

export const MANDATORY_LEVELS: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  "catch-all": limited(5, 0),
  exempt: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
};

export const SUGGESTED_LEVELS: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  system: limited(30, 33, 64, 6),
  "node-high": limited(40, 25, 64, 6),
  "leader-election": limited(10, 0, 16, 4),
  "workload-high": limited(40, 50, 128, 6),
  "workload-low": limited(100, 90, 128, 6),
  "global-default": limited(20, 50, 128, 6),
};

export const MANDATORY_SCHEMAS: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: schema("exempt", 1, "", everything(group("system:masters"))),
  "catch-all": schema("catch-all", 10000, "ByUser", everything(...EVERYBODY)),
};

export const SUGGESTED_SCHEMAS: Readonly<Record<string, FlowSchemaSpec>> = {
  "system-nodes": schema("system", 500, "ByUser", everything(group("system:nodes"))),
  "system-node-high": schema("node-high", 400, "ByUser", [
    {
      subjects: [group("system:nodes")],
      resourceRules: [resources(["*"], "", ["nodes", "nodes/status"], true), resources(["*"], "coordination.k8s.io", ["leases"])],
    },
  ]),
  probes: schema("exempt", 2, "", [{ subjects: EVERYBODY, nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }] }]),
  "system-leader-election": schema("leader-election", 100, "ByUser", [
    { subjects: [...MANAGERS, serviceAccounts("kube-system")], resourceRules: [resources(["get", "create", "update"], "coordination.k8s.io", ["leases"])] },
  ]),
  "kube-controller-manager": schema("workload-high", 800, "ByNamespace", everything(MANAGERS[0])),
  "kube-scheduler": schema("workload-high", 800, "ByNamespace", everything(MANAGERS[1])),
  "kube-system-service-accounts": schema("workload-high", 900, "ByNamespace", everything(serviceAccounts("kube-system"))),
  "service-accounts": schema("workload-low", 9000, "ByUser", everything(group("system:serviceaccounts"))),
  "global-default": schema("global-default", 9900, "ByUser", everything(...EVERYBODY)),
};
