import type { Api, Doc } from "./api.js";

/** Objects that the measurements make. */

const container = { name: "nginx", image: "k8s.gcr.io/nginx-slim:0.8", ports: [{ containerPort: 80, name: "web" }] };

/** A pod that no scheduler takes: what is measured is the API server, not what pods set in motion. */
export const pod = (name: string): Doc => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app: "bench", shard: String(name.length) } },
  spec: { schedulerName: "nobody", terminationGracePeriodSeconds: 0, containers: [{ ...container, resources: { requests: { cpu: "10m", memory: "16Mi" } } }] },
});

export const configMap = (name: string): Doc => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { a: "x".repeat(100), b: "1" } });

export const headlessService: Doc = serviceOf("nginx");

/** The headless Service of the pods labelled `app: name`. */
export function serviceOf(name: string): Doc {
  const selector = { app: name };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, labels: selector },
    spec: { ports: [{ port: 80, name: "web" }], clusterIP: "None", selector },
  };
}

export interface SetOptions {
  readonly replicas: number;
  readonly policy?: "OrderedReady" | "Parallel";
  readonly claims: boolean;
  /** Its own, and what its pods' label and its service are called; `web` behind `nginx` when absent. */
  readonly name?: string;
}

/** The StatefulSet of examples/statefulset/corrected.yaml; `claims: false` leaves its volumes out. */
export function statefulSet({ replicas, policy = "OrderedReady", claims, name }: SetOptions): Doc {
  const labels = { app: name ?? "nginx" };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: name ?? "web" },
    spec: {
      selector: { matchLabels: labels },
      serviceName: labels.app,
      replicas,
      podManagementPolicy: policy,
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 10,
          containers: [claims ? { ...container, volumeMounts: [{ name: "data", mountPath: "/usr/share/nginx/html" }] } : container],
        },
      },
      ...(claims
        ? {
            volumeClaimTemplates: [
              { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gp2", resources: { requests: { storage: "30Gi" } } } },
            ],
          }
        : {}),
    },
  };
}

/** Runs in a namespace of its own that is complete (its service account is there), and takes it away again. */
export async function inNamespace<T>(api: Api, name: string, run: (namespace: string) => Promise<T>): Promise<T> {
  const namespace = `bench-${name}-${Math.random().toString(36).slice(2, 8)}`;
  await api.json("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  for (let tries = 0; (await api.ask("GET", `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).code !== 200; tries++) {
    if (tries === 500) throw new Error(`namespace ${namespace} got no default service account in 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  try {
    return await run(namespace);
  } finally {
    await api.ask("DELETE", `/api/v1/namespaces/${namespace}`).catch(() => {});
  }
}
