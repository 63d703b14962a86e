import type { Informers, ResourceRef } from "../client/client.js";
import type { Clock } from "../controllers/runtime/types.js";
import type { KubeObject } from "../kinds/object.js";
import { type AnswerOptions, answer, DEFAULT_OPTIONS } from "./plugins/kubernetes/answer.js";
import { Zone } from "./plugins/kubernetes/zone.js";
import { respond } from "./wire/message.js";

export interface DnsResponder {
  readonly port: number;
  stop(): Promise<void>;
}

export interface DnsOptions extends Partial<AnswerOptions> {
  readonly informers: Informers;
  /** The serial of the SOA is the time of the last change. */
  readonly clock: Clock;
  readonly host: string;
  /** 0 takes a port that is free on UDP and TCP. */
  readonly port: number;
}

const NAMESPACES: ResourceRef = { group: "", version: "v1", resource: "namespaces" };
const SERVICES: ResourceRef = { group: "", version: "v1", resource: "services" };
const SLICES: ResourceRef = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };
const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };

/** Keeps the zone in step with the cluster; informers call in the turn of the commit, so whoever awaited a write asks the new zone. Returns how to stop. */
function follow(zone: Zone, informers: Informers, pods: AnswerOptions["pods"]): () => void {
  const feed = (ref: ResourceRef, put: (o: KubeObject) => void, remove: (o: KubeObject) => void): (() => void) =>
    informers.informer(ref).handle({ add: put, update: put, delete: remove });
  const stops = [
    feed(
      NAMESPACES,
      (o) => zone.putNamespace(o),
      (o) => zone.removeNamespace(o),
    ),
    feed(
      SERVICES,
      (o) => zone.putService(o),
      (o) => zone.removeService(o),
    ),
    feed(
      SLICES,
      (o) => zone.putEndpointSlice(o),
      (o) => zone.removeEndpointSlice(o),
    ),
  ];
  if (pods === "verified") {
    stops.push(
      feed(
        PODS,
        (o) => zone.putPod(o),
        (o) => zone.removePod(o),
      ),
    );
  }
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Starts the cluster's DNS on UDP and TCP: zones cluster.local, in-addr.arpa and ip6.arpa, everything else is refused. Ready when this resolves.
 * Errors: the operating system's for the port; then nothing is left running.
 */
export async function startDns({ informers, clock, host, port, ...rest }: DnsOptions): Promise<DnsResponder> {
  const options: AnswerOptions = { ...DEFAULT_OPTIONS, ...rest };
  // loaded here: a cluster without DNS does not pay for the sockets' library
  const { listen } = await import("./responder.js");
  const zone = new Zone(() => clock.now());
  const unfollow = follow(zone, informers, options.pods);
  try {
    const sockets = await listen(host, port, (bytes, transport) => respond(bytes, transport, (question) => answer(question, zone, options)));
    return {
      port: sockets.port,
      async stop() {
        unfollow();
        await sockets.stop();
      },
    };
  } catch (error) {
    unfollow();
    throw error;
  }
}
