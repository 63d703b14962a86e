/** Pods made and deleted on behalf of a controller, with the Events that tell of it. Source: pkg/controller/controller_utils.go RealPodControl. */
import type { ResourceClient } from "../../client/client.js";
import { type Gvk, type KubeObject, type Pod, withGvk } from "./api.js";
import { isNamespaceTerminating, isNotFound, messageOf } from "./errors.js";
import type { Recorder } from "./types.js";

export interface PodControl {
  /** A namespace that is being deleted takes no pods: that is no failure. Throws what else went wrong. */
  create(parent: KubeObject, pod: Pod): Promise<void>;
  /** A pod that has gone already is no failure. */
  delete(parent: KubeObject, name: string): Promise<void>;
}

/** `gvk` is the parents'. */
export function createPodControl(pods: ResourceClient<Pod>, recorder: Recorder, gvk: Gvk): PodControl {
  const record = (parent: KubeObject, type: "Normal" | "Warning", reason: string, message: string): void =>
    recorder.event(withGvk(parent, gvk), type, reason, message);
  return {
    async create(parent, pod) {
      if (Object.keys(pod.metadata.labels ?? {}).length === 0) throw new Error("unable to create pods, no labels");
      let created: Pod;
      try {
        created = await pods.create(parent.metadata.namespace ?? "", pod);
      } catch (error) {
        if (isNamespaceTerminating(error)) return;
        record(parent, "Warning", "FailedCreate", `Error creating: ${messageOf(error)}`);
        throw error;
      }
      record(parent, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
    },
    async delete(parent, name) {
      try {
        await pods.delete(parent.metadata.namespace ?? "", name);
      } catch (error) {
        if (isNotFound(error)) return;
        record(parent, "Warning", "FailedDelete", `Error deleting: ${messageOf(error)}`);
        throw new Error(`unable to delete pods: ${messageOf(error)}`);
      }
      record(parent, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
    },
  };
}
