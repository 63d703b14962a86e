/** The scheduler at work: informers feed the cluster's picture and the queue; each pod is planned at once and bound beside the others. */
import type { Client, Informer } from "../../client/client.js";
import { isNotFound, messageOf } from "../runtime/errors.js";
import type { Notes } from "../runtime/journal.js";
import { addClaimIndex, DEVICE_CLASSES, podsOf, RESOURCE_CLAIMS, type ResourceClaim } from "../runtime/resourceclaims.js";
import { createSeriesEvents, type SeriesEvents } from "../runtime/seriesevents.js";
import { timestamp } from "../runtime/time.js";
import type { ControllerContext, Running, Timer } from "../runtime/types.js";
import {
  annotation,
  BIND_COMPLETED,
  CLAIMS,
  CLASSES,
  claimKeysOf,
  claimReference,
  hasAnnotation,
  keyOf,
  NODES,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS,
  type Pod,
  SELECTED_NODE,
  type StorageClass,
  splitKey,
  VOLUMES,
  volumeClass,
} from "../volume/api.js";
import { BindingCycle } from "./binding.js";
import { watchCsi } from "./csi.js";
import { deviceClaims } from "./devices.js";
import type { Plugin, SchedulerFacts } from "./filters.js";
import { ClusterInfo, type PodInfo, podInfo } from "./nodeinfo.js";
import { planPod } from "./plan.js";
import { SchedulingQueue } from "./queue.js";
import type { VolumeChoice } from "./volumes.js";
import { refused, unlooked, unschedulable, waitsForClaims } from "./words.js";

const NAME = "default-scheduler";
const NAMESPACES = { group: "", version: "v1", resource: "namespaces" };
const VOLUMES_BY_CLASS = "volume.class";
/** How long one turn may plan before others have theirs, in milliseconds. */
const TURN_MS = 10;
/** Pods that wait longer than this are tried again for nothing, in milliseconds. */
const LEFTOVER_MS = 5 * 60_000;

const set = (...plugins: Plugin[]): ReadonlySet<Plugin> => new Set(plugins);
/** Who may change his mind when a pod leaves a node. */
const ON_POD_GONE = set("NodeResourcesFit", "NodePorts", "VolumeRestrictions", "NodeVolumeLimits", "InterPodAffinity", "PodTopologySpread");
const ON_POD_PLACED = set("InterPodAffinity", "PodTopologySpread");
const ON_NODE_GONE = set("PodTopologySpread");
const ON_VOLUME = set("VolumeBinding", "VolumeZone");
/** A class may also turn a claim that should have been bound into one that waits for its pod. */
const ON_CLASS = set("VolumeBinding", "VolumeZone", "Claims");

const ON_DEVICE_CLASS = set("DynamicResources");

const isFinished = (pod: Pod): boolean => pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
const isOurs = (pod: Pod): boolean => (pod.spec.schedulerName ?? NAME) === NAME;
const isGated = (pod: Pod): boolean => (pod.spec.schedulingGates?.length ?? 0) > 0;
const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

export class Scheduler implements Running {
  private readonly client: Client;
  private readonly cluster = new ClusterInfo();
  private readonly queue: SchedulingQueue;
  private readonly binding: BindingCycle;
  private readonly events: SeriesEvents;
  private readonly notes: Notes;
  private readonly pods: Informer<Pod>;
  private readonly claims: Informer<PersistentVolumeClaim>;
  private readonly volumes: Informer<PersistentVolume>;
  private readonly classes: Informer<StorageClass>;
  private readonly deviceClaims: Informer<ResourceClaim>;
  private readonly deviceClasses: Informer;
  private readonly facts: SchedulerFacts;
  /** Pods a node is chosen for, until the API says so: key to uid. */
  private readonly assumed = new Map<string, string>();
  /** Decisions about volumes and claims that are on their way to the API. */
  private readonly assumedVolumes = new Map<string, PersistentVolume>();
  private readonly assumedClaims = new Map<string, string>();
  private readonly stops: (() => void)[] = [];
  private timer: Timer;
  private nextStart = 0;
  private pumping = false;
  private stopped = false;

