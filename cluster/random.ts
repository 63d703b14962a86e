/** Seeded randomness in [0,1): mulberry32, small and good enough for names and placement. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `00` to `ff`. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const two = (word: number, shift: number): string => HEX[(word >>> (shift + 8)) & 255] + HEX[(word >>> shift) & 255];

/** A version 4 UUID. */
export function uuidFrom(random: () => number): string {
  const draw = (): number => Math.floor(random() * 0x1_0000_0000);
  const [a, b, c, d] = [draw(), draw(), draw(), draw()];
  const version = (b & 0x0fff) | 0x4000;
  const variant = ((c >>> 16) & 0x3fff) | 0x8000;
  return `${two(a, 16)}${two(a, 0)}-${two(b, 16)}-${two(version, 0)}-${two(variant, 0)}-${two(c, 0)}${two(d, 16)}${two(d, 0)}`;
}
