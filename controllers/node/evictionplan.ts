import type { KubeObject } from "../../kinds/object.js";
import { tolerates } from "../runtime/nodes.js";
import type { Taint } from "./plan.js";

/** core/v1 Toleration. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/**
 * How long (milliseconds) a pod may stay on a node with these taints: 0 not at all, undefined for ever. Only NoExecute counts.
 * Source: pkg/controller/tainteviction processPodOnNode, getMinTolerationTime.
 */
export function mayStay(pod: KubeObject, taints: readonly Taint[]): number | undefined {
  let least: number | undefined;
  for (const taint of taints) {
    if (taint.effect !== "NoExecute") continue;
    const used = ((pod.spec?.tolerations ?? []) as Toleration[]).find((t) => tolerates(t, taint));
    if (!used) return 0;
    if (used.tolerationSeconds === undefined || used.tolerationSeconds === null) continue;
    least = Math.min(least ?? Number.POSITIVE_INFINITY, Math.max(Number(used.tolerationSeconds), 0) * 1000);
  }
  return least;
}
