import type { StoreEvent } from "./store.js";

export interface RingLimits {
  /** Events kept at most. */
  readonly events: number;
  /** Bytes of entries kept at most (new and replaced content; encodings made by readers come on top). */
  readonly bytes: number;
}

/**
 * The newest events, so that a watch that starts a little in the past need not read the log. Revisions are consecutive (every write takes exactly
 * one), hence a revision's place is its remainder. It is the only holder of replaced entries, and bounded.
 */
export class Ring {
  readonly #slots: (StoreEvent | undefined)[];
  readonly #limits: RingLimits;
  #floor: number;
  #newest: number;
  #bytes = 0;

  constructor(limits: RingLimits, revision: number) {
    this.#limits = { events: Math.max(1, limits.events), bytes: limits.bytes };
    this.#slots = new Array<StoreEvent | undefined>(this.#limits.events).fill(undefined);
    this.#floor = revision;
    this.#newest = revision;
  }

  /** Every event after this revision is here. */
  get floor(): number {
    return this.#floor;
  }

  push(event: StoreEvent): void {
    if (this.#newest - this.#floor === this.#limits.events) this.#evict();
    this.#newest = event.revision;
    this.#slots[event.revision % this.#limits.events] = event;
    this.#bytes += weight(event);
    while (this.#bytes > this.#limits.bytes && this.#floor < this.#newest) this.#evict();
  }

  /** Events with a greater revision than `after`, in order; `after` must not be below the floor. */
  since(after: number, prefix: string): StoreEvent[] {
    const events: StoreEvent[] = [];
    for (let revision = after + 1; revision <= this.#newest; revision++) {
      const event = this.#slots[revision % this.#limits.events]!;
      if (event.key.startsWith(prefix)) events.push(event);
    }
    return events;
  }

  /** Forgets events up to and including `revision`. */
  drop(revision: number): void {
    while (this.#floor < revision && this.#floor < this.#newest) this.#evict();
  }

  #evict(): void {
    this.#floor++;
    const slot = this.#floor % this.#limits.events;
    this.#bytes -= weight(this.#slots[slot]!);
    this.#slots[slot] = undefined;
  }
}

function weight(event: StoreEvent): number {
  return event.entry.bytes.length + (event.previous?.bytes.length ?? 0);
}
