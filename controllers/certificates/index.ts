import type { ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { formatTime } from "../../kinds/time.js";
import { isConflict, isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { isOverdue, planApproval, planSigning } from "./plan.js";

const REQUESTS: ResourceRef = { group: "certificates.k8s.io", version: "v1", resource: "certificatesigningrequests" };
const REVIEWS: ResourceRef = { group: "authorization.k8s.io", version: "v1", resource: "subjectaccessreviews" };
const CLEAN_MS = 3600_000;
/** Keys are names of requests; no name is empty. */
const CLEAN = "";

/** What a certificate is to be like. */
export interface CertificateTerms {
  readonly usages: readonly string[];
  readonly seconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Signs a request with the cluster's authority; in and out are base64 of PEM, as they stand in the objects. */
export type Sign = (request: string, terms: CertificateTerms) => Promise<string>;

/**
 * Approves what nodes ask for themselves, signs for the cluster's own signers what is approved, and clears away what has been done with for an hour or waited for
 * a day. Sources: pkg/controller/certificates approver, signer, cleaner.
 */
export const createCertificatesController = ({ sign }: { readonly sign: Sign }): Controller => ({
  name: "certificate-controller",
  start(ctx: ControllerContext): Running {
    const acting = ctx.client.as("system:serviceaccount:kube-system:certificate-controller", "kube-controller-manager");
    const client = acting.resource(REQUESTS);
    const reviews = acting.resource(REVIEWS);
    const requests = ctx.informers.informer(REQUESTS);

    /** Whether whoever made the request has a right on requests. */
    async function mayCreate({ spec }: KubeObject, subresource: string): Promise<boolean> {
      const resourceAttributes = { group: REQUESTS.group, resource: REQUESTS.resource, verb: "create", subresource, version: "*" };
      const { username: user, uid, groups, extra } = spec;
      const review = await reviews.create("", { metadata: {}, spec: { user, uid, groups, extra, resourceAttributes } });
      return review.status?.allowed === true;
    }

    async function approve(request: KubeObject): Promise<void> {
      for (const { subresource, message } of planApproval(request)) {
        if (!(await mayCreate(request, subresource))) continue;
        const condition = { type: "Approved", status: "True", reason: "AutoApproved", message };
        const conditions = [...(request.status?.conditions ?? []), condition];
        await write(request, "approval", { ...request.status, conditions });
        return;
      }
    }

    async function issue(request: KubeObject): Promise<void> {
      const plan = planSigning(request);
      if (!plan) return;
      if ("fault" in plan) {
        const failed = { type: "Failed", status: "True", reason: "SignerValidationFailure", message: plan.fault, lastUpdateTime: formatTime(ctx.clock.now()) };
        await write(request, "status", { ...request.status, conditions: [...(request.status?.conditions ?? []), failed] });
        return;
      }
      const certificate = await sign(request.spec.request, { usages: request.spec.usages ?? [], seconds: plan.seconds, now: ctx.clock.now() });
      await write(request, "status", { ...request.status, certificate });
    }

    /** A request that has changed in between comes again with its change. */
    async function write(request: KubeObject, subresource: string, status: object): Promise<void> {
      const { resourceVersion, name = "" } = request.metadata;
      const change = (now: KubeObject): KubeObject | undefined => (now.metadata.resourceVersion === resourceVersion ? { ...now, status } : undefined);
      await client.modify("", name, change, { subresource }).catch(unless((e) => isNotFound(e) || isConflict(e)));
    }

    const queue = createQueue(ctx, {
      name: "certificates",
      reconcile: async (name) => {
        if (name === CLEAN) {
          for (const request of requests.list())
            if (isOverdue(request, ctx.clock.now())) await client.delete("", request.metadata.name ?? "").catch(unless(isNotFound));
          return { requeueAfterMs: CLEAN_MS, periodic: "periodic" };
        }
        const request = requests.get("", name);
        if (!request) return;
        await approve(request);
        await issue(request);
      },
    });
    const look = (request: KubeObject): void => queue.add(request.metadata.name ?? "");
    const stop = requests.handle({ add: look, update: look });
    queue.add(CLEAN);
    return {
      stop() {
        stop();
        queue.stop();
      },
    };
  },
});

const unless =
  (harmless: (error: unknown) => boolean) =>
  (error: unknown): undefined => {
    if (!harmless(error)) throw error;
  };
