import type { KubeObject } from "../kinds/object.js";
import { readCommand } from "./command.js";
import { nameFault } from "./identity.js";
import type { Container, ContainerRuntime, ProbeType } from "./runtime.js";

/** What came of pulling an image. `message` is the runtime's error, as it stands in events and in the waiting state. */
export type Pull = { readonly ok: true } | { readonly ok: false; readonly message: string; readonly reason?: "InvalidImageName" | "ErrImageNeverPull" };

/** How a container ends of its own accord. */
export interface Run {
  readonly exitCode: number;
  /** What it takes by itself, on the cluster's clock; the pace may make it longer. */
  readonly seconds: number;
  /** Why, where the exit code does not say it: OOMKilled. */
  readonly reason?: string;
}

/**
 * How a pod's containers behave, as far as a simulation has to make it up. What tells a pod to behave otherwise (image names, annotations) is read in told.ts
 * and nowhere else.
 */
export interface Behaviour {
  pull(pod: KubeObject, container: Container): Pull;
  /** Undefined (as when there is no such function): the container runs until it is stopped, or as long as an init container takes. */
  run?(pod: KubeObject, container: Container, role: ContainerRuntime["role"]): Run | undefined;
  /** Seconds from its start until a container without a readiness probe is ready; infinite where it never is. None when there is no such function. */
  readyAfter?(pod: KubeObject, container: Container): number;
  /** Between which seconds after the container's start the probe fails. Undefined (as when there is no such function): it passes whenever it is asked. */
  failing?(pod: KubeObject, container: Container, probe: ProbeType): { readonly from: number; readonly until: number } | undefined;
  /** Seconds from the pod's start until its node, short of memory, evicts it. */
  evictedAfter?(pod: KubeObject): number | undefined;
  /** Exit code of a container that is told to stop; undefined when it does not listen and is killed in the end. */
  stopCode(pod: KubeObject, container: Container): number | undefined;
}

const isOfJob = (pod: KubeObject): boolean => pod.metadata.ownerReferences?.some((ref) => ref.controller === true && ref.kind === "Job") ?? false;

/** Images are there. Containers of Jobs do their work and end, as their commands say; others run until they are stopped, and then end well. */
export const steady: Behaviour = {
  pull: (_, { image = "" }) => {
    const fault = nameFault(image);
    return fault === undefined ? { ok: true } : { ok: false, reason: "InvalidImageName", message: fault };
  },
  run: (pod, container, role) => (role === "main" && isOfJob(pod) ? readCommand([...(container.command ?? []), ...(container.args ?? [])]) : undefined),
  stopCode: () => 0,
};
