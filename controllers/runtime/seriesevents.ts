/**
 * Events of the newer kind (events.k8s.io), as the scheduler writes them: no count but a series, no source but a reporting component. Source: client-go
 * tools/events. The first repetition within the window turns the Event into a series; further ones only count in memory, and the text stays the first one's.
 */
import type { Client } from "../../client/client.js";
import { EVENTS, type Event, type KubeObject } from "./api.js";
import { isNotFound, messageOf } from "./errors.js";
import { microTimestamp } from "./time.js";
import type { ControllerContext } from "./types.js";

/** How long an Event that is not repeated is remembered, in milliseconds. */
const WINDOW_MS = 6 * 60_000;
/** A note may have this many bytes. */
const NOTE_LIMIT = 1024;

interface Remembered {
  readonly event: Event;
  last: number;
  repeated: boolean;
}

export type SeriesEvents = (about: KubeObject, type: "Normal" | "Warning", reason: string, action: string, note: string) => void;

export const truncateNote = (note: string): string => (note.length <= NOTE_LIMIT ? note : `${note.slice(0, NOTE_LIMIT - 4)} ...`);

/** `component` reports, for instance `default-scheduler`. Never throws, never waits. */
export function createSeriesEvents(ctx: ControllerContext, client: Client, component: string): SeriesEvents {
  const events = client.resource<Event>(EVENTS);
  const seen = new Map<string, Remembered>();
  let lastName = 0n;
  const nameAt = (about: string, now: number): string => {
    const ns = BigInt(Math.trunc(now)) * 1_000_000n;
    lastName = ns > lastName ? ns : lastName + 1n;
    return `${about}.${lastName.toString(16)}`;
  };
  const forget = (now: number): void => {
    // Insertion order is age order: what is touched is put at the end.
    for (const [key, entry] of seen) {
      if (entry.last + WINDOW_MS > now) break;
      seen.delete(key);
    }
  };
  const write = async (run: () => Promise<unknown>): Promise<void> => {
    ctx.activity.begin();
    try {
      await run();
    } catch (error) {
      ctx.log.debug({ component, error: messageOf(error) }, "the server rejected an event");
    } finally {
      ctx.activity.end();
    }
  };
  return (about, type, reason, action, text) => {
    const now = ctx.clock.now();
    forget(now);
    const { kind = "Pod", apiVersion = "v1" } = about;
    const { namespace: home, name = "", uid, resourceVersion } = about.metadata;
    // Events about cluster-scoped objects live in the default namespace.
    const namespace = home || "default";
    const key = [type, action, reason, kind, namespace, name, uid, resourceVersion].join("\u0000");
    const before = seen.get(key);
    if (before) {
      seen.delete(key);
      before.last = now;
      seen.set(key, before);
      if (before.repeated) return;
      before.repeated = true;
      const series = { count: 2, lastObservedTime: microTimestamp(now) };
      void write(async () => {
        try {
          await events.patch(namespace, before.event.metadata.name ?? "", "application/merge-patch+json", { series });
        } catch (error) {
          if (!isNotFound(error)) throw error;
          await events.create(namespace, { ...before.event, series });
        }
      });
      return;
    }
    const event: Event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: nameAt(name, now), namespace },
      involvedObject: { kind, namespace: home, name, uid, apiVersion, resourceVersion },
      reason,
      message: truncateNote(text),
      source: {},
      type,
      eventTime: microTimestamp(now),
      action,
      reportingComponent: component,
      reportingInstance: `${component}-control-plane`,
    };
    seen.set(key, { event, last: now, repeated: false });
    void write(() => events.create(namespace, event));
  };
}
