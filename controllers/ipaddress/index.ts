/** Keeps Services and the IPAddresses of their cluster IPs in agreement. Part of the API server. Source: ipallocator/controller/repairip.go. */
import type { ResourceRef } from "../../client/client.js";
import { addressObject } from "../../kinds/networking/ipaddress/allocation.js";
import { giving } from "../../kinds/networking/servicecidr/networks.js";
import type { KubeObject } from "../../kinds/object.js";
import { keyOf, splitKey } from "../runtime/api.js";
import { isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import { createSeriesEvents } from "../runtime/seriesevents.js";
import type { Controller, Timer } from "../runtime/types.js";
import { type Facts, planAddress, planService } from "./plan.js";

const SERVICES: ResourceRef = { group: "", version: "v1", resource: "services" };
const SERVICE_CIDRS: ResourceRef = { group: "networking.k8s.io", version: "v1", resource: "servicecidrs" };
const IP_ADDRESSES: ResourceRef = { group: "networking.k8s.io", version: "v1", resource: "ipaddresses" };

const NAME = "ipallocator-repair-controller";
/** How often everything is looked at: an IPAddress that somebody deletes is missed no sooner. */
const RESYNC_MS = 3 * 60_000;

export const ipAddressRepairController: Controller = {
  name: NAME,
  start(ctx) {
    const client = ctx.client.as("system:apiserver", "kube-apiserver");
    const services = ctx.informers.informer(SERVICES);
    const addresses = ctx.informers.informer(IP_ADDRESSES);
    const cidrs = ctx.informers.informer(SERVICE_CIDRS);
    const event = createSeriesEvents(ctx, client, NAME);
    const facts: Facts = {
      address: (name) => addresses.get("", name),
      service: (namespace, name) => services.get(namespace, name),
      inRange: (address) => giving(address, cidrs.list()).length > 0,
    };
    const removeAddress = async (name: string): Promise<void> => {
      try {
        await client.resource(IP_ADDRESSES).delete("", name);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    };
    const serviceQueue = createQueue(ctx, {
      name: `${NAME} services`,
      workers: 5,
      reconcile: async (key) => {
        const { namespace, name } = splitKey(key);
        const service = services.get(namespace, name);
        if (!service) return;
        for (const { address, write, finding } of planService(service, facts)) {
          if (finding) event(service, "Warning", finding.reason, "ClusterIPAllocation", finding.note);
          if (write === "recreate") await removeAddress(address);
          if (write) await client.resource(IP_ADDRESSES).create("", addressObject(address, service));
        }
      },
    });
    const addressQueue = createQueue(ctx, {
      name: `${NAME} addresses`,
      workers: 5,
      reconcile: async (name) => {
        const object = addresses.get("", name);
        const plan = object && planAddress(object, facts, ctx.clock.now());
        if (!object || !plan) return;
        if ("againMs" in plan) return { requeueAfterMs: plan.againMs };
        event(object, "Warning", plan.remove.reason, "IPAddressAllocation", plan.remove.note);
        await removeAddress(name);
      },
    });
    // both are there or neither when the allocator wrote them: most changes end here
    const lookService = (service: KubeObject): void => {
      if (planService(service, facts).length > 0) serviceQueue.add(keyOf(service));
    };
    const lookAddress = (object: KubeObject): void => {
      if (planAddress(object, facts, ctx.clock.now())) addressQueue.add(keyOf(object));
    };
    const stops = [services.handle({ add: lookService, update: lookService }), addresses.handle({ add: lookAddress, update: lookAddress })];
    let timer: Timer;
    const resync = (): void => {
      for (const service of services.list()) lookService(service);
      for (const object of addresses.list()) lookAddress(object);
      timer = ctx.clock.setTimeout(resync, RESYNC_MS, "periodic");
    };
    timer = ctx.clock.setTimeout(resync, RESYNC_MS, "periodic");
    return {
      stop() {
        ctx.clock.clearTimeout(timer);
        for (const stop of stops) stop();
        serviceQueue.stop();
        addressQueue.stop();
      },
    };
  },
};
