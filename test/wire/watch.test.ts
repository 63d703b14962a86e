import { describe, expect, it } from "vitest";
import { manualClock } from "../../cluster/index.js";
import type { Doc, WatchEvent } from "../support/http.js";
import { config, failure, HOME, invalid, MERGE, refusals, wired } from "./support.js";

const clock = manualClock(Date.UTC(2030, 0, 1));
const server = wired({ controllers: false, clock });
const { ask, get200, make } = server;
const maps = `${HOME}/configmaps`;
const brief = (events: readonly WatchEvent[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata?.name ?? ""} ${(object as Doc).data?.v ?? ""}`.trim());
const now = async (): Promise<string> => (await get200(`${maps}?limit=1`)).metadata.resourceVersion;
const set = (name: string, v: string, labels?: object) =>
  ask("patch", `${maps}/${name}`, { type: MERGE, body: { data: { v }, ...(labels && { metadata: { labels } }) } });
const count =
  (n: number) =>
  (events: readonly WatchEvent[]): boolean =>
    events.length >= n;

describe("#3.1 wire: watch", () => {
  it("tells what happened since a version, in order, whole objects with kind and version", async () => {
    const from = await now();
    await make(maps, config("w", { v: "1" }));
    await set("w", "2");
    await ask("delete", `${maps}/w`);
    const events = await server.api.watch(`${maps}?watch=1&resourceVersion=${from}`, count(3));
    expect(brief(events)).toEqual(["ADDED w 1", "MODIFIED w 2", "DELETED w 2"]);
    const revisions = events.map((e) => Number(e.object.metadata?.resourceVersion));
    expect(revisions).toEqual([1, 2, 3].map((i) => Number(from) + i));
    expect(Object.keys(events[0].object).slice(0, 3)).toEqual(["kind", "apiVersion", "metadata"]);
  });

  it("tells what happens while it looks", async () => {
    const from = await now();
    let seen = (): void => {};
    const first = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const watching = server.api.watch(`${maps}?watch=true&resourceVersion=${from}`, (events) => {
      if (events.length === 1) seen();
      return events.length === 2;
    });
    await make(maps, config("live", { v: "1" }));
    await first;
    await set("live", "2");
    expect(brief(await watching)).toEqual(["ADDED live 1", "MODIFIED live 2"]);
    await ask("delete", `${maps}/live`);
  });

  it("through a selector, what enters is ADDED and what leaves is DELETED as it was", async () => {
    const from = await now();
    await make(maps, config("door", { v: "1" }));
    await set("door", "2", { inside: "yes" });
    await set("door", "3");
    await set("door", "4", { inside: "no" });
    await set("door", "5");
    await set("door", "6", { inside: "yes" });
    const events = await server.api.watch(`${maps}?watch=1&labelSelector=inside%3Dyes&resourceVersion=${from}`, count(4));
    expect(brief(events)).toEqual(["ADDED door 2", "MODIFIED door 3", "DELETED door 3", "ADDED door 6"]);
    const one = await server.api.watch(`/api/v1/watch/namespaces/default/configmaps/door?resourceVersion=${from}`, count(6));
    expect(brief(one)).toHaveLength(6);
    await ask("delete", `${maps}/door`);
  });

  it("without a version it begins with what is there", async () => {
    for (const name of ["i", "h"]) await make(maps, config(name, { v: "1" }, { labels: { here: "1" } }));
    for (const query of ["watch=1", "watch=1&resourceVersion=0", "watch=perhaps"])
      expect(brief(await server.api.watch(`${maps}?${query}&labelSelector=here`, count(2)))).toEqual(["ADDED h 1", "ADDED i 1"]);
  });

  it("sendInitialEvents ends them with a bookmark that says so", async () => {
    const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const events = await server.api.watch(`${maps}?${query}&labelSelector=here`, count(3));
    expect(brief(events)).toEqual(["ADDED h 1", "ADDED i 1", "BOOKMARK"]);
    expect(events[2].object).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { resourceVersion: await now(), annotations: { "k8s.io/initial-events-end": "true" } },
    });
    // as a Table: one row an event, columns only the first time
    const rows = await server.api.watch(`${maps}?${query}&labelSelector=here`, count(3), 10_000, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    expect(rows.map(({ type, object }: Doc) => [type, object.kind, object.rows[0].cells[0], object.columnDefinitions === null])).toEqual([
      ["ADDED", "Table", "h", false],
      ["ADDED", "Table", "i", true],
      ["BOOKMARK", "Table", "", true],
    ]);
  });

  it("from before the history: one ERROR event, 410 Expired, and the end", async () => {
    for (const accept of ["application/json", "application/json;as=Table;v=v1;g=meta.k8s.io"]) {
      const events = await server.api.watch(`${maps}?watch=1&resourceVersion=1`, () => false, 10_000, { accept });
      expect(events).toEqual([{ type: "ERROR", object: failure(410, "Expired", expect.stringMatching(/^too old resource version: 1 \(\d+\)$/)) }]);
    }
  });

  it("every watcher sees the same order as the list's versions", async () => {
    const from = await now();
    const watchers = Array.from({ length: 5 }, () => server.api.watch(`${maps}?watch=1&resourceVersion=${from}`, count(40)));
    await Promise.all(Array.from({ length: 40 }, (_, i) => make(maps, config(`many-${i}`, { v: String(i) }))));
    const [first, ...others] = (await Promise.all(watchers)).map((events) =>
      events.map((e) => [e.type, e.object.metadata?.name, e.object.metadata?.resourceVersion]),
    );
    for (const other of others) expect(other).toEqual(first);
    const order = first.map(([, , revision]) => Number(revision));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    const { items } = await get200(maps);
    const listed = new Map(items.map((i: Doc) => [i.metadata.name, i.metadata.resourceVersion]));
    for (const [, name, revision] of first) expect(listed.get(name)).toBe(revision);
  });

  refusals(server, [
    [
      "sendInitialEvents wants NotOlderThan",
      "get",
      `${maps}?watch=1&sendInitialEvents=true`,
      invalid(
        "ListOptions",
        "",
        "resourceVersionMatch",
        "FieldValueForbidden",
        "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        "meta.k8s.io",
      ),
    ],
    [
      "a match wants sendInitialEvents",
      "get",
      `${maps}?watch=1&resourceVersionMatch=NotOlderThan`,
      invalid(
        "ListOptions",
        "",
        "resourceVersionMatch",
        "FieldValueForbidden",
        "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        "meta.k8s.io",
      ),
    ],
    [
      "a version that is none",
      "get",
      `${maps}?watch=1&resourceVersion=new`,
      failure(500, undefined, 'resourceVersion: Invalid value: "new": strconv.ParseUint: parsing "new": invalid syntax'),
    ],
    ["a time that is none", "get", `${maps}?watch=1&timeoutSeconds=soon`, failure(400, "BadRequest", 'strconv.ParseInt: parsing "soon": invalid syntax')],
    [
      "a selector that is none",
      "get",
      `${maps}?watch=1&fieldSelector=data.v%3D1`,
      failure(400, "BadRequest", '"data.v" is not a known field selector: only "metadata.name", "metadata.namespace"'),
    ],
  ]);
});
