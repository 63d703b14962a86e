import type { ResourceRef } from "../client/client.js";
import { CONTROLLER_ATTACHES } from "../controllers/runtime/attachables.js";
import { isNodeReady, readyCondition } from "../controllers/runtime/nodes.js";
import type { KubeObject } from "../kinds/object.js";

export const NODES: ResourceRef = { group: "", version: "v1", resource: "nodes" };

/** What a node's kubelet says of its Node. It does not know its Node's uid and uses the name: nodeRef in pkg/kubelet/kubelet.go. */
export const nodeRef = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Node", metadata: { name, uid: name } });

/** core/v1 NodeCondition. */
export interface NodeCondition {
  type: string;
  status: string;
  lastHeartbeatTime?: string | null;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

/** What a node has when nobody says. */
export const DEFAULT_CAPACITY: Readonly<Record<string, string>> = {
  cpu: "32",
  "ephemeral-storage": "1Ti",
  "hugepages-1Gi": "0",
  "hugepages-2Mi": "0",
  memory: "256Gi",
  pods: "1100",
};

/** Conditions of a healthy node, Ready last. Source: pkg/kubelet/nodestatus/setters.go. */
const HEALTHY: readonly (readonly [type: string, status: string, reason: string, message: string])[] = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
];

export interface NodeFacts {
  /** The node's InternalIP. */
  readonly ip: string;
  /** RFC 3339. */
  readonly now: string;
  /** Hex digits that are the machine's and the boot's ids. */
  readonly seed: string;
  readonly version: string;
}

const filled = (value: unknown): boolean => typeof value === "object" && value !== null && Object.keys(value).length > 0;
const uuid = (hex: string): string => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;

/**
 * The status a kubelet reports when it registers. Capacity, allocatable and addresses that are there already stay; conditions that are not the kubelet's too.
 */
export function nodeStatus(node: KubeObject, facts: NodeFacts): KubeObject["status"] {
  const old = node.status ?? {};
  const before: NodeCondition[] = old.conditions ?? [];
  const ours = new Set(HEALTHY.map(([type]) => type));
  const conditions = HEALTHY.map(([type, status, reason, message]) => {
    const was = before.find((c) => c.type === type);
    return {
      type,
      status,
      lastHeartbeatTime: facts.now,
      lastTransitionTime: was?.status === status ? (was.lastTransitionTime ?? facts.now) : facts.now,
      reason,
      message,
    };
  });
  const capacity = filled(old.capacity) ? old.capacity : filled(old.allocatable) ? old.allocatable : DEFAULT_CAPACITY;
  const hostname = node.metadata.labels?.["kubernetes.io/hostname"] ?? node.metadata.name;
  return {
    ...old,
    capacity,
    allocatable: filled(old.allocatable) ? old.allocatable : capacity,
    conditions: [...before.filter((c) => !ours.has(c.type)), ...conditions],
    addresses: filled(old.addresses)
      ? old.addresses
      : [
          { type: "InternalIP", address: facts.ip },
          { type: "Hostname", address: hostname },
        ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: facts.seed.slice(0, 32),
      systemUUID: uuid(facts.seed),
      bootID: uuid(facts.seed.slice(32)),
      kernelVersion: "6.12.0",
      osImage: "mockube",
      containerRuntimeVersion: "containerd://2.2.1",
      kubeletVersion: facts.version,
      kubeProxyVersion: "",
      operatingSystem: node.metadata.labels?.["kubernetes.io/os"] ?? "linux",
      architecture: node.metadata.labels?.["kubernetes.io/arch"] ?? "amd64",
    },
    runtimeHandlers: [
      { name: "", features: { recursiveReadOnlyMounts: true, userNamespaces: true } },
      { name: "runc", features: { recursiveReadOnlyMounts: true, userNamespaces: true } },
    ],
    features: { supplementalGroupsPolicy: true },
  };
}

