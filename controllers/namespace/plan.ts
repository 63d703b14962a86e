import type { KubeObject } from "../../kinds/object.js";

/** core/v1 NamespaceCondition. */
export interface NamespaceCondition {
  type: string;
  status: "True" | "False";
  lastTransitionTime?: string | null;
  reason: string;
  message: string;
}

/** What was found in a namespace on its way out. Resources as `configmaps.` or `statefulsets.apps`. */
export interface Content {
  readonly errors: readonly string[];
  readonly remaining: ReadonlyMap<string, number>;
  readonly finalizers: ReadonlyMap<string, number>;
}

export const NOTHING: Content = { errors: [], remaining: new Map(), finalizers: new Map() };

/** The conditions when all is well, in upstream's order. Source: pkg/controller/namespace/deletion/status_condition_utils.go. */
const FINE: readonly (readonly [type: string, reason: string, message: string])[] = [
  ["NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"],
  ["NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"],
  ["NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
  ["NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"],
  ["NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"],
];

const listed = (counts: ReadonlyMap<string, number>, text: (name: string, count: number) => string): string =>
  [...counts]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => text(name, count))
    .sort()
    .join(", ");

function troubles(content: Content): Map<string, { reason: string; message: string }> {
  const found = new Map<string, { reason: string; message: string }>();
  if (content.remaining.size > 0) {
    found.set("NamespaceContentRemaining", {
      reason: "SomeResourcesRemain",
      message: `Some resources are remaining: ${listed(content.remaining, (resource, n) => `${resource} has ${n} resource instances`)}`,
    });
  }
  if (content.finalizers.size > 0) {
    found.set("NamespaceFinalizersRemaining", {
      reason: "SomeFinalizersRemain",
      message: `Some content in the namespace has finalizers remaining: ${listed(content.finalizers, (finalizer, n) => `${finalizer} in ${n} resource instances`)}`,
    });
  }
  if (content.errors.length > 0) {
    found.set("NamespaceDeletionContentFailure", {
      reason: "ContentDeletionFailed",
      message: `Failed to delete all resource types, ${content.errors.length} remaining: ${[...content.errors].sort().join(", ")}`,
    });
  }
  return found;
}

/** The namespace's conditions after a round of deletions, or undefined when they say so already. `now` is RFC 3339. */
export function conditionsAfter(old: readonly NamespaceCondition[], content: Content, now: string): NamespaceCondition[] | undefined {
  const found = troubles(content);
  const next = [...old];
  let changed = false;
  for (const [type, reason, message] of FINE) {
    const trouble = found.get(type);
    const wanted: NamespaceCondition = { type, status: trouble ? "True" : "False", lastTransitionTime: now, ...(trouble ?? { reason, message }) };
    const i = next.findIndex((c) => c.type === type);
    if (i < 0) next.push(wanted);
    else if (next[i].status === wanted.status && next[i].reason === wanted.reason && next[i].message === wanted.message) continue;
    else next[i] = next[i].status === wanted.status ? { ...wanted, lastTransitionTime: next[i].lastTransitionTime } : wanted;
    changed = true;
  }
  return changed ? next : undefined;
}

/** How long (seconds) the pods may take to end by themselves; 0 once that time is over. Times in milliseconds. Source: estimateGracefulTermination. */
export function podEstimate(pods: readonly KubeObject[], deletedAt: number, now: number): number {
  const graces = pods
    .filter((p) => p.status?.phase !== "Succeeded" && p.status?.phase !== "Failed")
    .map((p) => Number(p.spec?.terminationGracePeriodSeconds ?? 0));
  const estimate = Math.max(0, ...graces);
  return now - deletedAt >= estimate * 1000 ? 0 : estimate;
}

/** Seconds that finalizers are given before the next look. */
export const FINALIZER_ESTIMATE = 15;
