/** Event of events.k8s.io/v1 and the Event of core/v1 it is stored as. Source: pkg/apis/events/v1/conversion.go. */
import type { KubeObject } from "../../object.js";

/** events.k8s.io name → core name; everything else is called the same. */
const NAMES: readonly (readonly [string, string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
  ["reportingController", "reportingComponent"],
];

function rename(object: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const out: KubeObject = { metadata: object.metadata };
  for (const [field, value] of Object.entries(object)) out[names.get(field) ?? field] = value;
  if (object.apiVersion !== undefined) out.apiVersion = apiVersion;
  return out;
}

const TO_CORE = new Map(NAMES);
const FROM_CORE = new Map(NAMES.map(([a, b]): [string, string] => [b, a]));

/** A new object that shares its parts with the one given. */
export const eventToCore = (object: KubeObject): KubeObject => rename(object, TO_CORE, "v1");
export const eventFromCore = (object: KubeObject): KubeObject => rename(object, FROM_CORE, "events.k8s.io/v1");
