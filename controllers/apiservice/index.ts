import type { ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import type { EndpointSlice } from "../../kinds/schema/api/discovery.v1.js";
import { isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { type Backend, planAvailability } from "./plan.js";

const API_SERVICES: ResourceRef = { group: "apiregistration.k8s.io", version: "v1", resource: "apiservices" };
const SERVICES: ResourceRef = { group: "", version: "v1", resource: "services" };
const SLICES: ResourceRef = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };
const SERVICE_NAME = "kubernetes.io/service-name";

const NONE: Backend = { service: undefined, slices: [] };

interface Backends {
  of(namespace: string, name: string): Backend;
}

/** Says of each APIService whether its API is there. Source: kube-aggregator pkg/controllers/status. */
export const apiServiceAvailabilityController: Controller = {
  name: "apiservice-availability-controller",
  start(ctx: ControllerContext): Running {
    const client = ctx.client.as("system:apiserver", "kube-apiserver").resource(API_SERVICES);
    const apiServices = ctx.informers.informer(API_SERVICES);
    const stops: (() => void)[] = [];
    let backends: Backends | undefined;
    const queue = createQueue(ctx, {
      name: "apiservice-availability",
      reconcile: async (name) => {
        const found = apiServices.get("", name);
        if (!found) return;
        const ref = found.spec?.service as { namespace: string; name: string } | undefined;
        if (ref) backends ??= followBackends();
        const backend = ref && backends ? backends.of(ref.namespace, ref.name) : NONE;
        const change = (current: KubeObject): KubeObject | undefined => {
          const status = planAvailability(current, backend, ctx.clock.now());
          return status && { ...current, status: { ...current.status, ...status } };
        };
        if (!change(found)) return;
        try {
          await client.modify("", name, change, { subresource: "status" });
        } catch (e) {
          if (!isNotFound(e)) throw e;
        }
      },
    });
    /** Names of aggregated APIs: few, and mostly none. */
    const remote = new Set<string>();
    const look = (object: KubeObject): void => {
      const { name = "" } = object.metadata;
      if (object.spec?.service) remote.add(name);
      else remote.delete(name);
      queue.add(name);
    };
    /** Clusters without aggregated APIs, which are most, need to know of no service. */
    function followBackends(): Backends {
      const services = ctx.informers.informer(SERVICES);
      const slices = ctx.informers.informer(SLICES);
      const about = (namespace: string | undefined, service: string | undefined): void => {
        for (const name of remote) {
          const ref = apiServices.get("", name)?.spec?.service;
          if (ref?.namespace === namespace && ref?.name === service) queue.add(name);
        }
      };
      const ofService = ({ metadata }: KubeObject): void => about(metadata.namespace, metadata.name);
      const ofSlice = ({ metadata }: KubeObject): void => about(metadata.namespace, metadata.labels?.[SERVICE_NAME]);
      stops.push(services.handle({ add: ofService, update: ofService, delete: ofService }));
      stops.push(slices.handle({ add: ofSlice, update: ofSlice, delete: ofSlice }));
      const slicesOf = (namespace: string, name: string): EndpointSlice[] =>
        slices.list(namespace).filter((s) => s.metadata.labels?.[SERVICE_NAME] === name) as unknown as EndpointSlice[];
      return { of: (namespace, name) => ({ service: services.get(namespace, name), slices: slicesOf(namespace, name) }) };
    }
    stops.push(apiServices.handle({ add: look, update: look, delete: (object) => remote.delete(object.metadata.name ?? "") }));
    return {
      stop() {
        for (const stop of stops) stop();
        queue.stop();
      },
    };
  },
};
