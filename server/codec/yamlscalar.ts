/** What a plain scalar means to a YAML 1.1 reader. Source: go.yaml.in/yaml/v2 resolve.go. */

const WORDS = new Map<string, boolean | null>();
for (const w of ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]) WORDS.set(w, true);
for (const w of ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]) WORDS.set(w, false);
for (const w of ["", "~", "null", "Null", "NULL"]) WORDS.set(w, null);

/** The boolean or null a word stands for; undefined for other words. */
export const wordValue = (text: string): boolean | null | undefined => WORDS.get(text);

const INT64 = 2n ** 63n;

/** A whole number as strconv.ParseInt with base 0 reads it (0x, 0o, 0b and the old 0777), int64 or uint64; undefined for what is none. */
export function wholeNumber(text: string): bigint | undefined {
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9]\d*))$/.exec(text);
  if (!match) return undefined;
  const [, sign, hex, octal, binary, decimal] = match;
  const size = hex ? BigInt(`0x${hex}`) : octal ? BigInt(`0o${octal}`) : binary ? BigInt(`0b${binary}`) : BigInt(decimal as string);
  const value = sign === "-" ? -size : size;
  return value >= -INT64 && value < (sign === "" ? INT64 * 2n : INT64) ? value : undefined;
}

export const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
export const INFINITE = /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/;

const DATE =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d{2}):(\d{2})))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/;

/** Whether a text is one of the four forms of a timestamp, with a day and a time that exist. */
export function isTimestamp(text: string): boolean {
  const match = DATE.exec(text);
  if (!match) return false;
  const [year, month, day, h1, m1, s1, zh, zm, h2, m2, s2] = match.slice(1).map((part) => (part === undefined ? undefined : Number(part))) as number[];
  const [hour = 0, minute = 0, second = 0] = [h1 ?? h2, m1 ?? m2, s1 ?? s2];
  if (hour > 23 || minute > 59 || second > 59 || (zh ?? 0) > 24 || (zm ?? 0) > 60) return false;
  return (
    (month as number) >= 1 &&
    (month as number) <= 12 &&
    (day as number) >= 1 &&
    (day as number) <= new Date(Date.UTC(2000 + ((year as number) % 400), month as number, 0)).getUTCDate()
  );
}

/** Whether an unquoted text would be read as something else than itself. */
export function meansSomethingElse(text: string): boolean {
  const first = text[0];
  if (first !== undefined && !/[-+0-9yYnNtTfFoO~.]/.test(first)) return false;
  if (WORDS.has(text) || INFINITE.test(text)) return true;
  if (first === ".") return /^\.\d+([eE][-+]?\d+)?$/.test(text) && Number.isFinite(Number(text));
  if (!/[-+0-9]/.test(first ?? "")) return false;
  if (isTimestamp(text)) return true;
  const digits = text.replaceAll("_", "");
  if (wholeNumber(digits) !== undefined || (FLOAT.test(digits) && Number.isFinite(Number(digits)))) return true;
  // sexagesimals of YAML 1.1, which nobody reads any more, are quoted for those who do
  return text.includes(":") && /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
}

/** A float as strconv.FormatFloat(f, 'g', -1, 64) prints it. */
export function goFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const e = Number(exponent);
  const digits = mantissa.replace(/[-.]/g, "");
  if (e < -4 || e >= 6) return `${mantissa}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
  return plainDecimal(value < 0, digits, e);
}

function plainDecimal(negative: boolean, digits: string, e: number): string {
  const sign = negative ? "-" : "";
  if (e < 0) return `${sign}0.${"0".repeat(-e - 1)}${digits}`;
  const whole = digits.slice(0, e + 1).padEnd(e + 1, "0");
  const rest = digits.slice(e + 1);
  return sign + whole + (rest ? `.${rest}` : "");
}
