/** Makes the claims of pods out of templates, and keeps reservations true. Source: pkg/controller/resourceclaim/controller.go. */
import type { Client, Informer, ResourceClient } from "../../client/client.js";
import type { PodResourceClaim } from "../../kinds/schema/api/core.v1.js";
import { PODS, type Pod, splitKey, withGvk } from "../runtime/api.js";
import { isNotFound, messageOf } from "../runtime/errors.js";
import { isPodTerminal } from "../runtime/podutil.js";
import { isFor, RESOURCE_CLAIMS, type ResourceClaim, type ResourceClaimTemplate, referenceOf } from "../runtime/resourceclaims.js";
import type { Recorder } from "../runtime/types.js";
import { claimFrom, FINALIZER, POD_CLAIM_ANNOTATION, planClaim, reservation } from "./plan.js";

/** Index of claims by the uid of the pod they were made for. */
export const BY_POD = "resourceclaim/pod";
const FIELD_MANAGER = "ResourceClaimController";

export class ResourceClaims {
  private readonly claimClient: ResourceClient<ResourceClaim>;
  private readonly podClient: ResourceClient<Pod>;

  constructor(
    client: Client,
    private readonly pods: Informer<Pod>,
    private readonly claims: Informer<ResourceClaim>,
    private readonly templates: Informer<ResourceClaimTemplate>,
    private readonly events: Recorder,
  ) {
    this.claimClient = client.resource<ResourceClaim>(RESOURCE_CLAIMS);
    this.podClient = client.resource<Pod>(PODS);
  }

  /** Makes what is missing, says so in the pod's status, and reserves what is allocated for a pod that has its node. */
  async syncPod(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = this.pods.get(namespace, name);
    if (!pod || pod.metadata.deletionTimestamp || isPodTerminal(pod)) return;
    const made: { name: string; resourceClaimName: string }[] = [];
    for (const entry of pod.spec.resourceClaims ?? []) {
      try {
        const claim = await this.ensure(namespace, pod, entry);
        if (claim) made.push({ name: entry.name, resourceClaimName: claim });
      } catch (error) {
        const text = `PodResourceClaim ${entry.name}: ${messageOf(error)}`;
        this.events.event(withGvk(pod, { apiVersion: "v1", kind: "Pod" }), "Warning", "FailedResourceClaimCreation", text);
        throw error;
      }
    }
    if (made.some(({ name: entry, resourceClaimName }) => !this.isTold(pod, entry, resourceClaimName))) await this.tell(namespace, name, made);
    if (pod.spec.nodeName) await this.reserve(namespace, pod);
  }

  private isTold = (pod: Pod, entry: string, claim: string): boolean =>
    pod.status?.resourceClaimStatuses?.some((status) => status.name === entry && status.resourceClaimName === claim) ?? false;

  /** The name of the claim made for an entry, undefined where none is to be made. */
  private async ensure(namespace: string, pod: Pod, entry: PodResourceClaim): Promise<string | undefined> {
    const template = entry.resourceClaimTemplateName;
    const reference = referenceOf(pod, entry);
    if (!template || reference === "unneeded") return undefined;
    if (reference !== "missing") {
      const claim = this.claims.get(namespace, reference.name);
      if (claim && isFor(pod, claim)) return reference.name;
    }
    // One that was made before the pod's status could say so.
    const orphan = this.claims.byIndex(BY_POD, pod.metadata.uid ?? "").find((c) => c.metadata.annotations?.[POD_CLAIM_ANNOTATION] === entry.name);
    if (orphan) return orphan.metadata.name;
    const found = this.templates.get(namespace, template);
    if (!found) throw new Error(`resource claim template "${template}": resourceclaimtemplate.resource.k8s.io "${template}" not found`);
    try {
      return (await this.claimClient.create(namespace, claimFrom(found, pod, entry))).metadata.name;
    } catch (error) {
      // Upstream names the claim by the name it does not have yet.
      throw new Error(`create ResourceClaim : ${messageOf(error)}`, { cause: error });
    }
  }

  private async tell(namespace: string, name: string, resourceClaimStatuses: readonly object[]): Promise<void> {
    const patch = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, status: { resourceClaimStatuses } };
    await this.podClient.patch(namespace, name, "application/apply-patch+yaml", patch, { subresource: "status", fieldManager: FIELD_MANAGER, force: true });
  }

  private async reserve(namespace: string, pod: Pod): Promise<void> {
    const current = this.pods.get(namespace, pod.metadata.name ?? "") ?? pod;
    for (const entry of current.spec.resourceClaims ?? []) {
      const reference = referenceOf(current, entry);
      if (typeof reference !== "object") continue;
      const claim = this.claims.get(namespace, reference.name);
      if (!claim) return;
      if (reference.own && !isFor(current, claim)) return;
      if (!reservation(current, claim)) continue;
      await this.change(namespace, reference.name, "status", (now) => {
        const consumer = reservation(current, now);
        return consumer && { ...now, status: { ...now.status, reservedFor: [...(now.status?.reservedFor ?? []), consumer] } };
      });
    }
  }

  /** Frees a claim of the pods that are gone or done, and removes it where it was made for one of them. */
  async syncClaim(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.claims.get(namespace, name);
    if (!claim) return;
    const podOf = (pod: string): Pod | undefined => this.pods.get(namespace, pod);
    const plan = planClaim(claim, podOf);
    if (plan.status)
      await this.change(namespace, name, "status", (now) => {
        const { status } = planClaim(now, podOf);
        return status && { ...now, status };
      });
    if (plan.unprotect)
      await this.change(namespace, name, "", (now) => {
        const { finalizers } = now.metadata;
        return now.status?.allocation ? undefined : { ...now, metadata: { ...now.metadata, finalizers: finalizers?.filter((f) => f !== FINALIZER) } };
      });
    if (plan.remove) await this.gone(this.claimClient.delete(namespace, name));
  }

  private change(namespace: string, name: string, subresource: string, change: (claim: ResourceClaim) => ResourceClaim | undefined): Promise<void> {
    return this.gone(this.claimClient.modify(namespace, name, change, { subresource }));
  }

  /** What has gone meanwhile needs nothing more. */
  private async gone(write: Promise<unknown>): Promise<void> {
    try {
      await write;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
