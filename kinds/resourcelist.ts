/**
 * Resource lists: amounts by name, each a text as Go writes it. Nothing here changes a list it is given.
 * Sources: apiserver pkg/quota/v1/resources.go, component-helpers/resource.
 */
import { addQuantity, canonicalQuantity, compareQuantity, formatQuantity, isZeroQuantity, signQuantity, subQuantity } from "./quantity.js";

export type ResourceList = Readonly<Record<string, string>>;
/** A list as objects carry it: perhaps absent, and of any type that spells the same. */
export type SomeList = Readonly<Record<string, unknown>> | null | undefined;

/** One amount of a list. Names are a client's: what every object inherits is none of them. */
export function amountOf(list: SomeList, name: string): string | undefined {
  const value = list && Object.hasOwn(list, name) ? list[name] : undefined;
  return value === undefined ? undefined : String(value);
}

/** Entries by name: Go walks a map in any order; a stable one is ours. */
export const sortedAmounts = (list: SomeList): [string, string][] =>
  Object.entries(list ?? {})
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** The list with every amount in its canonical text. */
export const listOf = (list: SomeList): ResourceList => Object.fromEntries(sortedAmounts(list).map(([name, amount]) => [name, canonicalQuantity(amount)]));

/** a + b, by name. */
export function addLists(a: SomeList, b: SomeList): ResourceList {
  const out: Record<string, string> = { ...listOf(a) };
  for (const [name, amount] of sortedAmounts(b)) {
    const before = amountOf(out, name);
    out[name] = before === undefined ? canonicalQuantity(amount) : formatQuantity(addQuantity(before, amount));
  }
  return out;
}

/** The greater of both, by name; the first where they are equal. */
export function maxLists(a: SomeList, b: SomeList): ResourceList {
  const out: Record<string, string> = { ...listOf(a) };
  for (const [name, amount] of sortedAmounts(b)) {
    const before = amountOf(out, name);
    if (before === undefined || compareQuantity(amount, before) > 0) out[name] = canonicalQuantity(amount);
  }
  return out;
}

/** a - b by name, zero where that would be below it, and for what only b names. Source: SubtractWithNonNegativeResult. */
export function subtractLists(a: SomeList, b: SomeList): ResourceList {
  const out: Record<string, string> = {};
  const less = listOf(b);
  for (const [name, amount] of sortedAmounts(a)) {
    const taken = amountOf(less, name);
    const rest = taken === undefined ? canonicalQuantity(amount) : formatQuantity(subQuantity(amount, taken));
    out[name] = signQuantity(rest) > 0 ? rest : "0";
  }
  for (const name of Object.keys(less)) out[name] = amountOf(out, name) ?? "0";
  return out;
}

/** Only what `names` has. */
export function maskList(list: ResourceList, names: Iterable<string>): ResourceList {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(list).filter(([name]) => wanted.has(name)));
}

export const withoutZeros = (list: ResourceList): ResourceList => Object.fromEntries(Object.entries(list).filter(([, amount]) => !isZeroQuantity(amount)));

/** The same names with equal amounts, however they are written. */
export function equalLists(a: SomeList, b: SomeList): boolean {
  const [left, right] = [sortedAmounts(a), sortedAmounts(b)];
  return left.length === right.length && left.every(([name, amount], i) => right[i]?.[0] === name && compareQuantity(amount, right[i][1]) === 0);
}

/** The names of both in which `list` is above `bounds`. */
export const exceeding = (list: ResourceList, bounds: ResourceList): string[] =>
  sortedAmounts(bounds).flatMap(([name, bound]) => {
    const amount = amountOf(list, name);
    return amount !== undefined && compareQuantity(amount, bound) > 0 ? [name] : [];
  });
