import type { Api, Doc, WatchEvent } from "../support/http.js";

/** What an object was said to be: its content, or that it is gone. */
type State = string | undefined;

interface Slot {
  readonly path: string;
  readonly collection: string;
  readonly name: string;
  /** As last answered, with the revision of that answer (0: never written). */
  known: State;
  revision: number;
  /** A write that was sent and not answered: what it would have made. */
  pending?: { readonly state: State };
}

const LANES = 8;
const PER_LANE = 5;
const HOME = "/api/v1/namespaces/default";
const contentOf = (object: Doc): string => (object.kind === "Service" || object.spec ? object.metadata.labels?.v : object.data?.v);

/**
 * A stream of writes over several connections that remembers every answer, and checks after a crash that each is there: in the live state, and in the history that a watch replays.
 * Each object has one writer, so what it may be is what was answered last or what was asked for and not answered.
 */
export class Stream {
  readonly totals = { answered: 0, landed: 0, lost: 0 };
  readonly #slots: Slot[][];
  #serial = 0;
  /** Answers since the last check: revision and what the watch must show there. */
  #answers: { revision: number; type: string; name: string; content: State }[] = [];
  #since = 0;

  constructor(readonly random: () => number) {
    this.#slots = Array.from({ length: LANES }, (_, lane) =>
      Array.from({ length: PER_LANE }, (_, i) => {
        const collection = `${HOME}/${i === 0 ? "services" : "configmaps"}`;
        const name = `${i === 0 ? "s" : "c"}-${lane}-${i}`;
        return { collection, name, path: `${collection}/${name}`, known: undefined, revision: 0 };
      }),
    );
  }

  /** Writes until `count` are answered, then calls `kill` and writes on; resolves when every lane has felt the server go. */
  async write(api: Api, count: number, kill: () => unknown): Promise<void> {
    const end = this.totals.answered + count;
    let dead = false;
    const lanes = this.#slots.map(async (slots) => {
      for (;;) {
        const slot = slots[Math.floor(this.random() * slots.length)];
        try {
          await this.#one(api, slot);
        } catch (error) {
          if (!dead || !(error as NodeJS.ErrnoException).code) throw error;
          return;
        }
        if (this.totals.answered >= end && !dead) {
          dead = true;
          kill();
        }
      }
    });
    lanes.push(this.#shake(api, () => dead));
    await Promise.all(lanes);
  }

  async #one(api: Api, slot: Slot): Promise<void> {
    const content = `n${++this.#serial}`;
    const service = slot.collection.endsWith("services");
    const body = {
      apiVersion: "v1",
      kind: service ? "Service" : "ConfigMap",
      metadata: { name: slot.name, labels: { v: content } },
      ...(service ? { spec: { ports: [{ port: 80 }] } } : { data: { v: content, pad: "x".repeat(this.#serial % 700) } }),
    };
    if (slot.known === undefined) return this.#sent(slot, content, "ADDED", api.ask("POST", slot.collection, { body }));
    const dice = this.random();
    if (dice < 0.25) return this.#sent(slot, undefined, "DELETED", api.ask("DELETE", slot.path));
    if (dice < 0.6 && !service) {
      const put = { ...body, metadata: { ...body.metadata, resourceVersion: String(slot.revision) } };
      return this.#sent(slot, content, "MODIFIED", api.ask("PUT", slot.path, { body: put }));
    }
    const patch = { metadata: { labels: { v: content } }, ...(service ? {} : { data: { v: content } }) };
    return this.#sent(slot, content, "MODIFIED", api.ask("PATCH", slot.path, { body: patch, type: "application/merge-patch+json" }));
  }

  async #sent(slot: Slot, state: State, type: string, asked: ReturnType<Api["ask"]>): Promise<void> {
    slot.pending = { state };
    const { code, body, text } = await asked;
    if (code >= 300) throw new Error(`${type} ${slot.path}: ${text}`);
    slot.pending = undefined;
    slot.known = state;
    this.totals.answered++;
    // a deletion of a ConfigMap is answered with a Status, which says no revision
    const revision = Number(body.kind === "Status" || state === undefined ? 0 : body.metadata.resourceVersion);
    if (revision > 0 && revision <= slot.revision) throw new Error(`${slot.path} went from revision ${slot.revision} back to ${revision}`);
    if (revision) slot.revision = revision;
    this.#answers.push({ revision, type, name: slot.name, content: state });
  }

  /** Keeps the set busy: scaled, rolled, robbed of pods. */
  async #shake(api: Api, over: () => boolean): Promise<void> {
    const set = "/apis/apps/v1/namespaces/default/statefulsets/web";
    const patch = (body: object) => api.ask("PATCH", set, { type: "application/strategic-merge-patch+json", body });
    while (!over()) {
      try {
        const dice = this.random();
        if (dice < 0.3) await patch({ spec: { replicas: 1 + Math.floor(this.random() * 4) } });
        else if (dice < 0.5)
          await patch({ spec: { template: { spec: { containers: [{ name: "nginx", image: `nginx:${Math.floor(this.random() * 5)}` }] } } } });
        else if (dice < 0.8) await api.ask("DELETE", `${HOME}/pods/web-${Math.floor(this.random() * 4)}`);
        else await api.get(`${HOME}/pods`);
        // the set's work in between is the point: some turns pass until it is disturbed again
        for (let i = 0; i < 10 && !over(); i++) await api.get(set);
      } catch (error) {
        if (over()) return;
        throw error;
      }
    }
  }

  /** Checks everything answered so far against the server, then takes what is there as known. */
  async verify(api: Api): Promise<void> {
    const pages = await Promise.all(["configmaps", "services"].map((resource) => api.get(`${HOME}/${resource}`)));
    const live = new Map<string, Doc>(pages.flatMap(({ body }) => body.items.map((item: Doc) => [item.metadata.name, item])));
    const current = Math.max(...pages.map(({ body }) => Number(body.metadata.resourceVersion)));
    for (const slot of this.#slots.flat()) {
      const object = live.get(slot.name);
      const state: State = object && contentOf(object);
      const revision = Number(object?.metadata.resourceVersion ?? 0);
      const same = state === slot.known && (state === undefined || revision === slot.revision);
      if (!same && !(slot.pending && state === slot.pending.state && (state === undefined || revision > slot.revision)))
        throw new Error(`${slot.path} was ${slot.known} at ${slot.revision} and asked to be ${slot.pending?.state}; it is ${state} at ${revision}`);
      if (slot.pending) this.totals[same ? "lost" : "landed"]++;
      slot.pending = undefined;
      slot.known = state;
      if (revision) slot.revision = revision;
      if (slot.revision > current) throw new Error(`revision ${slot.revision} was answered, and the server is at ${current}`);
    }
    await this.#verifyHistory(api);
    this.#answers = [];
    this.#since = current;
  }

  /** A watch from before this run shows every answered write, at its revision, in the order of revisions. */
  async #verifyHistory(api: Api): Promise<void> {
    if (this.#answers.length === 0) return;
    const events: WatchEvent[] = [];
    for (const resource of ["configmaps", "services"]) {
      const of = this.#answers.filter((answer) => answer.name.startsWith(resource[0]));
      if (of.length === 0) continue;
      const needed = Math.max(...of.map((answer) => answer.revision));
      const seen = await api.watch(
        `${HOME}/${resource}?watch=1&resourceVersion=${this.#since}`,
        (es) => Number(es.at(-1)?.object.metadata?.resourceVersion) >= needed,
      );
      let last = this.#since;
      for (const { type, object } of seen) {
        const revision = Number(object.metadata?.resourceVersion);
        if (type === "ERROR" || !(revision > last))
          throw new Error(`the history of ${resource} has ${type} at ${revision} after ${last}: ${object.message ?? ""}`);
        last = revision;
      }
      events.push(...seen);
    }
    const at = new Map(events.map((event) => [Number(event.object.metadata?.resourceVersion), event]));
    for (const { revision, type, name, content } of this.#answers) {
      if (!revision) continue;
      const event = at.get(revision);
      const found = event && [event.type, event.object.metadata?.name, contentOf(event.object)].join(" ");
      if (found !== [type, name, content].join(" ")) throw new Error(`${type} ${name} ${content} was answered at ${revision}, and the history has ${found}`);
    }
  }
}
