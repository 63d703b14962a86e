/**
 * resource.Quantity: a fixed-point number with a suffix. Values are exact (bigint times a power of ten); the text forms, their quirks included,
 * are those of apimachinery's pkg/api/resource: what a client wrote is kept when Go thinks it canonical enough ("1500Mi", "05"), else rewritten.
 */

/** Suffix family a quantity was written in; decides how it is printed. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** A parsed quantity: `unscaled * 10^scale`. Immutable and shared. */
export interface Quantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  /** The text as it was written, when it is printed that way again. */
  readonly text?: string;
}

/** What the arithmetic takes: a parsed quantity or its text (numbers are taken as their text). */
export type QuantityLike = Quantity | string | number;

/** A text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  override name = "QuantityError";
}

const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";
const WRONG_NUMBER = "unable to parse numeric part of quantity";

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL_SUFFIX = new Map(Object.entries(DECIMAL).map(([suffix, exponent]) => [exponent, suffix]));
const BINARY_SUFFIX = new Map(Object.entries(BINARY).map(([suffix, exponent]) => [exponent, suffix]));

const MAX_INT64 = 2n ** 63n - 1n;
const fitsInt64 = (n: bigint): boolean => n <= MAX_INT64 && n >= -MAX_INT64 - 1n;
const abs = (n: bigint): bigint => (n < 0n ? -n : n);

/** Parsed texts. A pure function's memory: bounded, and thrown away as a whole when full. */
const known = new Map<string, Quantity>();
const KNOWN_MAX = 4096;

/** Parses a quantity's text (no surrounding space). Throws QuantityError with upstream's words. */
export function parseQuantity(text: string): Quantity {
  let q = known.get(text);
  if (!q) {
    q = parse(text);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(text, q);
  }
  return q;
}

function suffixOf(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } | undefined {
  if (Object.hasOwn(DECIMAL, suffix)) return { base: 10, exponent: DECIMAL[suffix], format: "DecimalSI" };
  if (Object.hasOwn(BINARY, suffix)) return { base: 2, exponent: BINARY[suffix], format: "BinarySI" };
  if (/^[eE][-+]?\d+$/.test(suffix)) return { base: 10, exponent: Number(suffix.slice(1)), format: "DecimalExponent" };
  return undefined;
}

function parse(text: string): Quantity {
  if (text === "") throw new QuantityError(WRONG_FORMAT);
  // Each part may be empty: "." and "+" are zero to Go. A number that stops at a second dot fails as a suffix would.
  const parts = /^([-+]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text);
  if (!parts) throw new QuantityError(WRONG_FORMAT);
  const negative = parts[1] === "-";
  const whole = parts[2] || "0";
  const fraction = parts[3] ?? "";
  const suffix = suffixOf(parts[4]);
  if (!suffix) throw new QuantityError(WRONG_SUFFIX);
  const { base, exponent, format } = suffix;
  const signed = (n: bigint): bigint => (negative ? -n : n);
  const digits = BigInt(whole + fraction);

  // Go's path for what fits an int64 with certainty. Only there the text as written survives.
  const precision = base === 10 ? 18 - whole.length - fraction.length : fraction === "" ? 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 : -1;
  const scale = (base === 10 ? exponent : 0) - fraction.length;
  if (precision >= 0 && scale >= -9) {
    const result = base === 10 ? digits : digits << BigInt(exponent);
    if (fitsInt64(result)) {
      const shifted = whole + fraction;
      const kept = base === 2 ? (digits & 7n) !== 0n : scale % 3 === 0 && !shifted.endsWith("000") && shifted[0] !== "0";
      return { unscaled: signed(result), scale, format, ...(kept || text === "0" ? { text } : {}) };
    }
  }

  if (!/\d/.test(text.slice(0, text.length - parts[4].length))) throw new QuantityError(WRONG_NUMBER);
  // Out of range exponents cannot be meant, and raising ten to them would take for ever.
  if (Math.abs(exponent) > 100_000) throw new QuantityError(WRONG_NUMBER);
  let unscaled = base === 2 ? digits << BigInt(exponent) : digits;
  let decimals = scale;
  if (decimals < -9) {
    // Rounded up to nano, away from zero: the sign comes back below.
    const divisor = 10n ** BigInt(-9 - decimals);
    unscaled = (unscaled + divisor - 1n) / divisor;
    decimals = -9;
  }
  const value: Quantity = { unscaled, scale: decimals, format };
  if (format === "BinarySI") {
    if (compare(value, { unscaled: MAX_INT64, scale: 0, format }) > 0) return { unscaled: signed(MAX_INT64), scale: 0, format };
    if (unscaled > 0n && compare(value, ONE) < 0) return { unscaled: signed(unscaled), scale: decimals, format: "DecimalSI" };
  }
  return { unscaled: signed(unscaled), scale: decimals, format };
}

