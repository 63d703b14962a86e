/** Objects as the API would hold them, defaults in. */
import type { CronJob, Deployment, Job, Pod, ReplicaSet, StatefulSet } from "../../../controllers/runtime/api.js";

const podSpec = (image: string): Pod["spec"] => ({ containers: [{ name: "nginx", image }] });

export function statefulSet(spec: Partial<StatefulSet["spec"]> = {}, name = "web"): StatefulSet {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace: "default" },
    spec: {
      replicas: 3,
      serviceName: "nginx",
      selector: { matchLabels: { app: "nginx" } },
      template: { metadata: { labels: { app: "nginx" } }, spec: podSpec("nginx:1") },
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      ...spec,
    },
  };
}

export const claimTemplate = (name = "data", labels?: Record<string, string>): NonNullable<StatefulSet["spec"]["volumeClaimTemplates"]>[number] => ({
  metadata: { name, ...(labels ? { labels } : {}) },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
});

export function replicaSet(spec: Partial<ReplicaSet["spec"]> = {}, name = "rs"): ReplicaSet {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name, namespace: "default" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "a" } },
      template: { metadata: { labels: { app: "a" } }, spec: podSpec("img:1") },
      ...spec,
    },
  };
}

export function deployment(spec: Partial<Deployment["spec"]> = {}, name = "d"): Deployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "d" } },
      template: { metadata: { labels: { app: "d" } }, spec: podSpec("img:1") },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  };
}

/** A job as the API server hands it to its controller: selector generated, defaults in. */
export function job(spec: Partial<Job["spec"]> = {}, name = "j"): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: "default", uid: `uid-${name}` },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      podReplacementPolicy: "TerminatingOrFailed",
      selector: { matchLabels: { "controller-uid": `uid-${name}` } },
      template: { metadata: { labels: { "controller-uid": `uid-${name}` } }, spec: { restartPolicy: "Never", ...podSpec("img:1") } },
      ...spec,
    },
  };
}

export function cronJob(spec: Partial<CronJob["spec"]> = {}, name = "cj"): CronJob {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace: "default", uid: `uid-${name}` },
    spec: {
      schedule: "* * * * *",
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels: { from: name }, annotations: { note: "x" } },
        spec: { template: { spec: { restartPolicy: "Never", ...podSpec("img:1") } } },
      },
      ...spec,
    },
  };
}
