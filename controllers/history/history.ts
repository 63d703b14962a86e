/** Revisions of a controller's template, as ControllerRevisions. Source: pkg/controller/history. */
import type { Informer, ResourceClient } from "../../client/client.js";
import type { Selector } from "../../kinds/labels.js";
import { addControllerIndex, adoptionPatch, orphans, ownedBy } from "../runtime/adoption.js";
import type { ControllerRevision, Gvk, KubeObject } from "../runtime/api.js";
import { isAlreadyExists } from "../runtime/errors.js";
import { canonicalJson, fnv1 } from "../runtime/hash.js";
import { safeEncode } from "../runtime/names.js";
import { controllerOf, controllerRef } from "../runtime/podtemplate.js";
import { parseTime } from "../runtime/time.js";

/** Label with the hash of a revision's data. */
export const HASH_LABEL = "controller.kubernetes.io/hash";

const texts = new WeakMap<object, string>();

/** A revision's data as the text that is hashed and compared. Informers hand out frozen objects, so it is printed once for each. */
export function dataText(revision: ControllerRevision): string {
  const data = (revision.data ?? {}) as object;
  let text = texts.get(data);
  if (text === undefined) {
    text = canonicalJson(data);
    texts.set(data, text);
  }
  return text;
}

/** FNV-1 of the data and the collision count, in the alphabet of names. The same as a real cluster's: it hashes the bytes of the data. */
export const revisionHash = (text: string, collisionCount: number | undefined): string =>
  safeEncode(String(fnv1(text + (collisionCount === undefined ? "" : String(collisionCount)))));

/** `web-5d8c9f7b6`: the parent's name is cut so that the whole stays a valid name. */
export const revisionName = (parent: string, hash: string): string => `${parent.slice(0, 223)}-${hash}`;

/** A revision that is not written yet. `labels` are the template's; `annotations` the parent's. */
export function newRevision(
  parent: KubeObject,
  gvk: Gvk,
  labels: Record<string, string> | undefined,
  data: object,
  number: number,
  collisionCount: number | undefined,
): ControllerRevision {
  const hash = revisionHash(canonicalJson(data), collisionCount);
  const { annotations, name = "", namespace } = parent.metadata;
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: revisionName(name, hash),
      namespace,
      labels: { ...labels, [HASH_LABEL]: hash },
      ...(annotations && Object.keys(annotations).length > 0 ? { annotations: { ...annotations } } : {}),
      ownerReferences: [controllerRef(parent, gvk)],
    },
    data,
    revision: number,
  };
}

/** Oldest first: by number, then age, then name. */
export const sortRevisions = (revisions: readonly ControllerRevision[]): ControllerRevision[] =>
  [...revisions].sort(
    (a, b) =>
      Number(a.revision) - Number(b.revision) ||
      (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) ||
      ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1),
  );

/** The number after the last of sorted revisions. */
export const nextRevision = (sorted: readonly ControllerRevision[]): number => Number(sorted.at(-1)?.revision ?? 0) + 1;

export const equalRevisions = (a: ControllerRevision, b: ControllerRevision): boolean => dataText(a) === dataText(b);

/** The effects on revisions of one controller. */
export class History {
  constructor(
    private readonly revisions: ResourceClient<ControllerRevision>,
    private readonly informer: Informer<ControllerRevision>,
    private readonly gvk: Gvk,
  ) {
    addControllerIndex(informer as unknown as Informer<KubeObject>);
  }

  /** The parent's own and orphans that match, unsorted. */
  list(parent: KubeObject, selector: Selector): ControllerRevision[] {
    const { namespace = "", uid = "" } = parent.metadata;
    return [...ownedBy(this.informer, uid), ...orphans(this.informer, namespace)].filter(
      (revision) => revision.metadata.namespace === namespace && selector.matches(revision.metadata.labels),
    );
  }

  /**
   * Writes a new revision. A name that is taken by other data raises the collision count and tries the next name; the hash label keeps the first hash.
   * Returns the revision in place and the count to remember.
   */
  async create(parent: KubeObject, revision: ControllerRevision, collisionCount: number): Promise<{ revision: ControllerRevision; collisionCount: number }> {
    const namespace = parent.metadata.namespace ?? "";
    const text = canonicalJson(revision.data ?? {});
    for (let count = collisionCount; ; count++) {
      const name = revisionName(parent.metadata.name ?? "", revisionHash(text, count));
      try {
        const created = await this.revisions.create(namespace, { ...revision, metadata: { ...revision.metadata, name } });
        return { revision: created, collisionCount: count };
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        const existing = await this.revisions.get(namespace, name);
        if (dataText(existing) === text) return { revision: existing, collisionCount: count };
      }
    }
  }

  /** Gives a revision a new number. */
  async renumber(revision: ControllerRevision, number: number): Promise<ControllerRevision> {
    const { namespace = "", name = "" } = revision.metadata;
    return this.revisions.modify(namespace, name, (current) => (current.revision === number ? undefined : { ...current, revision: number }));
  }

  async delete(revision: ControllerRevision): Promise<void> {
    await this.revisions.delete(revision.metadata.namespace ?? "", revision.metadata.name ?? "");
  }

  /** Makes `parent` the controller of an orphan. */
  async adopt(parent: KubeObject, revision: ControllerRevision): Promise<ControllerRevision> {
    const owner = controllerOf(revision);
    if (owner) throw new Error(`attempt to adopt revision owned by ${owner.kind} ${owner.name}`);
    const { namespace = "", name = "", uid } = revision.metadata;
    return this.revisions.patch(namespace, name, "application/strategic-merge-patch+json", adoptionPatch(parent, this.gvk, uid));
  }
}

/** Revisions to delete so that, besides those in use (`live` names), at most `limit` stay; oldest first. A negative limit keeps all. */
export function expendableRevisions(sorted: readonly ControllerRevision[], live: ReadonlySet<string>, limit: number): ControllerRevision[] {
  const history = sorted.filter((revision) => !live.has(revision.metadata.name ?? ""));
  return limit < 0 || history.length <= limit ? [] : history.slice(0, history.length - limit);
}
