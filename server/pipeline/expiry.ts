import { type Kind, storagePrefix } from "../../kinds/kind.js";
import type { Entry } from "../../storage/store.js";
import { encodeAt, objectOf } from "./objects.js";
import type { Services } from "./types.js";

/** The part of a clock that expiry needs. */
export interface ExpiryClock {
  now(): number;
  setTimeout(run: () => void, ms: number, periodic?: "periodic"): unknown;
  clearTimeout(timer: unknown): void;
}

export interface ExpiryOptions {
  readonly clock: ExpiryClock;
  /** How long an Event lives after its last write, in milliseconds; default an hour, as --event-ttl. */
  readonly ttlMs?: number;
  /** Hears of deletions that failed. */
  onError?(error: unknown): void;
}

const HOUR = 3_600_000;

/**
 * Removes Events an hour after their last write, as etcd does with the lease that the API server gives them. What a store brings along counts from the newest
 * time that
 * the object itself tells. One timer, for the Event that is due next: all live equally long, so they fall due in the order of their writes.
 * Source: pkg/registry/core/event/storage (TTLFunc), etcd3 lease manager.
 */
export function startEventExpiry(services: Services, { clock, ttlMs = HOUR, onError }: ExpiryOptions): { stop(): void } {
  const kind = services.kinds.find("", "v1", "events");
  if (!kind) return { stop() {} };
  const prefix = storagePrefix(kind);
  // in order of falling due
  const waiting = new Map<string, { readonly revision: number; readonly due: number }>();
  let timer: unknown;
  let stopped = false;

  const arm = (): void => {
    if (timer !== undefined || stopped) return;
    for (const { due } of waiting.values()) {
      timer = clock.setTimeout(expire, Math.max(0, due - clock.now()), "periodic");
      return;
    }
  };
  const expire = (): void => {
    timer = undefined;
    for (const [key, { revision, due }] of waiting) {
      if (due > clock.now()) break;
      waiting.delete(key);
      drop(services, kind, key, revision).catch((error: unknown) => {
        if (!stopped) onError?.(error);
      });
    }
    arm();
  };

  const now = services.store.list(prefix);
  const known = now.entries.map((entry) => ({ entry, written: writtenAt(entry, kind) })).sort((a, b) => a.written - b.written);
  for (const { entry, written } of known) waiting.set(entry.key, { revision: entry.revision, due: Math.min(written, clock.now()) + ttlMs });
  const watcher = services.store.watch({
    prefix,
    after: now.revision,
    onEvents(events) {
      for (const { type, key, revision } of events) {
        waiting.delete(key);
        if (type === "put") waiting.set(key, { revision, due: clock.now() + ttlMs });
      }
      arm();
    },
  });
  arm();
  return {
    stop() {
      stopped = true;
      watcher.stop();
      clock.clearTimeout(timer);
    },
  };
}

/** Deletes the Event unless it was written again. */
async function drop(services: Services, kind: Kind, key: string, revision: number): Promise<void> {
  await services.store.write(key, (entry) =>
    entry?.revision === revision ? { action: "delete", encode: (at) => encodeAt(objectOf(entry, kind), at) } : { action: "none" },
  );
}

function writtenAt(entry: Entry, kind: Kind): number {
  const { creationTimestamp, managedFields = [] } = objectOf(entry, kind).metadata;
  return Math.max(0, ...[creationTimestamp, ...managedFields.map((m) => m.time)].map((time) => Date.parse(time ?? "") || 0));
}
