/** Where a pod may run: node selectors, affinity, tolerations, topology spread. Source: pkg/apis/core/validation. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, quote, required } from "../../field.js";
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from "../../schema/api/core.v1.js";
import { type LabelSelector, validateLabelName, validateLabelSelector } from "../../validation/metadata.js";
import { isQualifiedName, isValidLabelValue, nameIsDNSLabel, nameIsDNSSubdomain } from "../../validation/names.js";
import { internalEqual } from "./internal.js";
import type { PodValidationOptions } from "./options.js";

const OUT_OF_RANGE = "must be in the range 1-100";

function validateNodeSelectorRequirement(rq: NodeSelectorRequirement, allowInvalidValues: boolean, path: string): FieldError[] {
  const out: FieldError[] = [];
  const values = rq.values ?? [];
  switch (rq.operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) out.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) out.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1) out.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      out.push(invalid(`${path}.operator`, rq.operator ?? "", "not a valid selector operator"));
  }
  out.push(...validateLabelName(rq.key ?? "", `${path}.key`));
  if (!allowInvalidValues)
    for (const [i, value] of values.entries()) for (const text of isValidLabelValue(value)) out.push(invalid(`${path}.values[${i}]`, value, text));
  return out;
}

function validateNodeFieldSelectorRequirement(rq: NodeSelectorRequirement, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (rq.operator === "In" || rq.operator === "NotIn") {
    if (rq.values?.length !== 1) out.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  } else out.push(invalid(`${path}.operator`, rq.operator ?? "", "not a valid selector operator"));
  if (rq.key !== "metadata.name") out.push(invalid(`${path}.key`, rq.key ?? "", "not a valid field selector key"));
  else
    for (const [i, value] of (rq.values ?? []).entries())
      for (const text of nameIsDNSSubdomain(value, false)) out.push(invalid(`${path}.values[${i}]`, value, text));
  return out;
}

/** One term of a node selector; label values are judged unless `allowInvalidValues`. */
export function validateNodeSelectorTerm(term: NodeSelectorTerm, allowInvalidValues: boolean, path: string): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((rq, i) => validateNodeSelectorRequirement(rq, allowInvalidValues, `${path}.matchExpressions[${i}]`)),
    ...(term.matchFields ?? []).flatMap((rq, i) => validateNodeFieldSelectorRequirement(rq, `${path}.matchFields[${i}]`)),
  ];
}

/** ValidateNodeSelector, also what a PersistentVolume's node affinity is judged by. */
export function validateNodeSelector(selector: NodeSelector, allowInvalidValues: boolean, path: string): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) return [required(`${path}.nodeSelectorTerms`, "must have at least one node selector term")];
  return terms.flatMap((term, i) => validateNodeSelectorTerm(term, allowInvalidValues, `${path}.nodeSelectorTerms[${i}]`));
}

