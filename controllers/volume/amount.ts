/** Quantities as numbers, for comparing and summing sizes and requests. */

const SUFFIX: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?[0-9.]+)([eE][+-]?[0-9]+|[a-zA-Z]{0,2})$/;
const known = new Map<string, number>();

function parse(text: string): number {
  const m = QUANTITY.exec(text);
  if (!m) return 0;
  const exponent = /^[eE][+-]?\d/.test(m[2]) ? Number(`1${m[2]}`) : SUFFIX[m[2]];
  const value = Number(m[1]);
  return Number.isFinite(value) && exponent !== undefined ? value * exponent : 0;
}

/** The quantity's value in units (bytes, cores); 0 for what is absent or malformed. Admission has refused malformed ones long before. */
export function amount(quantity: string | number | undefined | null): number {
  if (quantity === undefined || quantity === null) return 0;
  if (typeof quantity === "number") return quantity;
  let value = known.get(quantity);
  if (value === undefined) {
    value = parse(quantity);
    // Requests repeat over and over; the bound only guards against hostile input.
    if (known.size < 4096) known.set(quantity, value);
  }
  return value;
}
