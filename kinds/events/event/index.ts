/** Event of events.k8s.io/v1: another view of the stored core/v1 Events, with stricter rules. Sources: pkg/registry/core/event, pkg/apis/core/validation/events.go. */
import { EVENT_FIELDS, event, eventPrinter } from "../../core/event/index.js";
import { validateLegacyEvent } from "../../core/event/validate.js";
import { type FieldError, invalid, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { semanticEqual } from "../../validation/equality.js";
import { validateImmutableField, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { nameIsDNSSubdomain, nameIsPathSegment } from "../../validation/names.js";
import { eventFromCore, eventToCore } from "./convert.js";

function validateSeries(core: KubeObject): FieldError[] {
  if (!core.series) return [];
  return [
    ...((core.series.count ?? 0) < 2 ? [invalid("series.count", "", "should be at least 2")] : []),
    ...(core.series.lastObservedTime ? [] : [required("series.lastObservedTime")]),
  ];
}

/** Fields are judged under their core names: upstream validates the internal object. */
function validate(object: KubeObject): FieldError[] {
  const core = eventToCore(object);
  const unset = (field: string, given: boolean): FieldError[] => (given ? [invalid(field, "", "needs to be unset")] : []);
  return [
    ...validateLegacyEvent(core, "reportingController"),
    ...validateKubeObjectMeta(core.metadata, true, nameIsDNSSubdomain),
    ...validateSeries(core),
    ...(core.eventTime ? [] : [required("eventTime")]),
    ...(core.type === "Normal" || core.type === "Warning" ? [] : [invalid("type", "", `has invalid value: ${core.type ?? ""}`)]),
    ...unset("firstTimestamp", Boolean(core.firstTimestamp)),
    ...unset("lastTimestamp", Boolean(core.lastTimestamp)),
    ...unset("count", Boolean(core.count)),
    ...unset("source", Boolean(core.source?.component || core.source?.host)),
  ];
}

const TEXT = ["message", "reason", "type", "action", "reportingComponent", "reportingInstance"];
/** In upstream's order, `reason` twice. */
const FIXED: readonly (readonly [field: string, shown?: string])[] = [
  ["involvedObject"],
  ["reason"],
  ["message"],
  ["source"],
  ["firstTimestamp"],
  ["lastTimestamp"],
  ["count"],
  ["reason"],
  ["type"],
  ["eventTime"],
  ["action"],
  ["related"],
  ["reportingComponent", "reportingController"],
  ["reportingInstance"],
];

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const core = eventToCore(object);
  const before = eventToCore(old);
  const of = (o: KubeObject, field: string): unknown =>
    o[field] ?? (TEXT.includes(field) ? "" : field === "count" ? 0 : field === "source" || field === "involvedObject" ? {} : undefined);
  return [
    ...validateLegacyEvent(core, "reportingController"),
    ...validateKubeObjectMetaUpdate(core.metadata, before.metadata),
    ...(semanticEqual(core.series, before.series) ? [] : validateSeries(core)),
    ...FIXED.flatMap(([field, shown = field]) => validateImmutableField(of(core, field), of(before, field), shown)),
  ];
}

/** Field selectors under their names in this group. */
const selectable = Object.fromEntries(
  Object.entries(EVENT_FIELDS ?? {})
    .filter(([path]) => path !== "source")
    .map(([path, get]) => [
      path.replace("involvedObject.", "regarding.").replace("reportingComponent", "reportingController"),
      (o: KubeObject) => get(eventToCore(o)),
    ]),
);

/** Its rules differ from those of core/v1, so its hooks are its own. */
export const eventsEvent: Kind = {
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  resource: "events",
  singular: "event",
  shortNames: ["ev"],
  namespaced: true,
  schema: "io.k8s.api.events.v1.Event",
  storedAs: { kind: event, toStored: eventToCore, fromStored: eventFromCore },
  validateName: nameIsPathSegment,
  validate,
  validateUpdate,
  allowCreateOnUpdate: true,
  uncached: true,
  selectable,
  printer: eventPrinter && { columns: eventPrinter.columns, row: (object, ctx) => eventPrinter.row(eventToCore(object), ctx) },
};
