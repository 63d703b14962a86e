import type { KubeObject } from "../../../kinds/object.js";
import { compareQuantity } from "../../../kinds/quantity.js";
import type { Toleration } from "../../../kinds/schema/api/core.v1.js";
import { semanticEqual } from "../../../kinds/validation/equality.js";
import { forbidden } from "../../errors.js";
import { resourceName } from "../objects.js";
import type { Services } from "../types.js";
import { peek } from "./lookup.js";
import type { AdmissionPlugin, Attributes } from "./types.js";

/** What a pod's runtime costs, and where it runs, comes from its class. Source: plugin/pkg/admission/runtimeclass. */
export const runtimeClass: AdmissionPlugin = {
  name: "RuntimeClass",
  admit(a, _ctx, services) {
    const spec = podSpec(a);
    if (typeof spec?.runtimeClassName !== "string") return;
    const { overhead, scheduling } = classOf(a, services, spec.runtimeClassName);
    if (overhead) {
      if (Object.keys(spec.overhead ?? {}).length && !sameAmounts(spec.overhead, overhead.podFixed)) throw refuse(a, MISMATCH);
      spec.overhead = overhead.podFixed && { ...overhead.podFixed };
    }
    if (!scheduling) return;
    for (const [key, value] of Object.entries<string>(scheduling.nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key];
      if (own !== undefined && own !== value)
        throw refuse(a, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
    }
    const tolerations = mergeTolerations(spec.tolerations ?? [], scheduling.tolerations ?? []);
    if (tolerations.length) spec.tolerations = tolerations;
  },
  validate(a, _ctx, services) {
    const spec = podSpec(a);
    if (!spec) return;
    const overhead = typeof spec.runtimeClassName === "string" ? classOf(a, services, spec.runtimeClassName).overhead : undefined;
    if (overhead && !sameAmounts(spec.overhead, overhead.podFixed)) throw refuse(a, MISMATCH);
    if (!overhead && spec.overhead) throw refuse(a, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
  },
};

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

type Amounts = Readonly<Record<string, string>> | undefined;

/** Semantic equality of resource lists: amounts count, not how they are written. */
function sameAmounts(a: Amounts = {}, b: Amounts = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && compareQuantity(a[name] as string, b[name]) === 0);
}

const podSpec = ({ operation, kind, subresource, object }: Attributes): KubeObject["spec"] =>
  operation === "CREATE" && kind.group === "" && kind.resource === "pods" && subresource === "" ? object?.spec : undefined;

const refuse = (a: Attributes, why: string): Error => forbidden(resourceName(a.kind), a.name, why);

function classOf(a: Attributes, services: Services, name: string): KubeObject {
  const found = peek(services, "node.k8s.io", "v1", "runtimeclasses", "", name);
  if (!found) throw refuse(a, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found;
}

/** Both lists, without what another of them tolerates as well; of equals the first stays. Source: pkg/util/tolerations MergeTolerations. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [i, t] of all.entries()) {
    if (merged.some((m) => isSuperset(m, t))) continue;
    if (all.slice(i + 1).some((later) => !semanticEqual(t, later) && isSuperset(later, t))) continue;
    merged.push(t);
  }
  return merged;
}

function isSuperset(ss: Toleration, t: Toleration): boolean {
  if (semanticEqual(t, ss)) return true;
  const of = (x: Toleration) => ({ key: x.key ?? "", operator: x.operator ?? "", value: x.value ?? "", effect: x.effect ?? "", seconds: x.tolerationSeconds });
  const [wide, narrow] = [of(ss), of(t)];
  // no key and Exists: everything
  if (narrow.key !== wide.key && (wide.key !== "" || wide.operator !== "Exists")) return false;
  if (narrow.effect !== wide.effect && wide.effect !== "") return false;
  if (wide.effect === "NoExecute" && wide.seconds !== undefined && (narrow.seconds === undefined || narrow.seconds > wide.seconds)) return false;
  if (wide.operator === "Equal" || wide.operator === "") return narrow.operator === "Equal" && narrow.value === wide.value;
  return wide.operator === "Exists";
}
