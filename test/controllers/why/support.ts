/** A cluster in memory whose time stands still, and objects in short, to ask what they wait for. */
import { type Cluster, type KubeObject, manualClock, startCluster } from "../../../cluster/index.js";

const REFS: Readonly<Record<string, readonly [group: string, resource: string]>> = {
  Pod: ["", "pods"],
  Service: ["", "services"],
  Node: ["", "nodes"],
  Namespace: ["", "namespaces"],
  ResourceQuota: ["", "resourcequotas"],
  PersistentVolumeClaim: ["", "persistentvolumeclaims"],
  PersistentVolume: ["", "persistentvolumes"],
  StorageClass: ["storage.k8s.io", "storageclasses"],
  StatefulSet: ["apps", "statefulsets"],
  Deployment: ["apps", "deployments"],
  ReplicaSet: ["apps", "replicasets"],
  Job: ["batch", "jobs"],
};
const CLUSTER = new Set(["Node", "Namespace", "PersistentVolume", "StorageClass"]);
const ref = (kind: string) => ({ group: REFS[kind][0], version: "v1", resource: REFS[kind][1] });

type Doc = Record<string, unknown>;

/** One namespace of a cluster. */
export class Stage {
  private constructor(
    readonly cluster: Cluster,
    readonly namespace: string,
  ) {}

  static async open(cluster: Cluster, namespace: string): Promise<Stage> {
    await cluster.client.resource(ref("Namespace")).create("", { metadata: { name: namespace } });
    await cluster.settle();
    return new Stage(cluster, namespace);
  }

  private at = (kind: string): string => (CLUSTER.has(kind) ? "" : this.namespace);

  /** Creates objects and waits until nothing is left to do at this moment. */
  async make(...objects: readonly Doc[]): Promise<void> {
    for (const object of objects) {
      const kind = object.kind as string;
      await this.cluster.client.resource(ref(kind)).create(this.at(kind), object as unknown as KubeObject);
    }
    await this.cluster.settle();
  }
  async patch(kind: string, name: string, patch: Doc, subresource = ""): Promise<void> {
    await this.cluster.client.resource(ref(kind)).patch(this.at(kind), name, "application/merge-patch+json", patch, { subresource });
    await this.cluster.settle();
  }
  async remove(kind: string, name: string, propagationPolicy?: "Foreground"): Promise<void> {
    await this.cluster.client.resource(ref(kind)).delete(this.at(kind), name, propagationPolicy ? { propagationPolicy } : {});
    await this.cluster.settle();
  }
  async pass(seconds: number): Promise<void> {
    await this.cluster.time?.advance(seconds * 1000);
  }
  /** The sentences about an object; what it says of itself when it waits for nothing. */
  async why(object: string): Promise<string[]> {
    const { text } = await this.cluster.why(object, { namespace: this.namespace });
    return text.split("\n").filter((line) => !line.startsWith(" "));
  }
}

/** Starts on 2026-01-01, at pace instant, with three nodes. */
export const still = (): Promise<Cluster> =>
  startCluster({ clock: manualClock(Date.parse("2026-01-01T00:00:00Z")), seed: 1, dnsPort: false, environment: "none", controllers: true });

const labels = { app: "a" };
export const tell = (what: string, value: string): Doc => ({ [`simulate.mockube.dev/${what}`]: value });

interface PodOptions {
  readonly annotations?: Doc;
  readonly spec?: Doc;
  readonly image?: string;
}
const podSpec = ({ spec, image = "nginx:1.27" }: PodOptions): Doc => ({ containers: [{ name: "nginx", image }], ...spec });
export const pod = (name: string, options: PodOptions = {}): Doc => ({
  kind: "Pod",
  metadata: { name, labels, annotations: options.annotations },
  spec: podSpec(options),
});
export const template = (options: PodOptions = {}): Doc => ({ metadata: { labels, annotations: options.annotations }, spec: podSpec(options) });

/** Anything that has a template and replicas. */
export const set = (kind: string, name: string, options: PodOptions = {}, spec: Doc = {}): Doc => ({
  kind,
  metadata: { name },
  spec: { replicas: 3, selector: { matchLabels: labels }, ...(kind === "StatefulSet" ? { serviceName: name } : {}), template: template(options), ...spec },
});
export const claim = (name: string, spec: Doc = {}): Doc => ({
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
export const volume = (name: string, spec: Doc = {}): Doc => ({
  kind: "PersistentVolume",
  metadata: { name },
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: `/tmp/${name}` }, ...spec },
});
export const storageClass = (name: string, provisioner: string, more: Doc = {}): Doc => ({ kind: "StorageClass", metadata: { name }, provisioner, ...more });
export const mounting = (claimName: string): Doc => ({ volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] });
