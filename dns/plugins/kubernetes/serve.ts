import { lookUpOf, type Plugin, type Request, type SetupContext } from "../../plugin.js";
import { type Answer, RCODE, TYPE } from "../../wire/records.js";
import { answerIn, endsWith } from "./answer.js";
import type { KubernetesOptions } from "./options.js";
import { viewOf } from "./view.js";

/** The aliases of an answer to a question for addresses that nothing here stands behind, by their places, and what they stand for. */
function dangling(request: Request, { answers }: Answer): ReadonlyMap<number, string> {
  const { type } = request.question;
  const found = new Map<number, string>();
  if (type !== TYPE.A && type !== TYPE.AAAA) return found;
  for (const [i, { data }] of answers.entries()) {
    if (data.type === TYPE.CNAME && answers[i + 1]?.name.toLowerCase() !== data.target.toLowerCase()) found.set(i, data.target);
  }
  return found;
}

/** Whether a name that is not there is asked of the next plugin. Source: CoreDNS plugin/pkg/fall. */
export function fallsThrough(request: Request, zones: readonly string[]): boolean {
  if (zones.length === 0) return false;
  const labels = request.name.split(".");
  return zones.some((zone) => endsWith(labels, zone === "" ? [] : zone.split(".")));
}

/** The cluster's names. Source: CoreDNS plugin/kubernetes handler.go. */
export function kubernetes(options: KubernetesOptions, context: Pick<SetupContext, "cluster" | "resolve">): Plugin {
  const view = viewOf(context.cluster, options);
  /** Asks the whole server for what aliases stand for; what it is not told, the client may ask elsewhere. */
  const follow = (request: Request, found: Answer, targets: ReadonlyMap<number, string>): Answer | Promise<Answer> => {
    const places = [...targets.keys()];
    const whole = (all: readonly Answer[]): Answer => ({
      ...found,
      answers: found.answers.flatMap((record, i) => [record, ...(all[places.indexOf(i)]?.answers ?? [])]),
      tc: all.some(({ tc }) => tc),
      fixed: found.fixed && all.every(({ fixed }) => fixed),
    });
    const asked = Array.from(targets.values(), (target) => context.resolve(lookUpOf(request, target)));
    return asked.some((one) => one instanceof Promise) ? Promise.all(asked).then(whole) : whole(asked as readonly Answer[]);
  };
  return {
    name: "kubernetes",
    serve(request, next) {
      const found = answerIn(request.question, view, options);
      if (!found) return next(request);
      if (found.rcode === RCODE.NXDOMAIN) {
        if (fallsThrough(request, options.fallthrough)) return next(request);
        // until everything is known, nothing is denied
        if (!view.synced) return { ...found, rcode: RCODE.SERVFAIL, by: "kubernetes" };
      }
      const answer: Answer = { ...found, fixed: true, by: "kubernetes" };
      const targets = dangling(request, found);
      return targets.size === 0 ? answer : follow(request, answer, targets);
    },
  };
}
