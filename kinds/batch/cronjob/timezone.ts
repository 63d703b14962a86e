/** Time zones by IANA name, out of the platform's own database. */

/** A place's clock. Times are milliseconds since the epoch. */
export interface Zone {
  /** What the place's clock is ahead of UTC at that time. */
  offset(at: number): number;
}

export const UTC: Zone = { offset: () => 0 };

/** A name that no zone has; the message is Go's. */
export class ZoneError extends Error {}

/**
 * time.LoadLocation. Go finds zones as files, so case counts, where the platform's database takes any: a name in another case than the database's own is unknown.
 * Of an alias (`US/Pacific`) only the real name is known; the parts of such names begin with a capital and go on in small letters. Offsets (`+01:00`) name no file. Throws ZoneError.
 */
export function loadLocation(name: string): Zone {
  const known = loaded.get(name);
  if (known) return known;
  const zone = load(name);
  loaded.set(name, zone);
  return zone;
}

/** Formats are dear. There are only so many zones, and they are the same for every cluster. */
const loaded = new Map<string, Zone>();

function load(name: string): Zone {
  if (name === "" || name === "UTC" || name === "Local") return UTC;
  if (name.includes("..") || name.startsWith("/") || name.includes("\\")) throw new ZoneError("time: invalid location name");
  const unknown = new ZoneError(`unknown time zone ${name}`);
  if (!/^[A-Z]/.test(name)) throw unknown;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw unknown;
  }
  const canonical = format.resolvedOptions().timeZone;
  if (canonical.toLowerCase() === name.toLowerCase() && canonical !== name) throw unknown;
  if (name.split("/").some((part, i) => !/^[A-Z0-9+-]/.test(part) || (i > 0 && /^[A-Z_]{4,}$/.test(part)))) throw unknown;
  return {
    offset(at) {
      const parts: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
    },
  };
}

/** The moment at which the place's clock shows `local` (read as if it were UTC). A time that is skipped or comes twice is read as Go's time.Date reads it. */
export function fromLocal(zone: Zone, local: number): number {
  const first = zone.offset(local);
  const at = local - first;
  const second = zone.offset(at);
  return second === first ? at : local - second;
}
