import { type AnswerOptions, DEFAULT_OPTIONS } from "./answer.js";
import type { Labels } from "./zone.js";

/** The `kubernetes` directive, read. */
export interface KubernetesOptions extends AnswerOptions {
  /** `endpoint_pod_names`: endpoints without a hostname have the name of their pod. */
  readonly podNames: boolean;
  /** The only namespaces that are there; empty: all. */
  readonly namespaces: ReadonlySet<string>;
  /** Services, slices and pods that are not selected are not there. */
  readonly labels: ((labels: Labels) => boolean) | undefined;
  readonly namespaceLabels: ((labels: Labels) => boolean) | undefined;
  /** `noendpoints`: no endpoint is known. */
  readonly noEndpoints: boolean;
  /** `ignore empty_service`: a ClusterIP service without ready endpoints is not there. */
  readonly ignoreEmpty: boolean;
  /** Names in these zones that are not there are asked of the next plugin ("" for all). */
  readonly fallthrough: readonly string[];
}

/** `kubernetes ZONES` without a block, in CoreDNS's defaults; the zones are for the caller to fill in. */
export const PLAIN: KubernetesOptions = {
  ...DEFAULT_OPTIONS,
  pods: "disabled",
  podNames: false,
  namespaces: new Set(),
  labels: undefined,
  namespaceLabels: undefined,
  noEndpoints: false,
  ignoreEmpty: false,
  fallthrough: [],
};
