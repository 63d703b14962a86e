/**
 * What is held back at present, and by which rule: the components' own decisions, kept to be asked about. Level-triggered as all else: each look at a key states
 * what it holds back now, or nothing, which is then forgotten. Nothing here acts on anything.
 */
import type { Clock } from "./types.js";

/** An object by its name, whether it exists or not. */
export interface Named {
  readonly kind: string;
  /** Absent for what is in no namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** Something that is not done, or not so, yet. Read as: `about` `state`: `because`; `rule`. */
export interface Statement {
  readonly about: Named;
  /** The object whose controller states it, where a source is asked about one and answers for another. */
  readonly of?: Named;
  /** `is not created` */
  readonly state: string;
  /** `web-0 is not Ready` */
  readonly because: string;
  /** `because` speaks of a part of the object, so that it is told as `web-0's container nginx is …` where another object waits for this one. */
  readonly part?: true;
  /** The rule, by the name a user knows it by: a policy, a field, a plugin. */
  readonly rule?: string;
  /** Whose own decisions say more. */
  readonly waitsFor?: readonly Named[];
  /** What would change it. */
  readonly unblocks?: string;
  /** Something that comes by itself, and when (milliseconds): `next try`. */
  readonly next?: { readonly what: string; readonly at: number };
  /** Since when (milliseconds), where that is known better than by when it was first stated. */
  readonly since?: number;
}

/** A statement as it is kept. */
export interface Decision extends Statement {
  /** Who decided: a component as its Events name it. */
  readonly by: string;
  /** The object that was looked at. */
  readonly of: Named;
}

/** What one component states about the objects it looks after. */
export interface Notes {
  /** What holds for an object (`namespace/name`, or `name`) from now on, in place of what did; none, and nothing is remembered of it. */
  state(key: string, statements?: readonly Statement[]): void;
}

export interface Journal {
  /** `by` as in Events, `kind` of the objects that are looked at. Asked for once, when a component starts. */
  notes(by: string, kind: string): Notes;
  /** What a component keeps anyway is not stated but worked out when somebody asks. Returns how to end that. */
  source(by: string, decide: (about: Named) => readonly Statement[]): () => void;
  /** Decisions about an object, and those that looking at it has led to about others. In the order in which components started. */
  about(object: Named): Decision[];
}

/** Objects remembered per component; the one held back for longest makes room. What is forgotten so is stated again by the next look at it. */
export const MAX_KEYS = 10_000;
/** Statements remembered per object. */
export const MAX_STATEMENTS = 16;

const NONE: readonly Statement[] = [];

/** Whether two names are those of one object. */
export const sameNamed = (a: Named, b: Named): boolean => a.name === b.name && a.kind === b.kind && (a.namespace ?? "") === (b.namespace ?? "");
/** Says the same, whenever what comes by itself is due. */
const alike = (a: Statement, b: Statement): boolean => a.state === b.state && a.because === b.because && a.rule === b.rule && sameNamed(a.about, b.about);
const sameNames = (a: readonly Named[] = [], b: readonly Named[] = []): boolean => a.length === b.length && a.every((named, i) => sameNamed(named, b[i]));
const unchanged = (a: Statement, b: Statement): boolean =>
  alike(a, b) && a.next?.at === b.next?.at && a.unblocks === b.unblocks && sameNames(a.waitsFor, b.waitsFor);

class KeptNotes implements Notes {
  private readonly kept = new Map<string, readonly Decision[]>();

  constructor(
    private readonly clock: Clock,
    private readonly by: string,
    private readonly kind: string,
    private readonly maxKeys: number,
  ) {}

  state(key: string, statements: readonly Statement[] = NONE): void {
    const before = this.kept.get(key);
    if (statements.length === 0) {
      if (before) this.kept.delete(key);
      return;
    }
    // most looks find what the look before has found
    if (before?.length === statements.length && statements.every((statement, i) => unchanged(before[i], statement))) return;
    const now = this.clock.now();
    const slash = key.indexOf("/");
    const of: Named = slash < 0 ? { kind: this.kind, name: key } : { kind: this.kind, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    const decisions = statements.slice(0, MAX_STATEMENTS).map((statement): Decision => {
      const since = statement.since ?? before?.find((earlier) => alike(earlier, statement))?.since ?? now;
      return { ...statement, by: this.by, of, since };
    });
    if (!before && this.kept.size >= this.maxKeys) this.kept.delete(this.kept.keys().next().value as string);
    this.kept.set(key, decisions);
  }

  *about(object: Named): Iterable<Decision> {
    const own = object.kind === this.kind ? this.kept.get(object.namespace ? `${object.namespace}/${object.name}` : object.name) : undefined;
    if (own) yield* own;
    for (const decisions of this.kept.values()) if (decisions !== own) for (const decision of decisions) if (sameNamed(decision.about, object)) yield decision;
  }
}

/** A journal of `maxKeys` objects per component. */
export function createJournal(clock: Clock, maxKeys = MAX_KEYS): Journal {
  const asked: ((object: Named) => Iterable<Decision>)[] = [];
  return {
    notes(by, kind) {
      const notes = new KeptNotes(clock, by, kind, maxKeys);
      asked.push((object) => notes.about(object));
      return notes;
    },
    source(by, decide) {
      const ask = (object: Named): Decision[] =>
        decide(object)
          .slice(0, MAX_STATEMENTS)
          .map((statement) => ({ ...statement, by, of: statement.of ?? object }));
      asked.push(ask);
      return () => void asked.splice(asked.indexOf(ask), 1);
    },
    about: (object) => asked.flatMap((ask) => [...ask(object)]),
  };
}
