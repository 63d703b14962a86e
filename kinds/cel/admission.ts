/** Environments of admission policies and match conditions. Source: apiserver pkg/admission/plugin/cel/compile.go BuildRequestType, BuildNamespaceType. */
import { Environment } from "./index.js";
import { DYN, STRING, structType, type Type } from "./types.js";

const REQUEST_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "kubernetes.GroupVersionKind": { group: "string", version: "string", kind: "string" },
  "kubernetes.GroupVersionResource": { group: "string", version: "string", resource: "string" },
  "kubernetes.UserInfo": { username: "string", uid: "string", groups: "list(string)", extra: "map(string, list(string))" },
  "kubernetes.AdmissionRequest": {
    kind: "kubernetes.GroupVersionKind",
    resource: "kubernetes.GroupVersionResource",
    subResource: "string",
    requestKind: "kubernetes.GroupVersionKind",
    requestResource: "kubernetes.GroupVersionResource",
    requestSubResource: "string",
    name: "string",
    namespace: "string",
    operation: "string",
    userInfo: "kubernetes.UserInfo",
    dryRun: "bool",
    options: "dyn",
  },
  "kubernetes.NamespaceSpec": { finalizers: "list(string)" },
  "kubernetes.NamespaceCondition": { status: "string", type: "string", lastTransitionTime: "timestamp", message: "string", reason: "string" },
  "kubernetes.NamespaceStatus": { conditions: "list(kubernetes.NamespaceCondition)", phase: "string" },
  "kubernetes.NamespaceMetadata": {
    name: "string",
    generateName: "string",
    namespace: "string",
    labels: "map(string, string)",
    annotations: "map(string, string)",
    UID: "string",
    creationTimestamp: "timestamp",
    deletionGracePeriodSeconds: "int",
    deletionTimestamp: "timestamp",
    generation: "int",
    resourceVersion: "string",
    finalizers: "list(string)",
  },
  "kubernetes.Namespace": { metadata: "kubernetes.NamespaceMetadata", spec: "kubernetes.NamespaceSpec", status: "kubernetes.NamespaceStatus" },
};

const PATCH_FIELDS: Readonly<Record<string, Type>> = { op: STRING, path: STRING, from: STRING, value: DYN };

/** What upstream's type of patches has for a field it does not know: no type at all, which nothing fits. */
const NO_TYPE = structType("");

/** `Object`, `Object.spec` and so on take any field; `JSONPatch` the four of a patch operation. Source: pkg/cel/mutation. */
function patchType(name: string): { field: (field: string) => Type | undefined } | undefined {
  if (name === "JSONPatch") return { field: (field) => (Object.hasOwn(PATCH_FIELDS, field) ? PATCH_FIELDS[field] : NO_TYPE) };
  return name === "Object" || name.startsWith("Object.") ? { field: () => DYN } : undefined;
}

/** What is there besides `object`, `oldObject`, `request` and `namespaceObject`. */
export interface AdmissionVariables {
  readonly params?: boolean;
  readonly authorizer?: boolean;
  readonly patches?: boolean;
  /** Types of `variables.…`, by name, for those declared before. */
  readonly variables?: ReadonlyMap<string, Type>;
}

export function admissionEnvironment(has: AdmissionVariables): Environment {
  const { variables } = has;
  return new Environment({
    variables: {
      object: "dyn",
      oldObject: "dyn",
      namespaceObject: "kubernetes.Namespace",
      request: "kubernetes.AdmissionRequest",
      ...(has.params ? { params: "dyn" } : {}),
      ...(has.authorizer ? { authorizer: "kubernetes.authorization.Authorizer", "authorizer.requestResource": "kubernetes.authorization.ResourceCheck" } : {}),
      ...(variables ? { variables: "kubernetes.variables" } : {}),
    },
    types: REQUEST_TYPES,
    dynamicTypes: (name) => (name === "kubernetes.variables" && variables ? { field: (f) => variables.get(f) } : has.patches ? patchType(name) : undefined),
    patches: has.patches ?? false,
  });
}
