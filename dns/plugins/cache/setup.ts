import { once } from "../../corefile/read.js";
import type { Counter } from "../../metrics.js";
import type { Setup, SetupContext } from "../../plugin.js";
import { cacheOptions } from "./options.js";
import { type CacheCounters, cache } from "./serve.js";

/** Counts under CoreDNS's names. Source: plugin/cache/metrics.go. */
function countersOf({ metrics, server }: SetupContext, zones: readonly string[]): CacheCounters {
  const labels = { server, zones: zones.map((zone) => `${zone}.`).join(","), view: "" };
  const typed = (type: string): Readonly<Record<string, string>> => ({ server, type, zones: labels.zones, view: "" });
  /** A series is there from its first count on, and then it is at hand: finding one by its labels takes longer than the rest of an answer. */
  const lazily = (make: () => Counter): (() => Counter) => {
    let series: Counter | undefined;
    return () => (series ??= make());
  };
  const counter = (name: string, help: string, own: Readonly<Record<string, string>> = labels): (() => void) => {
    const series = lazily(() => metrics.counter(`coredns_cache_${name}_total`, help, own));
    return () => {
      series().value++;
    };
  };
  const both = <T>(of: (type: "success" | "denial") => T): Readonly<Record<"success" | "denial", T>> => ({ success: of("success"), denial: of("denial") });
  const hits = both((type) => counter("hits", "The count of cache hits.", typed(type)));
  const evictions = both((type) => counter("evictions", "The count of cache evictions.", typed(type)));
  const entries = both((type) => lazily(() => metrics.gauge("coredns_cache_entries", "The number of elements in the cache.", typed(type))));
  return {
    requests: counter("requests", "The count of cache requests."),
    hits: (type) => hits[type](),
    misses: counter("misses", "The count of cache misses. Deprecated, derive misses from cache hits/requests counters."),
    prefetches: counter("prefetch", "The number of times the cache has prefetched a cached item."),
    stale: counter("served_stale", "The number of requests served from stale cache entries."),
    evictions: (type) => evictions[type](),
    entries(success, denial) {
      entries.success().value = success;
      entries.denial().value = denial;
    },
  };
}

/** `cache [TTL] [ZONES...] { … }`. Source: CoreDNS plugin/cache/setup.go. */
export const setup: Setup = (directive, context, all) => {
  once(all);
  const options = cacheOptions(directive, context.block.zones);
  return cache(options, () => context.clock.now(), countersOf(context, options.zones));
};
