/** Options of EDNS that are more than bytes, by their codes: whether these bytes are one. Sources: the RFCs beside them; CoreDNS's library, edns.go. */
const OPTIONS: Readonly<Record<number, (bytes: Buffer) => boolean>> = {
  // long-lived queries
  1: ({ length }) => length >= 18,
  // update lease
  2: ({ length }) => length === 4 || length === 8,
  // client subnet (RFC 7871): family, length of the prefix, length that an answer is for
  8: (bytes) => {
    if (bytes.length < 4) return false;
    const [family, source, scope] = [bytes.readUInt16BE(0), bytes[2], bytes[3]];
    const most = family === 1 ? 32 : family === 2 ? 128 : undefined;
    return most === undefined ? family === 0 && source === 0 : source <= most && scope <= most;
  },
  // expire (RFC 7314)
  9: ({ length }) => length === 0 || length >= 4,
  // TCP keepalive (RFC 7828)
  11: ({ length }) => length === 0 || length === 2,
  // extended errors (RFC 8914)
  15: ({ length }) => length >= 2,
  // error reporting (RFC 9567): a name
  18: (bytes) => isName(bytes),
  // zone version (RFC 9660)
  19: ({ length }) => length >= 2,
};

/** Whether it begins with a name that is written in full. */
function isName(bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length && bytes[at] > 0 && bytes[at] < 64) at += bytes[at] + 1;
  return bytes[at] === 0;
}

/** Whether the data of an option is what its code says. */
export const isOption = (code: number, bytes: Buffer): boolean => OPTIONS[code]?.(bytes) ?? true;
