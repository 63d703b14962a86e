/** Objects, and what Go's protobuf serializer writes for them (base64). */
export const GOLDEN: Readonly<Record<string, { readonly object: { kind: string; apiVersion: string; [field: string]: unknown }; readonly bytes: string }>> = {
  configMap: {
    object: {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: {
        name: "a",
        namespace: "default",
        uid: "u",
        resourceVersion: "7",
        creationTimestamp: "2026-01-02T03:04:05Z",
        labels: { b: "2", a: "1" },
        managedFields: [
          { manager: "m", operation: "Update", apiVersion: "v1", time: "2026-01-02T03:04:05Z", fieldsType: "FieldsV1", fieldsV1: { "f:data": {} } },
        ],
      },
      data: { x: "", é: "<&>" },
      binaryData: { b: "AP8=" },
    },
    bytes:
      "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEogBCmsKAWESABoHZGVmYXVsdCIAKgF1MgE3OABCCAil69zKBhAAWgYKAWESATFaBgoBYhIBMooBNgoBbRIGVXBkYXRlGgJ2MSIICKXr3MoGEAAyCEZpZWxkc1YxOg8KDXsiZjpkYXRhIjp7fX1CABIFCgF4EgASCQoCw6kSAzwmPhoHCgFiEgIA/xoAIgA=",
  },
  pod: {
    object: {
      kind: "Pod",
      apiVersion: "v1",
      metadata: { name: "p" },
      spec: {
        containers: [
          {
            name: "c",
            image: "i",
            resources: { requests: { cpu: "1500m", memory: "64Mi" } },
            livenessProbe: { httpGet: { port: "web" }, periodSeconds: 3 },
            ports: [{ containerPort: 80 }],
          },
        ],
        volumes: [{ name: "v", hostPath: { path: "/x", type: "" } }],
        tolerations: [{ operator: "Exists", tolerationSeconds: -1 }],
        hostNetwork: true,
      },
    },
    bytes:
      "azhzAAoJCgJ2MRIDUG9kEt0BChEKAXASABoAIgAqADIAOABCABKyAQoNCgF2EggKBgoCL3gSABJpCgFjEgFpKgAyCgoAEAAYUCIAKgBCIhIOCgNjcHUSBwoFMTUwMG0SEAoGbWVtb3J5EgYKBDY0TWlSHwoTEhEKABIJCAEQABoDd2ViGgAiABAAGAAgAygAMABqAHIAgAEAiAEAkAEAogEAGgAyAEIASgBSAFgBYABoAIIBAIoBAJoBALIBGQoAEgZFeGlzdHMaACIAKP///////////wHCAQAaEwoAGgAiACoAMgBKAFoAcgCIAQAaACIA",
  },
  lease: {
    object: {
      kind: "Lease",
      apiVersion: "coordination.k8s.io/v1",
      metadata: { name: "l" },
      spec: { holderIdentity: "h", renewTime: "1969-12-31T23:59:59.250001Z" },
    },
    bytes: "azhzAAofChZjb29yZGluYXRpb24uazhzLmlvL3YxEgVMZWFzZRIqChEKAWwSABoAIgAqADIAOABCABIVCgFoIhAI////////////ARDo7Jp3GgAiAA==",
  },
  status: {
    object: {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: "no",
      reason: "NotFound",
      details: { name: "a", kind: "configmaps", causes: [{ reason: "FieldValueInvalid", message: "m", field: "f" }] },
      code: 404,
    },
    bytes: "azhzAAoMCgJ2MRIGU3RhdHVzElQKBgoAEgAaABIHRmFpbHVyZRoCbm8iCE5vdEZvdW5kKjAKAWESABoKY29uZmlnbWFwcyIZChFGaWVsZFZhbHVlSW52YWxpZBIBbRoBZigAMgAwlAMaACIA",
  },
  list: {
    object: {
      kind: "ConfigMapList",
      apiVersion: "v1",
      metadata: { resourceVersion: "9", continue: "c", remainingItemCount: 3 },
      items: [{ metadata: { name: "a" } }, { metadata: { name: "b" }, immutable: false }],
    },
    bytes: "azhzAAoTCgJ2MRINQ29uZmlnTWFwTGlzdBI4CgoKABIBORoBYyADEhMKEQoBYRIAGgAiACoAMgA4AEIAEhUKEQoBYhIAGgAiACoAMgA4AEIAIAAaACIA",
  },
  deleteOptions: {
    object: { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, preconditions: { uid: "u" }, propagationPolicy: "Foreground" },
    bytes: "azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxITCAASAwoBdSIKRm9yZWdyb3VuZBoAIgA=",
  },
  subjectReview: {
    object: { kind: "SubjectAccessReview", apiVersion: "authorization.k8s.io/v1", metadata: {}, spec: { user: "u", extra: { b: ["1", "2"], a: [] } } },
    bytes:
      "azhzAAouChdhdXRob3JpemF0aW9uLms4cy5pby92MRITU3ViamVjdEFjY2Vzc1JldmlldxI3ChAKABIAGgAiACoAMgA4AEIAEhkaAXUqBQoBYRIAKgsKAWISBgoBMQoBMjIAGggIABIAGgAgABoAIgA=",
  },
  definition: {
    object: {
      kind: "CustomResourceDefinition",
      apiVersion: "apiextensions.k8s.io/v1",
      metadata: { name: "d" },
      spec: {
        group: "g",
        names: { plural: "ps", kind: "P" },
        scope: "Namespaced",
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  a: { default: { x: 1.5 }, items: { type: "string" }, minimum: 0.5 },
                  b: { additionalProperties: false, dependencies: { c: ["d"] } },
                },
              },
            },
          },
        ],
      },
    },
    bytes:
      "azhzAAozChdhcGlleHRlbnNpb25zLms4cy5pby92MRIYQ3VzdG9tUmVzb3VyY2VEZWZpbml0aW9uEpQCChEKAWQSABoAIgAqADIAOABCABLwAQoBZxoLCgJwcxIAIgFQKgAiCk5hbWVzcGFjZWQ6zwEKAnYxEAEYASLCAQq/AQoAEgAiACoGb2JqZWN0MgA6AFAAYAB6AJABAOoBYgoBYRJdCgASACIAKgAyADoAQgsKCXsieCI6MS41fVAAWQAAAAAAAOA/YAB6AJABAMIBJgokCgASACIAKgZzdHJpbmcyADoAUABgAHoAkAEAqAIAuAIAwAIAqAIAuAIAwAIA6gEzCgFiEi4KABIAIgAqADIAOgBQAGAAegCQAQDyAQIIAIICCAoBYxIDEgFkqAIAuAIAwAIAqAIAuAIAwAIAOABQABoMEggKABIAIgAqACAAGgAiAA==",
  },
  controllerRevision: {
    object: {
      kind: "ControllerRevision",
      apiVersion: "apps/v1",
      metadata: { name: "r" },
      data: { spec: { template: { x: [1, null] } } },
      revision: 5000000000,
    },
    bytes: "azhzAAodCgdhcHBzL3YxEhJDb250cm9sbGVyUmV2aXNpb24SQQoRCgFyEgAaACIAKgAyADgAQgASJgokeyJzcGVjIjp7InRlbXBsYXRlIjp7IngiOlsxLG51bGxdfX19GIDkl9ASGgAiAA==",
  },
  partial: {
    object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: { name: "a" } },
    bytes: "azhzAAonCg5tZXRhLms4cy5pby92MRIVUGFydGlhbE9iamVjdE1ldGFkYXRhEhMKEQoBYRIAGgAiACoAMgA4AEIAGgAiAA==",
  },
};

/** The frame of a MODIFIED event with the config map above. */
export const WATCH_FRAME =
  "AAAAtAoITU9ESUZJRUQSpwEKpAFrOHMACg8KAnYxEglDb25maWdNYXASiAEKawoBYRIAGgdkZWZhdWx0IgAqAXUyATc4AEIICKXr3MoGEABaBgoBYRIBMVoGCgFiEgEyigE2CgFtEgZVcGRhdGUaAnYxIggIpevcygYQADIIRmllbGRzVjE6DwoNeyJmOmRhdGEiOnt9fUIAEgUKAXgSABIJCgLDqRIDPCY+GgcKAWISAgD/GgAiAA==";
