import type { Toleration } from "../../../kinds/schema/api/core.v1.js";
import type { AdmissionPlugin } from "./types.js";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const SECONDS = 300;

/** Source: plugin/pkg/admission/defaulttolerationseconds. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  admit({ kind, subresource, object }) {
    if (!object || kind.group !== "" || kind.resource !== "pods" || subresource !== "") return;
    const tolerations: Toleration[] = object.spec.tolerations ?? [];
    const has = (key: string) => tolerations.some((t) => (t.key === key || !t.key) && (t.effect === "NoExecute" || !t.effect));
    const missing = [NOT_READY, UNREACHABLE].filter((key) => !has(key));
    if (missing.length === 0) return;
    object.spec.tolerations = [...tolerations, ...missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: SECONDS }))];
  },
};
