/**
 * Which volume is to be attached where. Pure. Sources: pkg/controller/volume/attachdetach/reconciler/reconciler.go, pkg/controller/volume/attachdetach/util,
 * pkg/volume/util (IsMultiAttachAllowed), pkg/volume/csi/csi_attacher.go.
 */
import { createHash } from "node:crypto";
import { isNodeReady } from "../../runtime/nodes.js";
import { isPodTerminal, isTerminating } from "../../runtime/podutil.js";
import { keyOf, type Node, type PersistentVolume, type Pod } from "../api.js";
import type { Attachable, VolumeAttachment } from "./api.js";

/** How long a node that is not healthy may keep what is mounted there. */
export const MAX_WAIT_FOR_UNMOUNT_MS = 6 * 60_000;
/** How long one attempt waits for the driver. */
export const ATTACH_TIMEOUT_MS = 2 * 60_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 2 * 60_000 + 2_000;
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

/** The name of the VolumeAttachment of a volume to a node. */
export const attachmentName = ({ driver, handle }: Attachable, node: string): string =>
  `csi-${createHash("sha256").update(`${handle}${driver}${node}`).digest("hex")}`;

/** Whether a pod needs its volumes on its node: one that is over, or that stops and of which nothing runs any more, does not. Source: IsPodTerminated. */
export function needsVolumes(pod: Pod): boolean {
  if (!pod.spec.nodeName || isPodTerminal(pod)) return false;
  if (!isTerminating(pod)) return true;
  return (pod.status?.containerStatuses ?? []).some((c) => !c.state?.terminated && !c.state?.waiting);
}

/** Whether several nodes may have the volume at once. */
export function allowsMultiAttach({ spec: { accessModes = [] } }: PersistentVolume): boolean {
  return accessModes.length === 0 || accessModes.some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany");
}

/** Whether the node says that it uses the volume; one that is gone says nothing. */
export const isInUse = (node: Node | undefined, { uniqueName }: Attachable): boolean => node?.status?.volumesInUse?.includes(uniqueName) ?? false;

export interface AttachFacts {
  readonly volume: PersistentVolume;
  readonly attachable: Attachable;
  /** Pods that need the volume, on nodes whose volumes the controller attaches. */
  readonly pods: readonly Pod[];
  /** The volume's attachments that are the controller's. */
  readonly attachments: readonly VolumeAttachment[];
  node(name: string): Node | undefined;
  /** Since when (milliseconds) an attachment has not been needed. */
  unneededSince(attachment: VolumeAttachment): number;
  readonly now: number;
}

export interface AttachPlan {
  /** Nodes it is to be attached to. */
  readonly attach: readonly string[];
  readonly detach: readonly VolumeAttachment[];
  /** Nodes that cannot have it while others do, and what to tell the pods there. */
  readonly refuse: readonly { readonly node: string; readonly texts: readonly (readonly [pod: Pod, text: string])[] }[];
  /** Milliseconds after which time alone changes the plan. */
  readonly again?: number;
}

/** Pods of other namespaces are counted and not named. Source: reportMultiAttachError. */
function refusal(volume: PersistentVolume, pod: Pod, users: readonly Pod[]): string {
  const local = users.filter((user) => user.metadata.namespace === pod.metadata.namespace).map((user) => user.metadata.name);
  const others = users.length - local.length;
  const elsewhere = `${others} pod(s) in different namespaces`;
  let why = "Volume is already exclusively attached to one node and can't be attached to another";
  if (local.length) why = `Volume is already used by pod(s) ${local.join(", ")}${others ? ` and ${elsewhere}` : ""}`;
  else if (others) why = `Volume is already used by ${elsewhere}`;
  return `Multi-Attach error for volume "${volume.metadata.name}" ${why}`;
}

/** Milliseconds until an attachment that is not needed may go: 0 at once, undefined when only news change that. */
function detachWait(attachment: VolumeAttachment, facts: AttachFacts): number | undefined {
  const node = facts.node(attachment.spec.nodeName);
  if (!isInUse(node, facts.attachable)) return 0;
  if (node?.spec.taints?.some((taint) => taint.key === OUT_OF_SERVICE)) return 0;
  if (node && isNodeReady(node)) return undefined;
  return Math.max(0, facts.unneededSince(attachment) + MAX_WAIT_FOR_UNMOUNT_MS - facts.now);
}

const byAge = (a: Pod, b: Pod): number =>
  (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? "") || keyOf(a).localeCompare(keyOf(b));

/** Detaches come first, so that a volume whose pod has moved is free for its new node. */
export function planAttachments(facts: AttachFacts): AttachPlan {
  const { volume, attachments } = facts;
  const wanted = new Map<string, Pod[]>();
  for (const pod of [...facts.pods].sort(byAge)) {
    const node = pod.spec.nodeName ?? "";
    wanted.set(node, [...(wanted.get(node) ?? []), pod]);
  }
  const detach: VolumeAttachment[] = [];
  let again: number | undefined;
  for (const attachment of attachments) {
    if (wanted.has(attachment.spec.nodeName) || attachment.metadata.deletionTimestamp) continue;
    const wait = detachWait(attachment, facts);
    if (wait === 0) detach.push(attachment);
    else if (wait !== undefined) again = Math.min(again ?? wait, wait);
  }
  const there = new Map(attachments.map((a) => [a.spec.nodeName, a]));
  const missing = [...wanted.keys()].filter((node) => !there.has(node));
  const plan = { detach, refuse: [], ...(again === undefined ? {} : { again }) };
  if (allowsMultiAttach(volume)) return { ...plan, attach: missing };
  if (attachments.length === 0) return { ...plan, attach: missing.slice(0, 1) };
  // While something is under way for the volume nothing else is tried, and nothing told.
  if (attachments.some((a) => a.metadata.deletionTimestamp || !a.status?.attached || detach.includes(a))) return { ...plan, attach: [] };
  const refuse = missing.map((node) => ({
    node,
    texts: (wanted.get(node) ?? []).map((pod): readonly [Pod, string] => {
      const users = [...there.keys()].flatMap((other) => wanted.get(other) ?? []);
      return [pod, refusal(volume, pod, users)];
    }),
  }));
  return { ...plan, attach: [], refuse };
}

/** When (milliseconds) the attempt of that number, from 0, gives up on a driver that does not answer. */
export function givesUpAt(since: number, attempt: number): number {
  let at = since + ATTACH_TIMEOUT_MS;
  for (let i = 0; i < attempt; i++) at += Math.min(FIRST_BACKOFF_MS * 2 ** i, MAX_BACKOFF_MS) + ATTACH_TIMEOUT_MS;
  return at;
}

/** A volume as a Node's status lists it. */
export interface AttachedVolume {
  readonly name: string;
  readonly devicePath: string;
}

/** The list of what is attached, for what now is; undefined when it says so. What is new comes last. Source: statusupdater/node_status_updater.go. */
export function volumesAttached(listed: readonly AttachedVolume[] | undefined, attached: readonly string[]): AttachedVolume[] | undefined {
  const before = listed ?? [];
  const kept = before.filter(({ name }) => attached.includes(name));
  const added = attached.filter((name) => !before.some((v) => v.name === name));
  if (kept.length === before.length && added.length === 0) return undefined;
  return [...kept, ...added.map((name) => ({ name, devicePath: "" }))];
}
