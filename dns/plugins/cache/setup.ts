import { once } from "../../corefile/read.js";
import type { Setup, SetupContext } from "../../plugin.js";
import { cacheOptions } from "./options.js";
import { type CacheCounters, cache } from "./serve.js";

/** Counts under CoreDNS's names. Source: plugin/cache/metrics.go. */
function countersOf({ metrics, server }: SetupContext, zones: readonly string[]): CacheCounters {
  const labels = { server, zones: zones.map((zone) => `${zone}.`).join(","), view: "" };
  const typed = (type: string): Readonly<Record<string, string>> => ({ server, type, zones: labels.zones, view: "" });
  const count = (name: string, help: string, own: Readonly<Record<string, string>> = labels): void => {
    metrics.counter(`coredns_cache_${name}_total`, help, own).value++;
  };
  const entries = (type: string, value: number): void => {
    metrics.gauge("coredns_cache_entries", "The number of elements in the cache.", typed(type)).value = value;
  };
  return {
    requests: () => count("requests", "The count of cache requests."),
    hits: (type) => count("hits", "The count of cache hits.", typed(type)),
    misses: () => count("misses", "The count of cache misses. Deprecated, derive misses from cache hits/requests counters."),
    prefetches: () => count("prefetch", "The number of times the cache has prefetched a cached item."),
    stale: () => count("served_stale", "The number of requests served from stale cache entries."),
    evictions: (type) => count("evictions", "The count of cache evictions.", typed(type)),
    entries(success, denial) {
      entries("success", success);
      entries("denial", denial);
    },
  };
}

/** `cache [TTL] [ZONES...] { … }`. Source: CoreDNS plugin/cache/setup.go. */
export const setup: Setup = (directive, context, all) => {
  once(all);
  const options = cacheOptions(directive, context.block.zones);
  return cache(options, () => context.clock.now(), countersOf(context, options.zones));
};
