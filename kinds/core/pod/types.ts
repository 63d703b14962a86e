import type { KubeObject } from "../../object.js";

/** A decoded piece of a spec whose shape the strict decoder has checked: field types are right, any field may be absent. */
export type Loose = KubeObject[string];
export type PodSpec = Loose;
export type Container = Loose;
export type Volume = Loose;
export type Probe = Loose;
export type ResourceList = Record<string, string>;
