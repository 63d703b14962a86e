/** Which changes of an object make quotas count anew. Source: pkg/quota/v1/install/update_filter.go. */
import type { KubeObject } from "../../../object.js";
import type { ContainerStatus } from "../../../schema/api/core.v1.js";
import { semanticEqual } from "../../../validation/equality.js";
import { isCharged, isTerminating } from "./pods.js";
import { chargedType } from "./services.js";

function resized(pod: KubeObject, old: KubeObject): boolean {
  return ["containerStatuses", "initContainerStatuses"].some((list) =>
    ((old.status?.[list] ?? []) as ContainerStatus[]).some((was) => {
      const is = ((pod.status?.[list] ?? []) as ContainerStatus[]).find((s) => s.name === was.name);
      return is !== undefined && !semanticEqual(was.resources, is.resources);
    }),
  );
}

/** What of a claim is charged beside what it asks for. */
const chargedOf = ({ spec, status }: KubeObject): unknown[] => [
  status?.allocatedResources?.storage,
  spec?.volumeAttributesClassName,
  status?.currentVolumeAttributesClassName,
  status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
];

/** Whether what an object costs may have become less, or another quota's matter. `now` in milliseconds. */
export function changesCharge(group: string, resource: string, object: KubeObject, old: KubeObject, now: number): boolean {
  switch (`${group}/${resource}`) {
    case "/pods":
      return resized(object, old) || isTerminating(object) !== isTerminating(old) || (isCharged(old, now) && !isCharged(object, now));
    case "/services":
      return chargedType(object) !== chargedType(old);
    case "/persistentvolumeclaims":
      return !semanticEqual(chargedOf(object), chargedOf(old));
    default:
      return false;
  }
}
