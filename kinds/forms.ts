/** Kinds that differ from the one they are stored as in their form only. */
import type { Kind, PrepareContext, StoredAs, ViewSubresource } from "./kind.js";
import type { KubeObject } from "./object.js";

/** What such a kind says itself; everything else is asked of the stored one. */
export type Form = Pick<Kind, "group" | "version" | "schema"> & Partial<Pick<Kind, "defaults" | "deprecated" | "conversionFault" | "hiddenAnnotations">>;

/** Gives an object the content of another. */
function overwrite(object: KubeObject, content: KubeObject): void {
  for (const key of Object.keys(object)) if (!(key in content)) delete object[key];
  Object.assign(object, content);
}

/**
 * The kind of a form. Upstream runs strategies, validation and printing on one internal version, which has the stored one's shape: so do the hooks here,
 * and findings name that shape's fields.
 */
export function servedForm(form: Form, storedAs: StoredAs): Kind {
  const { kind: stored, toStored, fromStored } = storedAs;
  const edited =
    (edit: (object: KubeObject, old: KubeObject, ctx: PrepareContext) => void) =>
    (object: KubeObject, old: KubeObject, ctx: PrepareContext): void => {
      const inside = toStored(object);
      edit(inside, toStored(old), ctx);
      overwrite(object, fromStored(inside));
    };
  const view = (v: ViewSubresource): ViewSubresource => ({
    name: v.name,
    verbs: v.verbs,
    prepareForUpdate: edited((object, old, ctx) => v.prepareForUpdate(object, old, ctx)),
    validateUpdate: (object, old) => v.validateUpdate(toStored(object), toStored(old)),
    warningsOnUpdate: v.warningsOnUpdate && ((object, old) => v.warningsOnUpdate?.(toStored(object), toStored(old)) ?? []),
  });
  const { prepareForCreate, prepareForUpdate, validate, validateUpdate, warnings, generation, status, selectable, printer } = stored;
  return {
    ...stored,
    defaults: undefined,
    deprecated: undefined,
    conversionFault: undefined,
    hiddenAnnotations: undefined,
    ...form,
    storedAs,
    prepareForCreate: prepareForCreate && ((object, ctx) => edited((inside) => prepareForCreate(inside, ctx))(object, object, ctx)),
    prepareForUpdate: prepareForUpdate && edited(prepareForUpdate),
    validate: validate && ((object) => validate(toStored(object))),
    validateUpdate: validateUpdate && ((object, old) => validateUpdate(toStored(object), toStored(old))),
    warnings: warnings && ((object, old) => warnings(toStored(object), old && toStored(old))),
    generation: typeof generation === "function" ? (object, old) => generation(toStored(object), toStored(old)) : generation,
    status: typeof status === "object" ? view(status) : status,
    views: stored.views?.map(view),
    selectable: selectable && Object.fromEntries(Object.entries(selectable).map(([path, of]) => [path, (object: KubeObject) => of(toStored(object))])),
    printer: printer && { columns: printer.columns, row: (object, ctx) => printer.row(toStored(object), ctx) },
  };
}
