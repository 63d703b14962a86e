/** The API's kinds as controllers handle them: the generated interfaces with the one ObjectMeta everything shares. */

import type { ResourceRef } from "../../client/client.js";
import type { KubeObject, ObjectMeta, OwnerReference } from "../../kinds/object.js";
import type * as apps from "../../kinds/schema/api/apps.v1.js";
import type * as batch from "../../kinds/schema/api/batch.v1.js";
import type * as core from "../../kinds/schema/api/core.v1.js";
import type * as policy from "../../kinds/schema/api/policy.v1.js";
import type * as storage from "../../kinds/schema/api/storage.v1.js";

/** A generated interface as an object of the client. */
export type As<T extends { metadata?: unknown }> = Omit<T, "metadata"> & { metadata: ObjectMeta };

export type Pod = As<core.Pod>;
export type Node = As<core.Node>;
export type PersistentVolume = As<core.PersistentVolume>;
export type PersistentVolumeClaim = As<core.PersistentVolumeClaim>;
export type Event = As<core.Event>;
export type ResourceQuota = As<core.ResourceQuota>;
export type StatefulSet = As<apps.StatefulSet>;
export type Deployment = As<apps.Deployment>;
export type ReplicaSet = As<apps.ReplicaSet>;
export type DaemonSet = As<apps.DaemonSet>;
export type ControllerRevision = As<apps.ControllerRevision>;
export type Job = As<batch.Job>;
export type CronJob = As<batch.CronJob>;
export type PodDisruptionBudget = As<policy.PodDisruptionBudget>;
export type CSIDriver = As<storage.CSIDriver>;
export type VolumeAttachment = As<storage.VolumeAttachment>;
export type PodTemplateSpec = core.PodTemplateSpec;
export type { KubeObject, ObjectMeta, OwnerReference };

const ref = (group: string, resource: string): ResourceRef => ({ group, version: "v1", resource });
export const PODS = ref("", "pods");
export const NODES = ref("", "nodes");
export const CLAIMS = ref("", "persistentvolumeclaims");
export const VOLUMES = ref("", "persistentvolumes");
export const RESOURCE_QUOTAS = ref("", "resourcequotas");
export const EVENTS = ref("", "events");
export const STATEFUL_SETS = ref("apps", "statefulsets");
export const DEPLOYMENTS = ref("apps", "deployments");
export const DAEMON_SETS = ref("apps", "daemonsets");
export const REPLICA_SETS = ref("apps", "replicasets");
export const JOBS = ref("batch", "jobs");
export const CRON_JOBS = ref("batch", "cronjobs");
export const REPLICATION_CONTROLLERS = ref("", "replicationcontrollers");
export const CSI_DRIVERS = ref("storage.k8s.io", "csidrivers");
export const VOLUME_ATTACHMENTS = ref("storage.k8s.io", "volumeattachments");
export const POD_DISRUPTION_BUDGETS = ref("policy", "poddisruptionbudgets");
export const CONTROLLER_REVISIONS = ref("apps", "controllerrevisions");

/** apiVersion and kind of an owner. */
export interface Gvk {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The object with its apiVersion and kind, for what must name them (Events); items out of lists may lack them. */
export const withGvk = <T extends KubeObject>(object: T, gvk: Gvk): T => (object.kind ? object : { apiVersion: gvk.apiVersion, kind: gvk.kind, ...object });

/** `namespace/name`, or `name`. */
export const keyOf = (object: { metadata: ObjectMeta }): string =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : (object.metadata.name ?? "");

/** The parts of a key; namespace "" for a cluster-scoped one. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return slash < 0 ? { namespace: "", name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
