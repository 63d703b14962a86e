import type { Informer, ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { isNamespaceTerminating, isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { MIRRORING_NAME, planMirror } from "./mirrorplan.js";
import { type EndpointSlice, MANAGED_BY, SERVICE_NAME } from "./slices.js";

const SERVICES: ResourceRef = { group: "", version: "v1", resource: "services" };
const ENDPOINTS: ResourceRef = { group: "", version: "v1", resource: "endpoints" };
const SLICES: ResourceRef = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };
const INDEX = "endpointslicemirroring/service";

const keyOf = (o: KubeObject): string => `${o.metadata.namespace}/${o.metadata.name}`;
const mine = (slice: KubeObject): boolean => slice.metadata.labels?.[MANAGED_BY] === MIRRORING_NAME;
const serviceOf = (slice: KubeObject): string => `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME] ?? ""}`;

/** Neither told not to be mirrored nor an old leader election's record. */
const mirrored = (endpoints: KubeObject): boolean =>
  endpoints.metadata.labels?.["endpointslice.kubernetes.io/skip-mirror"] !== "true" &&
  endpoints.metadata.annotations?.["control-plane.alpha.kubernetes.io/leader"] === undefined;

/** EndpointSlices of hand-made Endpoints, for services without a selector. Source: pkg/controller/endpointslicemirroring. */
export const endpointSliceMirroringController: Controller = {
  name: "endpointslice-mirroring-controller",
  start(ctx) {
    const user = "system:serviceaccount:kube-system:endpointslicemirroring-controller";
    const client = ctx.client.as(user, "kube-controller-manager").resource<EndpointSlice>(SLICES);
    const recorder = ctx.recorder("endpoint-slice-mirroring-controller");
    const services: Informer = ctx.informers.informer(SERVICES);
    const endpoints: Informer = ctx.informers.informer(ENDPOINTS);
    const slices: Informer<EndpointSlice> = ctx.informers.informer<EndpointSlice>(SLICES);
    slices.addIndex(INDEX, (slice) => (mine(slice) ? [serviceOf(slice)] : []));

    const queue = createQueue(ctx, {
      name: "endpointslice-mirroring-controller",
      workers: 5,
      reconcile: async (key) => {
        const slash = key.indexOf("/");
        const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
        const source = endpoints.get(namespace, name);
        const service = services.get(namespace, name);
        const existing = slices.byIndex(INDEX, key).filter((s) => !s.metadata.deletionTimestamp);
        const wanted = source && mirrored(source) && service && !service.spec?.selector;
        const plan = planMirror(wanted ? source : undefined, existing);
        const about = { apiVersion: "v1", kind: "Endpoints", ...(source ?? { metadata: { namespace, name } }) };
        for (const [reason, message] of plan.warnings) recorder.event(about, "Warning", reason, message);
        try {
          await Promise.all([
            ...(source?.metadata.deletionTimestamp ? [] : plan.create.map((s) => client.create(namespace, s))),
            ...plan.update.map((s) => client.update(namespace, s)),
            ...plan.delete.map((s) =>
              client.delete(namespace, s.metadata.name ?? "").catch((error: unknown) => {
                if (!isNotFound(error)) throw error;
              }),
            ),
          ]);
        } catch (error) {
          if (!isNamespaceTerminating(error)) throw error;
        }
      },
    });
    const serviceMoved = (service: KubeObject): void => {
      if (endpoints.get(service.metadata.namespace ?? "", service.metadata.name ?? "")) queue.add(keyOf(service));
    };
    const sliceMoved = (slice: KubeObject): void => {
      if (mine(slice)) queue.add(serviceOf(slice));
    };
    // The endpoints controller's own objects are told apart by their service's selector before they cost a reconcile.
    const endpointsMoved = (o: KubeObject): void => {
      const service = services.get(o.metadata.namespace ?? "", o.metadata.name ?? "");
      if (!service?.spec?.selector || slices.byIndex(INDEX, keyOf(o)).length > 0) queue.add(keyOf(o));
    };
    const stops = [
      services.handle({
        add: serviceMoved,
        update: (service, old) => {
          if ((service.spec?.selector === undefined) !== (old.spec?.selector === undefined)) serviceMoved(service);
        },
        delete: serviceMoved,
      }),
      endpoints.handle({ add: endpointsMoved, update: endpointsMoved, delete: (o) => queue.add(keyOf(o)) }),
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
