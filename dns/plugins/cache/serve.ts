import { isBelow } from "../../corefile/zones.js";
import { after, type Handler, isOnlyCode, type Plugin, type Request, unkept } from "../../plugin.js";
import { wantsSignatures } from "../../wire/read.js";
import { type Aging, type Answer, RCODE, type ResourceRecord } from "../../wire/records.js";
import { isKeepable, type Kind, kindOf, leastTtl } from "./kind.js";
import type { CacheOptions, Keeping } from "./options.js";
import { count, type Item, leftOf, Store } from "./store.js";

/** What the cache tells of itself. */
export interface CacheCounters {
  requests(): void;
  hits(type: "success" | "denial"): void;
  misses(): void;
  prefetches(): void;
  stale(): void;
  evictions(type: "success" | "denial"): void;
  entries(success: number, denial: number): void;
}

const FLAG = { opcode: 0x7800, ad: 0x0020, cd: 0x0010 } as const;

const withTtl = (records: readonly ResourceRecord[], ttl: number): ResourceRecord[] => records.map((record) => ({ ...record, ttl }));

/** An answer whose records all have this TTL. What another server said of EDNS is its word to us, not to the client. */
const aged = (answer: Answer, ttl: number): Answer => ({
  // what is kept gets older without any change that could be noticed
  ...unkept(answer),
  answers: withTtl(answer.answers, ttl),
  authorities: withTtl(answer.authorities, ttl),
  additionals: withTtl(answer.additionals, ttl),
  options: undefined,
});

const isDenial = (kind: Kind): boolean => kind === "nxdomain" || kind === "nodata" || kind === "failure";
const within = ({ maxTtl, minTtl }: Keeping, ttl: number): number => Math.min(Math.max(ttl, minTtl), maxTtl);

/**
 * Keeps answers for as long as they say, and gives them again with what is left of their TTL. `now`: milliseconds of the cluster's clock.
 * Source: CoreDNS plugin/cache.
 */
