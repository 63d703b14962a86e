/** How long to wait after the n-th failure in a row of one key. */
export interface Backoff {
  /** Counts a failure of `key` and returns the milliseconds to wait. */
  next(key: string): number;
  forget(key: string): void;
  failures(key: string): number;
}

/** `base · 2^n` milliseconds up to `max`; the defaults are those of client-go's item exponential failure rate limiter. */
export function exponentialBackoff(base = 5, max = 1_000_000): Backoff {
  const counts = new Map<string, number>();
  return {
    next(key) {
      const n = counts.get(key) ?? 0;
      counts.set(key, n + 1);
      return Math.min(base * 2 ** n, max);
    },
    forget: (key) => void counts.delete(key),
    failures: (key) => counts.get(key) ?? 0,
  };
}
