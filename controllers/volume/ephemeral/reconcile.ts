/** Makes the claims of generic ephemeral volumes, owned by their pod. Source: pkg/controller/volume/ephemeral/controller.go. */
import type { Informer, ResourceClient } from "../../../client/client.js";
import { withGvk } from "../../runtime/api.js";
import { messageOf } from "../../runtime/errors.js";
import type { ControllerContext, Recorder } from "../../runtime/types.js";
import { CLAIMS, claimIsForPod, claimNameOf, type PersistentVolumeClaim, type Pod, splitKey } from "../api.js";

export class EphemeralVolumes {
  private readonly client: ResourceClient<PersistentVolumeClaim>;
  private readonly events: Recorder;

  constructor(
    ctx: ControllerContext,
    private readonly pods: Informer<Pod>,
    private readonly claims: Informer<PersistentVolumeClaim>,
  ) {
    this.client = ctx.client
      .as("system:serviceaccount:kube-system:ephemeral-volume-controller", "kube-controller-manager")
      .resource<PersistentVolumeClaim>(CLAIMS);
    this.events = ctx.recorder("ephemeral_volume");
  }

  async syncPod(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = this.pods.get(namespace, name);
    if (!pod || pod.metadata.deletionTimestamp) return;
    for (const volume of pod.spec.volumes ?? []) {
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (!template) continue;
      const claimName = claimNameOf(pod, volume) ?? "";
      try {
        const claim = this.claims.get(namespace, claimName);
        if (claim) {
          if (!claimIsForPod(pod, claim)) throw new Error(`PVC ${namespace}/${claimName} was not created for pod ${namespace}/${name} (pod is not owner)`);
          continue;
        }
        try {
          await this.client.create(namespace, {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: {
              name: claimName,
              namespace,
              ...(template.metadata?.labels && { labels: template.metadata.labels }),
              ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
              ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid: pod.metadata.uid ?? "", controller: true, blockOwnerDeletion: true }],
            },
            spec: template.spec,
          });
        } catch (error) {
          throw new Error(`create PVC ${claimName}: ${messageOf(error)}`, { cause: error });
        }
      } catch (error) {
        this.events.event(withGvk(pod, { apiVersion: "v1", kind: "Pod" }), "Warning", "FailedBinding", `ephemeral volume ${volume.name}: ${messageOf(error)}`);
        throw error;
      }
    }
  }
}
