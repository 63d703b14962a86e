import { type Client, isAlreadyExists, isNotFound } from "../client/index.js";
import { ensureDefaultServiceCIDR } from "../controllers/servicecidr/index.js";
import { csiDriversFor, type Environment, storageClassesFor } from "../controllers/volume/index.js";
import type { KubeObject } from "../kinds/object.js";
import { SYSTEM_PRIORITY_CLASSES } from "../kinds/scheduling/priorityclass/index.js";
import { defaultNodes } from "../kubelet/index.js";
import { DEFAULT_RANGES } from "../server/pipeline/resources/services.js";

const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];
const ref = (group: string, resource: string) => ({ group, version: "v1", resource });

/** What a new cluster begins with. */
export interface Bootstrap {
  readonly environment: Environment;
  readonly nodes: number;
  /** Where the API listens: the port of the endpoint of default/kubernetes. */
  readonly apiPort: number;
  /** Classes, nodes and what belongs to DNS are made once: a user who deleted them keeps them deleted. */
  readonly first: boolean;
  /** What the `coredns` ConfigMap says. */
  readonly corefile: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Makes what kube-apiserver itself makes (namespaces, the kubernetes Service and its endpoints) and, in a new cluster, what an environment ships (classes,
 * CSI drivers, nodes, the kube-dns Service and its configuration). Whatever is there stays.
 */
export async function bootstrap(client: Client, options: Bootstrap): Promise<void> {
  const ensure = async (group: string, resource: string, namespace: string, object: KubeObject): Promise<void> => {
    const resources = client.resource(ref(group, resource));
    // read first: a Service that is there holds its address, so that another create would be refused before its name is looked at
    try {
      await resources.get(namespace, object.metadata.name as string);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await resources.create(namespace, object);
    }
  };
  // all of it before the namespace default, by which a first start is known: one that was cut off in between is still the first
  const shipped = options.first
    ? [
        ...storageClassesFor(options.environment).map((c) => ensure("storage.k8s.io", "storageclasses", "", c as unknown as KubeObject)),
        ...csiDriversFor(options.environment).map((d) => ensure("storage.k8s.io", "csidrivers", "", d as unknown as KubeObject)),
        ...defaultNodes(options.nodes).map((n) => ensure("", "nodes", "", n)),
      ]
    : [];
  // before the first Service, which has its address out of it
  await Promise.all([ensureDefaultServiceCIDR(client, [DEFAULT_RANGES.clusterIPs], options.now), ...shipped]);
  const namespace = (name: string): Promise<void> => ensure("", "namespaces", "", { metadata: { name } });
  if (options.first && options.environment !== "none") {
    await namespace("kube-system");
    await Promise.all([ensure("", "services", "kube-system", DNS_SERVICE), ensure("", "configmaps", "kube-system", dnsConfig(options.corefile))]);
  }
  await Promise.all(SYSTEM_NAMESPACES.map(namespace));
  await Promise.all([
    ensure("", "services", "default", kubernetesService(options)),
    apiEndpoints(client, options),
    ...SYSTEM_PRIORITY_CLASSES.map(({ name, ...content }) => ensure("scheduling.k8s.io", "priorityclasses", "", { metadata: { name }, ...content })),
  ]);
}

/** The host as the simulated nodes would see it: endpoints may not be loopback addresses. */
const API_ADDRESS = "172.18.0.1";
const LABELS = { component: "apiserver", provider: "kubernetes" };

/** Source: pkg/controlplane/controller/kubernetesservice. */
const kubernetesService = ({ apiPort }: Bootstrap): KubeObject => ({
  metadata: { name: "kubernetes", namespace: "default", labels: LABELS },
  spec: {
    type: "ClusterIP",
    clusterIP: "10.96.0.1",
    clusterIPs: ["10.96.0.1"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    sessionAffinity: "None",
    ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: apiPort }],
  },
});

/** The tenth address of the range, as kubeadm has it. No pod stands behind it: the responder is outside. Source: cmd/kubeadm/app/phases/addons/dns. */
const DNS_SERVICE: KubeObject = {
  metadata: {
    name: "kube-dns",
    namespace: "kube-system",
    labels: { "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
    annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
  },
  spec: {
    clusterIP: "10.96.0.10",
    ports: [
      { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
      { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
      { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
    ],
    selector: { "k8s-app": "kube-dns" },
  },
};

const dnsConfig = (corefile: string): KubeObject => ({
  metadata: { name: "coredns", namespace: "kube-system" },
  data: { Corefile: corefile },
});

/** The server's own endpoints; another port after a restart replaces them. Source: pkg/controlplane/reconcilers. */
async function apiEndpoints(client: Client, { apiPort }: Bootstrap): Promise<void> {
  const put = async (group: string, resource: string, object: KubeObject): Promise<void> => {
    const resources = client.resource(ref(group, resource));
    try {
      await resources.create("default", object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await resources.modify("default", object.metadata.name as string, (current) => ({ ...current, ...object, metadata: current.metadata }));
    }
  };
  const port = { name: "https", port: apiPort, protocol: "TCP" };
  await put("", "endpoints", {
    metadata: { name: "kubernetes", namespace: "default", labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
    subsets: [{ addresses: [{ ip: API_ADDRESS }], ports: [port] }],
  });
  await put("discovery.k8s.io", "endpointslices", {
    metadata: { name: "kubernetes", namespace: "default", labels: { "kubernetes.io/service-name": "kubernetes" } },
    addressType: "IPv4",
    endpoints: [{ addresses: [API_ADDRESS], conditions: { ready: true } }],
    ports: [port],
  });
}
