/** Carries out the steps of a plan, with upstream's Events. Source: pkg/controller/statefulset/stateful_pod_control.go. */
import type { Informer, ResourceClient } from "../../client/client.js";
import { type PersistentVolumeClaim, type Pod, type StatefulSet, withGvk } from "../runtime/api.js";
import { aggregate, isAlreadyExists, messageOf } from "../runtime/errors.js";
import type { Recorder } from "../runtime/types.js";
import { claimNames, claimsFor, identityMatches, newPod, ordinalOf, STATEFUL_SET, setIdentity, setStorage, storageMatches } from "./identity.js";
import type { Step } from "./plan.js";
import { hasUnexpectedController, isOwnerUpToDate, ownersFor } from "./retention.js";

export interface EffectsDeps {
  readonly pods: ResourceClient<Pod>;
  readonly claims: ResourceClient<PersistentVolumeClaim>;
  readonly claimInformer: Informer<PersistentVolumeClaim>;
  readonly recorder: Recorder;
}

type Verb = "Create" | "Update" | "Delete";

export class Effects {
  constructor(private readonly deps: EffectsDeps) {}

  /** Throws what the API answered; the Event is recorded by then. */
  async run(set: StatefulSet, step: Step): Promise<void> {
    switch (step.do) {
      case "create":
        return this.createPod(set, newPod(set, step.ordinal, step.revision));
      case "delete":
        return this.deletePod(set, step.pod);
      case "claims":
        await this.createClaims(set, step.pod);
        return this.reporting("Update", set, step.pod, () => this.setOwners(set, step.pod));
      case "correct":
        return this.correctPod(set, step.pod);
      case "retain":
        return this.setOwners(set, step.pod);
    }
  }

  private async createPod(set: StatefulSet, pod: Pod): Promise<void> {
    await this.reporting("Create", set, pod, () => this.createClaims(set, pod));
    let failure: unknown;
    try {
      await this.deps.pods.create(set.metadata.namespace ?? "", pod);
    } catch (error) {
      // A foreign pod holds the name: no Event, only another try later.
      if (isAlreadyExists(error)) throw error;
      failure = error;
    }
    await this.reporting("Update", set, pod, () => this.setOwners(set, pod));
    this.record("Create", set, pod, failure);
    if (failure) throw failure;
  }

  private async deletePod(set: StatefulSet, pod: Pod): Promise<void> {
    // One that has gone meanwhile fails too, as upstream's does.
    await this.reporting("Delete", set, pod, () => this.deps.pods.delete(set.metadata.namespace ?? "", pod.metadata.name ?? ""));
    this.record("Delete", set, pod);
  }

  private async correctPod(set: StatefulSet, pod: Pod): Promise<void> {
    if (!storageMatches(set, pod)) await this.reporting("Update", set, pod, () => this.createClaims(set, pod));
    await this.reporting("Update", set, pod, () => this.setOwners(set, pod));
    // The pod is written even when only its claims were wrong, and the Event says so.
    await this.reporting("Update", set, pod, () =>
      this.deps.pods.modify(set.metadata.namespace ?? "", pod.metadata.name ?? "", (current) => {
        const next: Pod = { ...current, metadata: { ...current.metadata }, spec: { ...current.spec } };
        if (!identityMatches(set, current)) setIdentity(set, next);
        if (!storageMatches(set, current)) setStorage(set, next);
        return next;
      }),
    );
    this.record("Update", set, pod);
  }

  /** Creates the pod's claims that do not exist. A claim on its way out is an error: the pod must not be made upon it. */
  private async createClaims(set: StatefulSet, pod: Pod): Promise<void> {
    const errors: unknown[] = [];
    for (const claim of claimsFor(set, ordinalOf(pod))) {
      const { namespace = "", name = "" } = claim.metadata;
      const existing = this.deps.claimInformer.get(namespace, name);
      if (existing) {
        if (existing.metadata.deletionTimestamp) errors.push(new Error(`pvc ${name} is being deleted`));
        continue;
      }
      let failure: unknown;
      try {
        await this.deps.claims.create(namespace, claim);
      } catch (error) {
        failure = error;
        errors.push(new Error(`failed to create PVC ${name}: ${messageOf(error)}`));
      }
      if (!failure || !isAlreadyExists(failure)) this.recordClaim(set, pod, name, failure);
    }
    const failure = aggregate(errors);
    if (failure) throw failure;
  }

  /** Writes the claims' owners as the retention policy wants them. */
  private async setOwners(set: StatefulSet, pod: Pod): Promise<void> {
    const namespace = set.metadata.namespace ?? "";
    for (const name of claimNames(set, ordinalOf(pod))) {
      const claim = this.deps.claimInformer.get(namespace, name);
      if (!claim) continue;
      if (hasUnexpectedController(claim, set, pod)) {
        const message = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
        this.deps.recorder.event(withGvk(set, STATEFUL_SET), "Warning", "ConflictingController", message);
      }
      if (isOwnerUpToDate(claim, set, pod)) continue;
      try {
        await this.deps.claims.modify(namespace, name, (current) => {
          const { ownerReferences: _, ...metadata } = current.metadata;
          const owners = ownersFor(current, set, pod);
          return { ...current, metadata: owners ? { ...metadata, ownerReferences: owners } : metadata };
        });
      } catch (error) {
        throw new Error(`could not update claim ${name} for delete policy ownerRefs: ${messageOf(error)}`);
      }
    }
  }

  private async reporting(verb: Verb, set: StatefulSet, pod: Pod, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.record(verb, set, pod, error);
      throw error;
    }
  }

  private record(verb: Verb, set: StatefulSet, pod: Pod, error?: unknown): void {
    const text = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    this.emit(verb, set, error, error ? `${text} failed error: ${messageOf(error)}` : `${text} successful`);
  }

  private recordClaim(set: StatefulSet, pod: Pod, claim: string, error?: unknown): void {
    const where = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    this.emit("Create", set, error, error ? `Create Claim ${claim} for ${where} failed error: ${messageOf(error)}` : `Create Claim ${claim} ${where} success`);
  }

  private emit(verb: Verb, set: StatefulSet, error: unknown, message: string): void {
    this.deps.recorder.event(withGvk(set, STATEFUL_SET), error ? "Warning" : "Normal", `${error ? "Failed" : "Successful"}${verb}`, message);
  }
}
