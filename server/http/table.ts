import type { Column, Kind, Printer } from "../../kinds/kind.js";
import type { KubeObject, ObjectMeta } from "../../kinds/object.js";
import { DEFAULT_PRINTER } from "../../kinds/printing.js";

/** How much of the object a row carries. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableOptions {
  readonly now: number;
  readonly includeObject: IncludeObject;
  /** meta.k8s.io version: v1 or v1beta1. */
  readonly version: string;
  /** Watch events after the first leave the definitions out. */
  readonly withoutColumns?: boolean;
}

const definition = (c: Column): object => ({
  name: c.name,
  type: c.type,
  format: c.format ?? "",
  description: c.description ?? "",
  priority: c.priority ?? 0,
});

/**
 * A metav1.Table of objects of one kind. `listMeta` is the list's metadata, or a single object's `{ resourceVersion }`. Source: rest.TableConvertor and
 * handlers.asTable.
 */
export function tableOf(kind: Kind, objects: readonly KubeObject[], listMeta: object, options: TableOptions): object {
  const printer: Printer = kind.printer ?? DEFAULT_PRINTER;
  const { order } = printer;
  const rows = (order ? [...objects].sort(order) : objects).map((object) => {
    const row = printer.row(object, { now: options.now });
    const conditions = (row as { conditions?: readonly object[] }).conditions;
    return { cells: row.cells, ...(conditions?.length ? { conditions } : {}), object: rowObject(kind, object, options) };
  });
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: listMeta,
    columnDefinitions: options.withoutColumns ? null : printer.columns.map(definition),
    rows,
  };
}

function rowObject(kind: Kind, object: KubeObject, options: TableOptions): object | null {
  if (options.includeObject === "None") return null;
  return options.includeObject === "Object" ? object : partialOf(kind, object, options.version);
}

/** metav1.PartialObjectMetadata of an object. */
export const partialOf = (kind: Kind, { metadata }: KubeObject, version: string): object => ({
  kind: "PartialObjectMetadata",
  apiVersion: `meta.k8s.io/${version}`,
  metadata: kind.hiddenAnnotations?.some((key) => metadata.annotations?.[key] !== undefined) ? without(metadata, kind.hiddenAnnotations) : metadata,
});

function without({ annotations, ...metadata }: ObjectMeta, hidden: readonly string[]): ObjectMeta {
  const shown = Object.entries(annotations ?? {}).filter(([key]) => !hidden.includes(key));
  return shown.length > 0 ? { ...metadata, annotations: Object.fromEntries(shown) } : metadata;
}
