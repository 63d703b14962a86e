import { apiVersionOf, type Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { badRequest, invalid } from "../errors.js";
import { get } from "./get.js";
import { trackUpdate } from "./managed.js";
import { mutate } from "./mutate.js";
import { answerObject, cloneJson } from "./objects.js";
import type { Answer, RequestContext, Services, Target } from "./types.js";

/** The schema of autoscaling/v1 Scale, which every /scale speaks. */
export const SCALE_SCHEMA = "io.k8s.api.autoscaling.v1.Scale";

/** The Scale of an object. Source: the scaleFromX functions of pkg/registry/apps. */
export function scaleOf(kind: Kind, object: KubeObject): KubeObject {
  const scale = kind.scale;
  if (!scale) throw badRequest(`${apiVersionOf(kind)} ${kind.kind} has no scale`);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = scale.getReplicas(object);
  const selector = scale.getSelector(object);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: scale.getStatusReplicas(object), ...(selector ? { selector } : {}) },
  };
}

export function getScale(services: Services, target: Target): Answer {
  return answerObject(200, scaleOf(target.kind, get(services, target).object));
}

/**
 * A write on /scale. `next` makes the new Scale from the present one (PUT returns the body, PATCH applies the patch). The object's own resourceVersion and uid rules apply
 * through the Scale's metadata. Source: scaleUpdatedObjectInfo.UpdatedObject.
 */
export async function writeScale(services: Services, ctx: RequestContext, target: Target, next: (scale: KubeObject) => KubeObject): Promise<Answer> {
  const { kind } = target;
  const answer = await mutate(services, ctx, target, {
    allowCreate: false,
    transform: (current) => {
      const live = current as KubeObject;
      const scale = next(scaleOf(kind, live));
      if (scale.metadata.name !== undefined && scale.metadata.name !== "" && scale.metadata.name !== target.name)
        throw badRequest(`the name of the object (${scale.metadata.name}) does not match the name on the URL (${target.name})`);
      const replicas = scale.spec?.replicas ?? 0;
      if (replicas < 0)
        throw invalid({ group: "autoscaling", kind: "Scale" }, target.name, [
          { type: "FieldValueInvalid", field: "spec.replicas", message: `Invalid value: ${replicas}: must be greater than or equal to 0` },
        ]);
      const object = cloneJson(live);
      object.metadata.resourceVersion = scale.metadata.resourceVersion || undefined;
      kind.scale?.setReplicas(object, replicas);
      return trackUpdate(services, ctx, kind, "scale", live, object);
    },
  });
  return answerObject(200, scaleOf(kind, answer.object));
}
