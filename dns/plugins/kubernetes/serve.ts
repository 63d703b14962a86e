import { after, type Plugin, type Request, type SetupContext } from "../../plugin.js";
import { type Answer, RCODE, TYPE } from "../../wire/records.js";
import { answerIn, endsWith } from "./answer.js";
import type { KubernetesOptions } from "./options.js";
import { viewOf } from "./view.js";

/** The target of an alias that nothing here stands behind: the last record of an answer to a question for addresses. */
function dangling(request: Request, { answers }: Answer): string | undefined {
  const { type } = request.question;
  const last = answers.at(-1)?.data;
  return last?.type === TYPE.CNAME && (type === TYPE.A || type === TYPE.AAAA) ? (last as { readonly target: string }).target : undefined;
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
  /** Asks the whole server for what the alias stands for; what it is not told, the client may ask elsewhere. */
  const follow = (request: Request, found: Answer, target: string): Answer | Promise<Answer> => {
    const labels = target.split(".");
    const asked: Request = { ...request, name: target.toLowerCase(), question: { ...request.question, labels }, depth: request.depth + 1 };
    return after(context.resolve(asked), (more) => ({
      ...found,
      answers: [...found.answers, ...more.answers],
      tc: more.tc,
      fixed: found.fixed && more.fixed,
    }));
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
      const target = dangling(request, found);
      return target === undefined ? answer : follow(request, answer, target);
    },
  };
}
