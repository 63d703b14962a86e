/**
 * Memory of a server that has nothing to do. V8 keeps what a load has made its heap grow to, unless it is told that memory is short; a server that idles tells
 * it so, once after each load.
 */
import type { Session } from "node:inspector";
import { getHeapStatistics } from "node:v8";

/** What is seen at one look. */
export interface Look {
  /** Share of the time since the look before in which the event loop was at work, 0 to 1. */
  readonly busy: number;
  /** Bytes of the heap: taken from the system, and in use. */
  readonly total: number;
  readonly used: number;
}

const LOOK_MS = 1000;
/** Looks in a row that must find nothing to do. */
const QUIET_LOOKS = 2;
const QUIET = 0.03;
/** What must be had for a pause of a tenth of a second. */
const WORTH_BYTES = 16 * 1024 * 1024;
/** The pause grows with what is in use: beyond this, memory is the smaller harm. */
const MAX_USED_BYTES = 200 * 1024 * 1024;

/** Decides, look by look, when memory is given back: after a load, when it is quiet, if there is enough to be had. Pure but for what it has seen. */
export function idleRule(): (look: Look) => boolean {
  let quiet = 0;
  /** What the heap was when the last try began, or has come down to since. */
  let settled = 0;
  return ({ busy, total, used }) => {
    settled = Math.min(settled, total);
    quiet = busy < QUIET ? quiet + 1 : 0;
    if (quiet < QUIET_LOOKS || used > MAX_USED_BYTES || total - Math.max(settled, used) < WORTH_BYTES) return false;
    // nothing more is to be had before it grows anew
    settled = total;
    quiet = 0;
    return true;
  };
}

/** Looks once a second until the process ends. For a process that is a server and nothing else. */
export function giveBackWhenIdle(): void {
  const decide = idleRule();
  let last = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    const { total_heap_size, used_heap_size } = getHeapStatistics();
    if (decide({ busy: utilization, total: total_heap_size, used: used_heap_size })) void giveBack();
  }, LOOK_MS).unref();
}

let session: Promise<Session | undefined> | undefined;

/**
 * The only way from within to V8's LowMemoryNotification, which shrinks the young generation too; done when that is over. A Node without an inspector keeps its
 * memory. The session stays: to end it in the callback of the collection waits for a lock that the collection still holds, for ever.
 */
export async function giveBack(): Promise<void> {
  session ??= import("node:inspector").then(
    (inspector) => {
      const opened = new inspector.Session();
      opened.connect();
      return opened;
    },
    () => undefined,
  );
  const opened = await session;
  if (opened) await new Promise<void>((resolve) => opened.post("HeapProfiler.collectGarbage", () => resolve()));
}
