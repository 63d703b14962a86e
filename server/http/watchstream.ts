import type { ServerResponse } from "node:http";
import { apiVersionOf, type Kind } from "../../kinds/kind.js";
import type { Entry } from "../../storage/store.js";
import { stringify, withTypeMeta } from "../codec/encode.js";
import { type ApiError, bareError, notAcceptable } from "../errors.js";
import { canonicalOf, objectOf } from "../pipeline/objects.js";
import type { Selection } from "../pipeline/selection.js";
import type { Services } from "../pipeline/types.js";
import { parseVersion } from "../pipeline/version.js";
import { type WatchItem, type WatchSink, watch } from "../pipeline/watch.js";
import type { Accepted } from "./negotiate.js";
import type { ProtobufAnswers } from "./protobuf.js";
import type { ListQuery } from "./query.js";
import { type IncludeObject, partialOf, tableOf } from "./table.js";

/** Timers of the streams: the machine's, because a client waits in its own time, however the cluster's is moved. */
export interface StreamClock {
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface WatchRequest {
  readonly kind: Kind;
  readonly namespace: string;
  readonly query: ListQuery;
  readonly selection: Selection;
  readonly accepted: Accepted;
  includeObject(): IncludeObject;
  /** The encoder when the client is answered in protobuf. */
  readonly protobuf: ProtobufAnswers | undefined;
}

/** A reader that is further behind than this is cut off and lists again. */
const MAX_BEHIND_BYTES = 16 * 1024 * 1024;
/** Bookmarks come about once a minute (cacher.bookmarkFrequency), and a watch that names no time ends after half an hour to an hour. */
const BOOKMARK_MS = 60_000;
const MIN_TIMEOUT_MS = 1_800_000;
/** The last bookmark comes so long before the end, so that who watches again begins close to now (cacheWatcher.nextBookmarkTime). */
const BEFORE_END_MS = 2000;

/**
 * Streams a watch until the client goes, its time is up, it falls too far behind, or `stop` is called. Errors before the first byte are thrown; a compacted
 * version is an ERROR
 * event in a 200 answer, as upstream. Returns `stop`.
 */
export function streamWatch(services: Services, clock: StreamClock, random: () => number, response: ServerResponse, request: WatchRequest): () => void {
  const { accepted, query, kind } = request;
  const { protobuf } = request;
  // what stands in the version's place is looked at first
  parseVersion(query.resourceVersion, bareError);
  if (accepted.mediaType === "application/yaml") throw notAcceptable(["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"]);
  const encoder = encoderOf(request, () => services.now());
  let open = true;
  let started = false;
  const early: Buffer[] = [];
  let last = Number(query.resourceVersion || "0");

  const write = (chunk: Buffer): void => {
    if (!started) early.push(chunk);
    else if (open) {
      response.write(chunk);
      if (response.writableLength > MAX_BEHIND_BYTES) stop();
    }
  };
  const sink: WatchSink = {
    items(items) {
      const chunks = items.map(encoder.item);
      last = items.at(-1)?.entry.revision ?? last;
      write(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    },
    initialEventsEnd(revision) {
      last = Math.max(last, revision);
      if (query.allowWatchBookmarks) write(encoder.bookmark(revision, true));
    },
  };
  let failure: ApiError | undefined;
  let watcher: { stop(): void } | undefined;
  try {
    watcher = watch(services, kind, request.namespace, query, request.selection, sink);
  } catch (error) {
    // whatever is wrong with the version once it could be read is told in the stream (cacher.Watch)
    if (![410, 504].includes((error as ApiError).status?.code ?? 0)) throw error;
    failure = error as ApiError;
  }
  const timers: unknown[] = [];
  function stop(): void {
    if (!open) return;
    open = false;
    watcher?.stop();
    for (const timer of timers) clock.clearTimeout(timer);
    response.end();
  }
  response.writeHead(200, {
    ...headersOf(response),
    "content-type": protobuf ? `${accepted.mediaType};stream=watch` : accepted.mediaType,
    "cache-control": "no-cache, private",
  });
  response.flushHeaders();
  started = true;
  for (const chunk of early) response.write(chunk);
  if (failure) {
    response.write(protobuf ? protobufEvent(protobuf, "ERROR", failure.status) : jsonEvent("ERROR", failure.status));
    stop();
    return stop;
  }
  response.on("close", stop);
  const timeout = query.timeoutSeconds ? Math.max(0, query.timeoutSeconds) * 1000 : MIN_TIMEOUT_MS * (1 + random());
  timers[0] = clock.setTimeout(stop, timeout);
  if (query.allowWatchBookmarks) {
    const deadline = clock.now() + timeout;
    const arm = (): void => {
      const wait = Math.min(BOOKMARK_MS, deadline - BEFORE_END_MS - clock.now());
      if (wait > 0) timers[1] = clock.setTimeout(tick, wait);
    };
    const tick = (): void => {
      if (!open) return;
      write(encoder.bookmark(Math.max(last, services.store.revision), false));
      arm();
    };
    arm();
  }
  return stop;
}

/** Headers that were set on the reply before the stream took over (warnings, audit id). */
const headersOf = (response: ServerResponse): Record<string, number | string | string[]> => response.getHeaders() as Record<string, string>;

interface Encoder {
  item(item: WatchItem): Buffer;
  bookmark(revision: number, initialEventsEnd: boolean): Buffer;
}

const NOTHING = Buffer.alloc(0);
const INITIAL_END = { "k8s.io/initial-events-end": "true" };

const jsonEvent = (type: string, object: unknown): Buffer => Buffer.from(`${stringify({ type, object })}\n`);

const protobufEvent = (protobuf: ProtobufAnswers, type: string, object: object): Buffer =>
  protobuf.watchFrame(type, protobuf.encodeProtobuf(object) ?? NOTHING);

function encoderOf(request: WatchRequest, now: () => number): Encoder {
  const { kind, accepted, protobuf } = request;
  const apiVersion = apiVersionOf(kind);
  const version = accepted.version ?? "v1";
  const line = (type: string, object: object): Buffer => (protobuf ? protobufEvent(protobuf, type, object) : jsonEvent(type, object));
  const bookmarkMeta = (revision: number, end: boolean) => ({
    resourceVersion: String(revision),
    ...(end ? { annotations: INITIAL_END } : {}),
  });
  if (accepted.as === "Table") {
    const includeObject = request.includeObject();
    let first = true;
    const table = (object: { metadata: object }, rv: string | undefined) => {
      const value = tableOf(kind, [object as never], { resourceVersion: rv }, { now: now(), includeObject, version, withoutColumns: !first });
      first = false;
      return value;
    };
    return {
      item: ({ type, entry }) => line(type, table(objectOf(entry, kind), String(entry.revision))),
      bookmark: (revision, end) => line("BOOKMARK", table({ metadata: { ...bookmarkMeta(revision, end) } }, String(revision))),
    };
  }
  // a list is not what an event holds: upstream's transformation fails on each, silently
  if (accepted.as === "PartialObjectMetadataList") return { item: () => NOTHING, bookmark: () => NOTHING };
  if (accepted.as)
    return {
      item: ({ type, entry }) => line(type, partialOf(kind, objectOf(entry, kind), version)),
      bookmark: (revision, end) => line("BOOKMARK", partialOf(kind, { metadata: bookmarkMeta(revision, end) }, version)),
    };
  const encode = (type: string, entry: Entry): Buffer =>
    protobuf
      ? protobuf.watchFrame(type, protobuf.encodeEntry(entry, kind, objectOf))
      : Buffer.concat([Buffer.from(`{"type":"${type}","object":`), withTypeMeta(entry.bytes, apiVersion, kind.kind), Buffer.from("}\n")]);
  // watchers of one event share its encodings: each form of the object, JSON or protobuf, has slots of its own
  const form = `${protobuf ? "protobuf " : ""}${kind.storedAs ? `${apiVersion} ` : ""}`;
  return {
    item: ({ type, entry, encoded }) => {
      const slot = form + type;
      const known = encoded?.get(slot);
      if (known) return known;
      const made = encode(type, entry);
      encoded?.set(slot, made);
      return made;
    },
    // an otherwise empty object, with whatever Go writes of those (`spec: {containers: null}`)
    bookmark: (revision, end) => line("BOOKMARK", canonicalOf(kind, { metadata: bookmarkMeta(revision, end) })),
  };
}
