/** Field ownership: managedFields on every write, and server-side apply. */
export { type Applied, type ApplyContext, apply } from "./apply.js";
export { ignoreTimestamps, type UpdateContext, updateManagedFields, type Versioned, type WriteContext } from "./managers.js";
export { defaultManager, FIELD_MANAGER_MAX_LENGTH, validateFieldManager } from "./names.js";
export { type Reset, resetFieldsFor } from "./resetfields.js";
export { fromScaleManagedFields, type ReplicasPaths, toScaleManagedFields } from "./scale.js";
export { DEDUCED, type OpenApiSchema, type Type, typeOf, typeOfCustomResource } from "./types.js";
