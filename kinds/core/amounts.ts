/** Resource lists as they are stored. Source: pkg/apis/core/v1 SetDefaults_ResourceList. */
import { formatQuantity, parseQuantity } from "../quantity.js";

/** Amounts finer than a thousandth are rounded up to one, in place; what does not parse is left to the decoder. */
export function roundAmounts(list: Record<string, string> | null | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) {
    const q = parseQuantity(String(text));
    if (q.scale >= -3) continue;
    const divisor = 10n ** BigInt(-3 - q.scale);
    const rest = q.unscaled % divisor;
    if (rest === 0n) continue;
    const whole = q.unscaled / divisor + (rest > 0n ? 1n : -1n);
    (list as Record<string, string>)[name] = formatQuantity({ unscaled: whole, scale: -3, format: q.format });
  }
}
