import { describe, expect, it } from "vitest";
import {
  addQuantity,
  canonicalQuantity,
  compareQuantity,
  formatQuantity,
  isQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  subQuantity,
  sumQuantities,
} from "../../kinds/quantity.js";

const WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

describe("#3.1 quantities: the text that comes back", () => {
  it.each([
    ["32", "32"],
    ["0", "0"],
    ["0.0", "0"],
    ["0.5", "500m"],
    ["1.5", "1500m"],
    ["1.500", "1.500"],
    ["05", "05"],
    ["+5", "+5"],
    ["1000", "1k"],
    ["1000m", "1"],
    ["100.000", "100"],
    ["1500Mi", "1500Mi"],
    ["1024Mi", "1Gi"],
    ["2048Ki", "2Mi"],
    ["0.5Gi", "512Mi"],
    ["1.5Ki", "1536"],
    ["1e3", "1e3"],
    ["12E6", "12E6"],
    ["1E", "1E"],
    ["100000E", "100"],
    ["0.0000000001", "1n"],
    ["-1.5Gi", "-1536Mi"],
    ["10Ei", "9223372036854775807"],
    [".", "0"],
  ])("%s → %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each([
    ["", WRONG],
    ["abc", WRONG],
    ["1 Gi", WRONG],
    ["1Gib", WRONG],
    ["1.2.3", WRONG],
    ["1MM", "unable to parse quantity's suffix"],
    ["1i", "unable to parse quantity's suffix"],
    ["Pi", "unable to parse numeric part of quantity"],
  ])("refuses %j", (text, message) => {
    expect(() => parseQuantity(text)).toThrow(message);
    expect(isQuantity(text)).toBe(false);
  });
});

describe("#3.1 quantities: arithmetic", () => {
  it("compares across units", () => {
    expect(compareQuantity("1Gi", "1024Mi")).toBe(0);
    expect(compareQuantity("1G", "1Gi")).toBe(-1);
    expect(compareQuantity("1001m", 1)).toBe(1);
  });
  it("adds and subtracts in the first one's format", () => {
    expect(formatQuantity(addQuantity("512Mi", "512Mi"))).toBe("1Gi");
    expect(formatQuantity(addQuantity("0", "1Gi"))).toBe("1Gi");
    expect(formatQuantity(subQuantity("1", "250m"))).toBe("750m");
    expect(formatQuantity(sumQuantities(["100m", "1", "1900m"]))).toBe("3");
    expect(formatQuantity(sumQuantities([]))).toBe("0");
  });
  it("rounds up to whole units", () => {
    expect(quantityValue("1500m")).toBe(2);
    expect(quantityValue("1Ki")).toBe(1024);
    expect(quantityMilliValue("0.0001")).toBe(1);
    expect(quantityMilliValue("2")).toBe(2000);
  });
});
