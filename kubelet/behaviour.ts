import type { KubeObject } from "../kinds/object.js";
import type { Container } from "./runtime.js";

/** What came of pulling an image. `message` is the runtime's error, as it stands in events and in the waiting state. */
export type Pull = { readonly ok: true } | { readonly ok: false; readonly message: string };

/**
 * How a pod's containers behave, as far as a simulation has to make it up. The default runs everything for ever; what tells a pod to behave otherwise
 * (image names, annotations) is decided in here and nowhere else.
 */
export interface Behaviour {
  pull(pod: KubeObject, container: Container): Pull;
  /** Exit code of a container that is told to stop. */
  stopCode(pod: KubeObject, container: Container): number;
}

/** Images are there, containers run until they are stopped, and then end well. */
export const steady: Behaviour = {
  pull: () => ({ ok: true }),
  stopCode: () => 0,
};
