import { isBelow } from "../../corefile/zones.js";
import type { Plugin, Request } from "../../plugin.js";
import { reverseAddress } from "../../wire/address.js";
import { type Answer, RCODE, type RecordData, type ResourceRecord, TYPE } from "../../wire/records.js";
import { addressesOf, EMPTY, parseHosts, type Table } from "./table.js";

export interface HostsOptions {
  /** Absolute. */
  readonly file: string;
  /** Lower case, without the last dot. */
  readonly zones: readonly string[];
  /** Lines that stand in the Corefile. */
  readonly inline: string;
  /** Seconds. */
  readonly ttl: number;
  /** Whether addresses lead to names. */
  readonly reverse: boolean;
  /** Milliseconds after which the file is looked at again; 0: never. */
  readonly reload: number;
  /** Names in these zones that are not there are asked of the next plugin. */
  readonly fallthrough: readonly string[];
  /** So are questions for other types than addresses and names. */
  readonly fallthroughUnsupported: boolean;
}

/** What the plugin needs of the outside. */
export interface HostsFile {
  /** The file's text, or undefined when it is as it was, or not to be read. */
  read(): Promise<string | undefined>;
  /** Runs again and again, in real time: it is about a file, not about the cluster. Returns how to end that. */
  every(ms: number, run: () => void): () => void;
  /** What is answered may be another thing now. */
  changed(): void;
}

const REVERSE = [
  { suffix: ".in-addr.arpa", family: 4 },
  { suffix: ".ip6.arpa", family: 6 },
] as const;

/** The address that the name of a pointer stands for. */
function pointedAt(name: string): string | undefined {
  for (const { suffix, family } of REVERSE) if (name.endsWith(suffix)) return reverseAddress(name.slice(0, -suffix.length).split("."), family);
  return undefined;
}

/** Names of a hosts file and of lines in the Corefile. Source: CoreDNS plugin/hosts. */
export function hosts(options: HostsOptions, file: HostsFile): Plugin {
  const { zones, ttl, fallthrough } = options;
  const inline = parseHosts(options.inline, zones, options.reverse);
  let tables: readonly Table[] = [EMPTY, inline];
  let end: (() => void) | undefined;

  const read = async (): Promise<void> => {
    const text = await file.read();
    if (text === undefined) return;
    tables = [parseHosts(text, zones, options.reverse), inline];
    file.changed();
  };
  const records = (name: string, family: 4 | 6): RecordData[] =>
    tables.flatMap((table) => addressesOf(table, name, family)).map((address) => ({ type: family === 4 ? TYPE.A : TYPE.AAAA, address }));
  const pointers = (name: string): RecordData[] => {
    const address = pointedAt(name);
    return address === undefined ? [] : tables.flatMap((table) => table.names.get(address) ?? []).map((target) => ({ type: TYPE.PTR, target }));
  };
  const falls = (name: string): boolean => fallthrough.some((zone) => isBelow(name, zone));
  const answer = ({ name }: Request, rcode: number, found: readonly RecordData[] = []): Answer => ({
    rcode,
    aa: rcode === RCODE.NOERROR,
    answers: found.map((data): ResourceRecord => ({ name, ttl, data })),
    authorities: [],
    additionals: [],
    fixed: true,
    by: "hosts",
  });

  return {
    name: "hosts",
    serve(request, next) {
      const { name } = request;
      const { type } = request.question;
      if (type === TYPE.PTR) {
        // pointers are answered wherever they lie, and are nobody's when they are not here
        const found = pointers(name);
        return found.length > 0 ? answer(request, RCODE.NOERROR, found) : next(request);
      }
      if (!zones.some((zone) => isBelow(name, zone))) return next(request);
      const [four, six] = [records(name, 4), records(name, 6)];
      const isAddress = type === TYPE.A || type === TYPE.AAAA;
      if (!isAddress && options.fallthroughUnsupported && falls(name)) return next(request);
      if (four.length + six.length > 0) return answer(request, RCODE.NOERROR, type === TYPE.A ? four : type === TYPE.AAAA ? six : []);
      // there is no SOA to deny the name with
      return falls(name) ? next(request) : answer(request, RCODE.SERVFAIL);
    },
    async start() {
      await read();
      if (options.reload > 0) end = file.every(options.reload, () => void read());
    },
    async stop() {
      end?.();
    },
  };
}
