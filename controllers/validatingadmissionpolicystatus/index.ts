import type { ResourceRef } from "../../client/client.js";
import { isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { planStatus } from "./plan.js";

const POLICIES: ResourceRef = { group: "admissionregistration.k8s.io", version: "v1", resource: "validatingadmissionpolicies" };
const MANAGER = "validatingadmissionpolicy-status";

/** Says of each policy which generation it has looked at. Source: pkg/controller/validatingadmissionpolicystatus. */
export const validatingAdmissionPolicyStatusController: Controller = {
  name: `${MANAGER}-controller`,
  start(ctx: ControllerContext): Running {
    const client = ctx.client.as(`system:serviceaccount:kube-system:${MANAGER}-controller`, MANAGER).resource(POLICIES);
    const policies = ctx.informers.informer(POLICIES);
    const queue = createQueue(ctx, {
      name: MANAGER,
      reconcile: async (name) => {
        const policy = policies.get("", name);
        const status = policy && planStatus(policy);
        if (!status) return;
        const patch = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", metadata: { name }, status };
        try {
          await client.patch("", name, "application/apply-patch+yaml", patch, { subresource: "status", force: true });
        } catch (e) {
          if (!isNotFound(e)) throw e;
        }
      },
    });
    const look = (policy: { metadata: { name?: string } }): void => queue.add(policy.metadata.name ?? "");
    const stop = policies.handle({ add: look, update: look });
    return {
      stop() {
        stop();
        queue.stop();
      },
    };
  },
};
