/** Source: pkg/apis/apps/v1 SetDefaults_DaemonSet, and conversion.go for the annotation. */
import { defaultPodTemplate } from "../../core/pod/defaults.js";
import type { KubeObject } from "../../object.js";
import type { DaemonSet } from "../../schema/api/apps.v1.js";
import { defaultTemplateGeneration } from "./strategy.js";

export function defaultDaemonSet(object: KubeObject): void {
  object.spec ??= {};
  const spec = (object as unknown as DaemonSet).spec as NonNullable<DaemonSet["spec"]>;
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
  }
  // Inside, both are plain values: where the block is there, neither is ever absent.
  if (strategy.rollingUpdate) {
    strategy.rollingUpdate.maxUnavailable ??= 0;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {} as typeof spec.template;
  defaultPodTemplate(spec.template);
  defaultTemplateGeneration(object);
}
