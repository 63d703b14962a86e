/** PersistentVolume. Sources: pkg/registry/core/persistentvolume, pkg/api/persistentvolume, pkg/apis/core. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import type { NodeSelectorTerm } from "../../schema/api/core.v1.js";
import { statusView } from "../../status.js";
import { warningsForNodeSelectorTerm } from "../../validation/nodelabels.js";
import { accessModesText, STORAGE_CLASS_ANNOTATION, storageClassOf } from "../storage.js";
import { VOLUME_COLUMNS } from "./columns.js";
import { persistentVolumeDefaults } from "./defaults.js";
import { validatePersistentVolume, validatePersistentVolumeStatusUpdate, validatePersistentVolumeUpdate } from "./validate.js";

const ANNOTATIONS: Readonly<Record<string, string>> = {
  [STORAGE_CLASS_ANNOTATION]: 'deprecated since v1.8; use "storageClassName" attribute instead',
  "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead',
};
const PLUGINS: readonly (readonly [field: string, shown: string, text: string])[] = [
  ["cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

function warnings(object: KubeObject): string[] {
  const spec = object.spec ?? {};
  const out = Object.entries(ANNOTATIONS)
    .filter(([key]) => object.metadata.annotations?.[key] !== undefined)
    .map(([key, text]) => `metadata.annotations[${key}]: ${text}`);
  if (spec.persistentVolumeReclaimPolicy === "Recycle")
    out.push("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.");
  const terms: NodeSelectorTerm[] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  out.push(...terms.flatMap((term, i) => warningsForNodeSelectorTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`)));
  return [...out, ...PLUGINS.filter(([field]) => spec[field]).map(([, shown, text]) => `spec.${shown}: ${text}`)];
}

/** metav1.Time of the clock: whole seconds. */
const timestamp = (now: number): string => new Date(now).toISOString().replace(/\.\d+Z$/, "Z");

export const persistentVolume: Kind = {
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  resource: "persistentvolumes",
  singular: "persistentvolume",
  shortNames: ["pv"],
  namespaced: false,
  schema: "io.k8s.api.core.v1.PersistentVolume",
  defaults: persistentVolumeDefaults,
  prepareForCreate(object, ctx) {
    object.status = { phase: "Pending", lastPhaseTransitionTime: timestamp(ctx.now) };
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  warnings,
  returnDeletedObject: true,
  status: statusView({
    prepareForUpdate(object, old, ctx) {
      object.status ??= {};
      const { status } = object;
      const before = old.status?.lastPhaseTransitionTime;
      if (status.phase === old.status?.phase) {
        if ((status.lastPhaseTransitionTime ?? null) === null && before) status.lastPhaseTransitionTime = before;
      } else if ((status.lastPhaseTransitionTime ?? null) === null || status.lastPhaseTransitionTime === before) {
        status.lastPhaseTransitionTime = timestamp(ctx.now);
      }
    },
    validateUpdate: validatePersistentVolumeStatusUpdate,
  }),
  printer: printer(VOLUME_COLUMNS, (o, ctx) => [
    o.metadata.name ?? "",
    String(o.spec?.capacity?.storage ?? "0"),
    accessModesText(o.spec?.accessModes),
    o.spec?.persistentVolumeReclaimPolicy ?? "",
    o.metadata.deletionTimestamp ? "Terminating" : (o.status?.phase ?? ""),
    o.spec?.claimRef ? `${o.spec.claimRef.namespace ?? ""}/${o.spec.claimRef.name ?? ""}` : "",
    storageClassOf(o),
    o.spec?.volumeAttributesClassName ?? "<unset>",
    o.status?.reason ?? "",
    age(o, ctx),
    o.spec?.volumeMode ?? "<unset>",
  ]),
};
