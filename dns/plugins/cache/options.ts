import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argError, argsOf, durationOf, intOf, linesOf } from "../../corefile/read.js";
import { originsOf, zoneOf } from "../../corefile/zones.js";

/** One of the two caches. TTLs in seconds. */
export interface Keeping {
  readonly capacity: number;
  readonly maxTtl: number;
  readonly minTtl: number;
  /** Zones whose answers are not kept. */
  readonly except: readonly string[];
}

/** How answers are kept. Zones in lower case, without the last dot. */
export interface CacheOptions {
  readonly zones: readonly string[];
  readonly success: Keeping;
  readonly denial: Keeping;
  /** How long failures are kept; seconds. */
  readonly failureTtl: number;
  /**
   * What was asked for at least `amount` times, never longer than `within` milliseconds apart, is asked again before it is gone: when `percentage` of its time
   * is left. 0: never.
   */
  readonly prefetch: { readonly amount: number; readonly within: number; readonly percentage: number };
  /** How long old answers are still given, in milliseconds, and whether it is tried first to get new ones; 0: not at all. */
  readonly stale: { readonly upTo: number; readonly verify: boolean };
  /** The TTL does not go down. */
  readonly keepTtl: boolean;
}

/** CoreDNS keeps answers in so many shards of at least four (plugin/pkg/cache). */
const SHARDS = 256;
const capacityOf = (asked: number): number => SHARDS * Math.max(4, Math.floor(asked / SHARDS));
const CAPACITY = capacityOf(10_000);
const MAX_TTL = 3600;
const MIN_TTL = 5;
const HOUR_MS = 3_600_000;
const MAX_FAILURE_MS = 5 * 60_000;

const DEFAULTS: Omit<CacheOptions, "zones"> = {
  success: { capacity: CAPACITY, maxTtl: MAX_TTL, minTtl: MIN_TTL, except: [] },
  denial: { capacity: CAPACITY, maxTtl: MAX_TTL / 2, minTtl: MIN_TTL, except: [] },
  failureTtl: MIN_TTL,
  prefetch: { amount: 0, within: 60_000, percentage: 10 },
  stale: { upTo: 0, verify: false },
  keepTtl: false,
};

function ttlOf(text: string, line: number): number {
  const ttl = intOf(text, line);
  if (ttl <= 0) throw new CorefileError(line, `cache TTL can not be zero or negative: ${ttl}`);
  return ttl;
}

function keepingOf(property: Directive, before: Keeping): Keeping {
  const { line } = property;
  const [capacity, max, min] = argsOf(property, 1, Number.POSITIVE_INFINITY);
  const keeping = { ...before, capacity: capacityOf(intOf(capacity, line)) };
  if (max === undefined) return keeping;
  const maxTtl = ttlOf(max, line);
  if (min === undefined) return { ...keeping, maxTtl };
  const minTtl = intOf(min, line);
  if (minTtl < 0) throw new CorefileError(line, `cache min TTL can not be negative: ${minTtl}`);
  return { ...keeping, maxTtl, minTtl };
}

function percentageOf(text: string, line: number): number {
  if (!text.endsWith("%")) throw new CorefileError(line, `last character of percentage should be \`%\`, but is: '${text.at(-1)}'`);
  const percentage = intOf(text.slice(0, -1), line);
  if (percentage < 10 || percentage > 90) throw new CorefileError(line, `percentage should fall in range [10, 90]: ${percentage}`);
  return percentage;
}

function prefetchOf(property: Directive): CacheOptions["prefetch"] {
  const { line } = property;
  const [amount, within, percentage] = argsOf(property, 1, 3);
  const times = intOf(amount, line);
  if (times < 0) throw new CorefileError(line, `prefetch amount should be positive: ${times}`);
  return {
    amount: times,
    within: within === undefined ? DEFAULTS.prefetch.within : durationOf(within, line),
    percentage: percentage === undefined ? DEFAULTS.prefetch.percentage : percentageOf(percentage, line),
  };
}

function staleOf(property: Directive): CacheOptions["stale"] {
  const { line } = property;
  const [duration, mode = "immediate", ...more] = argsOf(property, 0, 5);
  const upTo = duration === undefined ? HOUR_MS : durationOf(duration, line);
  if (upTo < 0) throw new CorefileError(line, "invalid negative duration for serve_stale");
  const refresh = mode.toLowerCase();
  if (refresh !== "immediate" && refresh !== "verify") throw new CorefileError(line, `invalid value for serve_stale refresh mode: ${refresh}`);
  if (more.length > 0) throw new CorefileError(line, "serve_stale is supported with a duration and a mode, and no more");
  return { upTo, verify: refresh === "verify" };
}

function failureOf(property: Directive): number {
  const { line } = property;
  const ms = durationOf(argsOf(property, 1)[0], line);
  if (ms < 0) throw new CorefileError(line, "invalid negative ttl for servfail");
  if (ms > MAX_FAILURE_MS) throw new CorefileError(line, "caching SERVFAIL responses over 5 minutes is not permitted");
  return ms / 1000;
}

function propertyOf(property: Directive, before: Omit<CacheOptions, "zones">): Partial<CacheOptions> {
  const { name, args, line } = property;
  switch (name) {
    case "success":
    case "denial":
      return { [name]: keepingOf(property, before[name]) };
    case "prefetch":
      return { prefetch: prefetchOf(property) };
    case "serve_stale":
      return { stale: staleOf(property) };
    case "serve_stale_policy":
      throw new CorefileError(line, "serve_stale_policy is not supported");
    case "servfail":
      return { failureTtl: failureOf(property) };
    case "keepttl":
      argsOf(property, 0);
      return { keepTtl: true };
    case "disable": {
      const [which, ...zones] = argsOf(property, 1, Number.POSITIVE_INFINITY);
      if (which !== "success" && which !== "denial") throw new CorefileError(line, 'cache type for disable must be "success" or "denial"');
      return { [which]: { ...before[which], except: zones.length > 0 ? zones.map(zoneOf) : [""] } };
    }
    default:
      throw argError({ name, args, line, block: undefined });
  }
}

/** Reads a `cache` directive of a block for `zones`. Errors: CorefileError. Source: CoreDNS plugin/cache/setup.go. */
export function cacheOptions(directive: Directive, zones: readonly string[]): CacheOptions {
  const [first, ...rest] = directive.args;
  let options = DEFAULTS;
  let own = directive.args;
  if (first !== undefined && /^[+-]?\d+$/.test(first)) {
    const maxTtl = ttlOf(first, directive.line);
    options = { ...options, success: { ...options.success, maxTtl }, denial: { ...options.denial, maxTtl } };
    own = rest;
  }
  for (const property of linesOf(directive)) options = { ...options, ...propertyOf(property, options) };
  return { ...options, zones: originsOf(own, zones) };
}
