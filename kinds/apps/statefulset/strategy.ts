/** Source: pkg/registry/apps/statefulset strategy.go. */

import { claimSpecWarnings, podTemplateWarnings } from "../../core/pod/warnings.js";
import { dropDisabledTemplateFields } from "../../core/podtemplate/workload.js";
import type { KubeObject } from "../../object.js";
import { keepStatus } from "../../status.js";

/** maxUnavailable is behind a gate that is off in 1.36: dropped silently, unless the stored set has it. */
function dropMaxUnavailable(object: KubeObject, old?: KubeObject): void {
  if (old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined) return;
  if (object.spec?.updateStrategy?.rollingUpdate) delete object.spec.updateStrategy.rollingUpdate.maxUnavailable;
}

export function prepareForCreate(object: KubeObject): void {
  object.metadata.generation = 1;
  object.status = { replicas: 0, availableReplicas: 0 };
  dropMaxUnavailable(object);
  dropDisabledTemplateFields(object.spec?.template);
}

export function prepareForUpdate(object: KubeObject, old: KubeObject): void {
  keepStatus(object, old);
  dropMaxUnavailable(object, old);
  dropDisabledTemplateFields(object.spec?.template, old.spec?.template);
}

/** On updates the template is only looked at when something in the spec changed; claim templates always, under a path upstream spells with a capital. */
export function warnings(object: KubeObject, old?: KubeObject): string[] {
  const out = old && object.metadata.generation === old.metadata.generation ? [] : podTemplateWarnings(object.spec?.template, "spec.template");
  for (const [i, claim] of (object.spec?.volumeClaimTemplates ?? []).entries())
    out.push(...claimSpecWarnings(claim.spec, `spec.volumeClaimTemplates[${i}]${old ? ".Spec" : ""}`));
  if ((object.spec?.revisionHistoryLimit ?? 0) < 0)
    out.push("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended");
  return out;
}
