import { type Kind, storagePrefix, storedKind } from "../../kinds/kind.js";
import { CompactedError, type Entry, type StoreEvent, type Watcher } from "../../storage/store.js";
import { type ApiError, bareError, expired, tooLargeResourceVersion } from "../errors.js";
import { encodeAt, entryOf, objectOf } from "./objects.js";
import type { Selection } from "./selection.js";
import type { Services } from "./types.js";
import { parseVersion } from "./version.js";

/** One event of a watch as its reader gets it. */
export interface WatchItem {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly entry: Entry;
  /** Encodings shared by all watchers that see this very event; absent where the event is this watcher's own. */
  readonly encoded: Map<string, Buffer> | undefined;
}

export interface WatchParameters {
  readonly resourceVersion: string;
  /** undefined: the client did not say. */
  readonly sendInitialEvents?: boolean;
}

/** Who receives a watch. Calls come synchronously, in order, from within `watch` for the past and in the turn of the commit for the rest. */
export interface WatchSink {
  items(items: readonly WatchItem[]): void;
  /** All initial events were sent; `revision` is what they are the state of. Only when the client asked for it. */
  initialEventsEnd(revision: number): void;
}

/**
 * WATCH. "" and "0" (or sendInitialEvents) begin with the present state as ADDED; a version goes on from there; a future version is silent until it is
 * reached. Throws a
 * 410 ApiError below the compaction floor, which the wire delivers as an ERROR event. An object that leaves the selection is DELETED in its last selected form.
 * Source: cacher.Watch, watchCache.getAllEventsSinceLocked, cacheWatcher.convertToWatchEvent.
 */
export function watch(services: Services, kind: Kind, namespace: string, parameters: WatchParameters, selection: Selection, sink: WatchSink): Watcher {
  const prefix = storagePrefix(kind) + (kind.namespaced && namespace ? `${namespace}/` : "");
  const { resourceVersion } = parameters;
  const version = parseVersion(resourceVersion, bareError);
  const initial = parameters.sendInitialEvents ?? version === 0;
  if (parameters.sendInitialEvents && version > services.store.revision) throw tooLargeResourceVersion(BigInt(resourceVersion), services.store.revision);
  let after = version;
  if (initial || version === 0) {
    const now = services.store.list(prefix);
    after = now.revision;
    if (initial) {
      const items: WatchItem[] = [];
      for (const entry of now.entries)
        if (selection.everything || selection.matches(objectOf(entry, kind))) items.push({ type: "ADDED", entry: entryOf(entry, kind), encoded: undefined });
      if (items.length) sink.items(items);
    }
    if (parameters.sendInitialEvents) sink.initialEventsEnd(now.revision);
  }
  try {
    return services.store.watch({ prefix, after, onEvents: (events) => deliver(kind, selection, events, sink) });
  } catch (error) {
    if (error instanceof CompactedError) throw tooOld(kind, error);
    throw error;
  }
}

/** Source: watchCache: "too old resource version: %d (%d)"; etcd3 interpretWatchError. */
const tooOld = (kind: Kind, { requested, compacted }: CompactedError): ApiError =>
  expired(kind.uncached ? "The resourceVersion for the provided watch is too old." : `too old resource version: ${requested} (${compacted})`);

function deliver(kind: Kind, selection: Selection, events: readonly StoreEvent[], sink: WatchSink): void {
  const items: WatchItem[] = [];
  for (const event of events) {
    const item = selection.everything ? plain(kind, event) : selected(kind, selection, event);
    if (item) items.push(item);
  }
  if (items.length) sink.items(items);
}

const plain = (kind: Kind, event: StoreEvent): WatchItem => ({
  type: event.type === "delete" ? "DELETED" : event.previous ? "MODIFIED" : "ADDED",
  entry: entryOf(event.entry, kind),
  encoded: event.encoded,
});

function selected(kind: Kind, selection: Selection, event: StoreEvent): WatchItem | undefined {
  const was = event.previous !== undefined && selection.matches(objectOf(event.previous, kind));
  if (event.type === "delete") return was ? plain(kind, event) : undefined;
  const is = selection.matches(objectOf(event.entry, kind));
  const shared = was === (event.previous !== undefined) ? event.encoded : undefined;
  if (is) return { type: was ? "MODIFIED" : "ADDED", entry: entryOf(event.entry, kind), encoded: shared };
  if (!was) return undefined;
  const last = event.previous as Entry;
  const encoded = encodeAt(objectOf(last, storedKind(kind)), event.revision);
  const entry: Entry = { ...last, revision: event.revision, bytes: encoded.bytes, memo: encoded.memo };
  return { type: "DELETED", entry: entryOf(entry, kind), encoded: undefined };
}
