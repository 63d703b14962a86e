/** Event of core/v1. Sources: pkg/registry/core/event, pkg/apis/core/validation/events.go. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { printer, translateTimestampSince } from "../../printing.js";
import { nameIsPathSegment } from "../../validation/names.js";
import { EVENT_COLUMNS } from "./printer.js";
import { validateLegacyEvent } from "./validate.js";

const involved =
  (field: string) =>
  (o: KubeObject): string =>
    o.involvedObject?.[field] ?? "";

/** Field selectors of Events, alike in both groups. `source` falls back to the reporter of new-style events. */
export const EVENT_FIELDS: Kind["selectable"] = {
  "involvedObject.kind": involved("kind"),
  "involvedObject.namespace": involved("namespace"),
  "involvedObject.name": involved("name"),
  "involvedObject.uid": involved("uid"),
  "involvedObject.apiVersion": involved("apiVersion"),
  "involvedObject.resourceVersion": involved("resourceVersion"),
  "involvedObject.fieldPath": involved("fieldPath"),
  reason: (o) => o.reason ?? "",
  reportingComponent: (o) => o.reportingComponent ?? "",
  source: (o) => o.source?.component || (o.reportingComponent ?? ""),
  type: (o) => o.type ?? "",
};

/** Source: pkg/printers/internalversion printEvent. */
export const eventPrinter = printer(EVENT_COLUMNS, (o, ctx) => {
  const since = (time: string | null | undefined): string => translateTimestampSince(ctx.now, time);
  const first = since(o.firstTimestamp || o.eventTime);
  const last = o.series ? since(o.series.lastObservedTime) : o.lastTimestamp ? since(o.lastTimestamp) : first;
  const count: number = o.series ? (o.series.count ?? 0) : o.count || 1;
  const kind = String(o.involvedObject?.kind ?? "").toLowerCase();
  const component = o.source?.component || (o.reportingComponent ?? "");
  const host = o.source?.host || (o.reportingInstance ?? "");
  return [
    last,
    o.type ?? "",
    o.reason ?? "",
    o.involvedObject?.name ? `${kind}/${o.involvedObject.name}` : kind,
    o.involvedObject?.fieldPath ?? "",
    host ? `${component}, ${host}` : component,
    String(o.message ?? "").trim(),
    first,
    count,
    o.metadata.name ?? "",
  ];
});

export const event: Kind = {
  group: "",
  version: "v1",
  kind: "Event",
  resource: "events",
  singular: "event",
  shortNames: ["ev"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.Event",
  // The strategy itself judges no metadata: names only have to survive in a path.
  validateName: nameIsPathSegment,
  validate: (object) => validateLegacyEvent(object, "reportingComponent"),
  validateUpdate: (object) => validateLegacyEvent(object, "reportingComponent"),
  allowCreateOnUpdate: true,
  uncached: true,
  selectable: EVENT_FIELDS,
  printer: eventPrinter,
};
