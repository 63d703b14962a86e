// the API server's own alphabet: no vowels and no look-alikes (k8s.io/apimachinery/pkg/util/rand)
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const MAX_GENERATED = 63;
const SUFFIX = 5;

/** `base` cut to leave room, plus five random characters. Source: names.SimpleNameGenerator. */
export function generateName(base: string, random: () => number): string {
  let name = base.slice(0, MAX_GENERATED - SUFFIX);
  for (let i = 0; i < SUFFIX; i++) name += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return name;
}
