import type { Informer, ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { followServices } from "../runtime/endpoints/follow.js";
import { ENDPOINTS_PATIENCE_MS, ENDPOINTS_WORTH_WAITING, hasEndpoints, Selectors, selects, TriggerTimes } from "../runtime/endpoints/pods.js";
import { isNamespaceTerminating, isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { CONTROLLER_NAME, planSlices } from "./plan.js";
import { type EndpointSlice, MANAGED_BY, SERVICE_NAME, withTriggerTime } from "./slices.js";
import { aboutService } from "./words.js";

export { endpointSliceMirroringController } from "./mirroring.js";

const SERVICES: ResourceRef = { group: "", version: "v1", resource: "services" };
const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
const NODES: ResourceRef = { group: "", version: "v1", resource: "nodes" };
const SLICES: ResourceRef = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };
const SERVICE_INDEX = "endpointslice/service";

const mine = (slice: KubeObject): boolean => slice.metadata.labels?.[MANAGED_BY] === CONTROLLER_NAME;
const serviceOf = (slice: KubeObject): string => `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME] ?? ""}`;

/** EndpointSlices of services with a selector. Source: pkg/controller/endpointslice. */
export const endpointSliceController: Controller = {
  name: "endpointslice-controller",
  start(ctx) {
    const client = ctx.client.as("system:serviceaccount:kube-system:endpointslice-controller", "kube-controller-manager").resource<EndpointSlice>(SLICES);
    const recorder = ctx.recorder("endpoint-slice-controller");
    const services: Informer = ctx.informers.informer(SERVICES);
    const pods: Informer = ctx.informers.informer(PODS);
    const nodes: Informer = ctx.informers.informer(NODES);
    const slices: Informer<EndpointSlice> = ctx.informers.informer<EndpointSlice>(SLICES);
    slices.addIndex(SERVICE_INDEX, (slice) => (mine(slice) ? [serviceOf(slice)] : []));
    const selectors = new Selectors();
    const times = new TriggerTimes();
    /** Services whose slices are being written right now: what their informers say then is our own doing. */
    const writing = new Set<string>();

    const sync = async (key: string): Promise<void> => {
      const slash = key.indexOf("/");
      const namespace = key.slice(0, slash);
      const service = services.get(namespace, key.slice(slash + 1));
      if (!service) {
        times.forget(key);
        return;
      }
      if (!hasEndpoints(service)) return;
      const selected = pods.list(namespace).filter((p) => selects(service.spec.selector, p.metadata.labels));
      const existing = slices.byIndex(SERVICE_INDEX, key).filter((s) => !s.metadata.deletionTimestamp);
      const time = times.next(key, service, selected);
      const plan = planSlices({ service, pods: selected, node: (name) => nodes.get("", name), existing });
      const create = service.metadata.deletionTimestamp ? [] : plan.create;
      try {
        await Promise.all([
          ...create.map((s) => client.create(namespace, withTriggerTime(s, time))),
          ...plan.update.map((s) => client.update(namespace, withTriggerTime(s, time))),
          ...plan.delete.map((s) => client.delete(namespace, s.metadata.name ?? "").catch((e: unknown) => void (isNotFound(e) || fail(e)))),
        ]);
      } catch (error) {
        // Nothing can be made here any more, nor need be.
        if (isNamespaceTerminating(error)) return;
        throw error;
      }
      if (plan.errors.length > 0) {
        const why = plan.errors.length === 1 ? plan.errors[0] : `[${plan.errors.join(", ")}]`;
        const about = { apiVersion: "v1", kind: "Service", ...service };
        recorder.event(about, "Warning", "FailedToUpdateEndpointSlices", `Error updating Endpoint Slices for Service ${key}: ${why}`);
        throw new Error(why);
      }
    };

    const queue = createQueue(ctx, {
      name: "endpointslice-controller",
      workers: 5,
      patienceMs: ENDPOINTS_PATIENCE_MS,
      patient: (key) => slices.byIndex(SERVICE_INDEX, key).reduce((n, s) => n + (s.endpoints?.length ?? 0), 0) >= ENDPOINTS_WORTH_WAITING,
      reconcile: async (key) => {
        writing.add(key);
        try {
          await sync(key);
        } finally {
          writing.delete(key);
        }
      },
    });
    const sliceMoved = (slice: KubeObject): void => {
      if (mine(slice) && !writing.has(serviceOf(slice))) queue.add(serviceOf(slice));
    };
    const stops = [
      ctx.journal.source("endpoint-slice-controller", ({ kind, namespace = "", name }) => {
        const service = kind === "Service" ? services.get(namespace, name) : undefined;
        if (!service) return [];
        const selected = hasEndpoints(service) ? pods.list(namespace).filter((p) => selects(service.spec.selector, p.metadata.labels)) : [];
        const byHand = slices.list(namespace).some((s) => s.metadata.labels?.[SERVICE_NAME] === name && (s.endpoints?.length ?? 0) > 0);
        return aboutService(service, selected, byHand);
      }),
      ...followServices(services, pods, selectors, (key) => queue.add(key)),
      slices.handle({
        update: (slice, old) => {
          sliceMoved(old);
          sliceMoved(slice);
        },
        delete: sliceMoved,
      }),
    ];
    return {
      stop() {
        for (const stop of stops) stop();
        queue.stop();
      },
    };
  },
};

function fail(error: unknown): never {
  throw error;
}
