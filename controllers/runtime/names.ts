/** No vowels and few look-alikes, so that no words form: apimachinery pkg/util/rand. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** A random suffix as generateName appends it. `random` yields [0,1). */
export function randomSuffix(random: () => number, length = 5): string {
  let out = "";
  for (let i = 0; i < length; i++) out += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return out;
}

/** Encodes text (a hash, as a rule) in the alphabet of suffixes. */
export const safeEncode = (text: string): string => Array.from(text, (c) => ALPHABET[c.charCodeAt(0) % ALPHABET.length]).join("");
