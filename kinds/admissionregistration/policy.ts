/** What validating and mutating admission policies have in common. Source: pkg/apis/admissionregistration/validation, apiserver pkg/admission/plugin/cel/composition.go. */
import { type AdmissionVariables, admissionEnvironment } from "../cel/admission.js";
import { compileError, type Type } from "../cel/index.js";
import { DYN, listType, mapType } from "../cel/types.js";
import { type FieldError, forbidden, invalid, notSupported, required } from "../field.js";
import type { KubeObject } from "../object.js";
import type { ParamKind, ParamRef, Variable } from "../schema/api/admissionregistration.v1.js";
import { semanticEqual } from "../validation/equality.js";
import { validateLabelSelector } from "../validation/metadata.js";
import { isDNS1035Label, isDNS1123Subdomain, nameIsPathSegment } from "../validation/names.js";

const STATIC_SUFFIX = ".static.k8s.io";

/** Names of what manifests configure warn: they are not for the API. Source: validation/static_suffix.go. */
export const staticSuffixWarnings = (object: KubeObject): string[] =>
  object.metadata.name?.endsWith(STATIC_SUFFIX)
    ? [`metadata.name: names ending with "${STATIC_SUFFIX}" are reserved for static manifest-based configurations and cannot be managed via the API`]
    : [];

/** An apiVersion's group and version; nothing when it has too many parts. */
function groupVersion(apiVersion: string): readonly [group: string, version: string] | undefined {
  if (apiVersion === "" || apiVersion === "/") return ["", ""];
  const parts = apiVersion.split("/");
  return parts.length === 1 ? ["", apiVersion] : parts.length === 2 ? [parts[0] as string, parts[1] as string] : undefined;
}

export function validateParamKind(paramKind: ParamKind | null | undefined, path: string): FieldError[] {
  if (!paramKind) return [];
  const { apiVersion = "", kind = "" } = paramKind;
  const out: FieldError[] = [];
  const parsed = groupVersion(apiVersion);
  if (apiVersion === "") out.push(required(`${path}.apiVersion`));
  else if (!parsed) out.push(invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const [group, version] = parsed;
    const groupTexts = group === "" ? [] : isDNS1123Subdomain(group);
    if (groupTexts.length > 0) out.push(invalid(`${path}.apiVersion`, group, groupTexts.join(",")));
    const versionTexts = version === "" ? [] : isDNS1035Label(version);
    if (version === "") out.push(invalid(`${path}.apiVersion`, apiVersion, "version must be specified"));
    else if (versionTexts.length > 0) out.push(invalid(`${path}.apiVersion`, version, versionTexts.join(",")));
  }
  const kindTexts = kind === "" ? [] : isDNS1035Label(kind.toLowerCase());
  if (kind === "") out.push(required(`${path}.kind`));
  else if (kindTexts.length > 0) out.push(invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${kindTexts.join(",")}`));
  return out;
}

const RESERVED = new Set("true false null in as break const continue else for function if import let loop package namespace return var void while".split(" "));
const isIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !RESERVED.has(name);

const KEPT = new Set(["any", "bool", "bytes", "double", "duration", "int", "null", "string", "timestamp", "uint"]);

/** The type under which a variable is known to later expressions: messages and other rare types are dynamic. */
function variableType(type: Type): Type {
  const params = type.params.map(variableType) as [Type, Type];
  if (type.kind === "list") return listType(params[0]);
  if (type.kind === "map") return mapType(...params);
  return KEPT.has(type.kind) ? type : DYN;
}

/** Compiles the expressions of one policy. Its variables are known to each other, and to what follows, in their order. */
export class PolicyCompiler {
  private readonly variables: Map<string, Type> | undefined;

  /** `composed`: whether there is a `variables` at all. */
  constructor(
    private readonly has: AdmissionVariables,
    composed: boolean,
  ) {
    this.variables = composed ? new Map() : undefined;
  }

  private environment(has: AdmissionVariables) {
    return admissionEnvironment({ authorizer: true, ...this.has, ...has, ...(this.variables ? { variables: this.variables } : {}) });
  }

  /** What is wrong with an expression that has to have one of some types. `has` differs from the policy's own for a few. */
  error(expression: string, wanted: readonly string[], has: AdmissionVariables = {}): string | undefined {
    return compileError(this.environment(has), expression, wanted);
  }

  validateVariables(variables: readonly Variable[] | null | undefined, path: string): FieldError[] {
    return (variables ?? []).flatMap((variable, i) => {
      const at = `${path}[${i}]`;
      const { name = "", expression = "" } = variable;
      const out: FieldError[] = [];
      if (name.trim() === "") out.push(required(`${at}.name`, "name is not specified"));
      else if (!isIdentifier(name)) out.push(invalid(`${at}.name`, name, "must be a valid CEL identifier"));
      if (expression.trim() === "") return [...out, required(`${at}.expression`, "expression is not specified")];
      const result = this.environment({}).compile(expression);
      if ("error" in result) out.push(invalid(`${at}.expression`, expression, `compilation failed: ${result.error}`));
      this.variables?.set(name, "error" in result ? DYN : variableType(result.type));
      return out;
    });
  }
}

/** Whether conditions need another look after an update: they, or the parameters they may name, are others now. */
export const conditionsChanged = (object: KubeObject, old: KubeObject): boolean =>
  !semanticEqual(object.spec?.paramKind, old.spec?.paramKind) || !semanticEqual(object.spec?.matchConditions, old.spec?.matchConditions);

export function validateParamRef(ref: ParamRef | null | undefined, path: string): FieldError[] {
  if (!ref) return [];
  const { name = "", selector } = ref;
  const out: FieldError[] = [];
  const exclusive = "name and selector are mutually exclusive";
  if (name !== "") {
    out.push(...nameIsPathSegment(name, false).map((text) => invalid(`${path}.name`, name, text)));
    if (selector) out.push(forbidden(`${path}.name`, exclusive));
  }
  if (selector) {
    out.push(...validateLabelSelector(selector, {}, `${path}.selector`));
    if (name !== "") out.push(forbidden(`${path}.selector`, exclusive));
  }
  if (name === "" && !selector) out.push(required(path, "one of name or selector must be specified"));
  const action = ref.parameterNotFoundAction ?? "";
  if (action === "") out.push(required(`${path}.parameterNotFoundAction`));
  else if (action !== "Deny" && action !== "Allow") out.push(notSupported(`${path}.parameterNotFoundAction`, action, ["Deny", "Allow"]));
  return out;
}

export const paramKindCell = (object: KubeObject): string => {
  const { paramKind } = object.spec ?? {};
  return paramKind ? `${paramKind.apiVersion ?? ""}/${paramKind.kind ?? ""}` : "<unset>";
};

/** As Go prints metav1.LabelSelector. Source: its generated String. */
function selectorText({ matchLabels = {}, matchExpressions = [] }: NonNullable<ParamRef["selector"]>): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`);
  const terms = matchExpressions.map(
    (e) => `LabelSelectorRequirement{Key:${e.key ?? ""},Operator:${e.operator ?? ""},Values:[${(e.values ?? []).join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{${terms.join("")}},}`;
}

export function paramRefCell(object: KubeObject): string {
  const ref = object.spec?.paramRef as ParamRef | undefined;
  if (ref?.name) return `${ref.namespace || "*"}/${ref.name}`;
  return ref?.selector ? selectorText(ref.selector) : "<unset>";
}
