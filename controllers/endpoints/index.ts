import type { Informer, ResourceRef } from "../../client/client.js";
import { keyOf } from "../runtime/api.js";
import { followServices } from "../runtime/endpoints/follow.js";
import { ENDPOINTS_PATIENCE_MS, ENDPOINTS_WORTH_WAITING, hasEndpoints, Selectors, selects, TriggerTimes } from "../runtime/endpoints/pods.js";
import { isNamespaceTerminating, isNotFound, messageOf } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { planEndpoints } from "./plan.js";

const SERVICES: ResourceRef = { group: "", version: "v1", resource: "services" };
const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
const ENDPOINTS: ResourceRef = { group: "", version: "v1", resource: "endpoints" };
const LEADER = "control-plane.alpha.kubernetes.io/leader";

/** The legacy Endpoints object of each service with a selector. Source: pkg/controller/endpoint. */
export const endpointsController: Controller = {
  name: "endpoints-controller",
  start(ctx) {
    const client = ctx.client.as("system:serviceaccount:kube-system:endpoint-controller", "kube-controller-manager").resource(ENDPOINTS);
    const recorder = ctx.recorder("endpoint-controller");
    const services: Informer = ctx.informers.informer(SERVICES);
    const pods: Informer = ctx.informers.informer(PODS);
    const endpoints: Informer = ctx.informers.informer(ENDPOINTS);
    const selectors = new Selectors();
    const times = new TriggerTimes();

    const queue = createQueue(ctx, {
      name: "endpoints-controller",
      workers: 5,
      patienceMs: ENDPOINTS_PATIENCE_MS,
      patient: (key) => {
        const slash = key.indexOf("/");
        const subsets: { addresses?: unknown[] }[] = endpoints.get(key.slice(0, slash), key.slice(slash + 1))?.subsets ?? [];
        return subsets.reduce((n, s) => n + (s.addresses?.length ?? 0), 0) >= ENDPOINTS_WORTH_WAITING;
      },
      reconcile: async (key) => {
        const slash = key.indexOf("/");
        const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
        const service = services.get(namespace, name);
        const current = endpoints.get(namespace, name);
        if (!service) {
          times.forget(key);
          try {
            if (current) await client.delete(namespace, name);
          } catch (error) {
            if (!isNotFound(error)) throw error;
          }
          return;
        }
        if (!hasEndpoints(service)) return;
        const selected = pods.list(namespace).filter((p) => selects(service.spec.selector, p.metadata.labels));
        const next = planEndpoints(service, selected, current, times.next(key, service, selected));
        if (!next) return;
        try {
          if (current) await client.update(namespace, next);
          else await client.create(namespace, next);
        } catch (error) {
          if (isNamespaceTerminating(error)) return;
          const [reason, text] = current
            ? ["FailedToUpdateEndpoint", `Failed to update endpoint ${key}`]
            : ["FailedToCreateEndpoint", `Failed to create endpoint for service ${key}`];
          recorder.event(next, "Warning", reason, `${text}: ${messageOf(error)}`);
          throw error;
        }
      },
    });
    const stops = [...followServices(services, pods, selectors, (key) => queue.add(key)), endpoints.handle({ delete: (o) => queue.add(keyOf(o)) })];
    // Left over from before a restart: endpoints whose service went meanwhile. Records of old leader elections have no service and stay.
    for (const o of endpoints.list()) if (o.metadata.annotations?.[LEADER] === undefined) queue.add(keyOf(o));
    return {
      stop() {
        for (const stop of stops) stop();
        queue.stop();
      },
    };
  },
};
