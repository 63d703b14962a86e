/** What controllers say alike about pods that they wait for. */
import type { Pod } from "./api.js";
import type { Named, Statement } from "./journal.js";
import { isPodReady, podReadyTime } from "./podutil.js";

/** Most pods that one statement names. */
const FEW = 3;

export const podRef = (pod: Pod): Named => ({ kind: "Pod", namespace: pod.metadata.namespace, name: pod.metadata.name ?? "" });

/** Some names, and how many more there are. */
export const listed = (names: readonly (string | undefined)[]): string =>
  names.length <= FEW ? names.join(", ") : `${names.slice(0, FEW).join(", ")} and ${names.length - FEW} more`;

/** The words for pods of an owner none of which is available: not Ready, or not for long enough. At least one. */
export function unavailable(pods: readonly Pod[], minReadySeconds: number): Pick<Statement, "because" | "waitsFor" | "unblocks" | "next"> {
  const unready = pods.filter((pod) => !isPodReady(pod));
  const which = unready.length > 0 ? unready : pods;
  const are = which.length === 1 ? "is" : "are";
  const waitsFor = which.slice(0, FEW).map(podRef);
  if (unready.length > 0)
    return {
      because: `${listed(which.map((pod) => pod.metadata.name))} ${are} not Ready`,
      waitsFor,
      unblocks: which.length === 1 ? "it is Ready" : "they are Ready",
    };
  const since = podReadyTime(which[0]);
  return {
    because: `${listed(which.map((pod) => pod.metadata.name))} ${which.length === 1 ? "has" : "have"} not been Ready for minReadySeconds (${minReadySeconds}) yet`,
    waitsFor,
    unblocks: "that time has passed",
    ...(since === undefined ? {} : { next: { what: "available", at: since + minReadySeconds * 1000 } }),
  };
}
