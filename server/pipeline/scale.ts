import { invalid as invalidField } from "../../kinds/field.js";
import { scale as scaleKind } from "../../kinds/autoscaling/scale/index.js";
import { apiVersionOf, type Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { badRequest, conflict, invalid } from "../errors.js";
import { get } from "./get.js";
import { managerOf } from "./managed.js";
import { checkName, ensureNamespace } from "./metadata.js";
import { mutate } from "./mutate.js";
import { answerObject, cloneJson, timestamp } from "./objects.js";
import { fromScaleManagedFields, toScaleManagedFields, updateManagedFields } from "./patch/apply/index.js";
import type { Answer, RequestContext, Services, Target } from "./types.js";

/** The schema of autoscaling/v1 Scale, which every /scale speaks. */
export const SCALE_SCHEMA = scaleKind.schema;

export const SCALE_KIND: Kind = scaleKind;

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

/** Source: ScaleREST.Get of pkg/registry/apps. */
export const getScale = (services: Services, target: Target): Answer => answerObject(200, scaleOf(target.kind, get(services, target).object));

/** How a Scale is written. */
export interface ScaleChange {
  /** The new Scale from the present one: PUT returns the body, PATCH applies the patch. The present one carries the managers of the replicas. */
  next(scale: KubeObject): KubeObject;
  /** The change was an apply, which keeps the managers itself. */
  readonly applied: boolean;
  /** What a PUT asks of the object. */
  readonly uid?: string;
}

/**
 * A write on /scale. The object's own resourceVersion and uid rules apply through the Scale's metadata; who owns the replicas is carried over into the Scale
 * and back.
 * Source: scaleUpdatedObjectInfo.UpdatedObject.
 */
export async function writeScale(services: Services, ctx: RequestContext, target: Target, change: ScaleChange): Promise<Answer> {
  const { kind } = target;
  const apiVersion = apiVersionOf(kind);
  const paths = { [apiVersion]: ["spec", "replicas"] };
  const answer = await mutate(services, ctx, target, {
    allowCreate: false,
    uid: change.uid,
    transform: (current) => {
      const live = current as KubeObject;
      const before = scaleOf(kind, live);
      before.metadata.managedFields = toScaleManagedFields(live.metadata.managedFields, paths);
      const made = change.next(before);
      const { name, uid } = made.metadata;
      if (name !== target.name)
        throw badRequest(
          name
            ? `the name of the object (${name}) does not match the name on the URL (${target.name})`
            : `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
        );
      ensureNamespace(made, kind, target.namespace);
      const scale = change.applied ? made : trackScale(services, ctx, before, made);
      const replicas = scale.spec?.replicas ?? 0;
      if (replicas < 0) throw invalid(SCALE_KIND, target.name, [invalidField("spec.replicas", replicas, "must be greater than or equal to 0")]);
      if (uid && uid !== live.metadata.uid)
        throw conflict(
          { group: kind.group, resource: `${kind.resource}/scale` },
          target.name,
          `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`,
        );
      const object = cloneJson(live);
      object.metadata.resourceVersion = scale.metadata.resourceVersion || undefined;
      kind.scale?.setReplicas(object, replicas);
      object.metadata.managedFields = fromScaleManagedFields(live.metadata.managedFields, scale.metadata.managedFields, apiVersion, paths);
      return object;
    },
  });
  return answerObject(200, scaleOf(kind, answer.object));
}

/** PUT of a Scale, which is looked at like any body before the object is. */
export function putScale(services: Services, ctx: RequestContext, target: Target, scale: KubeObject): Promise<Answer> {
  ensureNamespace(scale, target.kind, target.namespace);
  checkName(scale, target);
  return writeScale(services, ctx, target, { applied: false, uid: scale.metadata.uid, next: () => scale });
}

const trackScale = (services: Services, ctx: RequestContext, live: KubeObject, next: KubeObject): KubeObject =>
  updateManagedFields({
    struct: SCALE_SCHEMA,
    live,
    next,
    manager: managerOf(ctx),
    subresource: "scale",
    apiVersion: "autoscaling/v1",
    nowIso: timestamp(services.now()),
    resetFields: [],
  });
