import type { Clock, Log } from "../controllers/runtime/types.js";
import type { Environment } from "../controllers/volume/index.js";
import type { PodsMode } from "../dns/plugins/kubernetes/answer.js";
import type { Pace } from "../kubelet/index.js";

/** As kube-apiserver spells them. */
export type AuthorizationMode = "RBAC" | "AlwaysAllow";

/** What DNS does apart from where it listens. */
export interface DnsSettings {
  /** A Corefile; else that of the ConfigMap kube-system/coredns counts. */
  readonly corefile?: string;
  /** How names of pods are answered, whatever the Corefile says. */
  readonly pods?: PodsMode;
  /** Whom to ask for names outside the cluster: addresses as `forward` takes them. Without it they are refused. */
  readonly upstream?: string;
  /** Where lines go that the Corefile asks for (`log`); by default into the log. */
  readonly print?: (level: "debug" | "info" | "warning" | "error", line: string) => void;
  /** Ports of responders beside the first, that answer names of pods in other ways; 0 takes any free one. */
  readonly extra?: Readonly<Partial<Record<PodsMode, number>>>;
  /** Answers over gRPC, too: on this port (0 takes any free one), with the cluster's certificate unless it is to be plain text. */
  readonly grpc?: { readonly port: number; readonly plaintext?: boolean };
}

/** How a cluster is started. Everything has a default; nothing is read from the environment. */
export interface ClusterOptions {
  /**
   * Folder that keeps the cluster: its store, certificates, token, volumes and kubeconfig. Absent: a cluster in memory, whose volumes live in a temporary
   * folder.
   */
  readonly state?: string;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Port of the API; 0 (the default) takes any free one. */
  readonly port?: number;
  /** Port of the DNS responder, UDP and TCP; 0 (the default) takes any free one; false: none. */
  readonly dnsPort?: number | false;
  /** How DNS answers, beyond its defaults. */
  readonly dns?: DnsSettings;
  /** Whose StorageClasses the cluster ships; default eks. */
  readonly environment?: Environment;
  /** Simulated nodes made on the first start; default 3, in three zones. */
  readonly nodes?: number;
  /** How long simulated steps take; instant by default here, brisk in `mockube up`. */
  readonly pace?: Pace;
  /** What a pod's graceful stop takes at least, in milliseconds, at pace instant too; default 0. The command line sets 250: `kubectl delete` misses a name that comes back at once. */
  readonly shortestStopMs?: number;
  /** A kubeconfig is written here when the cluster is ready. */
  readonly kubeconfig?: string;
  /** false: an API server and nothing else, as envtest has it. */
  readonly controllers?: boolean;
  /** Who decides what users may do: roles and bindings (RBAC, the default), or nobody. */
  readonly authorization?: AuthorizationMode;
  /** Where time comes from: the machine ("real", the default), a clock of the caller's, or "manual": it stands still until `Cluster.time` or `mockube clock` moves it. */
  readonly clock?: Clock | "real" | "manual";
  /** Seed of every random choice (names, placement); random by default. */
  readonly seed?: number;
  readonly log?: Log;
  /** Hears what start-up is at. */
  onProgress?(step: string): void;
}

export const ENVIRONMENTS: readonly Environment[] = ["eks", "gke", "aks", "kind", "minikube", "k3s", "none"];
export const PACES: readonly Pace[] = ["instant", "brisk", "real"];
export const AUTHORIZATION_MODES: readonly AuthorizationMode[] = ["RBAC", "AlwaysAllow"];
