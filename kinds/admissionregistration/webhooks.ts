/** Validating and mutating webhook configurations. Source: pkg/apis/admissionregistration/validation validate{Validating,Mutating}WebhookConfiguration. */
import { duplicate, type FieldError, invalid, notSupported, required } from "../field.js";
import type { KubeObject } from "../object.js";
import type { MutatingWebhook, ValidatingWebhook } from "../schema/api/admissionregistration.v1.js";
import { semanticEqual } from "../validation/equality.js";
import { validateLabelSelector, validateObjectMeta } from "../validation/metadata.js";
import { isDNS1035Label, isFullyQualifiedName, nameIsDNSSubdomain } from "../validation/names.js";
import { validateWebhookService, validateWebhookURL } from "../validation/webhook.js";
import { FAILURE_POLICIES, MATCH_POLICIES, oneOf, REINVOCATION_POLICIES, validateMatchConditions, validateRuleWithOperations } from "./rules.js";

type Webhook = ValidatingWebhook & MutatingWebhook;

/** What is asked of new configurations, and of changed ones unless the stored one already fell short of it. */
interface Strictness {
  readonly conditions: boolean;
  readonly noSideEffects: boolean;
  readonly knownReviewVersion: boolean;
  readonly uniqueNames: boolean;
  readonly invalidSelectors: boolean;
}

const STRICT: Strictness = { conditions: true, noSideEffects: true, knownReviewVersion: true, uniqueNames: true, invalidSelectors: false };
const REVIEW_VERSIONS: readonly string[] = ["v1", "v1beta1"];
const SIDE_EFFECTS = ["None", "NoneOnDryRun", "Some", "Unknown"];
const NO_SIDE_EFFECTS = ["None", "NoneOnDryRun"];

const webhooksOf = (object: KubeObject): Webhook[] => object.webhooks ?? [];

function strictnessFor(object: KubeObject, old: KubeObject): Strictness {
  const [now, before] = [webhooksOf(object), webhooksOf(old)];
  const isRefused = (selector: Webhook["namespaceSelector"]): boolean => validateLabelSelector(selector, {}, "").length > 0;
  return {
    conditions: now.length !== before.length || before.some((w, i) => !semanticEqual(now[i]?.matchConditions, w.matchConditions)),
    noSideEffects: before.every((w) => NO_SIDE_EFFECTS.includes(w.sideEffects ?? "")),
    knownReviewVersion: before.every((w) => !w.admissionReviewVersions?.length || w.admissionReviewVersions.some((v) => REVIEW_VERSIONS.includes(v))),
    uniqueNames: new Set(before.map((w) => w.name)).size === before.length,
    invalidSelectors: before.some((w) => isRefused(w.namespaceSelector) || isRefused(w.objectSelector)),
  };
}

function validateReviewVersions(versions: readonly string[], known: boolean, path: string): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${REVIEW_VERSIONS.join(", ")}`)];
  const out: FieldError[] = [];
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) out.push(invalid(`${path}[${i}]`, version, "duplicate version"));
    else out.push(...isDNS1035Label(version).map((text) => invalid(`${path}[${i}]`, version, text)));
  }
  if (known && !versions.some((v) => REVIEW_VERSIONS.includes(v)))
    out.push(invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(", ")}`));
  return out;
}

function validateClient({ url, service }: Webhook["clientConfig"], path: string): FieldError[] {
  if ((url === undefined || url === null) === !service) return [required(path, "exactly one of url or service is required")];
  if (!service) return validateWebhookURL(`${path}.url`, url as string, true);
  // Upstream hands name and namespace over the wrong way round: what is said about the one is about the other.
  return validateWebhookService(`${path}.service`, service.name ?? "", service.namespace ?? "", service.path, service.port ?? 0);
}

function validateWebhook(webhook: Webhook, mutating: boolean, strict: Strictness, path: string): FieldError[] {
  const out = isFullyQualifiedName(`${path}.name`, webhook.name ?? "");
  for (const [i, rule] of (webhook.rules ?? []).entries()) out.push(...validateRuleWithOperations(rule, `${path}.rules[${i}]`));
  out.push(...oneOf(webhook.failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`, false));
  out.push(...oneOf(webhook.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, false));
  const sideEffects = strict.noSideEffects ? NO_SIDE_EFFECTS : SIDE_EFFECTS;
  if (webhook.sideEffects === undefined || webhook.sideEffects === null)
    out.push(required(`${path}.sideEffects`, `must specify one of ${sideEffects.join(", ")}`));
  else if (!sideEffects.includes(webhook.sideEffects)) out.push(notSupported(`${path}.sideEffects`, webhook.sideEffects, sideEffects));
  const { timeoutSeconds } = webhook;
  if (typeof timeoutSeconds === "number" && (timeoutSeconds > 30 || timeoutSeconds < 1))
    out.push(invalid(`${path}.timeoutSeconds`, timeoutSeconds, "the timeout value must be between 1 and 30 seconds"));
  for (const name of ["namespaceSelector", "objectSelector"] as const)
    out.push(...validateLabelSelector(webhook[name], { allowInvalidLabelValueInSelector: strict.invalidSelectors }, `${path}.${name}`));
  if (mutating) out.push(...oneOf(webhook.reinvocationPolicy, REINVOCATION_POLICIES, `${path}.reinvocationPolicy`, false));
  out.push(...validateClient(webhook.clientConfig ?? {}, `${path}.clientConfig`));
  if (strict.conditions) out.push(...validateMatchConditions(webhook.matchConditions, {}, `${path}.matchConditions`));
  return out;
}

function validateAll(object: KubeObject, mutating: boolean, strict: Strictness): FieldError[] {
  const names = new Set<string>();
  return webhooksOf(object).flatMap((webhook, i) => {
    const path = `webhooks[${i}]`;
    const out = [
      ...validateWebhook(webhook, mutating, strict, path),
      ...validateReviewVersions(webhook.admissionReviewVersions ?? [], strict.knownReviewVersion, `${path}.admissionReviewVersions`),
    ];
    if (strict.uniqueNames && webhook.name && names.has(webhook.name)) out.push(duplicate(`${path}.name`, webhook.name));
    names.add(webhook.name);
    return out;
  });
}

export const validateWebhooks = (object: KubeObject, mutating: boolean): FieldError[] => validateAll(object, mutating, STRICT);

export const validateWebhooksUpdate = (object: KubeObject, old: KubeObject, mutating: boolean): FieldError[] => [
  ...validateObjectMeta(object.metadata, false, nameIsDNSSubdomain),
  ...validateAll(object, mutating, strictnessFor(object, old)),
];
