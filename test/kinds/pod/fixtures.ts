import { pod } from "../../../kinds/core/pod/index.js";
import type { FieldError } from "../../../kinds/field.js";
import type { KubeObject } from "../../../kinds/object.js";

export const NOW = Date.parse("2026-03-01T12:00:00Z");

/** A decoded Pod as the pipeline hands it to the kind. `container` goes into the only container. */
export function rawPod(spec: object = {}, container: object = {}, metadata: object = {}): KubeObject {
  return structuredClone({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-0", namespace: "shop", ...metadata },
    spec: { containers: [{ name: "app", image: "registry.local/app:1", ...container }], ...spec },
  }) as KubeObject;
}

/** A pod as it is stored: defaulted, prepared and valid. */
export function storedPod(spec: object = {}, container: object = {}, metadata: object = {}): KubeObject {
  const object = rawPod(spec, container, { uid: "u-1", resourceVersion: "7", creationTimestamp: "2026-03-01T11:00:00Z", ...metadata });
  pod.defaults?.(object);
  object.metadata.generation = 1;
  pod.prepareForCreate?.(object, { now: NOW, user: "tester" });
  return object;
}

/** Findings on creating a pod, as "field: message". */
export function createErrors(spec: object = {}, container: object = {}, metadata: object = {}): string[] {
  const object = rawPod(spec, container, metadata);
  pod.defaults?.(object);
  pod.prepareForCreate?.(object, { now: NOW, user: "tester" });
  return texts(pod.validate?.(object) ?? []);
}

/** Findings on an update that `change` makes to a stored pod. */
export function updateErrors(old: KubeObject, change: (object: KubeObject) => void): string[] {
  const object = structuredClone(old);
  change(object);
  pod.defaults?.(object);
  pod.prepareForUpdate?.(object, old, { now: NOW, user: "tester" });
  return texts(pod.validateUpdate?.(object, old) ?? []);
}

export const texts = (errors: readonly FieldError[]): string[] => errors.map((e) => `${e.field}: ${e.message}`);
