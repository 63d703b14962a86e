/**
 * Times and durations in Go's text forms: metav1.Time (RFC 3339, whole seconds, UTC), metav1.MicroTime (six digits) and metav1.Duration.
 * Error texts are those of Go's time package.
 */

/** A text that is no time or duration; the message is Go's. */
export class TimeError extends Error {
  override name = "TimeError";
}

const RFC3339 = "2006-01-02T15:04:05Z07:00";
const RFC3339_MICRO = "2006-01-02T15:04:05.000000Z07:00";

/** A point in time: milliseconds since the epoch of the whole second, and the nanoseconds within it. */
interface Instant {
  readonly millis: number;
  readonly nanos: number;
}

function quoted(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text)) {
    if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte >= 0x80) out += `\\x${byte.toString(16).padStart(2, "0")}`;
    else out += String.fromCharCode(byte);
  }
  return `${out}"`;
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

/** Parses by layout as Go's time.Parse does, piece by piece, so that the error names the piece that failed. */
function parseInstant(text: string, layout: string): Instant {
  let rest = text;
  const fail = (element: string, at: string): TimeError =>
    new TimeError(`parsing time ${quoted(text)} as ${quoted(layout)}: cannot parse ${quoted(at)} as ${quoted(element)}`);
  const range = (what: string): TimeError => new TimeError(`parsing time ${quoted(text)}: ${what} out of range`);
  const digits = (element: string, count: number, atLeast = count): number => {
    let n = 0;
    while (n < count && rest[n] >= "0" && rest[n] <= "9") n++;
    if (n < atLeast) throw fail(element, rest);
    const value = Number(rest.slice(0, n));
    rest = rest.slice(n);
    return value;
  };
  const literal = (element: string): void => {
    if (!rest.startsWith(element)) throw fail(element, rest);
    rest = rest.slice(1);
  };

  const year = digits("2006", 4);
  literal("-");
  const month = digits("01", 2);
  if (month < 1 || month > 12) throw range("month");
  literal("-");
  const day = digits("02", 2);
  literal("T");
  const hour = digits("15", 2, 1);
  if (hour > 23) throw range("hour");
  literal(":");
  const minute = digits("04", 2);
  if (minute > 59) throw range("minute");
  literal(":");
  const second = digits("05", 2);
  if (second > 59) throw range("second");
  let nanos = 0;
  if (layout === RFC3339_MICRO) {
    if (rest.length < 7 || !/^[.,]\d{6}/.test(rest)) throw fail(".000000", rest);
    nanos = Number(rest.slice(1, 7)) * 1000;
    rest = rest.slice(7);
  } else {
    // A fraction is accepted where the layout has none.
    const fraction = /^[.,](\d+)/.exec(rest);
    if (fraction) {
      nanos = Number(fraction[1].slice(0, 9).padEnd(9, "0"));
      rest = rest.slice(fraction[0].length);
    }
  }
  let offset = 0;
  if (rest.startsWith("Z")) rest = rest.slice(1);
  else {
    const zone = /^([-+])(\d\d):(\d\d)/.exec(rest);
    if (!zone) throw fail("Z07:00", rest);
    if (Number(zone[2]) > 24) throw range("time zone offset hour");
    if (Number(zone[3]) > 60) throw range("time zone offset minute");
    offset = (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === "-" ? -1 : 1);
    rest = rest.slice(6);
  }
  if (rest) throw new TimeError(`parsing time ${quoted(text)}: extra text: ${quoted(rest)}`);
  if (day < 1 || day > daysIn(year, month)) throw range("day");
  // Date.UTC takes years below 100 for the twentieth century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return { millis: date.getTime() - offset * 60_000, nanos };
}

const ZERO = new Date("0001-01-01T00:00:00Z").getTime();
const seconds = (millis: number): string => new Date(millis).toISOString().slice(0, 19);

const PLAIN = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

// the last one that was as it is written again: the times in one object, and in those written with it, are mostly the same
let plain = "";

/** metav1.Time as it is written again: UTC, whole seconds. null for Go's zero time. Throws TimeError. */
export function canonicalTime(text: string): string | null {
  if (text === plain) return text;
  if (PLAIN.test(text) && !text.startsWith("0")) {
    plain = text;
    return text;
  }
  const { millis, nanos } = parseInstant(text, RFC3339);
  return millis === ZERO && nanos === 0 ? null : `${seconds(millis)}Z`;
}

/** metav1.MicroTime as it is written again: UTC, six digits. null for Go's zero time. Throws TimeError. */
export function canonicalMicroTime(text: string): string | null {
  const { millis, nanos } = parseInstant(text, RFC3339_MICRO);
  if (millis === ZERO && nanos === 0) return null;
  return `${seconds(millis)}.${String(Math.trunc(nanos / 1000)).padStart(6, "0")}Z`;
}

/** Milliseconds since the epoch → metav1.Time. */
export const formatTime = (millis: number): string => `${seconds(millis)}Z`;

/** Milliseconds since the epoch, fractions included → metav1.MicroTime. */
export function formatMicroTime(millis: number): string {
  const whole = Math.floor(millis / 1000) * 1000;
  const micros = Math.floor((millis - whole) * 1000);
  return `${seconds(whole)}.${String(micros).padStart(6, "0")}Z`;
}

/** metav1.Time or MicroTime → milliseconds since the epoch (NaN for what is no time). */
export const parseTime = (text: string): number => Date.parse(text);

const UNIT_NANOS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's time.ParseDuration, in milliseconds. Throws TimeError. */
export function parseDuration(text: string): number {
  const bad = (): TimeError => new TimeError(`time: invalid duration ${quoted(text)}`);
  let rest = text.replace(/^[-+]/, "");
  const sign = text.startsWith("-") ? -1 : 1;
  if (rest === "0") return 0;
  if (rest === "") throw bad();
  let nanos = 0;
  while (rest) {
    const number = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest);
    if (!number) throw bad();
    rest = rest.slice(number[0].length);
    const unit = (/^[^\d.]+/.exec(rest) ?? [""])[0];
    if (!unit) throw new TimeError(`time: missing unit in duration ${quoted(text)}`);
    if (!Object.hasOwn(UNIT_NANOS, unit)) throw new TimeError(`time: unknown unit ${quoted(unit)} in duration ${quoted(text)}`);
    nanos += Number(number[0]) * UNIT_NANOS[unit];
    rest = rest.slice(unit.length);
  }
  return (sign * nanos) / 1e6;
}

/** Go's Duration.String of milliseconds: `1h0m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(millis: number): string {
  const sign = millis < 0 ? "-" : "";
  const n = Math.abs(millis);
  if (n === 0) return "0s";
  if (n < 1e-3) return `${sign}${Math.round(n * 1e6)}ns`;
  if (n < 1) return `${sign}${trim(n * 1e3)}µs`;
  if (n < 1000) return `${sign}${trim(n)}ms`;
  const hours = Math.floor(n / 3_600_000);
  const minutes = Math.floor((n % 3_600_000) / 60_000);
  const rest = `${trim((n % 60_000) / 1000)}s`;
  return sign + (hours ? `${hours}h${minutes}m${rest}` : minutes ? `${minutes}m${rest}` : rest);
}

const trim = (n: number): string => String(Number(n.toFixed(9)));
