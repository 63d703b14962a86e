import { storageKey } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import { badRequest, bareError, conflict, notFound, unknownResource } from "../../errors.js";
import { topologyLabels } from "../admission/podtopologylabels.js";
import { commit } from "../commit.js";
import { answerObject, canonicalOf, cloneJson, timestamp } from "../objects.js";
import type { RequestContext, Services, Target } from "../types.js";
import { evict } from "./eviction.js";
import { withPodCondition } from "./podconditions.js";
import type { ResourceHook } from "./types.js";

const BINDING = { group: "", resource: "pods/binding" };

/** Source: pkg/registry/core/pod/storage. */
export const pods: ResourceHook = { connect: { binding: bind, eviction: evict } };

/**
 * POST on `bindings`, as it was before pods had a `binding`: the name is in the body, system fields of its metadata are wiped as on every create.
 * Source: LegacyBindingREST.
 */
export const bindings: ResourceHook = {
  async create(object, { kind, namespace }, ctx, services) {
    const pod = services.kinds.find("", "v1", "pods");
    if (!pod) throw unknownResource();
    const { name = "" } = object.metadata;
    services.admission.admit({ operation: "CREATE", kind, subresource: "", namespace, name, object, old: undefined }, ctx, services);
    if (name === "") throw badRequest("Name parameter required.");
    object.metadata.uid = undefined;
    return bind(object, { kind: pod, namespace, name, subresource: "binding" }, ctx, services);
  },
};

/** POST pods/NAME/binding: the scheduler's one way to place a pod. Source: BindingREST. */
export async function bind(body: KubeObject, target: Target, ctx: RequestContext, services: Services) {
  if (body.metadata.name !== target.name) throw badRequest("name in URL does not match name in Binding object");
  const node: string = body.target?.name ?? "";
  const findings: string[] = [];
  const kind: string = body.target?.kind ?? "";
  if (kind !== "" && kind !== "Node") findings.push(`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`);
  if (node === "") findings.push("target.name: Required value");
  if (findings.length) throw bareError(findings.length === 1 ? (findings[0] as string) : `[${findings.join(", ")}]`);
  const labels = { ...body.metadata.labels, ...(kind === "" ? {} : topologyLabels(services, node)) };
  await commit(services, ctx, target.kind, storageKey(target.kind, target.namespace, target.name), (current) => {
    if (!current) throw notFound({ group: "", resource: "pods" }, target.name);
    const refuse = (why: string): Error => conflict(BINDING, target.name, why);
    const { uid, resourceVersion } = body.metadata;
    if (uid && uid !== current.metadata.uid)
      throw conflict(
        { group: "", resource: "pods" },
        target.name,
        `StorageError: invalid object, Code: 4, Key: ${storageKey(target.kind, target.namespace, target.name)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
      );
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) throw refuse("the object has been modified");
    if (current.metadata.deletionTimestamp) throw refuse(`pod ${target.name} is being deleted, cannot be assigned to a host`);
    if (current.spec.nodeName) throw refuse(`pod ${target.name} is already assigned to node ${JSON.stringify(current.spec.nodeName)}`);
    if (current.spec.schedulingGates?.length) throw refuse(`pod ${target.name} has non-empty .spec.schedulingGates`);
    const pod = cloneJson(current);
    pod.spec.nodeName = node;
    if (body.metadata.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...body.metadata.annotations };
    if (Object.keys(labels).length) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
    pod.status = {
      ...pod.status,
      nominatedNodeName: undefined,
      conditions: withPodCondition(pod.status?.conditions, { type: "PodScheduled", status: "True" }, timestamp(services.now())),
    };
    // nodeName and the condition are written by the server itself, not by a manager: nothing is tracked for them
    return { action: "put", object: canonicalOf(target.kind, pod) };
  });
  return answerObject(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } as KubeObject);
}