function validateNodeAffinity(na: NodeAffinity, options: PodValidationOptions, path: string): FieldError[] {
  const out: FieldError[] = [];
  const needed = na.requiredDuringSchedulingIgnoredDuringExecution;
  if (needed)
    out.push(...validateNodeSelector(needed, options.allowInvalidLabelValueInRequiredNodeAffinity, `${path}.requiredDuringSchedulingIgnoredDuringExecution`));
  for (const [i, term] of (na.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    const weight = term.weight ?? 0;
    if (weight <= 0 || weight > 100) out.push(invalid(`${at}.weight`, weight, OUT_OF_RANGE));
    out.push(...validateNodeSelectorTerm(term.preference ?? {}, true, `${at}.preference`));
  }
  return out;
}

function validateLabelKeys(path: string, keys: readonly string[] | undefined, selector: LabelSelector | undefined): FieldError[] {
  if (!keys?.length) return [];
  if (!selector) return [forbidden(path, "must not be specified when labelSelector is not set")];
  return keys.flatMap((key, i) => validateLabelName(key, `${path}[${i}]`));
}

/** ValidateMatchLabelKeysAndMismatchLabelKeys: keys that the server folds into the selector must not already stand in it. */
export function validateMatchLabelKeys(
  path: string,
  match: readonly string[] | undefined,
  mismatch: readonly string[] | undefined,
  selector: LabelSelector | undefined,
): FieldError[] {
  const out = [...validateLabelKeys(`${path}.matchLabelKeys`, match, selector), ...validateLabelKeys(`${path}.mismatchLabelKeys`, mismatch, selector)];
  if (selector) {
    const seen = new Set(Object.keys(selector.matchLabels ?? {}));
    for (const { key } of selector.matchExpressions ?? []) {
      const i = match?.lastIndexOf(key) ?? -1;
      if (i >= 0 && seen.has(key)) out.push(invalid(`${path}[${i}]`, key, "exists in both matchLabelKeys and labelSelector"));
      seen.add(key);
    }
  }
  for (const [i, key] of (match ?? []).entries())
    if (mismatch?.includes(key)) out.push(invalid(`${path}.matchLabelKeys[${i}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys"));
  return out;
}

/** The older rule, for pods stored before the server merged the keys. */
function validateMatchLabelKeysInTopologySpread(path: string, keys: readonly string[] | undefined, selector: LabelSelector | undefined): FieldError[] {
  if (!keys?.length) return [];
  const out: FieldError[] = selector ? [] : [forbidden(path, "must not be specified when labelSelector is not set")];
  const inSelector = new Set([...Object.keys(selector?.matchLabels ?? {}), ...(selector?.matchExpressions ?? []).map((e) => e.key)]);
  for (const [i, key] of keys.entries()) {
    out.push(...validateLabelName(key, `${path}[${i}]`));
    if (inSelector.has(key)) out.push(invalid(`${path}[${i}]`, key, "exists in both matchLabelKeys and labelSelector"));
  }
  return out;
}

function validatePodAffinityTerm(term: PodAffinityTerm, options: PodValidationOptions, path: string): FieldError[] {
  const selectorOptions = { allowInvalidLabelValueInSelector: options.allowInvalidLabelValueInSelector };
  const out = [
    ...validateLabelSelector(term.labelSelector as LabelSelector, selectorOptions, `${path}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector as LabelSelector, selectorOptions, `${path}.namespaceSelector`),
  ];
  for (const name of term.namespaces ?? []) for (const text of nameIsDNSLabel(name, false)) out.push(invalid(`${path}.namespace`, name, text));
  out.push(...validateMatchLabelKeys(path, term.matchLabelKeys, term.mismatchLabelKeys, term.labelSelector as LabelSelector));
  const key = term.topologyKey ?? "";
  if (key === "") out.push(required(`${path}.topologyKey`, "can not be empty"));
  return [...out, ...validateLabelName(key, `${path}.topologyKey`)];
}

function validatePodAffinity(affinity: PodAffinity, options: PodValidationOptions, path: string): FieldError[] {
  const out = (affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, i) =>
    validatePodAffinityTerm(term, options, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`),
  );
  for (const [i, weighted] of (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    const weight = weighted.weight ?? 0;
    if (weight <= 0 || weight > 100) out.push(invalid(`${at}.weight`, weight, OUT_OF_RANGE));
    out.push(...validatePodAffinityTerm(weighted.podAffinityTerm ?? ({} as PodAffinityTerm), options, `${at}.podAffinityTerm`));
  }
  return out;
}

export function validateAffinity(affinity: Affinity | undefined, options: PodValidationOptions, path: string): FieldError[] {
  if (!affinity) return [];
  return [
    ...(affinity.nodeAffinity ? validateNodeAffinity(affinity.nodeAffinity, options, `${path}.nodeAffinity`) : []),
    ...(affinity.podAffinity ? validatePodAffinity(affinity.podAffinity, options, `${path}.podAffinity`) : []),
    ...(affinity.podAntiAffinity ? validatePodAffinity(affinity.podAntiAffinity, options, `${path}.podAntiAffinity`) : []),
  ];
}

/** Effects of taints and tolerations, in the order errors list them. */
export const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

/** Numbers of comparing tolerations: canonical decimal, and what Go parses as int64. */
function decimalInteger(value: string): string[] {
  const out: string[] = [];
  if (value === "") out.push("must be non-empty");
  else if (!/^(0|-?[1-9]\d*)$/.test(value)) out.push("must be a valid decimal integer in canonical form");
  if (!/^[+-]?\d+$/.test(value)) out.push(`strconv.ParseInt: parsing ${quote(value)}: invalid syntax`);
  else if (BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) out.push(`strconv.ParseInt: parsing ${quote(value)}: value out of range`);
  return out;
}

/** ValidateTolerations; also what RuntimeClass judges its tolerations by. */
export function validateTolerations(
  tolerations: readonly Toleration[] | undefined,
  path: string,
  options: Pick<PodValidationOptions, "allowTaintTolerationComparisonOperators">,
): FieldError[] {
  return (tolerations ?? []).flatMap((t, i) => {
    const out: FieldError[] = [];
    const at = `${path}[${i}]`;
    const [key, operator, value, effect] = [t.key ?? "", t.operator ?? "", t.value ?? "", t.effect ?? ""];
    if (key) out.push(...validateLabelName(key, `${at}.key`));
    else if (operator !== "Exists")
      out.push(invalid(`${at}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
    if (t.tolerationSeconds !== undefined && effect !== "NoExecute")
      out.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    switch (operator) {
      case "Equal":
      case "": {
        const texts = isValidLabelValue(value);
        if (texts.length > 0) out.push(invalid(`${at}.operator`, value, texts.join(";")));
        break;
      }
      case "Exists":
        if (value) out.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
        break;
      case "Lt":
      case "Gt":
        if (!options.allowTaintTolerationComparisonOperators) out.push(notSupported(`${at}.operator`, operator, ["Equal", "Exists", "Lt", "Gt"]));
        else for (const text of decimalInteger(value)) out.push(invalid(`${at}.value`, value, text));
        break;
      default:
        out.push(notSupported(`${at}.operator`, operator, ["Equal", "Exists"]));
    }
    if (effect && !(TAINT_EFFECTS as readonly string[]).includes(effect)) out.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
    return out;
  });
}

