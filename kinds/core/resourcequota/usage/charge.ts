/** Whether a write fits into the quotas of its namespace, and what it costs. Source: apiserver pkg/admission/plugin/resourcequota CheckRequest. */
import type { KubeObject } from "../../../object.js";
import { signQuantity } from "../../../quantity.js";
import { addLists, amountOf, exceeding, listOf, maskList, type ResourceList, sortedAmounts, subtractLists, withoutZeros } from "../../../resourcelist.js";
import { coveredBy, type Evaluator, type QuotaFacts, type QuotaRequest } from "./evaluator.js";

/** A refusal, in the words that follow `is forbidden: `. */
interface Refused {
  readonly refused: string;
}

/** What a quota's status.used becomes. */
export interface Charge {
  readonly quota: KubeObject;
  readonly used: ResourceList;
}

const print = (list: ResourceList): string =>
  sortedAmounts(list)
    .map(([name, amount]) => `${name}=${amount}`)
    .join(",");

/** The charges that a write makes, none when it costs nothing; or why it may not be made. `quotas` are those of its namespace, as they stand. */
export function chargeQuotas(evaluator: Evaluator, quotas: readonly KubeObject[], request: QuotaRequest, facts: QuotaFacts): Charge[] | Refused {
  if (!evaluator.handles(request)) return [];
  const { object, old } = request;
  const pertinent: KubeObject[] = [];
  for (const quota of quotas) {
    const hard = listOf(quota.status?.hard);
    const measured = evaluator.matching(Object.keys(hard), facts);
    if (measured.length === 0 || !coveredBy(evaluator, quota.spec, object)) continue;
    const missing = evaluator.missing?.(measured, object);
    if (missing !== undefined) return { refused: `failed quota: ${quota.metadata.name}: ${missing}` };
    if (measured.some((name) => amountOf(quota.status?.used, name) === undefined))
      return { refused: `status unknown for quota: ${quota.metadata.name}, resources: ${measured.sort().join(",")}` };
    pertinent.push(quota);
  }
  const usage = evaluator.usage(object, facts);
  const negative = Object.keys(usage).filter((name) => signQuantity(usage[name] as string) < 0);
  if (negative.length > 0) return { refused: `quota usage is negative for resource(s): ${negative.sort().join(",")}` };
  // What is there already is paid for, by those quotas that covered it then too.
  const more = old ? subtractLists(usage, evaluator.usage(old, facts)) : usage;
  const charges: Charge[] = [];
  for (const quota of pertinent) {
    const hard = listOf(quota.status?.hard);
    const delta = withoutZeros(old && coveredBy(evaluator, quota.spec, old) ? more : usage);
    const requested = maskList(delta, Object.keys(hard));
    if (Object.keys(requested).length === 0) continue;
    const before = listOf(quota.status?.used);
    const used = addLists(before, requested);
    // What a controller reports of an object is charged, not refused.
    const over = request.subresource === "status" ? [] : exceeding(maskList(used, Object.keys(requested)), hard);
    if (over.length > 0) {
      const [wanted, had, limit] = [requested, before, hard].map((list) => print(maskList(list, over)));
      return { refused: `exceeded quota: ${quota.metadata.name}, requested: ${wanted}, used: ${had}, limited: ${limit}` };
    }
    charges.push({ quota, used });
  }
  return charges;
}
