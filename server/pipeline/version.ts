/** Go's error for a text that is no resourceVersion, undefined for one that is. Source: strconv.ParseUint. */
export function versionFault(text: string): string | undefined {
  if (!/^\d+$/.test(text)) return `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  if (text.length > 19 && BigInt(text) > MAX_UINT64) return `strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`;
  return undefined;
}
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * A `resourceVersion` parameter as a number, 0 for none. `refuse` makes the error from upstream's text: reads answer it with different codes. Versions beyond
 * what a
 * double holds come out rounded: they are far in the future either way. Source: storage.APIObjectVersioner.ParseResourceVersion.
 */
export function parseVersion(text: string, refuse: (why: string) => Error): number {
  if (text === "") return 0;
  const fault = versionFault(text);
  if (fault !== undefined) throw refuse(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${fault}`);
  return Number(text);
}
