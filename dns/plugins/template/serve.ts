import { isBelow } from "../../corefile/zones.js";
import { type Handler, lookUpOf, type Plugin, type Request } from "../../plugin.js";
import { type Answer, CLASS_ANY, type Question, RCODE, type ResourceRecord, TYPE } from "../../wire/records.js";
import { className, typeName } from "../../wire/types.js";
import { parseRecord } from "../../wire/zonefile.js";
import type { Data, Text } from "./text.js";

/** One `template`. Zones in lower case, without the last dot. */
export interface Template {
  readonly zones: readonly string[];
  /** 255 for all of them. */
  readonly class: number;
  readonly type: number;
  readonly patterns: readonly { readonly pattern: RegExp; readonly written: string }[];
  readonly answers: readonly Text[];
  readonly authorities: readonly Text[];
  readonly additionals: readonly Text[];
  readonly rcode: number;
  readonly fallthrough: readonly string[];
}

const ANY = 255;

const failed = (error?: string): Answer => ({ rcode: RCODE.SERVFAIL, aa: false, answers: [], authorities: [], additionals: [], error, by: "template" });

const zoneFor = (name: string, zones: readonly string[]): string | undefined =>
  zones
    .filter((zone) => isBelow(name, zone))
    .reduce<string | undefined>((longest, zone) => (zone.length >= (longest?.length ?? 0) ? zone : longest), undefined);

const isFor = (one: Template, question: Question): boolean =>
  (one.type === ANY || question.type === ANY || one.type === question.type) &&
  (one.class === CLASS_ANY || question.class === CLASS_ANY || one.class === question.class);

/** What the first pattern that is found in the name says of it. */
function dataOf({ patterns, type, class: of }: Template, request: Request, zone: string): Data | undefined {
  const name = `${request.name}.`;
  const { type: asked, class: askedOf } = request.question;
  for (const { pattern, written } of patterns) {
    const found = pattern.exec(name);
    if (!found) continue;
    const Match = Array.from(found, (group) => group ?? "");
    const named = Object.entries(found.groups ?? {}).map(([key, value]) => [key, value ?? ""] as const);
    return {
      Zone: `${zone}.`,
      Name: name,
      Regex: written,
      Match,
      Group: Object.fromEntries([...Match.map((value, i) => [String(i), value] as const), ...named]),
      Class: className(askedOf === CLASS_ANY ? of : askedOf),
      Type: typeName(asked === ANY ? type : asked),
      Remote: request.peer.address,
      Question: { Name: `${request.question.labels.join(".")}.` },
    };
  }
  return undefined;
}

/** With what an alias leads to, when addresses are asked for. */
async function followed(records: readonly ResourceRecord[], request: Request, resolve: Handler): Promise<Pick<Answer, "answers" | "tc">> {
  const answers: ResourceRecord[] = [];
  let tc = false;
  for (const record of records) {
    answers.push(record);
    if (record.data.type !== TYPE.CNAME) continue;
    const found = await resolve(lookUpOf(request, record.data.target));
    tc = found.tc ?? false;
    answers.push(...found.answers);
  }
  return { answers, tc };
}

/** Answers made of texts, by what is in the name that is asked for. `matched` counts. Source: CoreDNS plugin/template. */
export function template(templates: readonly Template[], resolve: Handler, matched: (data: Data) => void): Plugin {
  const answer = (one: Template, data: Data, request: Request): Answer | Promise<Answer> => {
    if (one.rcode === RCODE.SERVFAIL) return failed();
    const render = (texts: readonly Text[]): ResourceRecord[] => texts.map((text) => parseRecord(text.render(data)));
    let made: Answer;
    try {
      const [answers, additionals, authorities] = [render(one.answers), render(one.additionals), render(one.authorities)];
      const personal = [...one.answers, ...one.additionals, ...one.authorities].some((text) => text.personal);
      made = { rcode: one.rcode, aa: true, answers, authorities, additionals, fixed: !personal, by: "template" };
    } catch (error) {
      return failed((error as Error).message);
    }
    const { type } = request.question;
    const leads = (type === TYPE.A || type === TYPE.AAAA) && made.answers.some(({ data }) => data.type === TYPE.CNAME);
    return leads ? followed(made.answers, request, resolve).then((more) => ({ ...made, ...more, fixed: false })) : made;
  };

  return {
    name: "template",
    serve(request, next) {
      const { name, question } = request;
      for (const one of templates) {
        const zone = zoneFor(name, one.zones);
        if (zone === undefined || !isFor(one, question)) continue;
        const data = dataOf(one, request, zone);
        if (data) {
          matched(data);
          return answer(one, data, request);
        }
        if (!one.fallthrough.some((below) => isBelow(name, below))) return failed();
      }
      return next(request);
    },
  };
}
