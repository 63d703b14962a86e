/** From a decision to a placed pod: volumes first, then the binding. Source: pkg/scheduler bindingCycle, volumebinding BindPodVolumes. */
import type { Client } from "../../client/client.js";
import { messageOf } from "../runtime/errors.js";
import type { ControllerContext, Timer } from "../runtime/types.js";
import {
  annotation,
  BIND_COMPLETED,
  CLAIMS,
  hasAnnotation,
  keyOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS,
  type Pod,
  SELECTED_NODE,
  VOLUMES,
} from "../volume/api.js";
import { createWriter, type VolumeWriter } from "../volume/write.js";
import type { VolumeChoice } from "./volumes.js";

/** How long volumes may take, in milliseconds: the VolumeBinding plugin's default. */
const BIND_TIMEOUT_MS = 600_000;

interface Waiter {
  check(): void;
}

export class BindingCycle {
  private readonly write: VolumeWriter;
  /** Who waits for what happens to a claim. */
  private readonly waiters = new Map<string, Set<Waiter>>();
  private readonly timers = new Set<Timer>();

  constructor(
    private readonly ctx: ControllerContext,
    private readonly client: Client,
  ) {
    this.write = createWriter(client);
  }

  /** Waits end without a word; what was written stands and is taken up by the next start. */
  stop(): void {
    for (const timer of this.timers) this.ctx.clock.clearTimeout(timer);
    this.timers.clear();
    this.waiters.clear();
  }

  /** To be called for every change of a claim, of a volume that points at it, or of a pod that uses it. */
  claimMoved(key: string): void {
    for (const waiter of this.waiters.get(key) ?? []) waiter.check();
  }

  /** Resolves when the pod is bound; throws with the text the pod's condition gets. Holds one count of activity but while it waits for volumes. */
  async run(pod: Pod, node: string, choice: VolumeChoice): Promise<void> {
    if (choice.bindings.length || choice.provisions.length) {
      await this.nominate(pod, node);
      try {
        await this.bindVolumes(pod, node, choice);
      } catch (error) {
        throw new Error(`running PreBind plugin "VolumeBinding": ${messageOf(error)}`, { cause: error });
      }
    }
    const { namespace = "", name = "", uid } = pod.metadata;
    try {
      await this.client.resource(PODS).createSubresource(namespace, name, "binding", {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { namespace, name, uid },
        target: { kind: "Node", name: node },
      });
    } catch (error) {
      throw new Error(`binding rejected: running Bind plugin "DefaultBinder": ${messageOf(error)}`, { cause: error });
    }
  }

  /** Tells others (an autoscaler, a reader) where the pod is about to go while that takes a while. */
  private async nominate(pod: Pod, node: string): Promise<void> {
    await this.client
      .resource<Pod>(PODS)
      .modify(
        pod.metadata.namespace ?? "",
        pod.metadata.name ?? "",
        (now) => (now.spec.nodeName || now.status?.nominatedNodeName === node ? undefined : { ...now, status: { ...now.status, nominatedNodeName: node } }),
        { subresource: "status" },
      );
  }

  private async bindVolumes(pod: Pod, node: string, choice: VolumeChoice): Promise<void> {
    for (const { claim, volume } of choice.bindings) await this.write.bindVolume(volume, claim);
    for (const claim of choice.provisions)
      await this.write.claim(claim, (now) =>
        annotation(now, SELECTED_NODE) === node
          ? undefined
          : { ...now, metadata: { ...now.metadata, annotations: { ...now.metadata.annotations, [SELECTED_NODE]: node } } },
      );
    const keys = [...choice.bindings.map((b) => keyOf(b.claim)), ...choice.provisions.map(keyOf)];
    await this.until(keys, () => this.allBound(pod, node, choice));
  }

  /** Whether every claim is bound by now. Throws when it cannot come to that any more. */
  private allBound(pod: Pod, node: string, choice: VolumeChoice): boolean {
    const { informers } = this.ctx;
    const claims = informers.informer<PersistentVolumeClaim>(CLAIMS);
    const volumes = informers.informer<PersistentVolume>(VOLUMES);
    const { namespace = "", name = "", uid } = pod.metadata;
    if (informers.informer<Pod>(PODS).get(namespace, name)?.metadata.uid !== uid)
      throw new Error(`binding volumes: pod does not exist any more: pod "${name}" not found`);
    const isBound = (claim: PersistentVolumeClaim): boolean => !!claim.spec.volumeName && hasAnnotation(claim, BIND_COMPLETED);
    let all = true;
    for (const { claim, volume } of choice.bindings) {
      const now = volumes.get("", volume.metadata.name ?? "");
      if (!now) throw new Error(`binding volumes: failed to check binding: could not find v1.PersistentVolume "${volume.metadata.name}"`);
      if (!now.spec.claimRef?.uid) throw new Error(`binding volumes: ClaimRef got reset for pv "${volume.metadata.name}"`);
      const current = claims.get(namespace, claim.metadata.name ?? "");
      if (!current) throw new Error(`binding volumes: failed to check binding: could not find v1.PersistentVolumeClaim "${keyOf(claim)}"`);
      if (!isBound(current)) all = false;
    }
    for (const claim of choice.provisions) {
      const current = claims.get(namespace, claim.metadata.name ?? "");
      if (!current) throw new Error(`binding volumes: failed to check provisioning pvc: could not find v1.PersistentVolumeClaim "${keyOf(claim)}"`);
      if (!current.metadata.annotations) throw new Error(`binding volumes: selectedNode annotation reset for PVC "${claim.metadata.name}"`);
      if (annotation(current, SELECTED_NODE) !== node) throw new Error(`binding volumes: provisioning failed for PVC "${claim.metadata.name}"`);
      if (!isBound(current)) all = false;
    }
    return all;
  }

  private until(keys: readonly string[], condition: () => boolean): Promise<void> {
    const { activity, clock } = this.ctx;
    return new Promise((resolve, reject) => {
      let timer: Timer;
      let settled = false;
      const settle = (finish: () => void): void => {
        if (settled) return;
        settled = true;
        clock.clearTimeout(timer);
        this.timers.delete(timer);
        for (const key of keys) {
          const set = this.waiters.get(key);
          set?.delete(waiter);
          if (set?.size === 0) this.waiters.delete(key);
        }
        activity.begin();
        finish();
      };
      const waiter: Waiter = {
        check() {
          try {
            if (condition()) settle(resolve);
          } catch (error) {
            settle(() => reject(error));
          }
        },
      };
      for (const key of keys) {
        const set = this.waiters.get(key) ?? new Set();
        set.add(waiter);
        this.waiters.set(key, set);
      }
      timer = clock.setTimeout(() => settle(() => reject(new Error("binding volumes: context deadline exceeded"))), BIND_TIMEOUT_MS);
      this.timers.add(timer);
      // Waiting is not work: whoever waits for the control plane to rest must not wait for a provisioner that never comes.
      activity.end();
      waiter.check();
    });
  }
}
