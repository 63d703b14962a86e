/** How fast nodes may be emptied, by zone. Source: pkg/controller/nodelifecycle handleDisruption, scheduler/rate_limited_queue.go. Times are milliseconds since the epoch. */
import type { Node } from "../runtime/api.js";
import { isNodeReady } from "../runtime/nodes.js";

/** Nodes a second: --node-eviction-rate, --secondary-node-eviction-rate. */
const RATE = 0.1;
const SECONDARY_RATE = 0.01;
/** Zones of up to so many nodes have no secondary rate: --large-cluster-size-threshold. */
const LARGE_ZONE = 50;
/** --unhealthy-zone-threshold */
const UNHEALTHY = 0.55;

/** Source: component-helpers node/topology GetZoneKey. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const zone = labels["failure-domain.beta.kubernetes.io/zone"] ?? labels["topology.kubernetes.io/zone"] ?? "";
  const region = labels["failure-domain.beta.kubernetes.io/region"] ?? labels["topology.kubernetes.io/region"] ?? "";
  return zone || region ? `${region}:\u0000:${zone}` : "";
}

/** `whole`: none of its nodes is ready; `part`: three or more, and most of them, are not. */
export type ZoneState = "initial" | "normal" | "part" | "whole";

/** Source: ComputeZoneState. */
export function zoneState(ready: number, unready: number): ZoneState {
  if (ready === 0 && unready > 0) return "whole";
  return unready > 2 && unready / (unready + ready) >= UNHEALTHY ? "part" : "normal";
}

/** A token bucket that holds one. */
interface Bucket {
  readonly rate: number;
  tokens: number;
  at: number;
}

interface Zone {
  state: ZoneState;
  bucket: Bucket;
}

const rateOf = (state: ZoneState, size: number): number => (state === "part" ? (size > LARGE_ZONE ? SECONDARY_RATE : 0) : RATE);

/** Milliseconds until a token is there; 0: it was, and has been taken. */
function take(bucket: Bucket, now: number): number {
  if (bucket.rate === 0) return Number.POSITIVE_INFINITY;
  bucket.tokens = Math.min(1, bucket.tokens + ((now - bucket.at) / 1000) * bucket.rate);
  bucket.at = now;
  // what adds up in tenths falls short of one by a rounding
  if (bucket.tokens < 1 - 1e-9) return Math.ceil(((1 - bucket.tokens) / bucket.rate) * 1000);
  bucket.tokens = 0;
  return 0;
}

/** The zones of a cluster and what state they are in. */
export class Zones {
  private readonly zones = new Map<string, Zone>();

  /**
   * Takes in how the nodes are. `stop`: nothing in the cluster is ready any more, so that the fault is likely ours, and no node is to be emptied; `resume`: something is
   * again.
   */
  look(nodes: readonly Node[], now: number): "stop" | "resume" | undefined {
    const counts = new Map<string, { ready: number; unready: number }>();
    const present = new Set<string>();
    for (const node of nodes) {
      const key = zoneOf(node);
      present.add(key);
      if (!this.zones.has(key)) this.zones.set(key, { state: "initial", bucket: { rate: RATE, tokens: 1, at: now } });
      if (node.metadata.labels?.["node.kubernetes.io/exclude-disruption"] !== undefined) continue;
      const count = counts.get(key) ?? { ready: 0, unready: 0 };
      counts.set(key, count);
      if (isNodeReady(node)) count.ready++;
      else count.unready++;
    }
    for (const key of this.zones.keys()) if (!present.has(key)) this.zones.delete(key);
    const counted = [...counts].map(([key, { ready, unready }]) => ({
      zone: this.zones.get(key) as Zone,
      size: ready + unready,
      state: zoneState(ready, unready),
    }));
    const allAre = counted.every(({ state }) => state === "whole");
    const allWere = counted.every(({ zone }) => zone.state === "whole");
    if (allAre && allWere) return undefined;
    for (const { zone, size, state } of counted) {
      if (allAre || allWere || zone.state !== state) this.swap(zone, allAre ? 0 : rateOf(state, size), now);
      zone.state = state;
    }
    return allAre ? "stop" : allWere ? "resume" : undefined;
  }

  /** Milliseconds until a node of the zone may be emptied (never: infinity); 0 is leave to do it now, once. */
  leave(node: Node, now: number): number {
    const zone = this.zones.get(zoneOf(node));
    return zone ? take(zone.bucket, now) : Number.POSITIVE_INFINITY;
  }

  /** A new rate begins empty where the old one was. Source: SwapLimiter. */
  private swap(zone: Zone, rate: number, now: number): void {
    if (zone.bucket.rate === rate) return;
    zone.bucket = { rate, tokens: take(zone.bucket, now) === 0 ? 1 : 0, at: now };
  }
}
