/** Objects as the API would hold them, defaults in. */
import type { Pod, StatefulSet } from "../../../controllers/runtime/api.js";

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
