/** Which pods of a DaemonSet are made and deleted next. Pure. Source: pkg/controller/daemon podsShouldBeOnNode, rollingUpdate. */
import type { DaemonSet, Node, Pod } from "../runtime/api.js";
import { scaled } from "../runtime/intorpercent.js";
import { isPodAvailable, isPodReady, isTerminating } from "../runtime/podutil.js";
import { parseTime } from "../runtime/time.js";
import { isUpdated, REVISION_HASH, shouldRun } from "./nodes.js";

export interface World {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** The set's pods by the node they are for, without those that have ended and are being deleted. */
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  /** The present template's. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Plan {
  /** Nodes that get a pod, by name. */
  readonly create: readonly string[];
  /** Pods by name. */
  readonly delete: readonly string[];
}

/** What the first look at all nodes finds. */
export interface Upkeep extends Plan {
  /** Pods that have ended and are replaced. */
  readonly ended: readonly { readonly pod: Pod; readonly node: string }[];
  /** Milliseconds until a failed pod may be replaced that may not yet. */
  readonly retryMs: number | undefined;
}

const nameOf = (object: Node | Pod): string => object.metadata.name ?? "";

/** Placed before unplaced, old before young. */
export const byPlaceAndAge = (a: Pod, b: Pod): number =>
  Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
  (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) ||
  (nameOf(a) < nameOf(b) ? -1 : 1);

function counts(set: DaemonSet, desired: number): { surge: number; unavailable: number } {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== "RollingUpdate") return { surge: 0, unavailable: 0 };
  const surge = scaled(rollingUpdate?.maxSurge, desired, true);
  const unavailable = scaled(rollingUpdate?.maxUnavailable, desired, true);
  // Nothing would ever move.
  return { surge, unavailable: desired > 0 && surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/**
 * One pod on each node that shall have one, none on the others. `failedWait` tells how long (milliseconds) a failed pod of a node is to be left alone: each
 * question that is answered with 0 counts as a replacement.
 */
export function upkeep({ set, nodes, pods, hash, now }: World, failedWait: (node: string) => number): Upkeep {
  const create: string[] = [];
  const remove: string[] = [];
  const ended: { pod: Pod; node: string }[] = [];
  let retryMs: number | undefined;
  for (const node of nodes) {
    const name = nameOf(node);
    const { run, stay } = shouldRun(set, node);
    const there = pods.get(name);
    if (run && !there) create.push(name);
    else if (stay) {
      const running: Pod[] = [];
      for (const pod of there ?? []) {
        const phase = pod.status?.phase;
        if (isTerminating(pod)) continue;
        if (phase !== "Failed" && phase !== "Succeeded") {
          running.push(pod);
          continue;
        }
        const wait = phase === "Failed" ? failedWait(name) : 0;
        if (wait > 0) retryMs = Math.min(retryMs ?? wait, wait);
        else {
          ended.push({ pod, node: name });
          remove.push(nameOf(pod));
        }
      }
      const surging = counts(set, 1).surge > 0;
      if (surging && run && running.length === 0) create.push(name);
      else if (running.length > 1) remove.push(...(surging ? surplus(running, set, hash, now) : running.sort(byPlaceAndAge).slice(1)).map(nameOf));
    } else if (there) remove.push(...there.filter((pod) => !isTerminating(pod)).map(nameOf));
  }
  // A pod made for a node that has gone since is never placed, and nobody else deletes it.
  const known = new Set(nodes.map(nameOf));
  for (const [node, stranded] of pods) if (!known.has(node)) remove.push(...stranded.filter((pod) => !pod.spec.nodeName).map(nameOf));
  return { create, delete: remove, ended, retryMs };
}

/** Beside the oldest old pod its replacement may stand, while the old one works and the new one does not yet. */
function surplus(running: Pod[], set: DaemonSet, hash: string, now: number): Pod[] {
  const out: Pod[] = [];
  let fresh: Pod | undefined;
  let stale: Pod | undefined;
  for (const pod of running.sort(byPlaceAndAge)) {
    if (pod.metadata.labels?.[REVISION_HASH] === hash) {
      if (fresh) out.push(pod);
      else fresh = pod;
    } else if (stale) out.push(pod);
    else stale = pod;
  }
  if (fresh && stale && (!isPodReady(stale) || isPodAvailable(fresh, set.spec.minReadySeconds ?? 0, now))) out.push(stale);
  return out;
}

/** The one new and the one old pod of a node; undefined when there are more, which is the upkeep's to settle. */
function pair(set: DaemonSet, pods: readonly Pod[], hash: string): { fresh?: Pod; stale?: Pod } | undefined {
  const out: { fresh?: Pod; stale?: Pod } = {};
  for (const pod of pods) {
    if (isTerminating(pod)) continue;
    const which = isUpdated(set, pod, hash) ? "fresh" : "stale";
    if (out[which]) return undefined;
    out[which] = pod;
  }
  return out;
}

/** The next step of a rolling update. */
export function rollingUpdate(world: World): Plan {
  const { set, nodes } = world;
  const wanted = nodes.filter((node) => shouldRun(set, node).run).map(nameOf);
  const { surge, unavailable } = counts(set, wanted.length);
  // Nodes without a pod count as unavailable ones.
  const places = [...new Set([...world.pods.keys(), ...wanted])].sort();
  return surge === 0 ? replaceInPlace(world, places, unavailable) : replaceBySurge(world, places, surge, new Set(wanted));
}

/** Deletes old pods as far as `most` unavailable nodes allow; the upkeep makes the new ones. */
function replaceInPlace({ set, pods, hash, now }: World, places: readonly string[], most: number): Plan {
  const available = (pod: Pod): boolean => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
  const broken: string[] = [];
  const working: string[] = [];
  let down = 0;
  for (const place of places) {
    const found = pair(set, pods.get(place) ?? [], hash);
    if (!found || Boolean(found.fresh) === Boolean(found.stale)) down++;
    else if (found.fresh) down += available(found.fresh) ? 0 : 1;
    else if (found.stale && !available(found.stale)) {
      broken.push(nameOf(found.stale));
      down++;
    } else if (found.stale && down < most) working.push(nameOf(found.stale));
  }
  return { create: [], delete: [...broken, ...working.slice(0, Math.max(0, most - down))] };
}

/** Makes new pods beside old ones, at most `most` that are not available yet, and deletes an old one when its new one is. */
function replaceBySurge({ set, pods, hash, now }: World, places: readonly string[], most: number, wanted: ReadonlySet<string>): Plan {
  const available = (pod: Pod): boolean => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
  const remove: string[] = [];
  const unwanted: string[] = [];
  const atOnce: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  let working = 0;
  for (const place of places) {
    const found = pair(set, pods.get(place) ?? [], hash);
    if (!found) {
      surging++;
      continue;
    }
    const { fresh, stale } = found;
    const first = stale ?? fresh;
    if (first && available(first)) working++;
    if (!stale) continue;
    if (fresh) {
      if (available(fresh)) remove.push(nameOf(stale));
      else surging++;
    } else if (!available(stale)) {
      if (wanted.has(place)) atOnce.push(place);
      else remove.push(nameOf(stale));
    } else if (!wanted.has(place)) unwanted.push(nameOf(stale));
    else if (surging < most) candidates.push(place);
  }
  // What works on a node that is to have none any more goes only as far as enough works elsewhere.
  const spare = Math.max(0, working - wanted.size);
  return {
    create: [...atOnce, ...candidates.slice(0, Math.max(0, most - surging))],
    delete: [...remove, ...unwanted.slice(0, spare)],
  };
}
