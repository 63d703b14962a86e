import type { Store } from "./store.js";

/** The part of a clock that compaction needs. */
export interface CompactionClock {
  setTimeout(callback: () => void, milliseconds: number, periodic?: "periodic"): unknown;
  clearTimeout(handle: unknown): void;
}

export interface CompactionOptions {
  readonly clock: CompactionClock;
  /** Default: 5 minutes, as kube-apiserver's --etcd-compaction-interval. 0: never. */
  readonly everyMs?: number;
  /** Hears of a compaction that failed; the next one is tried all the same. */
  onError?(error: unknown): void;
}

export interface Compaction {
  stop(): void;
}

const FIVE_MINUTES = 5 * 60 * 1000;

/**
 * Compacts by time as kube-apiserver has etcd do it (k8s.io/apiserver/pkg/storage/etcd3/compact.go): at each interval the floor moves to the revision
 * noted at the one before, and the first only notes. So history reaches back five to ten minutes.
 */
export function startCompaction(store: Store, { clock, everyMs = FIVE_MINUTES, onError }: CompactionOptions): Compaction {
  if (everyMs <= 0) return { stop() {} };
  let noted: number | undefined;
  let timer: unknown;
  let stopped = false;
  const next = () => {
    timer = clock.setTimeout(tick, everyMs, "periodic");
  };
  const tick = () => {
    const due = noted;
    noted = store.revision;
    // Timed from the tick, not from the end of the work: the floor follows the clock.
    next();
    if (due === undefined) return;
    store.compact(due).catch((error: unknown) => {
      if (!stopped) onError?.(error);
    });
  };
  next();
  return {
    stop() {
      stopped = true;
      clock.clearTimeout(timer);
    },
  };
}