/** Updates may add tolerations and change tolerationSeconds, nothing else. */
export function validateOnlyAddedTolerations(
  next: readonly Toleration[] | undefined,
  old: readonly Toleration[] | undefined,
  path: string,
  options: PodValidationOptions,
): FieldError[] {
  const same = (a: Toleration, b: Toleration) => internalEqual("Toleration", { ...a, tolerationSeconds: b.tolerationSeconds }, b);
  if ((old ?? []).some((o) => !(next ?? []).some((n) => same(o, n))))
    return [forbidden(path, "existing toleration can not be modified except its tolerationSeconds")];
  return validateTolerations(next, path, options);
}

const SPREAD_ACTIONS = ["DoNotSchedule", "ScheduleAnyway"];
const NODE_INCLUSION_POLICIES = ["Honor", "Ignore"];
const NOT_POSITIVE = "must be greater than zero";

export function validateTopologySpreadConstraints(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: string,
  options: PodValidationOptions,
): FieldError[] {
  return (constraints ?? []).flatMap((c, i) => {
    const at = `${path}[${i}]`;
    const out: FieldError[] = [];
    const [topologyKey, action, maxSkew] = [c.topologyKey ?? "", c.whenUnsatisfiable ?? "", c.maxSkew ?? 0];
    if (maxSkew <= 0) out.push(invalid(`${at}.maxSkew`, maxSkew, NOT_POSITIVE));
    if (topologyKey === "") out.push(required(`${at}.topologyKey`, "can not be empty"));
    if (!SPREAD_ACTIONS.includes(action)) out.push(notSupported(`${at}.whenUnsatisfiable`, action, SPREAD_ACTIONS));
    if ((constraints ?? []).slice(i + 1).some((o) => (o.topologyKey ?? "") === topologyKey && (o.whenUnsatisfiable ?? "") === action))
      out.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`));
    if (c.minDomains !== undefined) {
      if (c.minDomains <= 0) out.push(invalid(`${at}.minDomains`, c.minDomains, NOT_POSITIVE));
      if (action !== "DoNotSchedule")
        out.push(invalid(`${at}.minDomains`, c.minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`));
    }
    for (const field of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const)
      if (c[field] !== undefined && !NODE_INCLUSION_POLICIES.includes(c[field])) out.push(notSupported(`${at}.${field}`, c[field], NODE_INCLUSION_POLICIES));
    const selector = c.labelSelector as LabelSelector | undefined;
    if (options.oldPodViolatesMatchLabelKeysValidation) out.push(...validateMatchLabelKeysInTopologySpread(`${at}.matchLabelKeys`, c.matchLabelKeys, selector));
    else out.push(...validateMatchLabelKeys(at, c.matchLabelKeys, undefined, selector));
    if (!options.allowInvalidTopologySpreadConstraintLabelSelector) out.push(...validateLabelSelector(selector, {}, `${at}.labelSelector`));
    return out;
  });
}

export function validateSchedulingGates(gates: PodSpec["schedulingGates"], path: string): FieldError[] {
  const seen = new Set<string>();
  return (gates ?? []).flatMap((gate, i) => {
    const name = gate.name ?? "";
    const out = isQualifiedName(name).map((text) => invalid(`${path}[${i}]`, name, text));
    if (seen.has(name)) out.push(duplicate(`${path}[${i}]`, name));
    seen.add(name);
    return out;
  });
}

/** Gates only ever go away; the message names each that came. */
export function validateOnlyDeletedSchedulingGates(next: PodSpec["schedulingGates"], old: PodSpec["schedulingGates"], path: string): FieldError[] {
  const known = new Set((old ?? []).map((g) => g.name ?? ""));
  const added = new Map<string, number>();
  for (const [i, gate] of (next ?? []).entries()) if (!known.has(gate.name ?? "")) added.set(gate.name ?? "", i);
  return [...added].map(([name, i]) => forbidden(`${path}[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`));
}
