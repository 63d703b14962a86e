/** Quantities as numbers, for comparing and summing sizes and requests. */
import { formatQuantity, quantityMilliValue } from "../../kinds/quantity.js";

/** The quantity's value in units (bytes, cores), to a thousandth; 0 for what is absent or malformed. Admission has refused malformed ones long before. */
export function amount(quantity: string | number | undefined | null): number {
  if (quantity === undefined || quantity === null || quantity === "") return 0;
  try {
    return quantityMilliValue(quantity) / 1000;
  } catch {
    return 0;
  }
}

/** So many bytes, written as a driver's answer is. */
export const quantityOf = (bytes: number): string => formatQuantity({ unscaled: BigInt(bytes), scale: 0, format: "BinarySI" });
