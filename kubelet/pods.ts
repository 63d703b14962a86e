import type { Client, Informer, ResourceClient, ResourceRef } from "../client/client.js";
import { isConflict, isNotFound } from "../controllers/runtime/errors.js";
import { indexByNode } from "../controllers/runtime/podutil.js";
import { createQueue } from "../controllers/runtime/queue.js";
import { timestamp } from "../controllers/runtime/time.js";
import type { ControllerContext, ReconcileResult, Recorder, Running } from "../controllers/runtime/types.js";
import type { KubeObject } from "../kinds/object.js";
import { type Attachments, runAttachments } from "./attachments.js";
import type { Behaviour } from "./behaviour.js";
import { environmentFault, type Lookup, volumeFaults } from "./config.js";
import { imagesOf, killing, type PodEvent } from "./events.js";
import { runExpansion } from "./expansion.js";
import { nextInterrupt } from "./interrupts.js";
import type { Network } from "./network.js";
import { isBack, isStopped, NODES } from "./node.js";
import { atPace, type Pace } from "./pace.js";
import { type Container, type PodRuntime, recoverRuntime } from "./runtime.js";
import { stageOf, type View } from "./stages.js";
import { podStatus } from "./status.js";
import { whyNode, whyPod } from "./why.js";

export const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
export const CLAIMS: ResourceRef = { group: "", version: "v1", resource: "persistentvolumeclaims" };

export interface PodsOptions {
  readonly pace: Pace;
  readonly behaviour: Behaviour;
  readonly network: Network;
  readonly shortestStopMs: number;
  /** A node evicts a pod for want of memory. */
  evicts(node: string): void;
}

const keyOf = (o: KubeObject): string => `${o.metadata.namespace}/${o.metadata.name}`;
const finished = (pod: KubeObject): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

/** The claims a pod mounts; an ephemeral volume's claim is named after pod and volume. */
export const claimsOf = (pod: KubeObject): string[] =>
  ((pod.spec?.volumes ?? []) as { name: string; persistentVolumeClaim?: { claimName: string }; ephemeral?: object }[]).flatMap((v) =>
    v.persistentVolumeClaim ? [v.persistentVolumeClaim.claimName] : v.ephemeral ? [`${pod.metadata.name}-${v.name}`] : [],
  );

/**
 * Runs the pods of every node there is. One queue for all nodes: a key's reconcile moves its pod through as many stages as take no time, writes status once,
 * and comes back when the next stage is due.
 */
