import { quote } from "../field.js";

const MAX = 2n ** 63n - 1n;

/** Why Go's strconv.ParseInt(text, 10, 64) fails, in its words; undefined when it does not. */
export function parseInt64Fault(text: string): string | undefined {
  const fault = (why: string): string => `strconv.ParseInt: parsing ${quote(text)}: ${why}`;
  if (!/^[+-]?\d+$/.test(text)) return fault("invalid syntax");
  const n = BigInt(text.replace(/^\+/, ""));
  return n > MAX || n < -MAX - 1n ? fault("value out of range") : undefined;
}