  constructor(private readonly ctx: ControllerContext) {
    this.client = ctx.client.as("system:kube-scheduler", "kube-scheduler");
    const informers = ctx.informers;
    this.pods = informers.informer<Pod>(PODS);
    this.claims = informers.informer<PersistentVolumeClaim>(CLAIMS);
    this.volumes = informers.informer<PersistentVolume>(VOLUMES);
    this.classes = informers.informer<StorageClass>(CLASSES);
    this.deviceClaims = informers.informer<ResourceClaim>(RESOURCE_CLAIMS);
    this.deviceClasses = informers.informer(DEVICE_CLASSES);
    const namespaces = informers.informer(NAMESPACES);
    addClaimIndex(this.pods);
    this.volumes.addIndex(VOLUMES_BY_CLASS, (volume) => [volumeClass(volume)]);
    this.events = createSeriesEvents(ctx, this.client, NAME);
    this.notes = ctx.journal.notes(NAME, "Pod");
    this.binding = new BindingCycle(ctx, this.client);
    this.queue = new SchedulingQueue(
      ctx.clock,
      () => this.wake(),
      (key) => this.podAt(key),
    );
    const csi = watchCsi(informers, (plugins) => this.queue.moved(plugins));
    this.stops.push(...csi.stops);
    this.facts = {
      cluster: this.cluster,
      devices: {
        claim: (namespace, name) => this.deviceClaims.get(namespace, name),
        hasClass: (name) => this.deviceClasses.get("", name) !== undefined,
      },
      namespaceLabels: (name) => namespaces.get("", name)?.metadata.labels,
      volumes: {
        claim: (namespace, name) => this.withAssumedNode(this.claims.get(namespace, name)),
        volume: (name) => this.assumedVolumes.get(name) ?? this.volumes.get("", name),
        storageClass: (name) => this.classes.get("", name),
        volumesOfClass: (name) => this.volumes.byIndex(VOLUMES_BY_CLASS, name).map((v) => this.assumedVolumes.get(v.metadata.name ?? "") ?? v),
        claimInUse: (key) => this.cluster.claimInUse(key),
        ...csi.facts,
      },
    };
    this.listen();
    const leftovers = (): void => {
      this.queue.stale(LEFTOVER_MS);
      this.timer = ctx.clock.setTimeout(leftovers, LEFTOVER_MS, "periodic");
    };
    this.timer = ctx.clock.setTimeout(leftovers, LEFTOVER_MS, "periodic");
  }

  stop(): void {
    this.stopped = true;
    this.ctx.clock.clearTimeout(this.timer);
    for (const stop of this.stops) stop();
    if (this.pumping) this.ctx.activity.end();
    this.pumping = false;
    this.queue.stop();
    this.binding.stop();
  }

  private podAt(key: string): Pod | undefined {
    const { namespace, name } = splitKey(key);
    return this.pods.get(namespace, name);
  }

