/** The managers of an object and what each owns, between the wire's managedFields and the algebra. Source: managedfields/internal/managedfields.go. */
import type { ManagedFieldsEntry } from "../../../../kinds/object.js";
import { type FieldSet, union } from "./fieldset.js";
import { decodeFields, encodeFields } from "./fieldsv1.js";

export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  readonly set: FieldSet;
  readonly time?: string;
  /** The entry this was decoded from, handed out again when nothing changed. */
  readonly source?: ManagedFieldsEntry;
}

/** By identifier. One applier is one manager whatever version it applies; updates are told apart by version too. */
export type Managed = Map<string, Manager>;

/** What makes a manager: the entry's JSON without time and fields, and without the version for appliers. Its order decides ties. */
export function identifier(manager: string, operation: "Apply" | "Update", apiVersion: string, subresource: string): string {
  const id: Record<string, string> = {};
  if (manager) id.manager = manager;
  id.operation = operation;
  if (operation === "Update" && apiVersion) id.apiVersion = apiVersion;
  if (subresource) id.subresource = subresource;
  return JSON.stringify(id);
}

/** Decodes managedFields; throws a plain Error when an entry is malformed. */
export function decodeManaged(entries: readonly ManagedFieldsEntry[] | null | undefined): Managed {
  const out: Managed = new Map();
  (entries ?? []).forEach((entry, i) => {
    const { operation } = entry;
    if (operation !== "Apply" && operation !== "Update") throw new Error("operation must be `Apply` or `Update`");
    if (!entry.apiVersion) throw new Error("apiVersion must not be empty");
    if (!entry.fieldsType) throw new Error(`missing fieldsType in managed fields entry ${i}`);
    if (entry.fieldsType !== "FieldsV1") throw new Error(`invalid fieldsType ${JSON.stringify(entry.fieldsType)} in managed fields entry ${i}`);
    const manager = entry.manager ?? "";
    const subresource = entry.subresource ?? "";
    out.set(identifier(manager, operation, entry.apiVersion, subresource), {
      manager,
      operation,
      apiVersion: entry.apiVersion,
      subresource,
      set: decodeFields(entry.fieldsV1),
      time: entry.time ?? undefined,
      source: entry,
    });
  });
  return out;
}

const seconds = (time: string | undefined): number => (time ? Math.floor(Date.parse(time) / 1000) : 0);

function order(p: ManagedFieldsEntry, q: ManagedFieldsEntry): number {
  if (p.operation !== q.operation) return (p.operation ?? "") < (q.operation ?? "") ? -1 : 1;
  if (p.time !== q.time) {
    const d = seconds(p.time) - seconds(q.time);
    if (d !== 0) return d;
  }
  for (const key of ["manager", "apiVersion", "subresource"] as const) {
    const a = p[key] ?? "";
    const b = q[key] ?? "";
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

/** Encodes managers, sorted by operation, time, name, version and subresource; undefined when there is none. */
export function encodeManaged(managed: Managed): ManagedFieldsEntry[] | undefined {
  if (managed.size === 0) return undefined;
  const out: ManagedFieldsEntry[] = [];
  for (const m of managed.values()) {
    const fieldsV1 = encodeFields(m.set);
    if (m.source && m.source.fieldsV1 === fieldsV1 && (m.source.time ?? undefined) === m.time && m.source.apiVersion === m.apiVersion) {
      out.push(m.source);
      continue;
    }
    const entry: ManagedFieldsEntry = {};
    if (m.manager) entry.manager = m.manager;
    entry.operation = m.operation;
    entry.apiVersion = m.apiVersion;
    if (m.time !== undefined) entry.time = m.time;
    entry.fieldsType = "FieldsV1";
    entry.fieldsV1 = fieldsV1;
    if (m.subresource) entry.subresource = m.subresource;
    out.push(entry);
  }
  return out.sort(order);
}

const MAX_UPDATE_MANAGERS = 10;
const ANCIENT = "ancient-changes";

/** Folds the oldest updaters of a version into one when there are more than ten, so that managedFields stays bounded. Source: capmanagers.go. */
export function capUpdateManagers(managed: Managed): void {
  let count = 0;
  for (const m of managed.values()) if (m.operation === "Update") count++;
  if (count <= MAX_UPDATE_MANAGERS) return;
  const updaters = [...managed.entries()]
    .filter(([, m]) => m.operation === "Update")
    .sort(([a, p], [b, q]) => seconds(p.time) - seconds(q.time) || (a < b ? -1 : 1));
  const first = new Map<string, string>();
  for (const [id, m] of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
    const known = first.get(m.apiVersion);
    if (known === undefined) {
      first.set(m.apiVersion, id);
      continue;
    }
    const bucket = identifier(ANCIENT, "Update", m.apiVersion, "");
    let into = managed.get(bucket);
    if (!into) {
      into = managed.get(known) as Manager;
      managed.delete(known);
    }
    // the time is that of what was folded in last, which is the younger
    managed.set(bucket, { manager: ANCIENT, operation: "Update", apiVersion: m.apiVersion, subresource: "", set: union(m.set, into.set), time: m.time });
    managed.delete(id);
    count--;
  }
}
