/** What a set of pods waits for, as statements. Pure. */
import type { Pod, ReplicaSet } from "../runtime/api.js";
import { messageOf } from "../runtime/errors.js";
import type { Statement } from "../runtime/journal.js";
import { isPodAvailable } from "../runtime/podutil.js";
import { unavailable } from "../runtime/waiting.js";

/** `active` are the pods as they were looked at, `failure` is what creating or deleting came to. `kind` is the set's. */
export function statementsOf(kind: string, set: ReplicaSet, active: readonly Pod[], failure: unknown, now: number): Statement[] {
  const { namespace, name = "" } = set.metadata;
  const about = { kind, namespace, name };
  const wanted = set.spec.replicas ?? 1;
  if (failure !== undefined)
    return [
      {
        about,
        state: `has ${active.length} of ${wanted} pods`,
        because: messageOf(failure),
        unblocks: "the API takes it; it is tried again, in growing intervals",
      },
    ];
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const waiting = active.filter((pod) => !isPodAvailable(pod, minReadySeconds, now));
  if (waiting.length === 0 || set.metadata.deletionTimestamp) return [];
  return [{ about, state: `has ${active.length - waiting.length} of ${wanted} pods available`, ...unavailable(waiting, minReadySeconds) }];
}
