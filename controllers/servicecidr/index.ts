/** ServiceCIDRs: kept while Services have addresses of them alone, and ready until then. Source: pkg/controller/servicecidrs. */
import type { Client, ResourceRef } from "../../client/client.js";
import { isAllocated } from "../../kinds/networking/ipaddress/allocation.js";
import { giving, overlapping } from "../../kinds/networking/servicecidr/networks.js";
import type { KubeObject } from "../../kinds/object.js";
import { isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import { timestamp } from "../runtime/time.js";
import type { Controller } from "../runtime/types.js";
import { DEFAULT_READY, defaultServiceCIDR, FINALIZER, planServiceCIDR, type Ready } from "./plan.js";

export const SERVICE_CIDRS: ResourceRef = { group: "networking.k8s.io", version: "v1", resource: "servicecidrs" };
export const IP_ADDRESSES: ResourceRef = { group: "networking.k8s.io", version: "v1", resource: "ipaddresses" };

/** Server-side apply of the Ready condition: whoever set it before, it is `manager`'s now. */
async function applyReady(client: Client, name: string, manager: string, ready: Ready, now: number): Promise<void> {
  const conditions = [{ type: "Ready", ...ready, lastTransitionTime: timestamp(now) }];
  const body = { apiVersion: "networking.k8s.io/v1", kind: "ServiceCIDR", metadata: { name }, status: { conditions } };
  await client.resource(SERVICE_CIDRS).patch("", name, "application/apply-patch+yaml", body, { subresource: "status", force: true, fieldManager: manager });
}

/** As strategic merge patches of the one finalizer, so that others are left alone. */
async function patchFinalizer(client: Client, name: string, change: "add" | "remove"): Promise<void> {
  const metadata = change === "add" ? { finalizers: [FINALIZER] } : { "$deleteFromPrimitiveList/finalizers": [FINALIZER] };
  await client.resource(SERVICE_CIDRS).patch("", name, "application/strategic-merge-patch+json", { metadata });
}

/**
 * Upstream waits ten seconds before it lets go, for allocators that have not heard of the deletion yet. Ours asks the store in the very turn of its commit, so
 * that there is nobody to wait for.
 */
export const serviceCIDRController: Controller = {
  name: "service-cidr-controller",
  start(ctx) {
    const client = ctx.client.as("system:serviceaccount:kube-system:service-cidrs-controller", "kube-controller-manager");
    const cidrs = ctx.informers.informer(SERVICE_CIDRS);
    const addresses = ctx.informers.informer(IP_ADDRESSES);
    const queue = createQueue(ctx, {
      name: "service-cidr-controller",
      reconcile: async (name) => {
        const object = cidrs.get("", name);
        if (!object) return;
        const { finalizer, ready } = planServiceCIDR(object, cidrs.list(), () => addresses.list());
        try {
          if (finalizer) await patchFinalizer(client, name, finalizer);
          if (ready) await applyReady(client, name, "service-cidr-controller", ready, ctx.clock.now());
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    });
    const add = (object: KubeObject): void => queue.add(object.metadata.name ?? "");
    // an address matters to those only that wait to go: for the others there is nothing to do
    const leaving = (address: KubeObject): void => {
      if (!isAllocated(address)) return;
      const going = cidrs.list().filter((object) => object.metadata.deletionTimestamp);
      for (const name of new Set(giving(address.metadata.name ?? "", going))) queue.add(name);
    };
    const stops = [
      cidrs.handle({
        add(object) {
          add(object);
          for (const name of overlapping(object, cidrs.list())) queue.add(name);
        },
        update: add,
      }),
      addresses.handle({ add: leaving, delete: leaving }),
    ];
    return {
      stop() {
        for (const stop of stops) stop();
        queue.stop();
      },
    };
  },
};

/** How often the API server looks after its ServiceCIDR. */
const INTERVAL_MS = 10_000;
const MANAGER = "kubernetes-service-cidr-controller";

/** Makes the ServiceCIDR a cluster begins with, and says that it is ready where nobody has said anything. */
export async function ensureDefaultServiceCIDR(client: Client, cidrs: readonly string[], now: number): Promise<void> {
  const resources = client.resource(SERVICE_CIDRS);
  const wanted = defaultServiceCIDR(cidrs);
  const name = wanted.metadata.name ?? "";
  let object: KubeObject;
  try {
    object = await resources.get("", name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    object = await resources.create("", wanted);
  }
  const conditions: readonly { type?: string; status?: string }[] = object.status?.conditions ?? [];
  const ready = conditions.find((condition) => condition.type === "Ready")?.status ?? "Unknown";
  if (object.metadata.deletionTimestamp || ready !== "Unknown" || JSON.stringify(object.spec?.cidrs) !== JSON.stringify(cidrs)) return;
  await applyReady(client, name, MANAGER, DEFAULT_READY, now);
}

/** Makes the default ServiceCIDR anew when it is gone. Part of the API server. */
export const createDefaultServiceCIDRController = (options: { readonly cidrs: readonly string[] }): Controller => ({
  name: MANAGER,
  start(ctx) {
    const client = ctx.client.as("system:apiserver", "kube-apiserver");
    const { name = "" } = defaultServiceCIDR(options.cidrs).metadata;
    const queue = createQueue(ctx, { name: MANAGER, reconcile: () => ensureDefaultServiceCIDR(client, options.cidrs, ctx.clock.now()) });
    const stop = ctx.informers.informer(SERVICE_CIDRS).handle({
      delete(object) {
        if (object.metadata.name === name) queue.addAfter(name, INTERVAL_MS);
      },
    });
    return {
      stop() {
        stop();
        queue.stop();
      },
    };
  },
});
