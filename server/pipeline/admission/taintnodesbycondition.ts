import type { AdmissionPlugin } from "./types.js";

const TAINT = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** Source: plugin/pkg/admission/nodetaint. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  admit({ operation, kind, subresource, object }) {
    if (!object || operation !== "CREATE" || kind.group !== "" || kind.resource !== "nodes" || subresource !== "") return;
    const taints: { key?: string; effect?: string }[] = object.spec?.taints ?? [];
    if (taints.some((t) => t.key === TAINT.key && t.effect === TAINT.effect)) return;
    object.spec = { ...object.spec, taints: [...taints, { ...TAINT }] };
  },
};
