/** Source: pkg/quota/v1/evaluator/core/services.go. */
import type { KubeObject } from "../../../object.js";
import type { ServiceSpec } from "../../../schema/api/core.v1.js";
import { type Evaluator, objectCountName } from "./evaluator.js";

const COUNT = objectCountName("", "services");
const RESOURCES = [COUNT, "services", "services.nodeports", "services.loadbalancers"];

/** The types that cost more than a service does. Source: GetQuotaServiceType. */
export const chargedType = (service: KubeObject): string => (["NodePort", "LoadBalancer"].includes(service.spec?.type) ? service.spec.type : "");

/** Ports count before they are allocated: by intent. */
function nodePorts(spec: Partial<ServiceSpec>): number {
  const ports = spec.ports ?? [];
  if (spec.type === "NodePort") return ports.length;
  if (spec.type !== "LoadBalancer") return 0;
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter((p) => p.nodePort).length : ports.length;
}

export const serviceEvaluator: Evaluator = {
  group: "",
  resource: "services",
  handles: ({ subresource }) => subresource === "",
  matching: (names) => names.filter((name) => RESOURCES.includes(name)),
  usage: ({ spec = {} }) => ({
    [COUNT]: "1",
    services: "1",
    "services.loadbalancers": spec.type === "LoadBalancer" ? "1" : "0",
    "services.nodeports": String(nodePorts(spec)),
  }),
};
