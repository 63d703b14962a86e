/** The two kinds that keep a number of pods: one controller, told apart here. Source: pkg/controller/replication, which wraps pkg/controller/replicaset. */
import type { ResourceRef } from "../../client/client.js";
import type { LabelSelector } from "../../kinds/validation/metadata.js";
import { type Gvk, REPLICA_SETS, REPLICATION_CONTROLLERS, type ReplicaSet } from "../runtime/api.js";

export interface Flavour {
  readonly gvk: Gvk;
  readonly resource: ResourceRef;
  /** The service account, and the source of Events. */
  readonly component: string;
  /** Where the kinds differ: one has a plain map for a selector. All else is where a ReplicaSet has it. */
  selectorOf(set: ReplicaSet): LabelSelector | undefined;
  /** Whether status counts the pods that are on their way out. */
  readonly tellsTerminating: boolean;
}

export const REPLICA_SET: Flavour = {
  gvk: { apiVersion: "apps/v1", kind: "ReplicaSet" },
  resource: REPLICA_SETS,
  component: "replicaset-controller",
  selectorOf: (set) => set.spec.selector,
  tellsTerminating: true,
};

export const REPLICATION_CONTROLLER: Flavour = {
  gvk: { apiVersion: "v1", kind: "ReplicationController" },
  resource: REPLICATION_CONTROLLERS,
  component: "replication-controller",
  selectorOf: (set) => ({ matchLabels: set.spec.selector as Record<string, string> | undefined }),
  tellsTerminating: false,
};