export function cache(options: CacheOptions, now: () => number, counters: CacheCounters): Plugin {
  const { success, denial, prefetch, stale } = options;
  const positive = new Store(success.capacity);
  const negative = new Store(denial.capacity);

  const usable = (item: Item | undefined, time: number): item is Item => {
    if (!item) return false;
    const left = leftOf(item, time);
    return left > 0 || (stale.upTo > 0 && -left < stale.upTo / 1000);
  };
  const look = (key: string, time: number): Item | undefined => {
    const yes = positive.get(key);
    const no = negative.get(key);
    // a failure passes, so a good answer is better
    if (usable(no, time) && !(no.answer.rcode === RCODE.SERVFAIL && usable(yes, time))) return no;
    return usable(yes, time) ? yes : undefined;
  };
  const counted = (key: string, found: Item | undefined): Item | undefined => {
    counters.requests();
    if (found) counters.hits(found === negative.get(key) ? "denial" : "success");
    else counters.misses();
    return found;
  };

  const ttlOf = (answer: Answer, kind: Kind): number => {
    if (kind === "failure") return options.failureTtl;
    const keeping = isDenial(kind) ? denial : success;
    return within(keeping, leastTtl(answer, kind, keeping.maxTtl));
  };
  /** The item that is kept, if it is. */
  const keep = (key: string, name: string, kind: Kind, answer: Answer, ttl: number, refreshed: boolean): Item | undefined => {
    const type = isDenial(kind) ? "denial" : "success";
    const keeping = type === "denial" ? denial : success;
    if (keeping.except.some((zone) => isBelow(name, zone))) return undefined;
    const item: Item = { answer, stored: now(), ttl: Math.floor(ttl), hits: 0, last: now(), refreshing: false };
    if ((type === "denial" ? negative : positive).put(key, item)) counters.evictions(type);
    if (type === "success" && refreshed) negative.delete(key);
    counters.entries(positive.size, negative.size);
    return item;
  };
  /** How an item is given again, as long as nothing but counting is to be done then. */
  const agingOf = (item: Item, key: string): Aging | undefined => {
    const left = (): number | undefined => {
      const time = now();
      const seconds = leftOf(item, time);
      if (seconds <= 0 || look(key, time) !== item) return undefined;
      counted(key, item);
      return options.keepTtl ? item.ttl : seconds;
    };
    return prefetch.amount === 0 ? { left } : undefined;
  };

  /** What the client is told of a new answer, which is kept. */
  const take = (key: string, request: Request, answer: Answer, signed: boolean, refreshed: boolean): Answer => {
    if (isOnlyCode(answer)) {
      // a plugin that could not answer; that it failed is kept, what it says is not
      if (answer.error !== undefined && answer.rcode === RCODE.SERVFAIL && options.failureTtl > 0) {
        keep(key, request.name, "failure", { rcode: answer.rcode, aa: false, answers: [], authorities: [], additionals: [] }, options.failureTtl, refreshed);
      }
      return unkept(answer);
    }
    const kind = kindOf(answer, request.name, request.question, now() / 1000, signed);
    const ttl = ttlOf(answer, kind);
    const capped = aged(answer, Math.floor(ttl));
    const item = ttl > 0 && isKeepable(answer, kind, request.name, request.question) ? keep(key, request.name, kind, capped, ttl, refreshed) : undefined;
    return item ? { ...capped, aging: agingOf(item, key) } : capped;
  };
  const forClient = (answer: Answer, request: Request, signed: boolean): Answer =>
    answer.ad && !signed && !(request.flags & FLAG.ad) ? { ...answer, ad: false } : answer;

  /** Asks for an item anew; nobody waits for it. */
  const refresh = (item: Item, key: string, request: Request, signed: boolean, next: Handler): void => {
    if (item.refreshing) return;
    item.refreshing = true;
    counters.prefetches();
    const done = (answer: Answer): void => {
      item.refreshing = false;
      const old = leftOf(item, now()) <= 0;
      if (old && answer.rcode !== RCODE.NOERROR && answer.rcode !== RCODE.NXDOMAIN) return;
      take(key, request, answer, signed, true);
      const renewed = negative.get(key) ?? positive.get(key);
      if (renewed && renewed !== item) [renewed.hits, renewed.last] = [item.hits, now()];
    };
    // in a later turn, so that the client has its answer first
    setImmediate(() => {
      Promise.resolve(next({ ...request, transport: "tcp" })).then(done, () => {
        item.refreshing = false;
      });
    });
  };

  const again = (item: Item, request: Request, signed: boolean, time: number): Answer => {
    const left = options.keepTtl ? item.ttl : Math.max(leftOf(item, time), 0);
    return forClient({ ...aged(item.answer, left), by: "cache" }, request, signed);
  };
  return {
    name: "cache",
    serve(request, next) {
      const { name, flags, edns, question } = request;
      if (flags & FLAG.opcode || !options.zones.some((zone) => isBelow(name, zone))) return next(request);
      const signed = wantsSignatures(edns);
      const key = `${signed ? 1 : 0}${flags & FLAG.cd ? 1 : 0} ${question.type} ${question.class} ${name}`;
      const time = now();
      const item = counted(key, look(key, time));
      // what is kept must be able to serve those who want to know whether it was verified
      const asking: Request = { ...request, flags: flags | FLAG.ad };
      if (!item) return after(next(asking), (answer) => forClient(take(key, request, answer, signed, false), request, signed));
      const left = leftOf(item, time);
      if (left <= 0) {
        if (stale.verify) {
          return after(next(asking), (answer) => {
            const good = !answer.tc && (answer.rcode === RCODE.NOERROR || answer.rcode === RCODE.NXDOMAIN);
            if (good) return forClient(take(key, request, answer, signed, false), request, signed);
            counters.stale();
            return again(item, request, signed, time);
          });
        }
        refresh(item, key, asking, signed, next);
        counters.stale();
      } else if (prefetch.amount > 0) {
        count(item, prefetch.within, time);
        if (item.hits >= prefetch.amount && left <= Math.ceil((prefetch.percentage / 100) * item.ttl)) refresh(item, key, asking, signed, next);
      }
      const answer = again(item, request, signed, time);
      return left > 0 ? { ...answer, aging: agingOf(item, key) } : answer;
    },
  };
}
