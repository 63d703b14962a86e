/** A DaemonSet's template through time, as ControllerRevisions. Source: pkg/controller/daemon/update.go constructHistory, snapshot, cleanupHistory. */
import type { Informer, ResourceClient } from "../../client/client.js";
import { labelSelectorAsSelector } from "../../kinds/labels.js";
import { dataText, sortRevisions } from "../history/history.js";
import { addControllerIndex, claim, orphans, ownedBy } from "../runtime/adoption.js";
import type { ControllerRevision, DaemonSet, KubeObject, Pod } from "../runtime/api.js";
import { isAlreadyExists } from "../runtime/errors.js";
import { canonicalJson, computeHash } from "../runtime/hash.js";
import { controllerRef } from "../runtime/podtemplate.js";
import { DAEMON_SET, REVISION_HASH } from "./nodes.js";

/** What a revision keeps: a patch that puts the whole template back. */
const revisionData = (set: DaemonSet): object => ({ spec: { template: { ...set.spec.template, $patch: "replace" } } });

export interface Revisions {
  /** The present template's label. */
  readonly hash: string;
  readonly old: readonly ControllerRevision[];
}

interface Deps {
  readonly sets: ResourceClient<DaemonSet>;
  readonly revisions: ResourceClient<ControllerRevision>;
  readonly informer: Informer<ControllerRevision>;
  readonly pods: ResourceClient<Pod>;
}

export class DaemonRevisions {
  constructor(private readonly deps: Deps) {
    addControllerIndex(deps.informer as unknown as Informer<KubeObject>);
  }

  /** Finds or makes the present template's revision; one that was there before gets the highest number. `pods` are the set's, asked when some must be relabelled. */
  async sync(set: DaemonSet, pods: () => Promise<readonly Pod[]>): Promise<Revisions> {
    const { namespace = "", name = "", uid = "" } = set.metadata;
    const { revisions, informer } = this.deps;
    const claimed = await claim({
      owner: set,
      gvk: DAEMON_SET,
      selector: labelSelectorAsSelector(set.spec.selector),
      kind: "ControllerRevision",
      candidates: [...ownedBy(informer, uid).filter((r) => r.metadata.namespace === namespace), ...orphans(informer, namespace)],
      resource: revisions,
      fresh: () => this.deps.sets.get(namespace, name),
    });
    const labelled = await Promise.all(claimed.map((revision) => this.labelled(revision)));
    const text = canonicalJson(revisionData(set));
    const old = labelled.filter((revision) => dataText(revision) !== text);
    const same = sortRevisions(labelled.filter((revision) => dataText(revision) === text));
    const number = Math.max(0, ...old.map((revision) => revision.revision)) + 1;
    const current = same.at(-1);
    if (!current) return { hash: hashOf(await this.snapshot(set, number)), old };
    if (same.length > 1) await this.fold(current, same.slice(0, -1), await pods());
    if (current.revision < number)
      await revisions.modify(namespace, current.metadata.name ?? "", (now) => (now.revision < number ? { ...now, revision: number } : undefined));
    return { hash: hashOf(current), old };
  }

  /** A revision from before there was the label is named by its own name. */
  private async labelled(revision: ControllerRevision): Promise<ControllerRevision> {
    const { namespace = "", name = "", labels } = revision.metadata;
    if (labels?.[REVISION_HASH] !== undefined) return revision;
    return this.deps.revisions.modify(namespace, name, (now) => ({
      ...now,
      metadata: { ...now.metadata, labels: { ...now.metadata.labels, [REVISION_HASH]: name } },
    }));
  }

  private async snapshot(set: DaemonSet, number: number): Promise<ControllerRevision> {
    const { namespace = "", name: parent = "", annotations, uid } = set.metadata;
    const hash = computeHash(set.spec.template, set.status?.collisionCount);
    const name = `${parent}-${hash}`;
    const data = revisionData(set);
    const labels = { ...(set.spec.template.metadata?.labels as Record<string, string> | undefined), [REVISION_HASH]: hash };
    try {
      return await this.deps.revisions.create(namespace, {
        apiVersion: "apps/v1",
        kind: "ControllerRevision",
        metadata: { name, namespace, labels, ...(annotations ? { annotations: { ...annotations } } : {}), ownerReferences: [controllerRef(set, DAEMON_SET)] },
        data,
        revision: number,
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await this.deps.revisions.get(namespace, name);
      if (dataText(existing) === canonicalJson(data)) return existing;
      // The name is another template's: the next try hashes with a higher count.
      const count = set.status?.collisionCount;
      await this.deps.sets.modify(
        namespace,
        parent,
        (now) =>
          now.metadata.uid === uid && now.status?.collisionCount === count
            ? { ...now, status: { ...(now.status as NonNullable<DaemonSet["status"]>), collisionCount: (count ?? 0) + 1 } }
            : undefined,
        { subresource: "status" },
      );
      throw error;
    }
  }

  /** Two revisions of one template become one; pods of the others are taken for its own. */
  private async fold(kept: ControllerRevision, others: readonly ControllerRevision[], pods: readonly Pod[]): Promise<void> {
    const hash = hashOf(kept);
    for (const { metadata } of pods) {
      if (metadata.labels?.[REVISION_HASH] === hash) continue;
      const patch = { metadata: { labels: { [REVISION_HASH]: hash } } };
      await this.deps.pods.patch(metadata.namespace ?? "", metadata.name ?? "", "application/merge-patch+json", patch);
    }
    for (const { metadata } of others) await this.deps.revisions.delete(metadata.namespace ?? "", metadata.name ?? "");
  }

  /** Deletes the oldest that no pod is of, so that at most `limit` old ones stay. */
  async cleanUp(old: readonly ControllerRevision[], pods: readonly Pod[], limit: number): Promise<void> {
    const live = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_HASH]));
    const expendable = sortRevisions(old).filter((revision) => !live.has(hashOf(revision)));
    for (const { metadata } of expendable.slice(0, Math.max(0, old.length - limit)))
      await this.deps.revisions.delete(metadata.namespace ?? "", metadata.name ?? "");
  }
}

const hashOf = (revision: ControllerRevision): string => revision.metadata.labels?.[REVISION_HASH] ?? "";
