/** The set's template through time. Source: pkg/controller/statefulset getStatefulSetRevisions, getPatch, ApplyRevision. */
import { dataText, equalRevisions, type History, newRevision, nextRevision, sortRevisions } from "../history/history.js";
import type { ControllerRevision, PodTemplateSpec, StatefulSet } from "../runtime/api.js";
import { canonicalJson } from "../runtime/hash.js";
import { type Revision, STATEFUL_SET } from "./identity.js";

/** What a revision keeps: a patch that puts the whole template back. */
export const revisionData = (set: StatefulSet): object => ({ spec: { template: { ...set.spec.template, $patch: "replace" } } });

const texts = new WeakMap<PodTemplateSpec, string>();

/** The text of `revisionData`. Informers hand out frozen objects, and a set's next status keeps the template: it is printed once for each. */
function revisionText(set: StatefulSet): string {
  const { template } = set.spec;
  let text = texts.get(template);
  if (text === undefined) {
    text = canonicalJson(revisionData(set));
    texts.set(template, text);
  }
  return text;
}

/** The template a revision stands for. One whose data holds none leaves the set's as it is. */
export function templateOf(revision: ControllerRevision, set: StatefulSet): PodTemplateSpec {
  const template = (revision.data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined)?.spec?.template;
  if (!template) return set.spec.template;
  const { $patch: _, ...rest } = template;
  return rest as PodTemplateSpec;
}

export interface Revisions {
  readonly current: Revision;
  readonly update: Revision;
  readonly collisionCount: number;
  /** As they were before, oldest first. */
  readonly sorted: readonly ControllerRevision[];
}

/** Finds or makes the update revision: the last one if the template is as it says, an equal older one under a new number, or a new one. */
export async function syncRevisions(history: History, set: StatefulSet, revisions: readonly ControllerRevision[]): Promise<Revisions> {
  const sorted = sortRevisions(revisions);
  let collisionCount = set.status?.collisionCount ?? 0;
  const text = revisionText(set);
  const equal = sorted.findLast((revision) => dataText(revision) === text);
  const last = sorted.at(-1);
  let update: ControllerRevision;
  if (equal && last && equalRevisions(last, equal)) update = last;
  else if (equal) update = await history.renumber(equal, nextRevision(sorted));
  else {
    const wanted = newRevision(set, STATEFUL_SET, set.spec.template.metadata?.labels, revisionData(set), nextRevision(sorted), collisionCount);
    ({ revision: update, collisionCount } = await history.create(set, wanted, collisionCount));
  }
  const current = sorted.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? update;
  const named = (revision: ControllerRevision): Revision => ({ name: revision.metadata.name ?? "", template: templateOf(revision, set) });
  return { current: named(current), update: named(update), collisionCount, sorted };
}
