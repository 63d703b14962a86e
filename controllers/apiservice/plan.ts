import { localCondition } from "../../kinds/apiregistration/apiservice/index.js";
import type { KubeObject } from "../../kinds/object.js";
import type { EndpointSlice } from "../../kinds/schema/api/discovery.v1.js";
import { formatTime } from "../../kinds/time.js";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string | null;
  readonly reason?: string;
  readonly message?: string;
}

/** What is known about the service of an aggregated API. */
export interface Backend {
  readonly service: KubeObject | undefined;
  readonly slices: readonly EndpointSlice[];
}

const hasEndpoint = (slices: readonly EndpointSlice[], portName: string): boolean =>
  slices.some(
    (slice) =>
      (slice.endpoints ?? []).some((e) => e.conditions?.ready !== false) &&
      (slice.ports ?? []).some((p) => (p.name ?? "") === portName && typeof p.port === "number"),
  );

/** Why an aggregated API cannot be had. Source: kube-aggregator pkg/controllers/status/remote sync. */
function problem(object: KubeObject, { service, slices }: Backend): readonly [reason: string, message: string] {
  const { group = "", version = "", service: ref } = object.spec ?? {};
  const port: number = ref.port ?? 443;
  const which = `service/${ref.name} in ${JSON.stringify(ref.namespace)}`;
  if (!service) return ["ServiceNotFound", `${which} is not present`];
  const { type, clusterIP = "", externalName = "", ports = [] } = service.spec ?? {};
  if (type === "ClusterIP") {
    const found = (ports as { port: number; name?: string }[]).find((p) => p.port === port);
    if (!found) return ["ServicePortError", `${which} is not listening on port ${port}`];
    if (slices.length === 0) return ["EndpointsNotFound", `cannot find endpointslices for ${which}`];
    const name = found.name ?? "";
    if (!hasEndpoint(slices, name)) return ["MissingEndpoints", `endpointslices for ${which} have no addresses with port name ${JSON.stringify(name)}`];
  }
  if (clusterIP === "None" && type !== "ExternalName") return ["FailedDiscoveryCheck", 'cannot route to service with ClusterIP "None"'];
  // No packet reaches a simulated service: what is asked is answered as by a machine on which nobody listens.
  const host = `${type === "ExternalName" ? externalName : clusterIP.includes(":") ? `[${clusterIP}]` : clusterIP}:${port}`;
  const url = `https://${host}${object.metadata.name === "v1." ? `/api/${version}` : `/apis/${group}/${version}`}`;
  return ["FailedDiscoveryCheck", `failing or missing response from ${url}: Get "${url}": dial tcp ${host}: connect: connection refused`];
}

/** The status an APIService should have; undefined when it has it. A condition's time is that of its last change of status. */
export function planAvailability(object: KubeObject, backend: Backend, now: number): { readonly conditions: readonly Condition[] } | undefined {
  const conditions = (object.status?.conditions ?? []) as readonly Condition[];
  const current = conditions.find((c) => c.type === "Available");
  let wanted = localCondition(now) as Condition;
  if (object.spec?.service) {
    const [reason, message] = problem(object, backend);
    wanted = { type: "Available", status: "False", lastTransitionTime: formatTime(now), reason, message };
  }
  if (current?.status === wanted.status) {
    if (current.reason === wanted.reason && current.message === wanted.message) return undefined;
    wanted = { ...wanted, lastTransitionTime: current.lastTransitionTime };
  }
  return { conditions: current ? conditions.map((c) => (c === current ? wanted : c)) : [...conditions, wanted] };
}
