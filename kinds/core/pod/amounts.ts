/**
 * Arithmetic on resource quantities, in billionths of the base unit: the finest grain a quantity keeps. Texts in, texts out, in canonical form.
 * Source: apimachinery pkg/api/resource.
 */

type Format = "decimal" | "binary" | "exponent";
interface Amount {
  readonly nano: bigint;
  readonly format: Format;
}

const NANO = 1_000_000_000n;
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Rounds away from zero, as upstream rounds what is finer than it can keep. */
const ceilDiv = (a: bigint, b: bigint): bigint => (a % b === 0n ? a / b : a / b + (a < 0n ? -1n : 1n));

function parse(text: string): Amount {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/.exec(text);
  if (!match || (!match[2] && !match[3])) throw new RangeError(`not a quantity: ${text}`);
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const digits = BigInt((whole + fraction || "0") as string) * (sign === "-" ? -1n : 1n);
  const scale = 10n ** BigInt(fraction.length);
  if (BINARY.indexOf(suffix) > 0) return { nano: ceilDiv(digits * NANO * 1024n ** BigInt(BINARY.indexOf(suffix)), scale), format: "binary" };
  const exponent = /^[eE]/.test(suffix) && suffix.length > 1 ? Number(suffix.slice(1)) : (DECIMAL.indexOf(suffix) - 3) * 3;
  const format: Format = /^[eE]./.test(suffix) ? "exponent" : "decimal";
  const nano = exponent >= 0 ? ceilDiv(digits * NANO * 10n ** BigInt(exponent), scale) : ceilDiv(digits * NANO, scale * 10n ** BigInt(-exponent));
  return { nano, format };
}

function print({ nano, format }: Amount): string {
  if (nano === 0n) return "0";
  const wholeUnits = nano % NANO === 0n;
  const units = nano / NANO;
  // Small and fractional binary amounts read better, and stay exact, in decimal.
  if (format === "binary" && wholeUnits && (units <= -1024n || units >= 1024n)) {
    let [n, i] = [units, 0];
    while (n % 1024n === 0n && i < BINARY.length - 1) [n, i] = [n / 1024n, i + 1];
    return `${n}${BINARY[i]}`;
  }
  let [n, exponent] = [nano, -9];
  while (n % 1000n === 0n && (format === "exponent" || exponent < 18)) [n, exponent] = [n / 1000n, exponent + 3];
  if (format === "exponent") return exponent === 0 ? String(n) : `${n}e${exponent}`;
  return `${n}${DECIMAL[exponent / 3 + 3]}`;
}

export const canonicalQuantity = (text: string): string => (/^[1-9]\d{0,2}$/.test(text) ? text : print(parse(text)));

/** -1, 0 or 1. */
export function compareQuantity(a: string, b: string): number {
  const [x, y] = [parse(a).nano, parse(b).nano];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The sum, in the format of the first that is not zero. */
export function addQuantity(a: string, b: string): string {
  const [x, y] = [parse(a), parse(b)];
  return print({ nano: x.nano + y.nano, format: x.nano === 0n ? y.format : x.format });
}

/** In whole base units, rounded up. */
export const quantityValue = (text: string): bigint => ceilDiv(parse(text).nano, NANO);
/** In thousandths, rounded up. */
export const quantityMilliValue = (text: string): bigint => ceilDiv(parse(text).nano, 1_000_000n);
/** Rounded up to thousandths; the text stays as it is when there is nothing to round. */
export function roundUpToMilli(text: string): string {
  const { nano, format } = parse(text);
  return nano % 1_000_000n === 0n ? text : print({ nano: ceilDiv(nano, 1_000_000n) * 1_000_000n, format });
}
