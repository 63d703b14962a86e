import type { Answer } from "../../wire/records.js";

/** An answer that is kept. */
export interface Item {
  readonly answer: Answer;
  /** When it came; milliseconds. */
  readonly stored: number;
  /** Seconds that it counted then. */
  readonly ttl: number;
  /** How often it was asked for, and when last; milliseconds. */
  hits: number;
  last: number;
  /** It is asked for anew. */
  refreshing: boolean;
}

/** Seconds that are left to an item; less than none for an old one. */
export const leftOf = ({ ttl, stored }: Item, now: number): number => ttl - Math.floor((now - stored) / 1000);

/** Counts a question: those that come later than `within` ms after the one before begin anew. Source: CoreDNS plugin/cache/freq. */
export function count(item: Item, within: number, now: number): void {
  item.hits = item.last < now - within ? 1 : item.hits + 1;
  item.last = now;
}

/** Items by key; a full one forgets what it has kept for longest. */
export class Store {
  readonly #items = new Map<string, Item>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = Math.max(capacity, 1);
  }

  get size(): number {
    return this.#items.size;
  }

  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  /** True when another one had to go. */
  put(key: string, item: Item): boolean {
    const full = this.#items.size >= this.#capacity && !this.#items.has(key);
    if (full)
      for (const oldest of this.#items.keys()) {
        this.#items.delete(oldest);
        break;
      }
    this.#items.delete(key);
    this.#items.set(key, item);
    return full;
  }

  delete(key: string): void {
    this.#items.delete(key);
  }
}
