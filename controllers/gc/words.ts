/** Why a deleted object is still there, as statements. Pure. */
import type { KubeObject } from "../../kinds/object.js";
import type { Named, Statement } from "../runtime/journal.js";
import { FOREGROUND, ORPHAN } from "./plan.js";

/** Finalizers whose own controllers say what they wait for. */
const TOLD = new Set(["kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"]);
const FEW = 3;

/** `dependents` are those that block the deletion of their owner. */
export function aboutDeleted(about: Named, object: KubeObject, dependents: readonly Named[]): Statement[] {
  if (!object.metadata.deletionTimestamp) return [];
  // that of a pod is when its grace is over
  const since = about.kind === "Pod" ? undefined : Date.parse(object.metadata.deletionTimestamp);
  const state = "is not gone";
  return (object.metadata.finalizers ?? [])
    .filter((finalizer) => !TOLD.has(finalizer))
    .map((finalizer): Statement => {
      if (finalizer === FOREGROUND && dependents.length > 0) {
        const names = dependents.slice(0, FEW).map(({ kind, name }) => `${kind.toLowerCase()} ${name}`);
        const more = dependents.length > FEW ? ` and ${dependents.length - FEW} more` : "";
        const because = `${names.join(", ")}${more} of its dependents ${dependents.length === 1 ? "is" : "are"} still there`;
        return { about, state, because, rule: `${FOREGROUND} with blockOwnerDeletion`, waitsFor: dependents.slice(0, FEW), unblocks: "they are gone", since };
      }
      if (finalizer === ORPHAN) return { about, state, because: "its dependents are being let go", rule: ORPHAN, unblocks: "they are", since };
      return { about, state, because: `finalizer ${finalizer} is on it`, rule: "metadata.finalizers", unblocks: "whoever put it there takes it away", since };
    });
}
