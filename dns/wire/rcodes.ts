/** Names of rcodes, as zone files and tools have them (IANA; CoreDNS's library has the same). */
const NAMES: Readonly<Record<number, string>> = {
  0: "NOERROR",
  1: "FORMERR",
  2: "SERVFAIL",
  3: "NXDOMAIN",
  4: "NOTIMP",
  5: "REFUSED",
  6: "YXDOMAIN",
  7: "YXRRSET",
  8: "NXRRSET",
  9: "NOTAUTH",
  10: "NOTZONE",
  11: "DSOTYPENI",
  16: "BADSIG",
  17: "BADKEY",
  18: "BADTIME",
  19: "BADMODE",
  20: "BADNAME",
  21: "BADALG",
  22: "BADTRUNC",
  23: "BADCOOKIE",
};

const NUMBERS = new Map(Object.entries(NAMES).map(([number, name]) => [name, Number(number)]));

/** `NXDOMAIN` of 3; the number of one without a name. */
export const rcodeName = (rcode: number): string => NAMES[rcode] ?? String(rcode);

/** 3 of `NXDOMAIN` (upper case); undefined when there is no such name. */
export const rcodeOf = (name: string): number | undefined => NUMBERS.get(name);
