import { keyOf, PODS, type Pod } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { isPodTerminal } from "../runtime/podutil.js";
import { createQueue } from "../runtime/queue.js";
import {
  addClaimIndex,
  claimNamesOf,
  podsOf,
  RESOURCE_CLAIM_TEMPLATES,
  RESOURCE_CLAIMS,
  type ResourceClaim,
  type ResourceClaimTemplate,
} from "../runtime/resourceclaims.js";
import type { Controller } from "../runtime/types.js";
import { isDone } from "./plan.js";
import { BY_POD, ResourceClaims } from "./reconcile.js";

/**
 * Claims for pods: made from templates, reserved for pods that run, freed of those that do not. Allocating is the scheduler's. Where it decides: plan.ts.
 */
export const resourceClaimController: Controller = {
  name: "resource-claim-controller",
  start(ctx) {
    const pods = ctx.informers.informer<Pod>(PODS);
    const claims = ctx.informers.informer<ResourceClaim>(RESOURCE_CLAIMS);
    const templates = ctx.informers.informer<ResourceClaimTemplate>(RESOURCE_CLAIM_TEMPLATES);
    addClaimIndex(pods);
    claims.addIndex(BY_POD, (claim) => {
      const owner = controllerOf(claim);
      return owner ? [owner.uid] : [];
    });
    const work = new ResourceClaims(controllerClient(ctx.client, "resource-claim-controller"), pods, claims, templates, ctx.recorder("resource_claim"));
    const podQueue = createQueue(ctx, { name: "resourceclaim-pods", workers: 5, reconcile: (key) => work.syncPod(key) });
    const claimQueue = createQueue(ctx, { name: "resourceclaims", workers: 5, reconcile: (key) => work.syncClaim(key) });

    // Claims of a pod that is over are taken away, and not made again.
    const wake = (pod: Pod): void => {
      if (!pod.metadata.deletionTimestamp && !isPodTerminal(pod)) podQueue.add(keyOf(pod));
    };
    const onPod = (pod: Pod, deleted: boolean): void => {
      if (!pod.spec.resourceClaims) return;
      if (deleted || isDone(pod)) for (const name of claimNamesOf(pod)) claimQueue.add(`${pod.metadata.namespace}/${name}`);
      if (!deleted) wake(pod);
    };
    const onClaim = (claim: ResourceClaim, deleted: boolean): void => {
      const key = keyOf(claim);
      if (!deleted) claimQueue.add(key);
      for (const pod of podsOf(pods, key)) wake(pod);
    };
    const remove = [
      pods.handle({ add: (pod) => onPod(pod, false), update: (pod) => onPod(pod, false), delete: (pod) => onPod(pod, true) }),
      claims.handle({ add: (claim) => onClaim(claim, false), update: (claim) => onClaim(claim, false), delete: (claim) => onClaim(claim, true) }),
      // Filled, so that a template made before a pod is found for it.
      templates.handle({}),
    ];
    return {
      stop() {
        for (const off of remove) off();
        podQueue.stop();
        claimQueue.stop();
      },
    };
  },
};
