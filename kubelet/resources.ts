import type { KubeObject } from "../kinds/object.js";
import { addQuantity, compareQuantity, formatQuantity } from "../kinds/quantity.js";
import type { Container } from "./runtime.js";

type List = Readonly<Record<string, string | number>>;

const add = (a: string, b: string | number): string => formatQuantity(addQuantity(a, b));
const max = (a: string, b: string | number): string => (compareQuantity(b, a) > 0 ? String(b) : a);

function combine(into: Record<string, string>, list: List | undefined, how: (a: string, b: string | number) => string): void {
  for (const [name, value] of Object.entries(list ?? {})) into[name] = into[name] === undefined ? String(value) : how(into[name], value);
}

/**
 * What a pod asks for as a whole: its containers and sidecars together, or its greediest init container with the sidecars before it, whichever is more; a pod's
 * own resources go before its containers'; overhead comes on top. Source: component-helpers/resource PodRequests, PodLimits.
 */
export function podResources(pod: KubeObject): { requests: Record<string, string>; limits: Record<string, string> } {
  const total = (which: "requests" | "limits"): Record<string, string> => {
    const sum: Record<string, string> = {};
    for (const c of (pod.spec?.containers ?? []) as Container[]) combine(sum, c.resources?.[which], add);
    const sidecars: Record<string, string> = {};
    const most: Record<string, string> = {};
    for (const c of (pod.spec?.initContainers ?? []) as Container[]) {
      if (c.restartPolicy === "Always") {
        combine(sum, c.resources?.[which], add);
        combine(sidecars, c.resources?.[which], add);
        combine(most, sidecars, max);
      } else {
        const withSidecars = { ...sidecars };
        combine(withSidecars, c.resources?.[which], add);
        combine(most, withSidecars, max);
      }
    }
    combine(sum, most, max);
    for (const [name, value] of Object.entries((pod.spec?.resources?.[which] ?? {}) as List)) sum[name] = String(value);
    for (const [name, value] of Object.entries((pod.spec?.overhead ?? {}) as List)) {
      if (which === "requests" || sum[name] !== undefined) combine(sum, { [name]: value }, add);
    }
    return sum;
  };
  return { requests: total("requests"), limits: total("limits") };
}