export function runPods(ctx: ControllerContext, options: PodsOptions): Running {
  const { network, pace, behaviour, shortestStopMs } = options;
  const pods: Informer = ctx.informers.informer(PODS);
  const nodes: Informer = ctx.informers.informer(NODES);
  const claims: Informer = ctx.informers.informer(CLAIMS);
  const configMaps: Informer = ctx.informers.informer({ group: "", version: "v1", resource: "configmaps" });
  const secrets: Informer = ctx.informers.informer({ group: "", version: "v1", resource: "secrets" });
  const runtimes = new Map<string, PodRuntime>();
  const waitingForVolumes = new Set<string>();
  const waitingForConfig = new Set<string>();
  const images = new Map<string, Set<string>>();
  const clients = new Map<string, ResourceClient>();
  const recorders = new Map<string, Recorder>();

  const podsOn = indexByNode(pods);
  pods.addIndex("kubelet/claim", (pod) => (pod.spec?.nodeName ? claimsOf(pod).map((name) => `${pod.metadata.namespace}/${name}`) : []));

  const once = <T>(map: Map<string, T>, node: string, make: () => T): T => {
    const known = map.get(node);
    if (known !== undefined) return known;
    const value = make();
    map.set(node, value);
    return value;
  };
  // A node's kubelet is its own user, as node authorization and managedFields see it.
  const asNode = (client: Client, node: string): Client => client.as(`system:node:${node}`, "kubelet");
  const clientOf = (node: string): ResourceClient => once(clients, node, () => asNode(ctx.client, node).resource(PODS));
  const recorderOf = (node: string): Recorder => once(recorders, node, () => ctx.recorder("kubelet", node));

  const isBound = (namespace: string, claim: string): boolean => claims.get(namespace, claim)?.status?.phase === "Bound";
  const bound = (pod: KubeObject): boolean => claimsOf(pod).every((name) => isBound(pod.metadata.namespace ?? "", name));
  const expansion = runExpansion(ctx, {
    pace,
    client: (node) => asNode(ctx.client, node),
    recorder: recorderOf,
    users: (namespace, name) =>
      pods.byIndex("kubelet/claim", `${namespace}/${name}`).filter((pod) => {
        if (!nodes.get("", pod.spec.nodeName) || finished(pod)) return false;
        const runtime = runtimeOf(pod);
        return !runtime.terminated && (runtime.mounted || bound(pod));
      }),
  });

  const attachments: Attachments = runAttachments(ctx, {
    client: (node) => asNode(ctx.client, node),
    claimsOf,
    // What a client has declared finished was never unmounted by that.
    isUnmounted: (pod) => runtimes.get(pod.metadata.uid ?? "")?.terminated ?? (finished(pod) || pod.metadata.deletionGracePeriodSeconds === 0),
    wake: (key) => queue.add(key),
  });

  const runtimeOf = (pod: KubeObject): PodRuntime => {
    const uid = pod.metadata.uid ?? "";
    let runtime = runtimes.get(uid);
    if (!runtime) {
      runtime = recoverRuntime(pod, ctx.clock.now());
      if (runtime.ip && !pod.spec?.hostNetwork) network.adopt(uid, runtime.ip);
      for (const image of runtime.containers.some((c) => c.id) ? imagesOf(pod) : []) once(images, runtime.node, () => new Set<string>()).add(image);
      runtimes.set(uid, runtime);
    }
    return runtime;
  };

  const lookupIn =
    (namespace: string): Lookup =>
    (kind, name) =>
      (kind === "Secret" ? secrets : configMaps).get(namespace, name);

  const tell = (pod: KubeObject, runtime: PodRuntime, events: readonly PodEvent[]): void => {
    if (events.length === 0) return;
    const about = pod.kind ? pod : { apiVersion: "v1", kind: "Pod", ...pod };
    for (const e of events) recorderOf(runtime.node).event(about, e.type, e.reason, e.message, e.fieldPath);
  };

  const viewOf = (pod: KubeObject, runtime: PodRuntime): View => ({
    pod,
    runtime,
    now: ctx.clock.now(),
    behaviour,
    shortestStopMs,
    // A file system that is to grow does so before anybody uses it.
    volumesReady: () => bound(pod) && attachments.missing(pod).length === 0 && !claimsOf(pod).some((name) => expansion.holds(pod, name)),
    volumeFaults: () => volumeFaults(pod, lookupIn(pod.metadata.namespace ?? "")),
    evicts: () => options.evicts(runtime.node),
    environmentFault: (c) => environmentFault(pod, c.spec, lookupIn(pod.metadata.namespace ?? "")),
    address: () => (pod.spec?.hostNetwork ? network.nodeIP(runtime.node) : network.allocate(runtime.node, runtime.uid)),
    takeImage(image) {
      const held = once(images, runtime.node, () => new Set<string>());
      // Where nothing may take time, every image has been on every machine before.
      const present = pace === "instant" || held.has(image);
      held.add(image);
      return present;
    },
  });

  /** Takes a changed spec in: images replaced in place restart their containers. Source: kuberuntime_manager.go computePodActions. */
  const takeSpec = (pod: KubeObject, runtime: PodRuntime): void => {
    if (runtime.generation === pod.metadata.generation) return;
    const specs = new Map<string, Container>();
    for (const c of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])] as Container[]) specs.set(c.name, c);
    const events: PodEvent[] = [];
    for (const c of runtime.containers) {
      const spec = specs.get(c.spec.name);
      if (!spec || spec === c.spec) continue;
      const replaced = spec.image !== c.spec.image && c.role !== "init" && c.state.kind === "running";
      if (replaced && c.state.kind === "running") {
        events.push(killing(c, `Container ${c.spec.name} definition changed, will be restarted`));
        const now = timestamp(ctx.clock.now());
        c.last = { exitCode: 0, reason: "Completed", startedAt: c.state.startedAt, finishedAt: now, containerID: c.id ?? "" };
        c.state = { kind: "waiting" };
        c.restarts++;
        c.ready = false;
        c.started = false;
      }
      (c as { spec: Container }).spec = spec;
    }
    runtime.generation = pod.metadata.generation;
    runtime.dirty = true;
    tell(pod, runtime, events);
  };

  const write = async (pod: KubeObject, runtime: PodRuntime): Promise<void> => {
    const hostIP = network.nodeIP(runtime.node);
    await clientOf(runtime.node).modify(
      pod.metadata.namespace ?? "",
      pod.metadata.name ?? "",
      (current) =>
        current.metadata.uid === runtime.uid
          ? { ...current, status: podStatus(current, runtime, hostIP, timestamp(ctx.clock.now())) as unknown as KubeObject["status"] }
          : undefined,
      { subresource: "status" },
    );
    runtime.dirty = false;
  };

  const remove = async (pod: KubeObject, runtime: PodRuntime): Promise<void> => {
    // Held by finalizers with its grace already gone: nothing is left for the node to do.
    if (pod.metadata.deletionGracePeriodSeconds === 0) return;
    await clientOf(runtime.node).delete(pod.metadata.namespace ?? "", pod.metadata.name ?? "", {
      gracePeriodSeconds: 0,
      preconditions: { uid: runtime.uid },
    });
  };

  /** When the stage that the pod waits in is over; undefined where it waits in none. */
  const dueOf = (pod: KubeObject, runtime: PodRuntime): number | undefined => {
    const view = viewOf(pod, runtime);
    const stage = stageOf(view);
    if (stage?.name !== runtime.waitingFor || !stage) return undefined;
    return Math.max(runtime.since + atPace(stage.duration(view), pace), stage.notBefore?.(view) ?? 0);
  };

  const step = async (pod: KubeObject, runtime: PodRuntime): Promise<ReconcileResult> => {
    takeSpec(pod, runtime);
    for (;;) {
      // What a client has declared finished stays as the client left it.
      if (finished(pod) && !pod.metadata.deletionTimestamp) break;
      const view = viewOf(pod, runtime);
      const stage = stageOf(view);
      const interrupt = nextInterrupt(view);
      if (!stage && !interrupt) break;
      if (stage && runtime.waitingFor !== stage.name) {
        runtime.waitingFor = stage.name;
        runtime.since = view.now;
      }
      const due = stage ? Math.max(runtime.since + atPace(stage.duration(view), pace), stage.notBefore?.(view) ?? 0) : Number.POSITIVE_INFINITY;
      const next = Math.min(due, interrupt?.at ?? Number.POSITIVE_INFINITY);
      if (next > view.now) {
        if (lacksConfig(runtime)) waitingForConfig.add(keyOf(pod));
        if (!runtime.mounted) waitingForVolumes.add(keyOf(pod));
        if (runtime.dirty) await write(pod, runtime);
        return Number.isFinite(next) ? { requeueAfterMs: next - ctx.clock.now() } : undefined;
      }
      // at the same moment a pod first gets on, and then is interrupted
      const done = interrupt && interrupt.at < due ? interrupt.apply(view.now) : { events: stage?.apply(view) ?? [], silent: stage?.silent };
      runtime.waitingFor = undefined;
      if (!done.silent) runtime.dirty = true;
      if (runtime.terminated) attachments.changed(pod);
      tell(pod, runtime, done.events);
    }
    if (!runtime.mounted && !runtime.terminated) waitingForVolumes.add(keyOf(pod));
    if (runtime.dirty && !(finished(pod) && runtime.terminated)) await write(pod, runtime);
    if (pod.metadata.deletionTimestamp && runtime.terminated) await remove(pod, runtime);
    return undefined;
  };

  const queue = createQueue(ctx, {
    name: "kubelet",
    // Pods wait for nothing but their own writes, and writes of one turn share a commit.
    workers: 256,
    reconcile: async (key) => {
      const slash = key.indexOf("/");
      const pod = pods.get(key.slice(0, slash), key.slice(slash + 1));
      waitingForVolumes.delete(key);
      waitingForConfig.delete(key);
      // A pod without a node, or whose node is gone, is nobody's; one on a stopped node stays as it is.
      const node = pod?.spec?.nodeName ? nodes.get("", pod.spec.nodeName) : undefined;
      if (!pod || !node || isStopped(node)) return undefined;
      try {
        return await step(pod, runtimeOf(pod));
      } catch (error) {
        // Gone, or another pod of the same name by now: the informer says so next.
        if (isNotFound(error) || isConflict(error)) return undefined;
        throw error;
      }
    },
  });

  const gated = (pod: KubeObject): boolean => (pod.spec?.readinessGates ?? []).length > 0;
  const forget = (pod: KubeObject): void => {
    const uid = pod.metadata.uid ?? "";
    runtimes.delete(uid);
    network.release(uid);
    attachments.changed(pod);
  };
  const stops = [
    ctx.journal.source("kubelet", ({ kind, namespace = "", name }) => {
      const asked = kind === "Node" ? nodes.get("", name) : undefined;
      if (asked) return whyNode(asked);
      const pod = kind === "Pod" ? pods.get(namespace, name) : undefined;
      if (!pod?.spec?.nodeName) return [];
      const runtime = runtimes.get(pod.metadata.uid ?? "");
      const due = runtime && dueOf(pod, runtime);
      const unbound = claimsOf(pod).filter((claim) => !isBound(namespace, claim));
      return whyPod({ pod, runtime, node: nodes.get("", pod.spec.nodeName), unbound, unattached: runtime?.mounted ? [] : attachments.missing(pod), due });
    }),
    pods.handle({
      add: (pod) => {
        if (pod.spec?.nodeName) queue.add(keyOf(pod));
      },
      update: (pod, old) => {
        if (!pod.spec?.nodeName) return;
        if (pod.metadata.uid !== old.metadata.uid) forget(old);
        const news =
          pod.metadata.uid !== old.metadata.uid ||
          old.spec?.nodeName !== pod.spec.nodeName ||
          pod.metadata.generation !== old.metadata.generation ||
          pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
          pod.metadata.deletionGracePeriodSeconds !== old.metadata.deletionGracePeriodSeconds;
        if (news) queue.add(keyOf(pod));
        else if (gated(pod) && gatesMoved(pod, old)) {
          const runtime = runtimes.get(pod.metadata.uid ?? "");
          if (runtime) runtime.dirty = true;
          queue.add(keyOf(pod));
        }
      },
      delete: forget,
    }),
    nodes.handle({
      add: (node) => {
        for (const pod of podsOn(node.metadata.name ?? "")) queue.add(keyOf(pod));
      },
      update: (node, old) => {
        if (!isBack(node, old)) return;
        // What others have written about them meanwhile is not what the node knows.
        for (const pod of podsOn(node.metadata.name ?? "")) {
          if (!finished(pod)) runtimeOf(pod).dirty = true;
          queue.add(keyOf(pod));
        }
      },
      delete: (node) => {
        const name = node.metadata.name ?? "";
        for (const map of [images, clients, recorders]) map.delete(name);
      },
    }),
    claims.handle({
      add: (claim) => wake(claim),
      update: (claim) => wake(claim),
    }),
    ...[configMaps, secrets].map((informer) => informer.handle({ add: wakeConfigured, update: wakeConfigured })),
  ];

  /** Whatever waits for a ConfigMap or a Secret of the namespace looks again at once, and not only when its back-off is over. */
  function wakeConfigured(of: KubeObject): void {
    for (const key of waitingForConfig) {
      if (!key.startsWith(`${of.metadata.namespace}/`)) continue;
      const pod = pods.get(of.metadata.namespace ?? "", key.slice(key.indexOf("/") + 1));
      const runtime = pod && runtimes.get(pod.metadata.uid ?? "");
      if (!runtime) continue;
      const now = ctx.clock.now();
      if (runtime.mounting) runtime.mounting = { ...runtime.mounting, retryAt: now };
      for (const c of runtime.containers) if (c.configAt !== undefined) c.configAt = now;
      queue.add(key);
    }
  }

  function wake(claim: KubeObject): void {
    if (claim.status?.phase !== "Bound") return;
    for (const key of waitingForVolumes) if (key.startsWith(`${claim.metadata.namespace}/`)) queue.add(key);
  }

  return {
    stop() {
      for (const stop of stops) stop();
      queue.stop();
      expansion.stop();
      attachments.stop();
    },
  };
}

const lacksConfig = (runtime: PodRuntime): boolean =>
  (!runtime.mounted && runtime.mounting !== undefined) || runtime.containers.some((c) => c.configAt !== undefined);

function gatesMoved(pod: KubeObject, old: KubeObject): boolean {
  const statusOf = (o: KubeObject, type: string): string | undefined =>
    (o.status?.conditions ?? []).find((c: { type: string; status: string }) => c.type === type)?.status;
  return (pod.spec.readinessGates as { conditionType: string }[]).some((g) => statusOf(pod, g.conditionType) !== statusOf(old, g.conditionType));
}
