/** Source: pkg/apis/apps/v1 SetDefaults_DaemonSet. */
import { defaultPodTemplate } from "../../core/pod/defaults.js";
import type { KubeObject } from "../../object.js";
import type { DaemonSet } from "../../schema/api/apps.v1.js";

export function defaultDaemonSet(object: KubeObject): void {
  object.spec ??= {};
  const spec = (object as unknown as DaemonSet).spec as NonNullable<DaemonSet["spec"]>;
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {} as typeof spec.template;
  defaultPodTemplate(spec.template);
}
