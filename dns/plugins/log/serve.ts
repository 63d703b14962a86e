import { isBelow } from "../../corefile/zones.js";
import { after, type Plugin, type Print, unkept } from "../../plugin.js";
import { type Answer, RCODE, TYPE, typeOf } from "../../wire/records.js";
import { lineOf } from "./format.js";

export type Class = "all" | "success" | "denial" | "error";

/** Questions in a zone (lower case, without the last dot) whose answers are of one of the classes get a line. */
export interface Rule {
  readonly zone: string;
  readonly format: string;
  readonly classes: readonly Class[];
}

/** Source: CoreDNS plugin/pkg/response Typify and Classify. */
export function classOf({ rcode, answers, authorities }: Answer, type: number): Exclude<Class, "all"> {
  if (type === TYPE.AXFR || type === TYPE.IXFR) return "error";
  if (rcode === RCODE.NXDOMAIN) return answers.length > 0 ? "error" : "denial";
  if (rcode !== RCODE.NOERROR) return "error";
  return answers.length === 0 && authorities.some(({ data }) => typeOf(data) === TYPE.SOA) ? "denial" : "success";
}

/** A line for each question that the first rule for its name wants one for. `now`: milliseconds, real ones. Source: CoreDNS plugin/log. */
export const log = (rules: readonly Rule[], print: Print, now: () => number): Plugin => ({
  name: "log",
  serve(request, next) {
    const rule = rules.find(({ zone }) => isBelow(request.name, zone));
    if (!rule) return next(request);
    const started = now();
    return after(next(request), (answer) => {
      const { classes, format } = rule;
      if (classes.includes("all") || classes.includes(classOf(answer, request.question.type)))
        print("info", lineOf(format, { request, answer, took: now() - started }));
      // each question is to be seen, also the second of its kind
      return unkept(answer);
    });
  },
});