/** Whether the node still has to be reported Ready. */
export const needsStatus = (node: KubeObject): boolean =>
  !isNodeReady(node) || !filled(node.status?.addresses) || !filled(node.status?.capacity) || !node.status?.nodeInfo?.kubeletVersion;

const PRESSED = { status: "True", reason: "KubeletHasInsufficientMemory", message: "kubelet has insufficient memory available" } as const;

const memoryOf = (node: KubeObject): NodeCondition | undefined =>
  (node.status?.conditions as NodeCondition[] | undefined)?.find((c) => c.type === "MemoryPressure");

/** Whether the kubelet has said of its node that it is short of memory. */
export const isUnderPressure = (node: KubeObject): boolean => {
  const memory = memoryOf(node);
  return memory?.status === PRESSED.status && memory.reason === PRESSED.reason;
};

/** The node with its condition of memory. `now` is RFC 3339. */
export function withPressure(node: KubeObject, isPressed: boolean, now: string): KubeObject {
  const [type, status, reason, message] = HEALTHY[0];
  const verdict = isPressed ? PRESSED : { status, reason, message };
  const before = memoryOf(node);
  const since = before?.status === verdict.status ? (before.lastTransitionTime ?? now) : now;
  const said: NodeCondition = { type, ...verdict, lastHeartbeatTime: now, lastTransitionTime: since };
  const conditions: NodeCondition[] = node.status?.conditions ?? [];
  return { ...node, status: { ...node.status, conditions: before ? conditions.map((c) => (c === before ? said : c)) : [...conditions, said] } };
}

/** On a Node: its kubelet is not running, and nothing happens there, while the annotation says "true". */
export const STOPPED = "simulate.mockube.dev/stopped";

export const isStopped = (node: KubeObject): boolean => node.metadata.annotations?.[STOPPED] === "true";

/** Whether the control plane has given the node up: it has written over what the node reported. */
export function isGivenUp(node: KubeObject): boolean {
  const ready = readyCondition(node);
  return ready?.status === "Unknown" && (ready.reason ?? "").startsWith("NodeStatus");
}

/** Whether the node's kubelet reports again after a time in which it did not or was not heard. */
export const isBack = (node: KubeObject, old: KubeObject): boolean => !isStopped(node) && (isStopped(old) || (isGivenUp(old) && !isGivenUp(node)));

export interface DefaultNodesOptions {
  /** First two numbers of the pod range, `10.244`. */
  readonly podPrefix?: string;
  readonly region?: string;
  readonly instanceType?: string;
}

/** So many Node objects, `node-0` and on, spread over three zones, as a small cluster comes up with. */
export function defaultNodes(count: number, options: DefaultNodesOptions = {}): KubeObject[] {
  const region = options.region ?? "local";
  return Array.from({ length: count }, (_, i) => {
    const name = `node-${i}`;
    const podCIDR = `${options.podPrefix ?? "10.244"}.${i % 256}.0/24`;
    const instanceType = options.instanceType ?? "mockube.large";
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        // As a kubelet registers its Node. One that somebody makes by hand has its volumes attached when it is given this too.
        annotations: { [CONTROLLER_ATTACHES]: "true" },
        labels: {
          "beta.kubernetes.io/arch": "amd64",
          "beta.kubernetes.io/instance-type": instanceType,
          "beta.kubernetes.io/os": "linux",
          "failure-domain.beta.kubernetes.io/region": region,
          "failure-domain.beta.kubernetes.io/zone": `${region}-${"abc"[i % 3]}`,
          "kubernetes.io/arch": "amd64",
          "kubernetes.io/hostname": name,
          "kubernetes.io/os": "linux",
          "node.kubernetes.io/instance-type": instanceType,
          "topology.kubernetes.io/region": region,
          "topology.kubernetes.io/zone": `${region}-${"abc"[i % 3]}`,
        },
      },
      spec: i < 256 ? { podCIDR, podCIDRs: [podCIDR] } : {},
    };
  });
}
