import type { Entry, StoreEvent } from "./store.js";

/** A change. The map of encodings is made when somebody asks for it: most events of a busy cluster are never encoded. */
export class ChangeEvent implements StoreEvent {
  #encoded: Map<string, Buffer> | undefined;

  constructor(
    readonly type: "put" | "delete",
    readonly entry: Entry,
    readonly previous: Entry | undefined,
  ) {}

  get key(): string {
    return this.entry.key;
  }

  get revision(): number {
    return this.entry.revision;
  }

  get encoded(): Map<string, Buffer> {
    this.#encoded ??= new Map();
    return this.#encoded;
  }
}
