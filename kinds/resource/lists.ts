/** Lists and maps with a limit: one that is exceeded ends the look at the items, so that their number costs nothing. Source: pkg/apis/resource/validation. */
import { duplicate, type FieldError, type Shown, tooMany } from "../field.js";

/** Judges one item at its path. */
export type ItemRule<T> = (item: T, path: string) => FieldError[];

/** A list of at most `max` items (no limit when negative). */
export function validateSlice<T>(list: readonly T[] | null | undefined, max: number, rule: ItemRule<T>, path: string): FieldError[] {
  const items = list ?? [];
  if (max >= 0 && items.length > max) return [tooMany(path, items.length, max)];
  return items.flatMap((item, i) => rule(item, `${path}[${i}]`));
}

/** A list whose items differ by their key. `show` prints a key when it is not the text itself. */
export function validateSet<T>(
  list: readonly T[] | null | undefined,
  max: number,
  rule: ItemRule<T>,
  key: (item: T) => string,
  path: string,
  show: (item: T) => string | Shown = key,
): FieldError[] {
  const items = list ?? [];
  if (max >= 0 && items.length > max) return [tooMany(path, items.length, max)];
  const out = items.flatMap((item, i) => rule(item, `${path}[${i}]`));
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const k = key(item);
    if (seen.has(k)) out.push(duplicate(`${path}[${i}]`, show(item)));
    seen.add(k);
  }
  return out;
}

/** The item itself is its key. */
export const itself = (item: string): string => item;

/** A key in a path: long ones lose their middle. */
function shortened(key: string, max: number): string {
  if (key.length <= max) return key;
  const rest = max - 3;
  return `${key.slice(0, Math.trunc((rest + 1) / 2))}...${key.slice(key.length - Math.trunc(rest / 2))}`;
}

/** A map of at most `max` entries. Upstream walks it in any order; by key is ours. `longest` is how much of a key a path shows. */
export function validateMap<T>(
  map: Readonly<Record<string, T>> | null | undefined,
  max: number,
  longest: number,
  keyRule: ItemRule<string>,
  rule: ItemRule<T>,
  path: string,
): FieldError[] {
  const keys = Object.keys(map ?? {}).sort();
  if (max >= 0 && keys.length > max) return [tooMany(path, keys.length, max)];
  return keys.flatMap((key) => [...keyRule(key, path), ...rule((map as Record<string, T>)[key] as T, `${path}[${shortened(key, longest)}]`)]);
}
