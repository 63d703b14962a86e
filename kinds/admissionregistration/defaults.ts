/** Source: pkg/apis/admissionregistration/v1/defaults.go. */
import type { KubeObject } from "../object.js";
import type { MatchResources, MutatingWebhook, RuleWithOperations, ValidatingWebhook } from "../schema/api/admissionregistration.v1.js";

const defaultRules = (rules: readonly RuleWithOperations[] | null | undefined): void => {
  for (const rule of rules ?? []) rule.scope ??= "*";
};

function defaultMatch(match: Pick<ValidatingWebhook, "matchPolicy" | "namespaceSelector" | "objectSelector">): void {
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
}

export function defaultWebhooks(object: KubeObject, mutating: boolean): void {
  for (const webhook of (object.webhooks ?? []) as (ValidatingWebhook & MutatingWebhook)[]) {
    webhook.failurePolicy ??= "Fail";
    defaultMatch(webhook);
    webhook.timeoutSeconds ??= 10;
    if (mutating) webhook.reinvocationPolicy ??= "Never";
    if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
    defaultRules(webhook.rules);
  }
}

function defaultMatchResources(match: MatchResources | null | undefined): void {
  if (!match) return;
  defaultMatch(match);
  defaultRules(match.resourceRules as RuleWithOperations[] | undefined);
  defaultRules(match.excludeResourceRules as RuleWithOperations[] | undefined);
}

export function defaultPolicy(object: KubeObject): void {
  object.spec ??= {};
  object.spec.failurePolicy ??= "Fail";
  defaultMatchResources(object.spec.matchConstraints);
}

export function defaultPolicyBinding(object: KubeObject): void {
  object.spec ??= {};
  defaultMatchResources(object.spec.matchResources);
}
