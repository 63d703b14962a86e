/** Source: pkg/apis/apps/v1 SetDefaults_Deployment, and conversion.go for the annotation: inside it is a number, or nothing. */
import { defaultPodTemplate } from "../../core/pod/defaults.js";
import type { KubeObject } from "../../object.js";
import { parseInt64Fault } from "../../validation/numbers.js";
import { ROLLBACK_TO } from "./validate.js";
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
  const { [ROLLBACK_TO]: rollback, ...annotations } = object.metadata.annotations ?? {};
  if (rollback !== undefined && parseInt64Fault(rollback || "0") === undefined)
    object.metadata.annotations = rollback === "" ? annotations : { ...annotations, [ROLLBACK_TO]: String(BigInt(rollback.replace(/^\+/, ""))) };
}
