/** What all printers share: columns, ages and label text. Sources: pkg/printers/internalversion, apimachinery pkg/util/duration, cli-runtime table conventions. */
import type { Column, PrintContext, Printer } from "./kind.js";
import type { KubeObject } from "./object.js";

/** Column descriptions are the API's own wording: they are part of every Table on the wire. */
const NAME_TEXT =
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
const CREATED_TEXT =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

export const NAME_COLUMN: Column = { name: "Name", type: "string", format: "name", description: NAME_TEXT };
export const AGE_COLUMN: Column = { name: "Age", type: "string", description: CREATED_TEXT };
/** Second column of kinds without a printer of their own (rest.DefaultTableConvertor). */
export const CREATED_AT_COLUMN: Column = { name: "Created At", type: "date", description: CREATED_TEXT };
export const CONTAINERS_COLUMN: Column = { name: "Containers", type: "string", priority: 1, description: "Names of each container in the template." };
export const IMAGES_COLUMN: Column = { name: "Images", type: "string", priority: 1, description: "Images referenced by each container in the template." };

/** A column; `wide` ones show only with `-o wide`. */
export const column = (name: string, type: Column["type"], description: string, wide = false): Column => ({
  name,
  type,
  description,
  ...(wide ? { priority: 1 } : {}),
});

const MINUTE = 60;
const HOUR = 3600;

/** duration.HumanDuration: two or three significant figures. Milliseconds in. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / MINUTE);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(seconds / HOUR);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

/** Age of a timestamp, `<unknown>` without one. `now` in milliseconds since the epoch. */
export function translateTimestampSince(now: number, timestamp: string | null | undefined): string {
  return timestamp ? humanDuration(now - Date.parse(timestamp)) : "<unknown>";
}

/** Time left until a timestamp. */
export function translateTimestampUntil(now: number, timestamp: string | null | undefined): string {
  return timestamp ? humanDuration(Date.parse(timestamp) - now) : "<unknown>";
}

/** Age of an object. */
export const age = (object: KubeObject, ctx: PrintContext): string => translateTimestampSince(ctx.now, object.metadata.creationTimestamp);

/** labels.FormatLabels: `a=1,b=2` sorted, `<none>` when there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length > 0 ? pairs.sort().join(",") : "<none>";
}

/** Names and images of a pod spec's containers, comma-joined, for the wide columns. */
export function containerCells(spec: { containers?: { name?: string; image?: string }[] } | undefined): [string, string] {
  const containers = spec?.containers ?? [];
  return [containers.map((c) => c.name ?? "").join(","), containers.map((c) => c.image ?? "").join(",")];
}

/** A printer out of columns and a function for the cells. */
export const printer = (columns: readonly Column[], cells: (object: KubeObject, ctx: PrintContext) => (string | number | boolean | null)[]): Printer => ({
  columns,
  row: (object, ctx) => ({ cells: cells(object, ctx) }),
});

/** Name and Created At: kinds that upstream prints with the default convertor. */
export const DEFAULT_PRINTER: Printer = printer([NAME_COLUMN, CREATED_AT_COLUMN], (o) => [
  o.metadata.name ?? "",
  o.metadata.creationTimestamp ?? "0001-01-01T00:00:00Z",
]);
