import { describe, expect, it } from "vitest";
import { cronJob } from "../../../kinds/batch/cronjob/index.js";
import { parseSchedule } from "../../../kinds/batch/cronjob/schedule.js";
import { loadLocation } from "../../../kinds/batch/cronjob/timezone.js";
import type { KubeObject } from "../../../kinds/object.js";

const CTX = { now: Date.parse("2026-03-01T12:00:00Z"), user: "tester" };
const template = { spec: { restartPolicy: "OnFailure", containers: [{ name: "c", image: "i:1" }] } };

function created(spec: object = {}, metadata: object = {}): KubeObject {
  const object: KubeObject = structuredClone({
    metadata: { name: "cj", namespace: "shop", uid: "u1", resourceVersion: "1", ...metadata },
    spec: { schedule: "@daily", jobTemplate: { spec: { template } }, ...spec },
  });
  cronJob.defaults?.(object);
  cronJob.prepareForCreate?.(object, CTX);
  return object;
}
const texts = (errors: readonly { field: string; message: string }[] = []): string[] => errors.map((e) => `${e.field}: ${e.message}`);
const createErrors = (spec: object, metadata: object = {}): string[] => texts(cronJob.validate?.(created(spec, metadata)));
function updated(old: KubeObject, spec: object): { errors: string[]; warnings: string[]; moved: boolean } {
  const object = structuredClone(old);
  Object.assign(object.spec, spec);
  cronJob.defaults?.(object);
  cronJob.prepareForUpdate?.(object, old, CTX);
  const moved = typeof cronJob.generation === "function" && cronJob.generation(object, old);
  return { errors: texts(cronJob.validateUpdate?.(object, old)), warnings: cronJob.warnings?.(object, old) ?? [], moved };
}

