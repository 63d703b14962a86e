import { CLASS } from "./kubectl.js";

/** The usual pair: a headless service and a StatefulSet whose pods each have a volume. */
export function web({
  replicas = 3,
  image = "nginx:1.25",
  claims = true,
  spec = {},
  pod = {},
}: {
  readonly replicas?: number;
  readonly image?: string;
  readonly claims?: boolean;
  readonly spec?: object;
  readonly pod?: object;
} = {}): object {
  const container = {
    name: "nginx",
    image,
    ports: [{ name: "web", containerPort: 80 }],
    ...(claims ? { volumeMounts: [{ name: "www", mountPath: "/usr/share/nginx/html" }] } : {}),
  };
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "nginx", labels: { app: "nginx" } },
        spec: { clusterIP: "None", selector: { app: "nginx" }, ports: [{ name: "web", port: 80 }] },
      },
      {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name: "web" },
        spec: {
          serviceName: "nginx",
          replicas,
          selector: { matchLabels: { app: "nginx" } },
          template: { metadata: { labels: { app: "nginx" } }, spec: { terminationGracePeriodSeconds: 1, containers: [container], ...pod } },
          ...(claims ? { volumeClaimTemplates: [{ metadata: { name: "www" }, spec: claimSpec() }] } : {}),
          ...spec,
        },
      },
    ],
  };
}

export const claimSpec = (extra: object = {}): object => ({
  accessModes: ["ReadWriteOnce"],
  storageClassName: CLASS,
  resources: { requests: { storage: "1Gi" } },
  ...extra,
});

export const claim = (name: string, extra: object = {}): object => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: claimSpec(extra),
});

/** A pod that mounts a claim. */
export const user = (name: string, claimName: string): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "c", image: "busybox", volumeMounts: [{ name: "v", mountPath: "/v" }] }],
    volumes: [{ name: "v", persistentVolumeClaim: { claimName } }],
  },
});

export const volume = (name: string, spec: object = {}): object => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name },
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "by-hand", hostPath: { path: "/mnt/data" }, ...spec },
});
