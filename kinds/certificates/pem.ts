/** PEM as Go reads it. Source: Go's encoding/pem Decode. */

export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const BEGIN = "-----BEGIN ";
const END = "\n-----END ";
const DASHES = "-----";

/** One line without its end and trailing blanks, and where the next one begins. */
function lineAt(text: string, from: number): { readonly line: string; readonly next: number } {
  const end = text.indexOf("\n", from);
  let stop = end < 0 ? text.length : end;
  if (end > from && text[end - 1] === "\r") stop--;
  while (stop > from && (text[stop - 1] === " " || text[stop - 1] === "\t")) stop--;
  return { line: text.slice(from, stop), next: end < 0 ? text.length : end + 1 };
}

/** Base64 as Go's StdEncoding is strict about it, line ends apart. */
function decodeBase64(text: string): Buffer | undefined {
  const packed = text.replace(/[ \t\r\n]/g, "");
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed) ? Buffer.from(packed, "base64") : undefined;
}

/** All well-formed blocks in order; what stands between and around them is skipped. `data` is base64, as bytes stand in JSON. */
export function pemBlocks(data: string | undefined): PemBlock[] {
  const text = Buffer.from(data ?? "", "base64").toString("latin1");
  const out: PemBlock[] = [];
  // nothing before `from` belongs to a block that is still to come
  for (let from = 0, search = 0; ; ) {
    const end = text.indexOf(END, search);
    if (end < 0) return out;
    // the last beginning before the first end: earlier ones have no end of their own. Only what is new is searched: ends without a beginning may be many
    const at = text.slice(from, end).lastIndexOf(BEGIN);
    const begin = from + at;
    search = end + END.length;
    if (at < 0 || (at > 0 && text[begin - 1] !== "\n")) {
      from = search;
      continue;
    }
    const block = blockAt(text, begin + BEGIN.length, end);
    if (block) {
      out.push(block.block);
      search = block.next;
    }
    from = search;
  }
}

function blockAt(text: string, afterBegin: number, end: number): { readonly block: PemBlock; readonly next: number } | undefined {
  const first = lineAt(text, afterBegin);
  if (!first.line.endsWith(DASHES)) return undefined;
  const type = first.line.slice(0, -DASHES.length);
  let body = first.next;
  let hasHeaders = false;
  for (let line = lineAt(text, body); line.line.includes(":"); line = lineAt(text, body)) {
    hasHeaders = true;
    body = line.next;
    if (body >= text.length) return undefined;
  }
  // an empty block may share its line end with the beginning; one with headers may not
  if (hasHeaders && end < body) return undefined;
  const trailer = end + END.length;
  if (!text.startsWith(type + DASHES, trailer)) return undefined;
  const last = lineAt(text, trailer + type.length + DASHES.length);
  if (last.line !== "") return undefined;
  const bytes = end > body ? decodeBase64(text.slice(body, end)) : Buffer.alloc(0);
  return bytes && { block: { type, hasHeaders, bytes }, next: last.next };
}
