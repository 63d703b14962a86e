/** Annotations of nodes that were fields before there were fields. Source: pkg/apis/core/validation ValidateNodeSpecificAnnotations. */
import { type FieldError, invalid, required } from "../../field.js";
import type { Taint } from "../../schema/api/core.v1.js";
import { goJSONError } from "../../validation/gojsontext.js";

const TAINTS = "scheduler.alpha.kubernetes.io/taints";
const AVOID_PODS = "scheduler.alpha.kubernetes.io/preferAvoidPods";
const PATH = "metadata.annotations";

type Fields = Readonly<Record<string, unknown>>;

/** Keys as Go's decoder finds them: in any case. */
function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.charAt(0).toLowerCase() + key.slice(1), lowered(item)]));
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const word = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value);
const mismatch = (value: unknown, where: string): string => `json: cannot unmarshal ${word(value)} into Go ${where}`;

/** The taints of the annotation, or what is wrong with its text. */
function taintsOf(text: string): Taint[] | string {
  const problem = goJSONError(text, "array", "[]core.Taint");
  if (problem) return problem;
  const out: Taint[] = [];
  for (const item of (lowered(JSON.parse(text)) ?? []) as unknown[]) {
    if (item !== null && !isFields(item)) return mismatch(item, "value of type core.Taint");
    const { key = "", value = "", effect = "" } = item ?? {};
    for (const [name, one] of Object.entries({ Key: key, Value: value, Effect: effect }))
      if (typeof one !== "string") return mismatch(one, `struct field Taint.${name} of type ${name === "Effect" ? "core.TaintEffect" : "string"}`);
    out.push({ key: key as string, value: value as string, effect: effect as string });
  }
  return out;
}

function validateAvoidPods(text: string): FieldError[] {
  // the value printed is the annotation's name
  const refuse = (problem: string): FieldError[] => [invalid(`${PATH}.AvoidPods`, AVOID_PODS, problem)];
  const problem = goJSONError(text, "object", "v1.AvoidPods");
  if (problem) return refuse(problem);
  const entries = ((lowered(JSON.parse(text)) ?? {}) as Fields).preferAvoidPods ?? [];
  if (!Array.isArray(entries)) return refuse(mismatch(entries, "struct field AvoidPods.preferAvoidPods of type []v1.PreferAvoidPodsEntry"));
  return entries.flatMap((entry: unknown, i) => {
    const at = `${PATH}.${AVOID_PODS}[${i}].PodSignature`;
    const signature = isFields(entry) && isFields(entry.podSignature) ? entry.podSignature : {};
    if (!isFields(signature.podController)) return [required(at)];
    return signature.podController.controller === false ? [invalid(`${at}.PodController.Controller`, false, "must point to a controller")] : [];
  });
}

/** `validateTaints` judges taints wherever they stand. */
export function validateNodeAnnotations(
  annotations: Readonly<Record<string, string>>,
  validateTaints: (taints: readonly Taint[], path: string) => FieldError[],
): FieldError[] {
  const taints = annotations[TAINTS] ? taintsOf(annotations[TAINTS]) : [];
  return [
    ...(typeof taints === "string" ? [invalid(PATH, TAINTS, taints)] : validateTaints(taints, `${PATH}.${TAINTS}`)),
    ...(annotations[AVOID_PODS] ? validateAvoidPods(annotations[AVOID_PODS]) : []),
  ];
}
