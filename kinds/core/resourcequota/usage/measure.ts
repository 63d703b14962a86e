/** What a namespace uses of a quota's resources. Source: apiserver pkg/quota/v1 CalculateUsage, generic CalculateUsageStats. */
import type { KubeObject } from "../../../object.js";
import { addQuantity, formatQuantity, parseQuantity, type Quantity } from "../../../quantity.js";
import type { ResourceList } from "../../../resourcelist.js";
import type { ResourceQuotaSpec } from "../../../schema/api/core.v1.js";
import { coveredBy, type Evaluator, type QuotaFacts } from "./evaluator.js";

const ZERO = parseQuantity("0");

/** A resource and its objects in the quota's namespace; asked only when the quota is about it. */
export interface Measured {
  readonly evaluator: Evaluator;
  objects(): readonly KubeObject[];
}

/** The usage by name, of those names in `hard` that something measures. */
export function calculateUsage(spec: Partial<ResourceQuotaSpec>, resources: readonly Measured[], facts: QuotaFacts): ResourceList {
  const hard = Object.keys(spec.hard ?? {});
  // Texts are made once, at the end: a namespace may hold thousands of pods.
  const used = new Map<string, Quantity>();
  for (const { evaluator, objects } of resources) {
    const names = evaluator.matching(hard, facts);
    if (names.length === 0) continue;
    for (const name of names) if (!used.has(name)) used.set(name, ZERO);
    for (const object of objects()) {
      if (!coveredBy(evaluator, spec, object)) continue;
      const usage = evaluator.usage(object, facts);
      for (const name of names) if (usage[name] !== undefined) used.set(name, addQuantity(used.get(name) as Quantity, usage[name]));
    }
  }
  return Object.fromEntries([...used].map(([name, amount]) => [name, formatQuantity(amount)]));
}
