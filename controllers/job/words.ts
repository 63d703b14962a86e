/** What a Job waits for, as statements. Pure. */
import type { Job } from "../runtime/api.js";
import { messageOf } from "../runtime/errors.js";
import type { Named, Statement } from "../runtime/journal.js";
import { listed, podRef } from "../runtime/waiting.js";
import { findCondition } from "./plan.js";
import type { Survey } from "./survey.js";

const refOf = (job: Job): Named => ({ kind: "Job", namespace: job.metadata.namespace, name: job.metadata.name ?? "" });

/** A job that is over: nothing is said of one that ended well. */
export function ended(job: Job): Statement[] {
  const failure = findCondition(job, "Failed");
  if (failure?.status !== "True") return [];
  return [{ about: refOf(job), state: "has failed", because: failure.message ?? "", rule: failure.reason, unblocks: "it is deleted and made anew" }];
}

/** A job that is not over, after a look at it. `waitMs`: for so long failures hold pods back; `failure`: what making or deleting pods came to. */
export function underWay(job: Job, seen: Survey, now: number, waitMs: number | undefined, failure: unknown): Statement[] {
  const { spec } = job;
  const about = refOf(job);
  const state = spec.completions === undefined ? "is not complete" : `has ${seen.succeeded} of ${spec.completions} completions`;
  if (failure !== undefined) return [{ about, state, because: messageOf(failure), unblocks: "the API takes it; it is tried again, in growing intervals" }];
  if (spec.suspend) return [{ about, state, because: "it is suspended", rule: "spec.suspend", unblocks: "spec.suspend is false" }];
  if (waitMs !== undefined) {
    const because = `${seen.failed} of its pods ${seen.failed === 1 ? "has" : "have"} failed`;
    return [
      { about, state, because, rule: `backoffLimit ${spec.backoffLimit}`, unblocks: "the next pod ends well", next: { what: "next pod", at: now + waitMs } },
    ];
  }
  if (seen.active.length === 0) return [];
  const names = listed(seen.active.map((pod) => pod.metadata.name));
  const one = seen.active.length === 1;
  return [
    {
      about,
      state,
      because: `${names} ${one ? "has" : "have"} not ended`,
      rule: `parallelism ${spec.parallelism ?? 1}`,
      waitsFor: seen.active.slice(0, 3).map(podRef),
      unblocks: one ? "it ends well" : "they end well",
    },
  ];
}
