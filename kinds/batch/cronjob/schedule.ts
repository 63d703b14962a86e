/**
 * Cron schedules as Kubernetes reads them: five fields or a descriptor. What is accepted, what is said of the rest and which moments a schedule names (daylight
 * saving included) are robfig/cron's, which no library of this platform shares. Source: github.com/robfig/cron/v3 parser.go, spec.go.
 */
import { quote } from "../../field.js";
import { parseDuration, TimeError } from "../../time.js";
import { fromLocal, loadLocation, UTC, type Zone, ZoneError } from "./timezone.js";

/** A text that is no schedule; the message is upstream's. */
export class ScheduleError extends Error {}

/** When a schedule fires. */
export interface Schedule {
  /** The first moment after `at` (milliseconds since the epoch), undefined when there is none within five years. */
  next(at: number): number | undefined;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MINUTES: Bounds = { min: 0, max: 59 };
const HOURS: Bounds = { min: 0, max: 23 };
const DAYS: Bounds = { min: 1, max: 31 };
const MONTHS: Bounds = { min: 1, max: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] };
const WEEKDAYS: Bounds = { min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/** The values a field names; `star` when it names all of them as "*" or "?" does. */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly star: boolean;
}

function toNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
  const n = BigInt(text);
  if (n >= 2n ** 63n || n < -(2n ** 63n)) throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: value out of range`);
  if (n < 0n) throw new ScheduleError(`negative number (${n}) not allowed: ${text}`);
  return Number(n);
}

function numberOrName(text: string, { names, min }: Bounds): number {
  const at = names?.indexOf(text.toLowerCase()) ?? -1;
  return at < 0 ? toNumber(text) : at + min;
}

/** `*`, `?`, `n`, `n-m`, each with `/step`. */
function parseRange(text: string, bounds: Bounds, values: Set<number>): boolean {
  const [range = "", ...steps] = text.split("/");
  const [low = "", ...highs] = range.split("-");
  let star = low === "*" || low === "?";
  let [start, end, step] = [bounds.min, bounds.max, 1];
  if (!star) {
    start = numberOrName(low, bounds);
    if (highs.length > 1) throw new ScheduleError(`too many hyphens: ${text}`);
    end = highs.length === 1 ? numberOrName(highs[0] as string, bounds) : start;
  }
  if (steps.length > 1) throw new ScheduleError(`too many slashes: ${text}`);
  if (steps.length === 1) {
    step = toNumber(steps[0] as string);
    // n/step goes on to the end
    if (highs.length === 0) end = bounds.max;
    if (step > 1) star = false;
  }
  if (start < bounds.min) throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
  for (let n = start; n <= end; n += step) values.add(n);
  return star;
}

function parseField(text: string, bounds: Bounds): Field {
  const values = new Set<number>();
  let star = false;
  for (const range of text.split(",")) if (range !== "") star = parseRange(range, bounds, values) || star;
  return { values, star };
}

interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const EVERY = "@every ";

/** Parses a schedule; without a zone of its own it is read in `zone`. Throws ScheduleError. */
export function parseSchedule(text: string, zone: Zone = UTC): Schedule {
  if (text === "") throw new ScheduleError("empty spec string");
  let spec = text;
  let place = zone;
  if (/^(?:CRON_)?TZ=/.test(text)) {
    const space = text.indexOf(" ");
    // upstream cuts the text up to a blank that is not there, and reports how that failed
    if (space < 0) throw new ScheduleError("invalid schedule format: runtime error: slice bounds out of range [:-1]");
    const name = text.slice(text.indexOf("=") + 1, space);
    try {
      place = loadLocation(name);
    } catch (error) {
      throw error instanceof ZoneError ? new ScheduleError(`provided bad location ${name}: ${error.message}`) : error;
    }
    spec = text.slice(space).trim();
  }
  if (spec.startsWith(EVERY)) return every(spec);
  if (spec.startsWith("@")) {
    const fields = Object.hasOwn(DESCRIPTORS, spec) ? DESCRIPTORS[spec] : undefined;
    if (fields === undefined) throw new ScheduleError(`unrecognized descriptor: ${spec}`);
    spec = fields;
  }
  const texts = spec.split(/\s+/).filter((field) => field !== "");
  if (texts.length !== 5) throw new ScheduleError(`expected exactly 5 fields, found ${texts.length}: [${texts.join(" ")}]`);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = texts;
  const fields: Fields = {
    minute: parseField(minute, MINUTES),
    hour: parseField(hour, HOURS),
    day: parseField(day, DAYS),
    month: parseField(month, MONTHS),
    weekday: parseField(weekday, WEEKDAYS),
  };
  return { next: (at) => nextOf(fields, place, at) };
}

/** A constant delay: whole seconds, one at least, counted from the second that has begun. */
function every(descriptor: string): Schedule {
  let delay: number;
  try {
    delay = Math.max(Math.trunc(parseDuration(descriptor.slice(EVERY.length)) / 1000) * 1000, 1000);
  } catch (error) {
    throw error instanceof TimeError ? new ScheduleError(`failed to parse duration ${descriptor}: ${error.message}`) : error;
  }
  return { next: (at) => Math.floor(at / 1000) * 1000 + delay };
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;

/** Both day fields must match where one is a star, either of them where neither is. */
function dayMatches({ day, weekday }: Fields, local: Date): boolean {
  const [a, b] = [day.values.has(local.getUTCDate()), weekday.values.has(local.getUTCDay())];
  return day.star || weekday.star ? a && b : a || b;
}

/**
 * Walks from field to field, the largest first, as upstream does: what a clock change skips or repeats comes out as it does there. `shown` is the place's clock
 * as a Date whose UTC fields it shows.
 */
function nextOf(fields: Fields, zone: Zone, from: number): number | undefined {
  const shown = (at: number): Date => new Date(at + zone.offset(at));
  let at = Math.floor(from / 1000) * 1000 + 1000;
  // the smaller fields start over once a larger one has moved
  let moved = false;
  const limit = shown(at).getUTCFullYear() + 5;
  search: for (;;) {
    let local = shown(at);
    if (local.getUTCFullYear() > limit) return undefined;
    while (!fields.month.values.has(local.getUTCMonth() + 1)) {
      if (!moved) at = fromLocal(zone, Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1));
      moved = true;
      local = shown(at);
      at = fromLocal(zone, Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()) + (local.getTime() % DAY));
      local = shown(at);
      if (local.getUTCMonth() === 0) continue search;
    }
    while (!dayMatches(fields, local)) {
      if (!moved) at = fromLocal(zone, local.getTime() - (local.getTime() % DAY));
      moved = true;
      at = fromLocal(zone, shown(at).getTime() + DAY);
      // where midnight does not exist
      const hour = shown(at).getUTCHours();
      if (hour !== 0) at += hour > 12 ? (24 - hour) * HOUR : -hour * HOUR;
      local = shown(at);
      if (local.getUTCDate() === 1) continue search;
    }
    while (!fields.hour.values.has(local.getUTCHours())) {
      if (!moved) at = fromLocal(zone, local.getTime() - (local.getTime() % HOUR));
      moved = true;
      at += HOUR;
      local = shown(at);
      if (local.getUTCHours() === 0) continue search;
    }
    while (!fields.minute.values.has(local.getUTCMinutes())) {
      if (!moved) at -= at % MINUTE;
      moved = true;
      at += MINUTE;
      local = shown(at);
      if (local.getUTCMinutes() === 0) continue search;
    }
    // seconds are not part of these schedules: always 0
    const second = local.getUTCSeconds();
    if (second === 0) return at;
    moved = true;
    at += (60 - second) * 1000;
  }
}
