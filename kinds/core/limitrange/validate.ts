/** Source: pkg/apis/core/validation ValidateLimitRange. */
import { duplicate, type FieldError, forbidden, invalid, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { canonicalQuantity, compareQuantity, quantityMilliValue, quantityValue } from "../../quantity.js";
import { sortedAmounts } from "../../resourcelist.js";
import type { LimitRangeItem } from "../../schema/api/core.v1.js";
import { isQualifiedName } from "../../validation/names.js";
import { validateContainerResourceName, validateResourceName } from "../amounts.js";
import { isOvercommitAllowed } from "../pod/resources.js";

type List = Record<string, string>;
const TYPES = ["Pod", "Container", "PersistentVolumeClaim"];
/** Go's MaxInt64 / 1000: amounts below can be compared in thousandths. */
const MAX_MILLI = Number((1n << 63n) / 1000n);

function validateType(type: string, path: string): FieldError[] {
  const out = isQualifiedName(type).map((text) => invalid(path, type, text));
  if (out.length === 0 && !type.includes("/") && !TYPES.includes(type)) out.push(invalid(path, type, "must be a standard limit type or fully qualified"));
  return out;
}

/** How the lists of one item relate, for one resource. */
function validateResource(
  name: string,
  lists: Readonly<Record<"min" | "max" | "default" | "defaultRequest" | "maxLimitRequestRatio", List>>,
  path: string,
): FieldError[] {
  const { [name]: min } = lists.min;
  const { [name]: max } = lists.max;
  const { [name]: limit } = lists.default;
  const { [name]: request } = lists.defaultRequest;
  const { [name]: ratio } = lists.maxLimitRequestRatio;
  const out: FieldError[] = [];
  const show = (q: string): string => canonicalQuantity(q);
  const above = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && compareQuantity(a, b) > 0;
  const add = (list: string, value: string, detail: string): void => {
    out.push(invalid(`${path}.${list}[${name}]`, show(value), detail));
  };
  if (above(min, max)) add("min", min as string, `min value ${show(min as string)} is greater than max value ${show(max as string)}`);
  if (above(min, request))
    add("defaultRequest", request as string, `min value ${show(min as string)} is greater than default request value ${show(request as string)}`);
  if (above(request, max))
    add("defaultRequest", request as string, `default request value ${show(request as string)} is greater than max value ${show(max as string)}`);
  if (above(request, limit))
    add("defaultRequest", request as string, `default request value ${show(request as string)} is greater than default limit value ${show(limit as string)}`);
  // The two values printed next are the bounds, not the default: upstream's choice.
  if (above(min, limit)) add("default", min as string, `min value ${show(min as string)} is greater than default value ${show(limit as string)}`);
  if (above(limit, max)) add("default", max as string, `default value ${show(limit as string)} is greater than max value ${show(max as string)}`);
  if (ratio !== undefined && compareQuantity(ratio, "1") < 0) add("maxLimitRequestRatio", ratio, `ratio ${show(ratio)} is less than 1`);
  if (ratio !== undefined && min !== undefined && max !== undefined) {
    const fine = [ratio, min, max].every((q) => quantityValue(q) < MAX_MILLI);
    const of = fine ? quantityMilliValue : quantityValue;
    const bound = of(max) / of(min);
    if ((fine ? quantityMilliValue(ratio) / 1000 : quantityValue(ratio)) > bound)
      add("maxLimitRequestRatio", ratio, `ratio ${show(ratio)} is greater than max/min = ${bound.toFixed(6)}`);
  }
  if (!isOvercommitAllowed(name) && limit !== undefined && request !== undefined && compareQuantity(limit, request) !== 0)
    add("defaultRequest", request, `default value ${show(limit)} must equal to defaultRequest value ${show(request)} in ${name}`);
  return out;
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const out: FieldError[] = [];
  const rule = item.type === "Pod" || item.type === "Container" ? validateContainerResourceName : validateResourceName;
  const names = new Set<string>();
  const take = (field: "min" | "max" | "default" | "defaultRequest" | "maxLimitRequestRatio"): List => {
    const list = Object.create(null) as List;
    for (const [name, quantity] of sortedAmounts(item[field] as List | undefined)) {
      out.push(...rule(name, `${path}.${field}[${name}]`));
      names.add(name);
      list[name] = quantity;
    }
    return list;
  };
  const refuse = (field: "default" | "defaultRequest"): List => {
    if (Object.keys(item[field] ?? {}).length > 0) out.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    return {};
  };
  const max = take("max");
  const min = take("min");
  const limits = item.type === "Pod" ? refuse("default") : take("default");
  const requests = item.type === "Pod" ? refuse("defaultRequest") : take("defaultRequest");
  if (item.type === "PersistentVolumeClaim" && min.storage === undefined && max.storage === undefined)
    out.push(required(`${path}.limits`, "either minimum or maximum storage value is required, but neither was provided"));
  const ratios = take("maxLimitRequestRatio");
  const lists = { min, max, default: limits, defaultRequest: requests, maxLimitRequestRatio: ratios };
  return [...out, ...[...names].sort().flatMap((name) => validateResource(name, lists, path))];
}

export function validateLimitRange(object: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return ((object.spec?.limits ?? []) as LimitRangeItem[]).flatMap((item, i) => {
    const path = `spec.limits[${i}]`;
    const out = validateType(item.type ?? "", `${path}.type`);
    if (seen.has(item.type)) out.push(duplicate(`${path}.type`, item.type));
    seen.add(item.type);
    return [...out, ...validateItem(item, path)];
  });
}
