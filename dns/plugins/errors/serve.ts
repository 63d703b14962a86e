import { after, type Plugin, type Print, unkept } from "../../plugin.js";
import { typeName } from "../../wire/types.js";

/** Errors that match are counted, and told of once in a while: after `period`, a duration as it was written. */
export interface Consolidation {
  readonly pattern: RegExp;
  readonly written: string;
  readonly period: { readonly ms: number; readonly text: string };
  readonly level: Level;
  /** The first of them is told of at once. */
  readonly showFirst: boolean;
}

export type Level = "warning" | "error" | "info" | "debug";

/** Runs something later, in real time; returns how to have it run at once if it has not run. */
export type Later = (run: () => void, ms: number) => () => void;

/** Says why a question got no answer. Source: CoreDNS plugin/errors. */
export function errors(consolidations: readonly Consolidation[], print: Print, later: Later): Plugin {
  const counts = consolidations.map(() => 0);
  const ends = new Map<number, () => void>();

  const tell = (i: number): void => {
    const count = counts[i];
    counts[i] = 0;
    ends.delete(i);
    const { level, written, period, showFirst } = consolidations[i];
    if (count > 1 || !showFirst) print(level, `plugin/errors: ${count} errors like '${written}' occurred in last ${period.text}`);
  };
  /** Whether it was only counted. */
  const consolidated = (i: number): boolean => {
    counts[i]++;
    if (counts[i] > 1) return true;
    ends.set(
      i,
      later(() => tell(i), consolidations[i].period.ms),
    );
    return !consolidations[i].showFirst;
  };

  return {
    name: "errors",
    serve: (request, next) =>
      after(next(request), (answer) => {
        const { error, rcode } = answer;
        if (error === undefined) return answer;
        const i = consolidations.findIndex(({ pattern }) => pattern.test(error));
        if (i < 0 || !consolidated(i)) {
          print(i < 0 ? "error" : consolidations[i].level, `plugin/errors: ${rcode} ${request.name}. ${typeName(request.question.type)}: ${error}`);
        }
        // each question that fails is told of, also the second of its kind
        return unkept(answer);
      }),
    async stop() {
      for (const end of ends.values()) end();
    },
  };
}
