/** How much of a capacity a claim may ask for: discrete values or a range. Source: pkg/apis/resource/validation validateRequestPolicy. */
import { type FieldError, forbidden, invalid, required } from "../../field.js";
import { addQuantity, compareQuantity, formatQuantity, quantityValue } from "../../quantity.js";
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from "../../schema/api/resource.v1.js";
import { validateSet } from "../lists.js";

const MAX_OPTIONS = 10;
const text = (quantity: string | number): string => formatQuantity(quantity);

function validateOptions(standard: string, capacity: string, options: readonly string[], path: string): FieldError[] {
  const out: FieldError[] = [];
  for (let i = 1; i < options.length; i++)
    if (compareQuantity(options[i - 1] as string, options[i] as string) > 0)
      out.push(invalid(`${path}[${i}]`, text(options[i] as string), "values must be sorted in ascending order"));
  const rule = (option: string, at: string): FieldError[] =>
    compareQuantity(option, capacity) > 0 ? [invalid(at, text(option), `option is larger than capacity value: ${text(capacity)}`)] : [];
  out.push(...validateSet(options, MAX_OPTIONS, rule, (option) => String(quantityValue(option)), path));
  // Beyond the limit no option is looked at, so the default is not found either.
  const found = options.length <= MAX_OPTIONS && options.some((option) => compareQuantity(option, standard) === 0);
  if (!found) out.push(invalid(path, text(standard), "default value is not valid according to the requestPolicy"));
  return out;
}

function validateStep(value: string, min: string, step: string, path: string): FieldError[] {
  const width = quantityValue(step);
  // Upstream divides by zero here and answers with a panic; nothing is a multiple of nothing.
  if (width !== 0 && (quantityValue(value) - quantityValue(min)) % width === 0) return [];
  return [invalid(path, text(value), `value is not a multiple of a given step (${text(step)}) from (${text(min)})`)];
}

function validateRange(standard: string, capacity: string, { min, max, step }: CapacityRequestPolicyRange, path: string): FieldError[] {
  if (min === undefined || min === null) return [required(`${path}.min`, "required when validRange is defined")];
  const out: FieldError[] = [];
  if (compareQuantity(min, capacity) > 0) out.push(invalid(`${path}.min`, text(min), `min is larger than capacity value: ${text(capacity)}`));
  if (compareQuantity(standard, min) < 0) out.push(invalid(`${path}.min`, text(standard), `default is less than min: ${text(min)}`));
  const bounded = max !== undefined && max !== null;
  if (bounded) {
    if (compareQuantity(min, max) > 0) out.push(invalid(`${path}.max`, text(min), `min is larger than max: ${text(max)}`));
    if (compareQuantity(max, capacity) > 0) out.push(invalid(`${path}.max`, text(max), `max is larger than capacity value: ${text(capacity)}`));
    if (compareQuantity(standard, max) > 0) out.push(invalid(`${path}.max`, text(standard), `default is more than max: ${text(max)}`));
  }
  if (step === undefined || step === null) return out;
  const one = addQuantity(min, step);
  if (compareQuantity(one, capacity) > 0)
    out.push(invalid(`${path}.step`, text(step), `one step ${formatQuantity(one)} is larger than capacity value: ${text(capacity)}`));
  out.push(...validateStep(standard, min, step, `${path}.step`));
  if (bounded) out.push(...validateStep(max, min, step, `${path}.step`));
  return out;
}

function validatePolicy(capacity: string, policy: CapacityRequestPolicy, path: string): FieldError[] {
  const { validValues: options, validRange: range, default: standard } = policy;
  const listed = (options?.length ?? 0) > 0;
  if (listed && range) return [forbidden(path, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')];
  if (!listed && !range) return [];
  if (standard === undefined || standard === null) return [required(`${path}.default`, `required when ${listed ? "validValues" : "validRange"} is defined`)];
  return listed
    ? validateOptions(standard, capacity, options as string[], `${path}.validValues`)
    : validateRange(standard, capacity, range as CapacityRequestPolicyRange, `${path}.validRange`);
}

/** A capacity; only a device that is given out several times (`shared`) may have a policy. */
export function validateCapacity({ value, requestPolicy }: DeviceCapacity, path: string, shared: boolean): FieldError[] {
  if (!requestPolicy) return [];
  if (!shared) return [forbidden(`${path}.requestPolicy`, "allowMultipleAllocations must be true")];
  return validatePolicy(value ?? "0", requestPolicy, `${path}.requestPolicy`);
}
