/** Taints and tolerations. Pure. Source: component-helpers scheduling/corev1, api/core/v1 Toleration.ToleratesTaint. */
import type { Taint, Toleration } from "../../kinds/schema/api/core.v1.js";
import type { Pod } from "../volume/api.js";

const NUMBER = /^(0|-?[1-9]\d*)$/;

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return (toleration.value ?? "") === (taint.value ?? "");
    case "Lt":
    case "Gt": {
      if (!NUMBER.test(toleration.value ?? "") || !NUMBER.test(taint.value ?? "")) return false;
      const [a, b] = [BigInt(taint.value ?? "0"), BigInt(toleration.value ?? "0")];
      return toleration.operator === "Lt" ? a < b : a > b;
    }
    default:
      return false;
  }
}

/** The first taint of the given effects that nothing tolerates. */
export function untoleratedTaint(pod: Pod, taints: readonly Taint[] | undefined, effects: readonly string[]): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !(pod.spec.tolerations ?? []).some((t) => tolerates(t, taint)));
}