  private withAssumedNode(claim: PersistentVolumeClaim | undefined): PersistentVolumeClaim | undefined {
    const node = claim && this.assumedClaims.get(keyOf(claim));
    return claim && node ? { ...claim, metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: node } } } : claim;
  }

  // What happens in the cluster. Nodes come first, so that pods replayed at the start find them.
  private listen(): void {
    const onClaim = (claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): void => {
      const key = keyOf(claim);
      this.binding.claimMoved(key);
      // On its way to be bound a claim changes many times; what counts is that it is there, and that it is bound.
      const moved =
        !old ||
        old.metadata.uid !== claim.metadata.uid ||
        old.status?.phase !== claim.status?.phase ||
        old.metadata.deletionTimestamp !== claim.metadata.deletionTimestamp ||
        hasAnnotation(old, BIND_COMPLETED) !== hasAnnotation(claim, BIND_COMPLETED) ||
        annotation(old, SELECTED_NODE) !== annotation(claim, SELECTED_NODE);
      if (moved) this.queue.moved(undefined, key);
    };
    const onVolume = (volume: PersistentVolume): void => {
      const ref = volume.spec.claimRef;
      if (ref?.name) this.binding.claimMoved(`${ref.namespace}/${ref.name}`);
      this.queue.moved(ON_VOLUME);
    };
    this.stops.push(
      this.ctx.journal.source(NAME, ({ kind, namespace = "", name }) => {
        const pod = kind === "Pod" ? this.pods.get(namespace, name) : undefined;
        return pod ? unlooked(pod, NAME, this.waitsForDevices(pod)) : [];
      }),
      this.ctx.informers.informer<Node>(NODES).handle({
        add: (node) => {
          this.cluster.setNode(node);
          this.queue.moved();
        },
        update: (node, old) => {
          this.cluster.setNode(node);
          const relevant =
            node.spec?.unschedulable !== old.spec?.unschedulable ||
            !same(node.spec?.taints, old.spec?.taints) ||
            !same(node.metadata.labels, old.metadata.labels) ||
            !same(node.status?.allocatable, old.status?.allocatable);
          if (relevant) this.queue.moved();
        },
        delete: (node) => {
          this.cluster.removeNode(node.metadata.name ?? "");
          this.queue.moved(ON_NODE_GONE);
        },
      }),
      this.classes.handle({ add: () => this.queue.moved(ON_CLASS), update: () => this.queue.moved(ON_CLASS) }),
      this.volumes.handle({ add: onVolume, update: onVolume, delete: onVolume }),
      this.claims.handle({ add: (claim) => onClaim(claim), update: onClaim, delete: (claim) => onClaim(claim) }),
      this.deviceClaims.handle({ add: (claim) => this.deviceClaimSeen(claim), update: (claim) => this.deviceClaimSeen(claim) }),
      this.deviceClasses.handle({ add: () => this.queue.moved(ON_DEVICE_CLASS) }),
      this.pods.handle({ add: (pod) => this.podSeen(pod), update: (pod, old) => this.podSeen(pod, old), delete: (pod) => this.podGone(pod) }),
    );
  }

  private podSeen(pod: Pod, old?: Pod): void {
    // Another pod took the name: the old one left without a word.
    if (old && old.metadata.uid !== pod.metadata.uid) this.podGone(old);
    const key = keyOf(pod);
    if (pod.spec.nodeName || isFinished(pod)) {
      this.dequeue(key);
      this.assumed.delete(key);
      if (isFinished(pod)) {
        this.leaves(key);
        return;
      }
      const placed = this.cluster.placeOf(key)?.name === pod.spec.nodeName;
      // Most updates of a placed pod are about its status, which does not count.
      const unchanged =
        placed &&
        old &&
        old.metadata.generation === pod.metadata.generation &&
        old.spec.nodeName === pod.spec.nodeName &&
        same(old.metadata.labels, pod.metadata.labels) &&
        old.metadata.deletionTimestamp === pod.metadata.deletionTimestamp;
      if (unchanged) return;
      this.cluster.setPod(podInfo(pod), pod.spec.nodeName ?? "");
      if (!placed || !same(old?.metadata.labels, pod.metadata.labels)) this.queue.moved(ON_POD_PLACED);
      return;
    }
    if (!isOurs(pod)) return;
    if (pod.metadata.deletionTimestamp || isGated(pod) || this.waitsForDevices(pod)) {
      this.dequeue(key);
      return;
    }
    if (this.assumed.has(key)) return;
    if (!this.queue.has(key)) this.queue.add(key);
    else if (old && (old.metadata.generation !== pod.metadata.generation || !same(old.metadata.labels, pod.metadata.labels))) this.queue.changed(key);
  }

  /** Until its claims on devices are there a pod is not looked at. Source: dynamicresources PreEnqueue. */
  private waitsForDevices = (pod: Pod): boolean => pod.spec.resourceClaims !== undefined && deviceClaims(pod, this.facts.devices) === undefined;

  private deviceClaimSeen(claim: ResourceClaim): void {
    for (const pod of podsOf(this.pods, keyOf(claim))) {
      if (this.queue.has(keyOf(pod))) this.queue.changed(keyOf(pod));
      else this.podSeen(pod);
    }
  }

  private podGone(pod: Pod): void {
    const key = keyOf(pod);
    this.dequeue(key);
    if (this.assumed.get(key) === pod.metadata.uid) this.assumed.delete(key);
    this.leaves(key);
    for (const claim of claimKeysOf(pod)) this.binding.claimMoved(claim);
  }

  private leaves(key: string): void {
    if (!this.cluster.placeOf(key)) return;
    this.cluster.removePod(key);
    this.queue.moved(ON_POD_GONE);
  }

  private dequeue(key: string): void {
    this.queue.remove(key);
    this.notes.state(key);
  }

  /** Planning is one piece of work from the first pod that is ready until none is left. */
  private wake(): void {
    if (this.pumping || this.stopped) return;
    this.pumping = true;
    this.ctx.activity.begin();
    setImmediate(() => this.pump());
  }

  private pump(): void {
    if (this.stopped) return;
    const until = performance.now() + TURN_MS;
    for (let key = this.queue.next(); key !== undefined; key = this.queue.next()) {
      this.schedule(key);
      if (performance.now() > until && this.queue.length) {
        setImmediate(() => this.pump());
        return;
      }
    }
    this.pumping = false;
    this.ctx.activity.end();
  }

  private schedule(key: string): void {
    const pod = this.podAt(key);
    if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp || this.assumed.has(key) || this.waitsForDevices(pod)) return;
    const info = podInfo(pod);
    const plan = planPod(info, this.facts, this.nextStart);
    this.nextStart = plan.next;
    if ("message" in plan) {
      this.queue.park(key, plan.plugins, info.claims);
      this.notes.state(key, [unschedulable(pod, plan.because, plan.plugins, info.claims)]);
      this.background(this.failed(pod, "Unschedulable", plan.message));
      return;
    }
    this.assume(info, plan.node.name, plan.choice);
    this.background(this.bind(info, plan.node.name, plan.choice));
  }

  private background(work: Promise<void>): void {
    this.ctx.activity.begin();
    void work.catch((error) => this.ctx.log.warn({ error: messageOf(error) }, "scheduling")).finally(() => this.ctx.activity.end());
  }

  private assume(info: PodInfo, node: string, choice: VolumeChoice): void {
    this.assumed.set(info.key, info.pod.metadata.uid ?? "");
    this.cluster.setPod(info, node);
    for (const { claim, volume } of choice.bindings)
      this.assumedVolumes.set(volume.metadata.name ?? "", { ...volume, spec: { ...volume.spec, claimRef: claimReference(claim) } });
    for (const claim of choice.provisions) this.assumedClaims.set(keyOf(claim), node);
  }

  private forgetVolumes(choice: VolumeChoice): void {
    for (const { volume } of choice.bindings) this.assumedVolumes.delete(volume.metadata.name ?? "");
    for (const claim of choice.provisions) this.assumedClaims.delete(keyOf(claim));
  }

  private async bind(info: PodInfo, node: string, choice: VolumeChoice): Promise<void> {
    const { pod, key } = info;
    const waiting = [...choice.bindings.map(({ claim }) => keyOf(claim)), ...choice.provisions.map(keyOf)];
    this.notes.state(key, waiting.length > 0 ? [waitsForClaims(pod, node, waiting)] : undefined);
    try {
      await this.binding.run(pod, node, choice);
    } catch (error) {
      if (this.stopped) return;
      this.forgetVolumes(choice);
      // Only while the place is still this pod's: it may be gone, and another of its name may have come.
      if (this.assumed.get(key) !== pod.metadata.uid) return;
      this.assumed.delete(key);
      const now = this.podAt(key);
      if (now?.spec.nodeName) return;
      this.leaves(key);
      if (!now || now.metadata.uid !== pod.metadata.uid) return;
      this.queue.retry(key);
      this.notes.state(key, [refused(now, messageOf(error))]);
      return this.failed(now, "SchedulerError", messageOf(error));
    }
    this.forgetVolumes(choice);
    this.events(pod, "Normal", "Scheduled", "Binding", `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node}`);
  }

  /** Says on the pod and in an Event why it has no node. Source: handleSchedulingFailure. */
  private async failed(pod: Pod, reason: string, message: string): Promise<void> {
    this.events(pod, "Warning", "FailedScheduling", "Scheduling", message);
    try {
      await this.client.resource<Pod>(PODS).modify(
        pod.metadata.namespace ?? "",
        pod.metadata.name ?? "",
        (now) => {
          if (now.metadata.uid !== pod.metadata.uid || now.spec.nodeName) return undefined;
          return withPodScheduled(now, reason, message, this.ctx.clock.now());
        },
        { subresource: "status" },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** The pod with PodScheduled False and nobody nominated; undefined when it says that already. The time moves only when the status does. */
export function withPodScheduled(pod: Pod, reason: string, message: string, now: number): Pod | undefined {
  const conditions = pod.status?.conditions ?? [];
  const before = conditions.find((c) => c.type === "PodScheduled");
  const observedGeneration = pod.metadata.generation;
  const unchanged = before?.status === "False" && before.reason === reason && before.message === message && before.observedGeneration === observedGeneration;
  if (unchanged && !pod.status?.nominatedNodeName) return undefined;
  const condition = {
    type: "PodScheduled",
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    status: "False",
    lastTransitionTime: before?.status === "False" && before.lastTransitionTime ? before.lastTransitionTime : timestamp(now),
    reason,
    message,
  };
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  return { ...pod, status: { ...status, conditions: before ? conditions.map((c) => (c === before ? condition : c)) : [...conditions, condition] } };
}
