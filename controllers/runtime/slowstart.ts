/** Most writes of one batch: pkg/controller/statefulset MaxBatchSize; the ReplicaSet's burst of 500 is the same. */
const MAX_BATCH = 500;

/**
 * Runs `run(0)`…`run(count-1)` in batches of 1, 2, 4 … so that a failure all share (a quota) shows once and not `count` times. Stops after the first batch with failures.
 * Returns how many succeeded and what failed.
 */
export async function slowStart(count: number, run: (index: number) => Promise<void>): Promise<{ successes: number; errors: unknown[] }> {
  let successes = 0;
  let next = 0;
  for (let size = Math.min(1, count); size > 0; size = Math.min(2 * size, count - next, MAX_BATCH)) {
    const results = await Promise.allSettled(Array.from({ length: size }, (_, i) => run(next + i)));
    next += size;
    const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    successes += size - errors.length;
    if (errors.length > 0) return { successes, errors };
  }
  return { successes, errors: [] };
}
