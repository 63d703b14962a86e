import { describe, expect, it } from "vitest";
import type { Kind } from "../../kinds/kind.js";
import { ApiError, type Status } from "../../server/errors.js";
import { get } from "../../server/pipeline/get.js";
import { list, PLAIN_LIST } from "../../server/pipeline/list.js";
import { EVERYTHING, type Selection, selectionOf } from "../../server/pipeline/selection.js";
import { type WatchParameters, watch } from "../../server/pipeline/watch.js";
import { podSpec, type World, world } from "./world.js";

/** The Status a synchronous read is refused with. */
function refused(run: () => unknown): Status {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  throw new Error("was not refused");
}

async function filled(names: readonly string[]): Promise<World> {
  const made = await world();
  for (const name of names) await made.create(`configmaps/${name}`, { metadata: { labels: { odd: String(name.charCodeAt(0) % 2) } } });
  return made;
}
const page = (made: World, parameters: Partial<typeof PLAIN_LIST>, selection: Selection = EVERYTHING) =>
  list(made.services, made.target("configmaps").kind, "default", { ...PLAIN_LIST, ...parameters }, selection);
const names = (got: { entries: readonly { key: string }[] }) => got.entries.map((e) => e.key.split("/").at(-1)).join("");

describe("#3.1 pipeline: get and list", () => {
  it("reads versions as far as they exist", async () => {
    const made = await filled(["a"]);
    const at = made.target("configmaps/a");
    expect(get(made.services, at, "0").object.metadata.name).toBe("a");
    expect(refused(() => get(made.services, at, "999"))).toMatchObject({ code: 504, details: { retryAfterSeconds: 1 } });
    expect(refused(() => get(made.services, at, "x"))).toMatchObject({ code: 500 });
    expect(refused(() => page(made, { resourceVersion: "999" }))).toMatchObject({ code: 504 });
    expect(refused(() => page(made, { resourceVersion: "-1" }))).toMatchObject({ code: 400 });
  });

  it("pages through one state, whatever is written meanwhile", async () => {
    const made = await filled(["a", "b", "c"]);
    const first = page(made, { limit: 1 });
    expect([names(first), first.remainingItemCount]).toEqual(["a", 2]);
    await made.create("configmaps/bb", {});
    await made.remove("configmaps/c");
    const second = page(made, { limit: 1, continue: first.continue });
    const third = page(made, { limit: 1, continue: second.continue });
    expect([names(second), second.remainingItemCount, names(third), third.continue, third.remainingItemCount]).toEqual(["b", 1, "c", "", undefined]);
    expect([second.resourceVersion, third.resourceVersion]).toEqual([first.resourceVersion, first.resourceVersion]);
  });

  it("offers a fresh token where the state is compacted, which goes on in today's", async () => {
    const made = await filled(["a", "b", "c"]);
    const first = page(made, { limit: 1 });
    await made.create("configmaps/bb", {});
    await made.store.compact(made.store.revision);
    const status = refused(() => page(made, { limit: 1, continue: first.continue }));
    expect(status).toMatchObject({ code: 410, reason: "Expired" });
    const rest = page(made, { continue: status.metadata.continue });
    expect([names(rest), rest.resourceVersion]).toEqual(["bbbc", String(made.store.revision)]);
    expect(refused(() => page(made, { resourceVersion: "3", resourceVersionMatch: "Exact" }))).toMatchObject({
      code: 410,
      message: "The resourceVersion for the provided list is too old.",
    });
  });

  it("reads the exact state, or a state no older", async () => {
    const made = await filled(["a", "b"]);
    const then = String(made.store.revision);
    await made.create("configmaps/c", {});
    expect(names(page(made, { resourceVersion: then, resourceVersionMatch: "Exact" }))).toBe("ab");
    expect(names(page(made, { resourceVersion: then, limit: 5 }))).toBe("ab");
    expect(names(page(made, { resourceVersion: then, resourceVersionMatch: "NotOlderThan" }))).toBe("abc");
    expect(names(page(made, { resourceVersion: "0", limit: 1 }))).toBe("abc");
    expect(names(page(made, { limit: -1 }))).toBe("abc");
  });

  it("fills a selective page and does not count what is left", async () => {
    const made = await filled(["a", "b", "c", "d", "e"]);
    const selection = selectionOf(made.target("configmaps").kind, "odd=1", "");
    const first = page(made, { limit: 2 }, selection);
    const rest = page(made, { limit: 2, continue: first.continue }, selection);
    expect([names(first), first.remainingItemCount, names(rest), rest.continue]).toEqual(["ac", undefined, "e", ""]);
  });

  it.each([
    ["!", "illegal base64 data at input byte 0"],
    ["bnVsbA", "server does not recognize this encoded version "],
    [
      Buffer.from('{"v":"meta.k8s.io/v1","rv":"1","start":"a"}').toString("base64url"),
      "json: cannot unmarshal string into Go struct field continueToken.rv of type int64",
    ],
    [Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"../secrets/"}').toString("base64url"), "../secrets/"],
  ])("refuses the token %s", async (token, why) => {
    const made = await filled([]);
    expect(refused(() => page(made, { continue: token })).message).toBe(`invalid continue token: continue key is not valid: ${why}`);
  });
});

