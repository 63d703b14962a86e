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
    let changed = false;
    for (const rule of rules) {
      const done = rule.rewrite(asked);
      if (!done) continue;
      if (!isDomainName(done.name)) return failed(`invalid name after rewrite: ${done.name}`);
      changed ||= done.name !== asked.name || done.type !== asked.type;
      asked = { name: done.name, type: done.type };
      undo.push(...done.undo);
      if (rule.stop) break;
    }
    if (!changed && undo.length === 0) return next(request);
    const name = nameAt(asked.name);
    const question = { ...request.question, labels: changed ? labelsOf(name) : request.question.labels, type: asked.type };
    const other: Request = { ...request, name: name.toLowerCase(), question };
    return after(next(other), (answer) => (undo.length > 0 ? undone(answer, undo) : answer));
  },
});
