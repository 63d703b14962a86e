/** Reads JSON that somebody may have written by hand into typed values, as Go's encoding/json would: names in any case, null is nothing, other types fail. */
import { canonicalQuantity } from "../../quantity.js";
import { canonicalTime } from "../../time.js";

/** A value is of another type than the struct has there; who reads takes the whole text for unreadable. */
export class Unreadable extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (v: unknown): v is Fields => typeof v === "object" && v !== null && !Array.isArray(v);

/** One JSON object. Absent and null are both undefined. */
export class Reader {
  constructor(private readonly fields: Fields) {}

  /** Reads a JSON text that holds a list; undefined when it does not. */
  static list<T>(text: string, item: (r: Reader) => T): T[] | undefined {
    return attempt(text, (value) => (value === null ? [] : items(value, item)));
  }

  /** Reads a JSON text that holds an object; undefined when it does not. */
  static object<T>(text: string, read: (r: Reader) => T): T | undefined {
    return attempt(text, (value) => read(new Reader(value === null ? {} : fieldsOf(value))));
  }

  private get(name: string): unknown {
    if (Object.hasOwn(this.fields, name)) return this.fields[name] ?? undefined;
    const other = Object.keys(this.fields).find((key) => key.toLowerCase() === name.toLowerCase());
    return other === undefined ? undefined : (this.fields[other] ?? undefined);
  }

  text(name: string): string | undefined {
    const v = this.get(name);
    if (v !== undefined && typeof v !== "string") throw new Unreadable(name);
    return v;
  }

  /** An int32. */
  int(name: string): number | undefined {
    const v = this.get(name);
    if (v !== undefined && (typeof v !== "number" || v !== (v | 0))) throw new Unreadable(name);
    return v as number | undefined;
  }

  quantity(name: string): string | undefined {
    const v = this.get(name);
    if (v === undefined) return undefined;
    if (typeof v !== "string" && typeof v !== "number") throw new Unreadable(name);
    return readable(name, () => canonicalQuantity(String(v)));
  }

  /** metav1.Time; undefined for none and for Go's zero time. */
  time(name: string): string | undefined {
    const v = this.text(name);
    return v === undefined ? undefined : (readable(name, () => canonicalTime(v)) ?? undefined);
  }

  object(name: string): Reader | undefined {
    const v = this.get(name);
    return v === undefined ? undefined : new Reader(fieldsOf(v));
  }

  list<T>(name: string, item: (r: Reader) => T): T[] | undefined {
    const v = this.get(name);
    return v === undefined ? undefined : items(v, item);
  }

  /** metav1.LabelSelector. */
  selector(name: string): object | undefined {
    const s = this.object(name);
    if (!s) return undefined;
    const labels = s.get("matchLabels");
    if (labels !== undefined && (!isFields(labels) || Object.values(labels).some((v) => typeof v !== "string"))) throw new Unreadable(name);
    const matchExpressions = s.list("matchExpressions", (e) => ({ key: e.text("key") ?? "", operator: e.text("operator") ?? "", values: e.texts("values") }));
    return { matchLabels: labels, matchExpressions };
  }

  private texts(name: string): string[] | undefined {
    const v = this.get(name);
    if (v !== undefined && (!Array.isArray(v) || v.some((t) => typeof t !== "string"))) throw new Unreadable(name);
    return v as string[] | undefined;
  }
}

function readable<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Unreadable(name);
  }
}

function fieldsOf(v: unknown): Fields {
  if (!isFields(v)) throw new Unreadable();
  return v;
}

function items<T>(v: unknown, item: (r: Reader) => T): T[] {
  if (!Array.isArray(v)) throw new Unreadable();
  return v.map((one) => item(new Reader(one === null ? {} : fieldsOf(one))));
}

function attempt<T>(text: string, read: (value: unknown) => T): T | undefined {
  try {
    return read(JSON.parse(text));
  } catch (error) {
    if (error instanceof Unreadable || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
