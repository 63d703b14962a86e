/** What classes, claims and allocation results have in common: selectors, configuration, tolerations, binding conditions. Source: pkg/apis/resource/validation. */
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from "../field.js";
import type { DeviceSelector, DeviceTaint, DeviceToleration, OpaqueDeviceConfiguration } from "../schema/api/resource.v1.js";
import { validateLabelName } from "../validation/metadata.js";
import { byteLength } from "../validation/names.js";
import { validateSlice } from "./lists.js";
import { validateDriverName, validateLabelValue } from "./names.js";
import { selectorFault } from "./selectorenvironment.js";

const MAX_SELECTORS = 32;
const MAX_EXPRESSION = 10 * 1024;
const MAX_PARAMETERS = 10 * 1024;
const MAX_CONDITIONS = 4;

/** In upstream's order: a sorted set. */
const EFFECTS = ["NoExecute", "NoSchedule", "None"];

function validateSelector(selector: DeviceSelector, path: string): FieldError[] {
  if (!selector.cel) return [required(`${path}.cel`)];
  const expression = selector.cel.expression ?? "";
  // What is too long is not compiled.
  if (byteLength(expression) > MAX_EXPRESSION) return [tooLong(`${path}.cel.expression`, MAX_EXPRESSION)];
  const fault = selectorFault(expression);
  return fault ? [invalid(`${path}.cel.expression`, expression, fault)] : [];
}

export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, path: string): FieldError[] =>
  validateSlice(selectors, MAX_SELECTORS, validateSelector, path);

/** A RawExtension that must hold a JSON object. `max` in bytes is not asked of what is stored already. */
export function validateRawObject(value: unknown, path: string, max: number): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (max >= 0 && byteLength(JSON.stringify(value)) > max) return [tooLong(path, max)];
  return typeof value === "object" && !Array.isArray(value) ? [] : [invalid(path, "<value omitted>", "must be a valid JSON object")];
}

/** `opaque` of a configuration. `stored`: it stood there before, whatever its size. */
export function validateConfiguration(config: { readonly opaque?: OpaqueDeviceConfiguration }, path: string, stored = false): FieldError[] {
  if (!config.opaque) return [required(`${path}.opaque`)];
  const { driver, parameters } = config.opaque;
  return [...validateDriverName(driver, `${path}.opaque.driver`), ...validateRawObject(parameters, `${path}.opaque.parameters`, stored ? -1 : MAX_PARAMETERS)];
}

export function validateToleration(toleration: DeviceToleration, path: string): FieldError[] {
  const { key, operator, value = "", effect } = toleration;
  const out = key ? validateLabelName(key, `${path}.key`) : [];
  if (operator === "Exists") {
    if (value) out.push(invalid(`${path}.value`, value, "must be empty for operator `Exists`"));
  } else if (operator === "Equal") out.push(...validateLabelValue(value, `${path}.value`));
  else out.push(operator ? notSupported(`${path}.operator`, operator, ["Equal", "Exists"]) : required(`${path}.operator`));
  if (effect && !EFFECTS.includes(effect)) out.push(notSupported(`${path}.effect`, effect, EFFECTS));
  return out;
}

export function validateTaint(taint: DeviceTaint, path: string): FieldError[] {
  const out = validateLabelName(taint.key ?? "", `${path}.key`);
  if (taint.value) out.push(...validateLabelValue(taint.value, `${path}.value`));
  if (!taint.effect) out.push(required(`${path}.effect`));
  else if (!EFFECTS.includes(taint.effect)) out.push(notSupported(`${path}.effect`, taint.effect, EFFECTS));
  return out;
}

/** Conditions to wait for before a pod is bound, and those that mean it has failed: both or neither, none in both, none twice. */
export function validateBindingConditions(
  { bindingConditions: wanted, bindingFailureConditions: failed }: { readonly bindingConditions?: string[]; readonly bindingFailureConditions?: string[] },
  path: string,
): FieldError[] {
  const [at, failedAt] = [`${path}.bindingConditions`, `${path}.bindingFailureConditions`];
  const out = [...validateSlice(wanted, MAX_CONDITIONS, validateLabelName, at), ...validateSlice(failed, MAX_CONDITIONS, validateLabelName, failedAt)];
  for (const [i, name] of (wanted ?? []).entries()) if ((wanted ?? []).indexOf(name) < i) out.push(duplicate(`${at}[${i}]`, name));
  for (const [i, name] of (failed ?? []).entries()) {
    if ((failed ?? []).indexOf(name) < i) out.push(duplicate(`${failedAt}[${i}]`, name));
    if (wanted?.includes(name)) out.push(invalid(`${failedAt}[${i}]`, name, "bindingFailureConditions must not overlap with bindingConditions"));
  }
  const [some, others] = [wanted?.length ?? 0, failed?.length ?? 0];
  if (some === 0 && others > 0) out.push(invalid(at, wanted, "bindingConditions are required to use bindingFailureConditions"));
  if (others === 0 && some > 0) out.push(invalid(failedAt, failed, "bindingFailureConditions are required to use bindingConditions"));
  return out;
}
