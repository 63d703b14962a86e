import type { Services } from "../types.js";
import { peek } from "./lookup.js";
import type { AdmissionPlugin } from "./types.js";

const COPIED = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/** The labels of a node that its pods carry. */
export function topologyLabels(services: Services, node: string): Record<string, string> {
  const labels = peek(services, "", "v1", "nodes", "", node)?.metadata.labels ?? {};
  return Object.fromEntries(COPIED.filter((key) => labels[key] !== undefined).map((key) => [key, labels[key] as string]));
}

/**
 * A pod made with a node gets the node's zone and region; one that is bound later gets them with its binding (resources/pods.ts).
 * Source: plugin/pkg/admission/podtopologylabels.
 */
export const podTopologyLabels: AdmissionPlugin = {
  name: "PodTopologyLabels",
  admit({ operation, kind, subresource, object }, _ctx, services) {
    if (!object || operation !== "CREATE" || kind.group !== "" || kind.resource !== "pods" || subresource !== "" || !object.spec?.nodeName) return;
    const labels = topologyLabels(services, object.spec.nodeName);
    if (Object.keys(labels).length) object.metadata.labels = { ...object.metadata.labels, ...labels };
  },
};
