import { isDomainName } from "../../corefile/zones.js";
import { after, type Plugin, type Request } from "../../plugin.js";
import { type Answer, labelsOf, RCODE } from "../../wire/records.js";
import { type Rule, type Undo, undone } from "./rules.js";

const failed = (error: string): Answer => ({ rcode: RCODE.SERVFAIL, aa: false, answers: [], authorities: [], additionals: [], error, by: "rewrite" });

const nameAt = (dotted: string): string => dotted.replace(/(?<!\\)\.$/, "");

/** Has another question answered, and gives the answer as one to the question that was asked. Source: CoreDNS plugin/rewrite. */
export const rewrite = (rules: readonly Rule[]): Plugin => ({
  name: "rewrite",
  serve(request, next) {
    let asked = { name: `${request.name}.`, type: request.question.type };
    const undo: Undo[] = [];
    let renamed = false;
    for (const rule of rules) {
      const done = rule.rewrite(asked);
      if (!done) continue;
      if (done.name !== undefined && !isDomainName(done.name)) return failed(`invalid name after rewrite: ${done.name}`);
      renamed ||= done.name !== undefined;
      asked = { name: done.name ?? asked.name, type: done.type ?? asked.type };
      undo.push(...done.undo);
      if (rule.stop) break;
    }
    if (!renamed && asked.type === request.question.type && undo.length === 0) return next(request);
    const name = nameAt(asked.name);
    // a name that stays keeps its case
    const question = { ...request.question, labels: renamed ? labelsOf(name) : request.question.labels, type: asked.type };
    const other: Request = { ...request, name: name.toLowerCase(), question };
    return after(next(other), (answer) => (undo.length > 0 ? undone(answer, undo) : answer));
  },
});
