/**
 * The shape of the facts about every served type, as `scripts/facts` prints them from k8s.io/api and
 * k8s.io/kubernetes/pkg/generated/openapi. Pure data: `facts.json` holds it, `index.ts` looks things up in it.
 */

/** Go's scalar types as they appear in the structs (`int` never does; `bytes` is `[]byte`, base64 in JSON). */
export type Scalar = "string" | "bool" | "int32" | "int64" | "uint8" | "uint32" | "float64" | "bytes";

/**
 * Types with a JSON form of their own:
 * Time, MicroTime (RFC 3339 strings or null), Duration (Go duration string), Quantity, IntOrString,
 * RawExtension and JSON (any value, kept as it is), FieldsV1 (any object, kept as it is),
 * JSONSchemaPropsOrBool / OrArray / OrStringArray (apiextensions).
 */
export type Special =
  | "Time"
  | "MicroTime"
  | "Duration"
  | "Quantity"
  | "IntOrString"
  | "RawExtension"
  | "FieldsV1"
  | "JSON"
  | "JSONSchemaPropsOrBool"
  | "JSONSchemaPropsOrArray"
  | "JSONSchemaPropsOrStringArray";

/**
 * What a field, a list item or a map value is. Map keys are always strings. `go` is the Go type as reflection prints it (`v1.RestartPolicy`), only on
 * named types; `ptr` marks pointers as list items and map values (fields say `pointer`); `message` marks the named slices that are protobuf messages
 * of their own (`metav1.Verbs`: the items are field 1 of a nested message).
 */
export type TypeRef =
  | { readonly k: "scalar"; readonly name: Scalar; readonly go?: string; readonly ptr?: true }
  | { readonly k: "special"; readonly name: Special; readonly ptr?: true }
  | { readonly k: "struct"; readonly name: string; readonly ptr?: true }
  | { readonly k: "list"; readonly of: TypeRef; readonly go?: string; readonly message?: true; readonly ptr?: true }
  | { readonly k: "map"; readonly of: TypeRef; readonly go?: string; readonly ptr?: true };

/** One field of a struct, inlined structs already flattened in (`inlineOf` names where it came from). */
export interface FieldFact {
  /** JSON name. */
  readonly name: string;
  /** Go name of the field. */
  readonly go: string;
  readonly type: TypeRef;
  readonly pointer?: true;
  readonly omitempty?: true;
  /** Go's `omitzero` option: left out when the whole value is zero, structs and times included. */
  readonly omitzero?: true;
  /** Protobuf field number; absent where the field is not in the protobuf form. */
  readonly proto?: number;
  /** Numbers of the nested messages the field sits in when its embedded struct is a message of its own (`[2]` for `hostPath` of Volume), outermost first. */
  readonly inlineProto?: readonly number[];
  readonly required?: true;
  /** `patchStrategy` tag, split at commas: merge, replace, retainKeys. */
  readonly patchStrategy?: readonly string[];
  readonly patchMergeKey?: string;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  /** `x-kubernetes-map-type` on the field (structs and maps). */
  readonly mapType?: "atomic" | "granular";
  /** `format` of OpenAPI where it is not implied by the type: int32, int64, date-time, byte, double … */
  readonly format?: string;
  readonly enum?: readonly string[];
  /** Enum of the list's items. */
  readonly itemEnum?: readonly string[];
  /** `x-kubernetes-embedded-resource` and `x-kubernetes-preserve-unknown-fields` on the field. */
  readonly embeddedResource?: true;
  readonly preserveUnknown?: true;
  /**
   * The default OpenAPI declares ("" of required strings included), used by apply's keyed lists and by OpenAPI itself. The `{}` that OpenAPI gives to
   * every struct that is not a pointer is implied and not kept.
   */
  readonly default?: unknown;
  /** The embedded struct the field was flattened out of; its Go field name is the last segment. */
  readonly inlineOf?: string;
  /** Go names of the embedded structs, outermost first, where there is more than one. */
  readonly inlineGo?: readonly string[];
}

/** A Go struct. Its key is the OpenAPI definition name, such as `io.k8s.api.core.v1.Pod`. */
export interface StructFact {
  /** Bare Go name, as it stands in decoding errors: `Pod`. */
  readonly go: string;
  /** In Go's declaration order, which is the order of the JSON that Go writes. */
  readonly fields: readonly FieldFact[];
  /** `x-kubernetes-map-type` on the definition itself, e.g. atomic for LabelSelector, SecretKeySelector. */
  readonly mapType?: "atomic" | "granular";
  /** Full protobuf message name where it has one. */
  readonly proto?: string;
  /** `x-kubernetes-group-version-kind`, only on kinds (and their lists). */
  readonly gvk?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
  /** OpenAPI unions (discriminator and fields), where declared. */
  readonly unions?: readonly unknown[];
}

/** The whole of `facts.json`. */
export interface Facts {
  /** Kubernetes version the facts were printed from, e.g. `v1.36.3`. */
  readonly version: string;
  readonly structs: Readonly<Record<string, StructFact>>;
}
