/** Why a service has no endpoints, as statements. Pure. */
import type { KubeObject } from "../../kinds/object.js";
import { belongsInEndpoints, isReady } from "../runtime/endpoints/pods.js";
import type { Named, Statement } from "../runtime/journal.js";

/** Most pods that are named. */
const FEW = 3;

/** `selected`: the pods that the service selects; `byHand`: somebody has made endpoints for it. */
export function aboutService(service: KubeObject, selected: readonly KubeObject[], byHand: boolean): Statement[] {
  const { namespace, name = "" } = service.metadata;
  const about: Named = { kind: "Service", namespace, name };
  const state = "has no endpoints";
  if (service.spec?.type === "ExternalName")
    return [{ about, state, because: `it is another name of ${service.spec.externalName}`, rule: "type ExternalName", unblocks: "it is of another type" }];
  const selector: Record<string, string> = service.spec?.selector ?? {};
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  if (labels.length === 0) {
    if (byHand) return [];
    return [{ about, state, because: "it has no selector, and nobody has made endpoints for it", rule: "spec.selector", unblocks: "somebody gives it either" }];
  }
  const told = labels.join(",");
  if (selected.length === 0)
    return [{ about, state, because: `no pod has its labels: ${told}`, rule: "spec.selector", unblocks: "a pod with these labels is created" }];
  if (
    selected.some(
      (pod) => belongsInEndpoints(pod, true) && (service.spec?.publishNotReadyAddresses === true || (isReady(pod) && !pod.metadata.deletionTimestamp)),
    )
  )
    return [];
  const alive = selected.filter((pod) => pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed");
  const which = alive.length > 0 ? alive : selected;
  const few = which.slice(0, FEW).map((pod) => pod.metadata.name);
  const more = which.length > FEW ? ` and ${which.length - FEW} more` : "";
  return [
    {
      about,
      state,
      because: `${alive.length > 0 ? (which.length === 1 ? "its only pod is not Ready" : `none of its ${which.length} pods is Ready`) : "all its pods have ended"}: ${few.join(", ")}${more}`,
      rule: "only pods that are Ready are endpoints",
      waitsFor: which.map((pod) => ({ kind: "Pod", namespace, name: pod.metadata.name ?? "" })),
      unblocks: "one of them is Ready",
    },
  ];
}