const ONE: Quantity = { unscaled: 1n, scale: 0, format: "DecimalSI" };
const ZERO: Quantity = { unscaled: 0n, scale: 0, format: "DecimalSI", text: "0" };

const of = (q: QuantityLike): Quantity => (typeof q === "object" ? q : parseQuantity(String(q)));

/** The text a quantity is written as. Source: Quantity.String and CanonicalizeBytes. */
export function formatQuantity(quantity: QuantityLike): string {
  const q = of(quantity);
  if (q.text !== undefined) return q.text;
  if (q.unscaled === 0n) return "0";
  let { format } = q;
  if (format === "BinarySI") {
    const whole = q.scale >= 0 ? q.unscaled * 10n ** BigInt(q.scale) : q.unscaled / 10n ** BigInt(-q.scale);
    const exact = q.scale >= 0 || whole * 10n ** BigInt(-q.scale) === q.unscaled;
    if (exact && abs(whole) >= 1024n) {
      let n = whole;
      let times = 0;
      while (n % 1024n === 0n) {
        n /= 1024n;
        times++;
      }
      return `${n}${BINARY_SUFFIX.get(times * 10) ?? ""}`;
    }
    // Small numbers and fractions lose nothing, and confuse less, in decimal.
    format = "DecimalSI";
  }
  let n = q.unscaled;
  let exponent = q.scale;
  while (n % 10n === 0n) {
    n /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0) {
    n *= 10n;
    exponent--;
  }
  if (format === "DecimalExponent") return exponent === 0 ? `${n}` : `${n}e${exponent}`;
  // Beyond exa Go finds no suffix and prints none.
  return `${n}${DECIMAL_SUFFIX.get(exponent) ?? ""}`;
}

/** The text that Go writes for a text it read: "0.5" → "500m", "1024Mi" → "1Gi". Throws QuantityError. */
export function canonicalQuantity(text: string): string {
  return formatQuantity(parseQuantity(text));
}

function compare(a: Quantity, b: Quantity): number {
  const scale = Math.min(a.scale, b.scale);
  const x = a.scale === scale ? a.unscaled : a.unscaled * 10n ** BigInt(a.scale - scale);
  const y = b.scale === scale ? b.unscaled : b.unscaled * 10n ** BigInt(b.scale - scale);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** -1, 0 or 1. */
export const compareQuantity = (a: QuantityLike, b: QuantityLike): number => compare(of(a), of(b));

/** -1, 0 or 1 by sign. */
export function signQuantity(q: QuantityLike): number {
  const { unscaled } = of(q);
  return unscaled < 0n ? -1 : unscaled > 0n ? 1 : 0;
}

export const isZeroQuantity = (q: QuantityLike): boolean => of(q).unscaled === 0n;

/** a + b, in a's format (b's when a is zero). */
export function addQuantity(a: QuantityLike, b: QuantityLike): Quantity {
  const x = of(a);
  const y = of(b);
  const scale = Math.min(x.scale, y.scale);
  return {
    unscaled: x.unscaled * 10n ** BigInt(x.scale - scale) + y.unscaled * 10n ** BigInt(y.scale - scale),
    scale,
    format: x.unscaled === 0n ? y.format : x.format,
  };
}

export function negateQuantity(q: QuantityLike): Quantity {
  const { unscaled, scale, format } = of(q);
  return { unscaled: -unscaled, scale, format };
}

/** a - b, in a's format (b's when a is zero). */
export const subQuantity = (a: QuantityLike, b: QuantityLike): Quantity => addQuantity(a, negateQuantity(b));

/** q * n for a whole n. */
export function multiplyQuantity(q: QuantityLike, n: number): Quantity {
  const { unscaled, scale, format } = of(q);
  return { unscaled: unscaled * BigInt(n), scale, format };
}

/** The sum; zero for none. */
export const sumQuantities = (list: Iterable<QuantityLike>): Quantity => {
  let total: Quantity = ZERO;
  for (const q of list) total = addQuantity(total, q);
  return total;
};

export const maxQuantity = (a: QuantityLike, b: QuantityLike): Quantity => (compareQuantity(a, b) >= 0 ? of(a) : of(b));

/** The value in units of 10^scale as a whole number, rounded up away from zero (Go's ScaledValue); beyond 2^53 it loses precision. */
export function scaledValue(q: QuantityLike, scale: number): number {
  const value = of(q);
  const by = value.scale - scale;
  if (by >= 0) return Number(value.unscaled * 10n ** BigInt(by));
  const divisor = 10n ** BigInt(-by);
  const whole = value.unscaled / divisor;
  const rest = value.unscaled % divisor;
  return Number(rest === 0n ? whole : rest > 0n ? whole + 1n : whole - 1n);
}

/** Whole units, rounded up: bytes, cores. */
export const quantityValue = (q: QuantityLike): number => scaledValue(q, 0);

/** Thousandths, rounded up: millicores. */
export const quantityMilliValue = (q: QuantityLike): number => scaledValue(q, -3);

/** Whether the text parses. */
export function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}
