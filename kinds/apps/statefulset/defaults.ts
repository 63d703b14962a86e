/** Source: pkg/apis/apps/v1 SetDefaults_StatefulSet; apiVersion and kind of claim templates from conversion.go. */

import { defaultPodTemplate, defaultResourceList } from "../../core/pod/defaults.js";
import type { KubeObject } from "../../object.js";
import type { StatefulSet } from "../../schema/api/apps.v1.js";

export function defaultStatefulSet(object: KubeObject): void {
  object.spec ??= {};
  const spec = (object as unknown as StatefulSet).spec as NonNullable<StatefulSet["spec"]>;
  spec.podManagementPolicy ||= "OrderedReady";
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) {
    strategy.type = "RollingUpdate";
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === "RollingUpdate" && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  retention.whenDeleted ||= "Retain";
  retention.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {} as typeof spec.template;
  defaultPodTemplate(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = "v1";
    claim.kind = "PersistentVolumeClaim";
    claim.status ??= {};
    claim.status.phase ||= "Pending";
    claim.spec ??= {} as typeof claim.spec;
    claim.spec.volumeMode ??= "Filesystem";
    for (const list of [claim.spec.resources?.limits, claim.spec.resources?.requests, claim.status.capacity, claim.status.allocatedResources])
      defaultResourceList(list as Record<string, string>);
  }
}
