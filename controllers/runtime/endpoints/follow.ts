import type { Informer } from "../../../client/client.js";
import type { KubeObject } from "../../../kinds/object.js";
import { keyOf } from "../api.js";
import { podMatters, type Selectors } from "./pods.js";

/** Sees to it that a service's key is added whenever the service, or a pod it selects or has selected, moves. Returns how to stop. */
export function followServices(services: Informer, pods: Informer, selectors: Selectors, add: (key: string) => void): (() => void)[] {
  const podMoved = (pod: KubeObject): void => {
    for (const key of selectors.servicesOf(pod)) add(key);
  };
  const serviceMoved = (service: KubeObject): void => {
    selectors.put(service);
    add(keyOf(service));
  };
  return [
    services.handle({
      add: serviceMoved,
      update: serviceMoved,
      delete: (service) => {
        selectors.drop(service);
        add(keyOf(service));
      },
    }),
    pods.handle({
      add: podMoved,
      update: (pod, old) => {
        if (!podMatters(pod, old)) return;
        podMoved(old);
        podMoved(pod);
      },
      delete: podMoved,
    }),
  ];
}
