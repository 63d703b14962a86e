import type { ResourceRef } from "../../client/client.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { planAggregation } from "./plan.js";

const CLUSTER_ROLES: ResourceRef = { group: "rbac.authorization.k8s.io", version: "v1", resource: "clusterroles" };
const MANAGER = "clusterrole-aggregation-controller";
/** Which role gathers which is not known beforehand and roles are few: one key stands for all that gather. */
const ALL = "aggregated roles";

/** Keeps the rules of aggregated cluster roles. Source: pkg/controller/clusterroleaggregation. */
export const clusterRoleAggregationController: Controller = {
  name: MANAGER,
  start(ctx: ControllerContext): Running {
    const client = ctx.client.as(`system:serviceaccount:kube-system:${MANAGER}`, MANAGER).resource(CLUSTER_ROLES);
    const roles = ctx.informers.informer(CLUSTER_ROLES);
    const queue = createQueue(ctx, {
      name: MANAGER,
      reconcile: async () => {
        for (const { name, rules } of planAggregation(roles.list())) {
          const patch = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, ...(rules.length ? { rules } : {}) };
          await client.patch("", name, "application/apply-patch+yaml", patch, { force: true });
        }
      },
    });
    const look = (): void => queue.add(ALL);
    const stop = roles.handle({ update: look, delete: look, add: look });
    return {
      stop() {
        stop();
        queue.stop();
      },
    };
  },
};
