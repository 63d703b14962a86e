/** Source: pkg/apis/apps/v1 SetDefaults_Deployment. */
import { defaultPodTemplate } from "../../core/pod/defaults.js";
import type { KubeObject } from "../../object.js";
import type { Deployment } from "../../schema/api/apps.v1.js";

export function defaultDeployment(object: KubeObject): void {
  object.spec ??= {};
  const spec = (object as unknown as Deployment).spec as NonNullable<Deployment["spec"]>;
  spec.replicas ??= 1;
  spec.strategy ??= {};
  const strategy = spec.strategy;
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    const rolling = strategy.rollingUpdate;
    rolling.maxUnavailable ??= "25%";
    rolling.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.template ??= {} as typeof spec.template;
  defaultPodTemplate(spec.template);
}
