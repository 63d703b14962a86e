import type { Gvk, KubeObject, OwnerReference, Pod, PodTemplateSpec } from "./api.js";

/** metav1.NewControllerRef: the reference a controller puts on what it manages. */
export const controllerRef = (owner: KubeObject, gvk: Gvk): OwnerReference => ({
  apiVersion: gvk.apiVersion,
  kind: gvk.kind,
  name: owner.metadata.name ?? "",
  uid: owner.metadata.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});

/** The reference to the managing controller, if there is one. */
export const controllerOf = (object: KubeObject): OwnerReference | undefined => object.metadata.ownerReferences?.find((ref) => ref.controller === true);

/** Names of a template's pods begin with the parent's and a dash: getPodsPrefix, which drops the dash when the result were no valid prefix. */
function podPrefix(name: string): string {
  const prefix = `${name}-`;
  return prefix.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[-a-z0-9])?$/.test(prefix) ? prefix : name;
}

/**
 * A pod off a template, without name or namespace: pkg/controller GetPodFromTemplate. Everything in it may be written into.
 * Labels and annotations are always there, as maps of their own.
 */
export function podFromTemplate(template: PodTemplateSpec, parent: KubeObject, gvk: Gvk): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: podPrefix(parent.metadata.name ?? ""),
      labels: { ...labels },
      annotations: { ...annotations },
      ownerReferences: [controllerRef(parent, gvk)],
    },
    spec: structuredClone(template.spec ?? { containers: [] }) as Pod["spec"],
  };
  if (Object.keys(pod.metadata.annotations!).length === 0) delete pod.metadata.annotations;
  if (finalizers?.length) pod.metadata.finalizers = [...finalizers];
  return pod;
}
