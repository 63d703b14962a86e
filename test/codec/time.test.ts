import { describe, expect, it } from "vitest";
import { canonicalMicroTime, canonicalTime, formatDuration, formatMicroTime, formatTime, parseDuration } from "../../kinds/time.js";

describe("#3.1 times", () => {
  it.each([
    ["2024-02-29T12:30:00Z", "2024-02-29T12:30:00Z"],
    ["2024-01-01T01:00:00.999+01:00", "2024-01-01T00:00:00Z"],
    ["0001-01-01T00:00:00Z", null],
  ])("Time %s → %s", (text, out) => expect(canonicalTime(text)).toBe(out));

  it.each([
    ["yesterday", 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'],
    ["2024-13-01T00:00:00Z", 'parsing time "2024-13-01T00:00:00Z": month out of range'],
    ["2023-02-29T00:00:00Z", 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ["2024-01-01", 'parsing time "2024-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ["2024-01-01T00:00:00Zz", 'parsing time "2024-01-01T00:00:00Zz": extra text: "z"'],
  ])("Time refuses %s", (text, message) => expect(() => canonicalTime(text)).toThrow(message));

  it("MicroTime has six digits, no more and no fewer", () => {
    expect(canonicalMicroTime("2024-01-01T00:00:00.123456+00:00")).toBe("2024-01-01T00:00:00.123456Z");
    expect(() => canonicalMicroTime("2024-01-01T00:00:00Z")).toThrow('cannot parse "Z" as ".000000"');
  });

  it("formats milliseconds", () => {
    expect(formatTime(1_700_000_000_999)).toBe("2023-11-14T22:13:20Z");
    expect(formatMicroTime(1_700_000_000_999)).toBe("2023-11-14T22:13:20.999000Z");
  });

  it("reads and writes durations as Go does", () => {
    expect([0, 1500, 3_600_000, 61_000, 250].map(formatDuration)).toEqual(["0s", "1.5s", "1h0m0s", "1m1s", "250ms"]);
    expect(parseDuration("1h30m")).toBe(5_400_000);
    expect(() => parseDuration("5")).toThrow('time: missing unit in duration "5"');
    expect(() => parseDuration("5x")).toThrow('time: unknown unit "x" in duration "5x"');
  });
});
