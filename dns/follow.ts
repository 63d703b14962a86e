import type { Informers, ResourceRef } from "../client/client.js";
import type { KubeObject } from "../kinds/object.js";
import type { Zone } from "./plugins/kubernetes/zone.js";

const core = (resource: string): ResourceRef => ({ group: "", version: "v1", resource });
const SLICES: ResourceRef = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };
const COREFILE = { namespace: "kube-system", name: "coredns", key: "Corefile" };

/** Something that is followed until it is stopped. */
export interface Following {
  /** Pods too, from now on. */
  pods(): void;
  stop(): void;
}

/** Keeps the zone in step with the cluster; informers call in the turn of the commit, so whoever awaited a write asks the new zone. */
export function followCluster(zone: Zone, informers: Informers): Following {
  const stops: (() => void)[] = [];
  const feed = (ref: ResourceRef, put: (o: KubeObject) => void, remove: (o: KubeObject) => void): void => {
    stops.push(informers.informer(ref).handle({ add: put, update: put, delete: remove }));
  };
  feed(
    core("namespaces"),
    (o) => zone.putNamespace(o),
    (o) => zone.removeNamespace(o),
  );
  feed(
    core("services"),
    (o) => zone.putService(o),
    (o) => zone.removeService(o),
  );
  feed(
    SLICES,
    (o) => zone.putEndpointSlice(o),
    (o) => zone.removeEndpointSlice(o),
  );
  zone.synced = true;
  let pods = false;
  return {
    pods() {
      if (pods) return;
      pods = true;
      feed(
        core("pods"),
        (o) => zone.putPod(o),
        (o) => zone.removePod(o),
      );
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** The Corefile of the `coredns` ConfigMap in kube-system. */
export interface CorefileMap {
  readonly text: string | undefined;
  stop(): void;
}

/** Follows the ConfigMap: `changed` is called with each other text it has from now on. One that goes away changes nothing. */
export function followCorefile(informers: Informers, changed: (text: string) => void): CorefileMap {
  let text: string | undefined;
  let told = false;
  const see = (object: KubeObject): void => {
    if (object.metadata.namespace !== COREFILE.namespace || object.metadata.name !== COREFILE.name) return;
    const now = (object.data as Readonly<Record<string, string>> | undefined)?.[COREFILE.key];
    if (now === undefined || now === text) return;
    text = now;
    if (told) changed(now);
  };
  const stop = informers.informer(core("configmaps")).handle({ add: see, update: see });
  told = true;
  return { text, stop };
}
