import type { KubeObject } from "../kinds/object.js";
import { imageSize, pullsAlways } from "./identity.js";
import type { Container, ContainerRuntime } from "./runtime.js";

/** An Event about one container (or, without `fieldPath`, the pod) that a stage gives rise to. */
export interface PodEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly fieldPath?: string;
}

/** Where the container stands in the pod, as in an Event's involvedObject. Source: pkg/kubelet/container/ref.go. */
export const fieldPath = (c: Pick<ContainerRuntime, "role" | "spec">): string => `spec.${c.role === "main" ? "containers" : "initContainers"}{${c.spec.name}}`;

/** Go's %v of a duration that was cut to milliseconds. */
const goDuration = (ms: number): string => (ms < 1000 ? `${ms}ms` : `${Number((ms / 1000).toFixed(3))}s`);

/** Events of an image that is brought in, or found. Source: pkg/kubelet/images/image_manager.go EnsureImageExists. */
export function pulled(c: ContainerRuntime, present: boolean): PodEvent[] {
  const image = c.spec.image ?? "";
  const at = fieldPath(c);
  if (present && !pullsAlways(image, c.spec.imagePullPolicy)) {
    return [
      { type: "Normal", reason: "Pulled", message: `Container image "${image}" already present on machine and can be accessed by the pod`, fieldPath: at },
    ];
  }
  const size = imageSize(image);
  // A made-up line speed: 80 MB/s and a round trip; only the manifest is asked for when the layers are there.
  const took = goDuration(present ? 100 + (size % 400) : 200 + Math.round(size / 80_000));
  return [
    { type: "Normal", reason: "Pulling", message: `Pulling image "${image}"`, fieldPath: at },
    {
      type: "Normal",
      reason: "Pulled",
      message: `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${size} bytes.`,
      fieldPath: at,
    },
  ];
}

/** Events of an image that cannot be pulled. Source: image_manager.go pullImage, kuberuntime_manager.go SyncPod. */
export const pullFailed = (c: ContainerRuntime, message: string): PodEvent[] => [
  { type: "Normal", reason: "Pulling", message: `Pulling image "${c.spec.image}"`, fieldPath: fieldPath(c) },
  { type: "Warning", reason: "Failed", message: `Failed to pull image "${c.spec.image}": ${message}`, fieldPath: fieldPath(c) },
  { type: "Warning", reason: "Failed", message: "Error: ErrImagePull", fieldPath: fieldPath(c) },
];

/** Events of an image that is not even asked for. Source: image_manager.go EnsureImageExists. */
export const unusable = (c: ContainerRuntime, reason: string, message: string): PodEvent[] => [
  { type: "Warning", reason: reason === "InvalidImageName" ? "InspectFailed" : reason, message, fieldPath: fieldPath(c) },
  { type: "Warning", reason: "Failed", message: `Error: ${reason}`, fieldPath: fieldPath(c) },
];

/** Events while the kubelet waits before it pulls again. */
export const pullBacksOff = (c: ContainerRuntime): PodEvent[] => [
  { type: "Normal", reason: "BackOff", message: `Back-off pulling image "${c.spec.image}"`, fieldPath: fieldPath(c) },
  { type: "Warning", reason: "Failed", message: "Error: ImagePullBackOff", fieldPath: fieldPath(c) },
];

/** Source: kuberuntime_manager.go doBackOff. `pod` is `name_namespace(uid)`. */
export const restartBacksOff = (c: ContainerRuntime, pod: string): PodEvent => ({
  type: "Warning",
  reason: "BackOff",
  message: `Back-off restarting failed container ${c.spec.name} in pod ${pod}`,
  fieldPath: fieldPath(c),
});

/** Source: kuberuntime_container.go startContainer. */
export const created = (c: ContainerRuntime): PodEvent[] => [
  { type: "Normal", reason: "Created", message: "Container created", fieldPath: fieldPath(c) },
  { type: "Normal", reason: "Started", message: "Container started", fieldPath: fieldPath(c) },
];

/** Source: kuberuntime_container.go killContainer. */
export const killing = (c: ContainerRuntime, message = `Stopping container ${c.spec.name}`): PodEvent => ({
  type: "Normal",
  reason: "Killing",
  message,
  fieldPath: fieldPath(c),
});

/** A probe has failed. Source: prober.go probe. */
export const unhealthy = (c: ContainerRuntime, probe: string, output: string): PodEvent => ({
  type: "Warning",
  reason: "Unhealthy",
  message: `${probe} probe failed: ${output}`,
  fieldPath: fieldPath(c),
});

/** Something of the container's environment is not there. Source: kuberuntime_container.go startContainer. */
export const notConfigured = (c: ContainerRuntime, message: string): PodEvent => ({
  type: "Warning",
  reason: "Failed",
  message: `Error: ${message}`,
  fieldPath: fieldPath(c),
});

/** Source: operation_generator.go GenerateMountVolumeFunc. */
export const notMounted = (volume: string, message: string): PodEvent => ({
  type: "Warning",
  reason: "FailedMount",
  message: `MountVolume.SetUp failed for volume "${volume}" : ${message}`,
});

/** All containers of a pod's spec whose images a node then holds. */
export const imagesOf = (pod: KubeObject): string[] =>
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map((c: Container) => c.image ?? "").filter((image) => image !== "");
