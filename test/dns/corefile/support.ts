import { buildBlocks } from "../../../dns/corefile/build.js";
import type { Directive } from "../../../dns/corefile/directive.js";
import { parseCorefile } from "../../../dns/corefile/parse.js";
import { createMetrics } from "../../../dns/metrics.js";
import type { Handler, Plugin, Request, SetupContext } from "../../../dns/plugin.js";
import { Zone } from "../../../dns/plugins/kubernetes/zone.js";
import { type Answer, RCODE, type ResourceRecord, TYPE } from "../../../dns/wire/records.js";
import { line, question } from "../support.js";

/** The first directive of a Corefile. */
export const directiveOf = (text: string): Directive => parseCorefile(text, { env: {} })[0].directives[0];

/** A log that keeps its lines as "level message". */
export function logOf(lines: string[]): SetupContext["log"] {
  const at =
    (level: string) =>
    (_: object, message: string): void => {
      lines.push(`${level} ${message}`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** What plugins are made from, with time standing still. */
export function contextOf(more: Partial<SetupContext> = {}): Omit<SetupContext, "block"> {
  return {
    cluster: new Zone(() => 0),
    clock: { now: () => 0, setTimeout: () => undefined, clearTimeout: () => undefined },
    random: () => 0,
    log: logOf([]),
    print: () => {},
    metrics: createMetrics(),
    server: "dns://:53",
    resolve: () => failed,
    followPods: () => {},
    pods: undefined,
    folder: "/",
    ...more,
  };
}

/** The plugins of the first block of a Corefile. */
export const pluginsOf = async (text: string, more: Partial<SetupContext> = {}): Promise<readonly Plugin[]> =>
  (await buildBlocks(parseCorefile(text, { env: {} }), contextOf(more)))[0].plugins;

/** The only plugin of a block for all names, from its lines. */
export const pluginOf = async (lines: string, more: Partial<SetupContext> = {}): Promise<Plugin> => (await pluginsOf(`. {\n${lines}\n}`, more))[0];

/** What is wrong with the lines in a block for all names: the message behind `Corefile:`; lines count from 1. */
export const faultOf = (lines: string): Promise<string> =>
  pluginsOf(`. {\n${lines}\n}`).then(
    () => "no error",
    (error: Error) => error.message.replace(/^Corefile:(\d+)/, (_, line: string) => `${Number(line) - 1}`),
  );

export const answerOf = (more: Partial<Answer> = {}): Answer => ({ rcode: RCODE.NOERROR, aa: false, answers: [], authorities: [], additionals: [], ...more });

const failed = answerOf({ rcode: RCODE.SERVFAIL });

export function request(text: string, more: Partial<Request> = {}): Request {
  const asked = question(text);
  return {
    question: asked,
    name: asked.labels.join(".").toLowerCase(),
    id: 7,
    flags: 0x0100,
    edns: undefined,
    transport: "udp4",
    peer: { address: "127.0.0.1", port: 40000 },
    size: 40,
    depth: 0,
    ...more,
  };
}

/** The next plugin: keeps what it is asked, and gives this answer. */
export function nextOf(answer: Answer = failed): Handler & { readonly asked: string[] } {
  const asked: string[] = [];
  const next = (r: Request): Answer => {
    asked.push(r.name);
    return answer;
  };
  return Object.assign(next, { asked });
}

export const addressRecord = (name: string, bytes: readonly number[]): ResourceRecord => ({
  name,
  ttl: 5,
  data: { type: TYPE.A, address: { family: 4, bytes: Uint8Array.from(bytes), text: bytes.join(".") } },
});

/** The records of an answer as a zone file has them, or what it says without any. */
export function shown({ rcode, answers }: Answer): string[] {
  if (answers.length > 0) return answers.map(line);
  return [rcode === RCODE.NOERROR ? "NODATA" : (Object.entries(RCODE).find(([, code]) => code === rcode)?.[0] ?? String(rcode))];
}
