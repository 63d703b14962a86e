/** Types by number, as zone files and tools name them (IANA). */
const NAMES: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  10: "NULL",
  12: "PTR",
  13: "HINFO",
  14: "MINFO",
  15: "MX",
  16: "TXT",
  17: "RP",
  18: "AFSDB",
  24: "SIG",
  25: "KEY",
  28: "AAAA",
  29: "LOC",
  33: "SRV",
  35: "NAPTR",
  36: "KX",
  37: "CERT",
  39: "DNAME",
  41: "OPT",
  42: "APL",
  43: "DS",
  44: "SSHFP",
  45: "IPSECKEY",
  46: "RRSIG",
  47: "NSEC",
  48: "DNSKEY",
  49: "DHCID",
  50: "NSEC3",
  51: "NSEC3PARAM",
  52: "TLSA",
  53: "SMIMEA",
  55: "HIP",
  59: "CDS",
  60: "CDNSKEY",
  61: "OPENPGPKEY",
  62: "CSYNC",
  63: "ZONEMD",
  64: "SVCB",
  65: "HTTPS",
  99: "SPF",
  108: "EUI48",
  109: "EUI64",
  249: "TKEY",
  250: "TSIG",
  251: "IXFR",
  252: "AXFR",
  253: "MAILB",
  254: "MAILA",
  255: "ANY",
  256: "URI",
  257: "CAA",
};

const numbersOf = (names: Readonly<Record<number, string>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(names).map(([number, name]) => [name, Number(number)]));
const NUMBERS = numbersOf(NAMES);

/** `SRV` of 33; `TYPE4711` of one without a name (RFC 3597, section 5). */
export const typeName = (type: number): string => NAMES[type] ?? `TYPE${type}`;

/** 33 of `SRV` or `TYPE33`, in any case; undefined when there is no such type. */
export function typeNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  const [, number] = /^TYPE(\d{1,5})$/.exec(upper) ?? [];
  if (number !== undefined) return Number(number) <= 0xffff ? Number(number) : undefined;
  return NUMBERS.get(upper);
}

/** Classes by number, as zone files and tools name them (IANA; CSNET is obsolete). */
const CLASSES: Readonly<Record<number, string>> = { 1: "IN", 2: "CS", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY" };

const CLASS_NUMBERS = numbersOf(CLASSES);

/** `IN`, or `CLASS4711` (RFC 3597) for one that has no name. */
export const className = (number: number): string => CLASSES[number] ?? `CLASS${number}`;

/** The number of a class by its name, upper case; undefined for none. */
export const classNumber = (name: string): number | undefined => CLASS_NUMBERS.get(name);
