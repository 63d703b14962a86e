/** What the server decides about a pod it stores. Source: pkg/registry/core/pod strategy.go, pkg/api/pod dropDisabledFields. */
import type { GracefulDeletion, PrepareContext } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import type { Pod, PodAffinityTerm, PodSpec, TopologySpreadConstraint } from "../../schema/api/core.v1.js";
import { APPARMOR_PREFIX, appArmorFromAnnotation } from "./annotations.js";
import { internalEqual } from "./internal.js";
import { podQOS } from "./resources.js";
import { validateAppArmorProfile } from "./security.js";
import { visitContainers } from "./visit.js";

const projections = (spec: PodSpec | undefined) => (spec?.volumes ?? []).flatMap((v) => v.projected?.sources ?? []);
const lifecycles = (spec: PodSpec | undefined) => (spec ? visitContainers(spec, "").flatMap(([c]) => (c.lifecycle ? [c] : [])) : []);

/**
 * Fields behind gates that are off by default in 1.36, dropped unless the stored spec uses them: projected trust bundles and pod certificates,
 * container stop signals, scheduling groups. Everything else upstream checks here is on. For pods and templates alike.
 */
export function dropDisabledPodFields(spec: PodSpec, old: PodSpec | undefined): void {
  for (const field of ["clusterTrustBundle", "podCertificate"] as const)
    if (!projections(old).some((s) => s[field])) for (const source of projections(spec)) delete source[field];
  if (!lifecycles(old).some((c) => c.lifecycle?.stopSignal !== undefined))
    for (const c of lifecycles(spec)) {
      if (c.lifecycle?.stopSignal === undefined) continue;
      delete c.lifecycle.stopSignal;
      if (!c.lifecycle.postStart && !c.lifecycle.preStop) delete c.lifecycle;
    }
  if (!old?.schedulingGroup) delete spec.schedulingGroup;
}

type Selecting =
  | Pick<PodAffinityTerm, "labelSelector" | "matchLabelKeys" | "mismatchLabelKeys">
  | Pick<TopologySpreadConstraint, "labelSelector" | "matchLabelKeys">;

/** matchLabelKeys become part of the selector while the pod's labels are at hand; later changes of labels do not move it. */
function mergeLabelKeys(term: Selecting, labels: Readonly<Record<string, string>> | undefined): void {
  const selector = term.labelSelector;
  if (!selector) return;
  const add = (keys: readonly string[] | undefined, operator: "In" | "NotIn"): void => {
    for (const key of keys ?? []) {
      const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (value === undefined) continue;
      selector.matchExpressions ??= [];
      selector.matchExpressions.push({ key, operator, values: [value] });
    }
  };
  add(term.matchLabelKeys, "In");
  if ("mismatchLabelKeys" in term) add(term.mismatchLabelKeys, "NotIn");
}

/** AppArmor annotations become fields, where no field says otherwise. */
function applyAppArmorAnnotations(pod: Pod, annotations: Readonly<Record<string, string>> | undefined): void {
  if (!annotations || pod.spec.os?.name === "windows") return;
  for (const [c] of visitContainers(pod.spec, "")) {
    const annotation = annotations[APPARMOR_PREFIX + c.name];
    if (annotation === undefined || c.securityContext?.appArmorProfile) continue;
    const profile = appArmorFromAnnotation(annotation);
    if (!profile || validateAppArmorProfile(profile, "").length > 0) continue;
    if (internalEqual("*AppArmorProfile", profile, pod.spec.securityContext?.appArmorProfile)) continue;
    c.securityContext = { ...c.securityContext, appArmorProfile: profile };
  }
}

export function preparePodForCreate(object: KubeObject, ctx: Pick<PrepareContext, "now">): void {
  const pod = object as unknown as Pod;
  const { spec } = pod;
  object.metadata.generation = 1;
  pod.status = { phase: "Pending", qosClass: podQOS(spec) };
  dropDisabledPodFields(spec, undefined);
  if (spec.schedulingGates?.length)
    pod.status.conditions = [
      {
        type: "PodScheduled",
        status: "False",
        lastProbeTime: null,
        lastTransitionTime: `${new Date(ctx.now).toISOString().slice(0, 19)}Z`,
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ] as unknown as NonNullable<typeof pod.status.conditions>;
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    for (const t of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) mergeLabelKeys(t.podAffinityTerm ?? {}, object.metadata.labels);
    for (const t of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeLabelKeys(t, object.metadata.labels);
  }
  for (const c of spec.topologySpreadConstraints ?? []) mergeLabelKeys(c, object.metadata.labels);
  applyAppArmorAnnotations(pod, object.metadata.annotations);
}

export function preparePodForUpdate(object: KubeObject, old: KubeObject): void {
  object.status = old.status;
  dropDisabledPodFields(object.spec, old.spec);
}

/** Any change of the spec raises the generation, through whatever subresource it comes. */
export const podSpecChanged = (object: KubeObject, old: KubeObject): boolean => !internalEqual("PodSpec", object.spec, old.spec);

/** A pod without a node, or one that has ended, has nobody to wait for. Negative periods mean one second. */
export const podDeletion: GracefulDeletion = {
  gracePeriod(object, requested) {
    if (!object.spec?.nodeName) return 0;
    if (object.status?.phase === "Failed" || object.status?.phase === "Succeeded") return 0;
    const period = requested ?? object.spec.terminationGracePeriodSeconds ?? 0;
    return period < 0 ? 1 : period;
  },
};