describe("#4.1 cronjob: schedules that are none", () => {
  it.each([
    ["often", "expected exactly 5 fields, found 1: [often]"],
    ["  ", "expected exactly 5 fields, found 0: []"],
    ["* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["* * * 13 *", "end of range (13) above maximum (12): 13"],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["1/2/3 * * * *", "too many slashes: 1/2/3"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ["* * * january *", 'failed to parse int from january: strconv.Atoi: parsing "january": invalid syntax'],
    ["99999999999999999999 * * * *", 'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range'],
    ["-5 * * * *", 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ["@often", "unrecognized descriptor: @often"],
    ["@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ])("%s", (schedule, message) => {
    expect(createErrors({ schedule })).toEqual([`spec.schedule: Invalid value: ${JSON.stringify(schedule)}: ${message}`]);
  });
  it("TZ in a schedule", () => {
    const forbidden = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
    expect(createErrors({ schedule: "CRON_TZ=UTC 0 0 * * *" })).toEqual([`spec.schedule: Invalid value: "CRON_TZ=UTC 0 0 * * *": ${forbidden}`]);
    expect(createErrors({ schedule: "TZ=Nowhere 0 0 * * *" })).toEqual([
      'spec.schedule: Invalid value: "TZ=Nowhere 0 0 * * *": provided bad location Nowhere: unknown time zone Nowhere',
      `spec.schedule: Invalid value: "TZ=Nowhere 0 0 * * *": ${forbidden}`,
    ]);
    expect(createErrors({ schedule: "TZ=0" })[0]).toBe(
      'spec.schedule: Invalid value: "TZ=0": invalid schedule format: runtime error: slice bounds out of range [:-1]',
    );
  });
});

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString().replace(".000", ""));
function times(schedule: string, from: string, count: number, zone = "UTC"): (string | undefined)[] {
  const parsed = parseSchedule(schedule, loadLocation(zone));
  const out: (number | undefined)[] = [at(from)];
  while (out.length <= count) out.push(parsed.next(out.at(-1) as number));
  return out.slice(1).map(iso);
}

describe("#4.1 cronjob: when schedules fire", () => {
  it.each<[string, string, string[]]>([
    ["*/15 * * * *", "2026-01-01T00:00:00Z", ["2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"]],
    ["0 0 * * *", "2026-01-01T00:00:00.500Z", ["2026-01-02T00:00:00Z"]],
    ["30 8-9 * * mon-fri", "2026-01-02T09:00:00Z", ["2026-01-02T09:30:00Z", "2026-01-05T08:30:00Z"]],
    ["0 12 1,15 * *", "2026-01-10T00:00:00Z", ["2026-01-15T12:00:00Z", "2026-02-01T12:00:00Z"]],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00Z"]],
    ["0 0 13 * fri", "2026-01-01T00:00:00Z", ["2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z"]],
    ["10/20 * * * *", "2026-01-01T00:00:00Z", ["2026-01-01T00:10:00Z", "2026-01-01T00:30:00Z", "2026-01-01T00:50:00Z", "2026-01-01T01:10:00Z"]],
    ["0 0 1 DEC ?", "2026-01-01T00:00:00Z", ["2026-12-01T00:00:00Z"]],
    ["@weekly", "2026-01-01T00:00:00Z", ["2026-01-04T00:00:00Z"]],
    ["@hourly", "2026-01-01T00:00:01Z", ["2026-01-01T01:00:00Z"]],
    ["@every 90s", "2026-01-01T00:00:00Z", ["2026-01-01T00:01:30Z", "2026-01-01T00:03:00Z"]],
    ["@every 1ms", "2026-01-01T00:00:00Z", ["2026-01-01T00:00:01Z"]],
  ])("%s", (schedule, from, want) => expect(times(schedule, from, want.length)).toEqual(want));
  it("never, where no day is such", () => {
    expect(parseSchedule("0 0 31 2 *").next(at("2026-01-01T00:00:00Z"))).toBeUndefined();
    expect(parseSchedule(", * * * *").next(at("2026-01-01T00:00:00Z"))).toBeUndefined();
  });
  it("in a place's own time", () => {
    expect(times("0 9 * * *", "2026-01-01T00:00:00Z", 1, "America/New_York")).toEqual(["2026-01-01T14:00:00Z"]);
    expect(times("0 9 * * *", "2026-07-01T00:00:00Z", 1, "Asia/Kolkata")).toEqual(["2026-07-01T03:30:00Z"]);
    expect(iso(parseSchedule("TZ=Asia/Tokyo 0 9 * * *").next(at("2026-01-01T12:00:00Z")))).toBe("2026-01-02T00:00:00Z");
  });
  it("an hour that is skipped is skipped, one that comes twice counts twice by the hour and once by the day", () => {
    expect(times("30 2 * * *", "2026-03-07T12:00:00Z", 1, "America/New_York")).toEqual(["2026-03-09T06:30:00Z"]);
    expect(times("0 * * * *", "2026-03-08T06:00:00Z", 2, "America/New_York")).toEqual(["2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"]);
    expect(times("30 1 * * *", "2026-11-01T04:00:00Z", 2, "America/New_York")).toEqual(["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]);
  });
});

describe("#4.1 cronjob: time zones", () => {
  it.each(["UTC", "Etc/UTC", "Etc/UCT", "Zulu", "EST5EDT", "America/Port-au-Prince", "Europe/Berlin", "US/Pacific", "Etc/GMT+5", "GMT"])(
    "%s is one",
    (timeZone) => expect(createErrors({ timeZone })).toEqual([]),
  );
  it.each(["europe/berlin", "EUROPE/BERLIN", "US/PACIFIC", "Utc", "Europe/Atlantis", "+01:00", "Europe//Berlin", "../x", "-x", "Europe/AVeryLongCityName"])(
    "%s is none",
    (timeZone) => {
      expect(createErrors({ timeZone })).toEqual([`spec.timeZone: Invalid value: "${timeZone}": unknown time zone ${timeZone}`]);
    },
  );
  it("the machine's own is none either", () => {
    const explicit = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    expect(createErrors({ timeZone: "Local" })).toEqual([`spec.timeZone: Invalid value: "Local": ${explicit}`]);
    expect(createErrors({ timeZone: "local" })).toEqual([
      `spec.timeZone: Invalid value: "local": ${explicit}`,
      'spec.timeZone: Invalid value: "local": unknown time zone local',
    ]);
  });
});

describe("#4.1 cronjob: the rest", () => {
  it("defaults; the job's own come with the job", () => {
    const { spec } = created();
    expect(spec).toMatchObject({ concurrencyPolicy: "Allow", suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
    expect(Object.keys(spec.jobTemplate.spec)).toEqual(["template"]);
    expect(spec.jobTemplate.spec.template.spec.dnsPolicy).toBe("ClusterFirst");
  });
  it.each<[string, object, string[]]>([
    ["empty schedule", { schedule: "" }, ["spec.schedule: Required value"]],
    ["policy", { concurrencyPolicy: "Maybe" }, ['spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"']],
    [
      "numbers",
      { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
      ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"].map(
        (f) => `spec.${f}: Invalid value: -1: must be greater than or equal to 0`,
      ),
    ],
    [
      "selector",
      { jobTemplate: { spec: { template, selector: { matchLabels: { a: "b" } }, manualSelector: true } } },
      [
        'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    ],
  ])("%s", (_, spec, want) => expect(createErrors(spec)).toEqual(want));
  it("names leave room for the time", () => {
    const name = "c".repeat(53);
    expect(createErrors({}, { name })).toEqual([`metadata.name: Invalid value: "${name}": must be no more than 52 characters`]);
    const old = created({}, { name });
    expect(updated(old, { suspend: true }).errors).toEqual([]);
  });
  it("a zone in the schedule stays where it is stored, with a warning", () => {
    const old = created();
    old.spec.schedule = "CRON_TZ=UTC 0 0 * * *";
    const { errors, warnings } = updated(old, { schedule: "CRON_TZ=UTC 0 1 * * *" });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details",
    ]);
    expect(updated(old, { timeZone: "UTC" }).errors).toEqual([
      'spec.schedule: Invalid value: "CRON_TZ=UTC 0 0 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
    ]);
  });
  it("a zone that was taken once stays good until it is changed", () => {
    const old = created();
    old.spec.timeZone = "Gone/Away";
    expect(updated(old, { suspend: true }).errors).toEqual([]);
    expect(updated(old, { timeZone: "Gone/Off" }).errors).toHaveLength(1);
  });
  it.each<[string, object, boolean]>([
    ["nothing", {}, false],
    ["suspend", { suspend: true }, true],
    ["template", { jobTemplate: { metadata: { labels: { a: "b" } }, spec: { template } } }, true],
    ["empty labels", { jobTemplate: { metadata: { labels: {} }, spec: { template } } }, false],
  ])("generation: %s", (_, spec, moved) => expect(updated(created(), spec).moved).toBe(moved));
  it("columns", () => {
    const object = { ...created({ timeZone: "UTC" }), status: { active: [{}, {}], lastScheduleTime: "2026-03-01T11:59:00Z" } };
    expect(cronJob.printer?.row(object, CTX).cells.slice(1, 6)).toEqual(["@daily", "UTC", "False", 2, "60s"]);
    expect(cronJob.printer?.row(created(), CTX).cells.slice(2)).toEqual(["<none>", "False", 0, "<none>", "<unknown>", "c", "i:1", "<none>"]);
  });
});