describe("#3.1 pipeline: selection", () => {
  it.each([
    ["pods", "", "spec.nodeName=,status.phase=Pending", true],
    ["pods", "app in (a,b),!x", "metadata.name!=q", true],
    ["pods", "constructor", "", false],
    ["nodes", "", "spec.unschedulable=false", true],
  ])("of %s by %j and %j: %s", async (resource, labels, fields, picked) => {
    const made = await world();
    const object = { metadata: { name: "p", labels: { app: "a" } }, spec: podSpec, status: { phase: "Pending" } };
    expect(selectionOf(made.target(resource).kind, labels, fields).matches(object)).toBe(picked);
  });

  it.each([
    ["pods", "spec.x=1", "field label not supported: spec.x"],
    ["pods", "__proto__=1", "field label not supported: __proto__"],
    ["configmaps", "data=1", '"data" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ])("of %s by the unknown field of %s is refused", async (resource, fields, message) => {
    const made = await world();
    expect(refused(() => selectionOf(made.target(resource).kind, "", fields))).toMatchObject({ code: 400, message });
  });
});

function watching(made: World, parameters: Partial<WatchParameters>, selection: Selection = EVERYTHING) {
  const seen: string[] = [];
  const watcher = watch(made.services, made.target("configmaps").kind, "default", { resourceVersion: "", ...parameters }, selection, {
    items: (items) =>
      seen.push(
        ...items.map((i) => `${i.type} ${i.entry.key.split("/").at(-1)}@${JSON.parse(String(i.entry.bytes)).metadata.resourceVersion - i.entry.revision}`),
      ),
    initialEventsEnd: (revision) => seen.push(`END@${revision - made.store.revision}`),
  });
  return { seen, watcher };
}

describe("#3.1 pipeline: watch", () => {
  it("begins with the state, says where it ends when asked, and goes on in the turn of each commit", async () => {
    const made = await filled(["a", "b"]);
    const { seen, watcher } = watching(made, { sendInitialEvents: true });
    expect(seen).toEqual(["ADDED a@0", "ADDED b@0", "END@0"]);
    await made.patch("configmaps/a", { data: { k: "v" } });
    expect(seen.at(-1)).toBe("MODIFIED a@0");
    await made.remove("configmaps/a");
    expect(seen.at(-1)).toBe("DELETED a@0");
    watcher.stop();
    await made.create("configmaps/c", {});
    expect(seen).toHaveLength(5);
  });

  it("goes on from a version, without the state", async () => {
    const made = await filled(["a"]);
    const from = String(made.store.revision);
    await made.create("configmaps/b", {});
    expect(watching(made, { resourceVersion: from }).seen).toEqual(["ADDED b@0"]);
    expect(watching(made, { resourceVersion: from, sendInitialEvents: false }).seen).toEqual(["ADDED b@0"]);
    expect(watching(made, { sendInitialEvents: false }).seen).toEqual([]);
    expect(watching(made, { resourceVersion: "999" }).seen).toEqual([]);
  });

  it("refuses what is compacted, what is no version, and a state of the future", async () => {
    const made = await filled(["a", "b"]);
    await made.store.compact(made.store.revision);
    expect(refused(() => watching(made, { resourceVersion: "2" }))).toMatchObject({
      code: 410,
      message: expect.stringMatching(/^too old resource version: 2 \(\d+\)$/),
    });
    expect(refused(() => watching(made, { resourceVersion: "x" }))).toMatchObject({ code: 500 });
    expect(refused(() => watching(made, { resourceVersion: "999", sendInitialEvents: true }))).toMatchObject({ code: 504 });
  });

  it("shows what enters a selection as added and what leaves it as deleted, in its last selected form", async () => {
    const made = await filled(["a"]);
    const { kind } = made.target("configmaps");
    const { seen } = watching(made, { resourceVersion: String(made.store.revision) }, selectionOf(kind, "pick", ""));
    const label = (pick: string | null) => made.patch("configmaps/a", { metadata: { labels: { pick } } });
    await label("1");
    await label("2");
    await label(null);
    await label(null);
    await made.remove("configmaps/a");
    expect(seen).toEqual(["ADDED a@0", "MODIFIED a@0", "DELETED a@0"]);
  });
});

describe("#4.2 pipeline: pages", () => {
  const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const at = (start: unknown, rv: unknown = -1) => token({ v: "meta.k8s.io/v1", rv, start });

  it.each([
    ["/b\0", "cd"],
    ["b\0", "cd"],
    ["/b", "bcd"],
    ["bb", "cd"],
    ["/", "abcd"],
    ["/zz", ""],
  ])("go on from %j with %s", async (start, expected) => {
    const made = await filled(["a", "b", "c", "d"]);
    expect(names(page(made, { continue: at(start) }))).toBe(expected);
  });

  it("begin their tokens with a slash, as the watch cache has its keys", async () => {
    const made = await filled(["a", "b"]);
    const { continue: next } = page(made, { limit: 1 });
    expect(JSON.parse(Buffer.from(next, "base64url").toString())).toEqual({ v: "meta.k8s.io/v1", rv: made.store.revision, start: "/a\0" });
  });

  it.each([
    ["../x", "continue key is not valid: ../x"],
    ["c/", "continue key is not valid: c/"],
    ["/./c", "continue key is not valid: /./c"],
    ["", "encoded start key empty (version meta.k8s.io/v1)"],
    [5, "json: cannot unmarshal number into Go struct field continueToken.start of type string"],
  ])("refuse a token that starts at %j", async (start, message) => {
    const made = await filled([]);
    expect(refused(() => page(made, { continue: at(start) }))).toMatchObject({ code: 400, message: expect.stringContaining(message) });
  });

  it("of Events come past the watch cache: a limit counts at version 0, keys have no slash, and what is too old is told otherwise", async () => {
    const made = await world();
    for (const name of ["a", "b"]) await made.create(`events/${name}`, { involvedObject: { namespace: "default" } });
    for (const group of ["", "events.k8s.io"]) {
      const kind = made.services.kinds.find(group, "v1", "events") as Kind;
      const first = list(made.services, kind, "default", { ...PLAIN_LIST, limit: 1, resourceVersion: "0" });
      expect([names(first), first.remainingItemCount]).toEqual(["a", 1]);
      expect(JSON.parse(Buffer.from(first.continue, "base64url").toString()).start).toBe("a\0");
      expect(names(list(made.services, kind, "default", { ...PLAIN_LIST, limit: 1, continue: first.continue }))).toBe("b");
      await made.store.compact(made.store.revision);
      const sink = { items() {}, initialEventsEnd() {} };
      expect(refused(() => watch(made.services, kind, "default", { resourceVersion: "1" }, selectionOf(kind, "", ""), sink))).toMatchObject({
        code: 410,
        message: "The resourceVersion for the provided watch is too old.",
      });
    }
  });

  it("know a token's fields whatever their case", async () => {
    const made = await filled(["a", "b"]);
    expect(names(page(made, { continue: token({ V: "meta.k8s.io/v1", RV: -1, Start: "b" }) }))).toBe("b");
  });

  it("say that a version does not go with a token before they look at the version", async () => {
    const made = await filled(["a"]);
    expect(refused(() => page(made, { continue: at("a"), resourceVersion: "x" }))).toMatchObject({
      code: 400,
      message: "specifying resource version is not allowed when using continue",
    });
  });

  it("are none where a selector names the one object: that is read by its key", async () => {
    const made = await filled(["a", "b", "c"]);
    const { kind } = made.target("configmaps");
    const one = page(made, { limit: 1 }, selectionOf(kind, "", "metadata.name=b"));
    expect([names(one), one.continue, one.remainingItemCount]).toEqual(["b", "", undefined]);
    expect(names(page(made, { limit: 1 }, selectionOf(kind, "odd=1", "metadata.name=b")))).toBe("");
    // over all namespaces there is no such key
    const everywhere = list(made.services, kind, "", { ...PLAIN_LIST, limit: 1 }, selectionOf(kind, "", "metadata.name=b"));
    expect([names(everywhere), everywhere.continue === ""]).toEqual(["b", false]);
  });
});
