import type { KubeObject } from "../kinds/object.js";
import { readCommand } from "./command.js";
import type { Container } from "./runtime.js";

/** What came of pulling an image. `message` is the runtime's error, as it stands in events and in the waiting state. */
export type Pull = { readonly ok: true } | { readonly ok: false; readonly message: string };

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
  /** Undefined (as when there is no such function): the container runs until it is stopped. */
  run?(pod: KubeObject, container: Container): Run | undefined;
  /** Seconds from its start until a container passes its readiness probe; infinite where it never does. None when there is no such function. */
  readyAfter?(pod: KubeObject, container: Container): number;
  /** Exit code of a container that is told to stop. */
  stopCode(pod: KubeObject, container: Container): number;
}

const isOfJob = (pod: KubeObject): boolean => pod.metadata.ownerReferences?.some((ref) => ref.controller === true && ref.kind === "Job") ?? false;

/** Images are there. Containers of Jobs do their work and end, as their commands say; others run until they are stopped, and then end well. */
export const steady: Behaviour = {
  pull: () => ({ ok: true }),
  run: (pod, container) => (isOfJob(pod) ? readCommand([...(container.command ?? []), ...(container.args ?? [])]) : undefined),
  stopCode: () => 0,
};
