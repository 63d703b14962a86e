import { parseDuration, TimeError } from "../kinds/time.js";
import { badRequest } from "../server/errors.js";
import { type ControlRoutes, required } from "../server/http/control.js";
import type { ManualTime } from "./time.js";
import type { Why } from "./why.js";

/** Go's text of a duration that is not negative, in whole milliseconds. 400 for any other. */
function duration(text: string): number {
  try {
    const ms = parseDuration(text);
    if (ms < 0) throw badRequest(`time does not go back: ${text}`);
    return Math.round(ms);
  } catch (error) {
    if (error instanceof TimeError) throw badRequest(error.message);
    throw error;
  }
}

/** The routes below `/mockube/` of one cluster. `time` is undefined where the clock is the machine's. */
export function controlRoutes(now: () => number, time: ManualTime | undefined, why: Why): ControlRoutes {
  const manual = (): ManualTime => {
    if (!time) throw badRequest("the clock of this cluster is the machine's: start it with --clock manual to move it");
    return time;
  };
  const stand = (more: object = {}): object => ({ now: new Date(now()).toISOString(), clock: time ? "manual" : "real", ...more });
  return {
    "GET clock": () => stand(),
    "POST clock/advance": async (query) => {
      await manual().advance(duration(required(query, "by")));
      return stand();
    },
    "POST clock/settle": async (query) => {
      const within = query.get("within");
      return stand(await manual().settle(within ? duration(within) : undefined));
    },
    "GET why": (query) => why(required(query, "object"), { namespace: query.get("namespace") || undefined }),
  };
}
