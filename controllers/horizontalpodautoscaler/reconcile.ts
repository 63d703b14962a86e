/** One autoscaler: reads its target's scale, plans, resizes, tells. Source: pkg/controller/podautoscaler/horizontal.go. */
import type { Client, Informer } from "../../client/client.js";
import { parseLabelSelector, type Selector } from "../../kinds/labels.js";
import { semanticEqual } from "../../kinds/validation/equality.js";
import { type KubeObject, keyOf, type Pod, splitKey, withGvk } from "../runtime/api.js";
import { isConflict, isNotFound, messageOf } from "../runtime/errors.js";
import type { ServedResource, ServedResources } from "../runtime/served.js";
import type { Clock, ReconcileResult, Recorder } from "../runtime/types.js";
import { type Autoscaler, type Plan, plan, planAfterRescale, planWithoutScale, type Status, type Target } from "./plan.js";

export const AUTOSCALERS = { group: "autoscaling", version: "v2", resource: "horizontalpodautoscalers" } as const;
const GVK = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" };
/** --horizontal-pod-autoscaler-sync-period. */
export const SYNC_MS = 15_000;
/** retry.DefaultRetry. */
const ATTEMPTS = 5;

export interface Deps {
  readonly client: Client;
  readonly autoscalers: Informer<Autoscaler>;
  readonly pods: Informer<Pod>;
  readonly served: ServedResources;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

interface Found {
  readonly resource: ServedResource;
  readonly scale: KubeObject;
}

/** Reconciles one key; each comes back after the sync period, whatever became of it. */
export function createReconcile(deps: Deps): { reconcile(key: string): Promise<ReconcileResult>; forget(key: string): void } {
  const { client, autoscalers, pods, served, clock, recorder } = deps;
  /** The selectors of targets as they were last seen: two autoscalers of the same pods are told. */
  const selectors = new Map<string, Selector>();

  async function scaleOf(hpa: Autoscaler): Promise<Found> {
    const { apiVersion = "", kind, name } = hpa.spec.scaleTargetRef;
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const mappings = served.list().filter((r) => r.group === group && r.kind === kind);
    if (mappings.length === 0) throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
    let first: unknown;
    for (const resource of mappings) {
      try {
        return { resource, scale: await client.resource(resource).getScale(hpa.metadata.namespace ?? "", name) };
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }

  /** Remembers the selector and looks whether its pods are somebody else's too. */
  function faultOf(hpa: Autoscaler, text: string): Target["selectorFault"] {
    let selector: Selector;
    try {
      selector = parseLabelSelector(text);
    } catch (error) {
      return { reason: "InvalidSelector", message: `couldn't convert selector into a corresponding internal selector object: ${messageOf(error)}` };
    }
    const { namespace = "" } = hpa.metadata;
    selectors.set(keyOf(hpa), selector);
    const others = [...selectors].filter(([key]) => key.startsWith(`${namespace}/`));
    if (others.length < 2) return undefined;
    const taken = pods.list(namespace).filter((pod) => selector.matches(pod.metadata.labels ?? {}));
    const rivals = others.filter(([, other]) => taken.some((pod) => other.matches(pod.metadata.labels ?? {}))).map(([key]) => key);
    if (rivals.length < 2) return undefined;
    const shown = rivals.map((key) => `{${splitKey(key).name} ${namespace}}`).join(" ");
    return { reason: "AmbiguousSelector", message: `pods by selector ${text} are controlled by multiple HPAs: [${shown}]` };
  }

  async function resize({ resource, scale }: Found, replicas: number): Promise<string | undefined> {
    const target = client.resource(resource);
    const { namespace = "", name = "" } = scale.metadata;
    let latest = scale;
    for (let attempt = 1; ; attempt++) {
      try {
        await target.updateScale(namespace, { ...latest, spec: { ...latest.spec, replicas } });
        return undefined;
      } catch (error) {
        if (!isConflict(error) || attempt >= ATTEMPTS) return messageOf(error);
        latest = await target.getScale(namespace, name).catch(() => latest);
      }
    }
  }

  async function writeStatus(hpa: Autoscaler, status: Status): Promise<void> {
    if (semanticEqual(status, hpa.status ?? {})) return;
    const { namespace = "", name = "" } = hpa.metadata;
    try {
      await client.resource(AUTOSCALERS).modify(namespace, name, (current) => ({ ...current, status }), { subresource: "status" });
    } catch (error) {
      if (!isNotFound(error)) recorder.event(withGvk(hpa, GVK), "Warning", "FailedUpdateStatus", messageOf(error));
    }
  }

  async function planFor(hpa: Autoscaler): Promise<Plan> {
    let found: Found;
    try {
      found = await scaleOf(hpa);
    } catch (error) {
      return planWithoutScale(hpa, messageOf(error), clock.now());
    }
    const selector: string = found.scale.status?.selector ?? "";
    const target: Target = {
      replicas: found.scale.spec?.replicas ?? 0,
      selector,
      selectorFault: selector === "" ? undefined : faultOf(hpa, selector),
    };
    const planned = plan(hpa, target, clock.now());
    if (!planned.rescale) return planned;
    return planAfterRescale(hpa, planned, await resize(found, planned.rescale.replicas), clock.now());
  }

  return {
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const hpa = autoscalers.get(namespace, name);
      if (!hpa) return undefined;
      const { status, events } = await planFor(hpa);
      await writeStatus(hpa, status);
      for (const { type, reason, message } of events) recorder.event(withGvk(hpa, GVK), type, reason, message);
      return { requeueAfterMs: SYNC_MS, periodic: "periodic" };
    },
    forget: (key) => void selectors.delete(key),
  };
}
