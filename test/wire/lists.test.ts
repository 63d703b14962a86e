import { describe, expect, it } from "vitest";
import { manualClock } from "../../cluster/index.js";
import type { Doc } from "../support/http.js";
import { APPS, config, deployment, failure, HOME, invalid, refusals, wired } from "./support.js";

const clock = manualClock(Date.UTC(2030, 0, 1));
const server = wired({ controllers: false, clock });
const { ask, get200, make } = server;
const maps = `${HOME}/configmaps`;
const names = (list: Doc): string[] => list.items.map((item: Doc) => item.metadata.name);
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

async function shelf(): Promise<void> {
  for (const [name, labels] of [
    ["ash", { wood: "hard", size: "3" }],
    ["birch", { wood: "hard", size: "12" }],
    ["cedar", { wood: "soft" }],
    ["date", { wood: "soft", fruit: "" }],
  ] as const)
    if ((await ask("get", `${maps}/${name}`)).code === 404) await make(maps, config(name, { n: name }, { labels }));
}

describe("#3.1 wire: selectors", () => {
  it.each([
    ["labelSelector=wood%3Dsoft", ["cedar", "date"]],
    ["labelSelector=wood!%3Dsoft,wood", ["ash", "birch"]],
    ["labelSelector=wood,!size", ["cedar", "date"]],
    ["labelSelector=wood in (hard,oak),size>5", ["birch"]],
    ["labelSelector=wood notin (soft),wood", ["ash", "birch"]],
    ["labelSelector=fruit%3D", ["date"]],
    ["fieldSelector=metadata.name%3Dash", ["ash"]],
    ["labelSelector=wood&fieldSelector=metadata.name!%3Dash,metadata.namespace%3Ddefault", ["birch", "cedar", "date"]],
    ["fieldSelector=metadata.name%3Dash,metadata.name%3Dbirch", []],
  ])("%s", async (query, expected) => {
    await shelf();
    expect(names(await get200(`${maps}?${query}`))).toEqual(expected);
  });

  refusals(server, [
    [
      "an operator that is none",
      "get",
      `${maps}?labelSelector=wood%3D%3Ehard`,
      failure(400, "BadRequest", "unable to parse requirement: found '>', expected: identifier"),
    ],
    [
      "a bracket that stays open",
      "get",
      `${maps}?labelSelector=wood%20in%20(hard`,
      failure(400, "BadRequest", "unable to parse requirement: found '', expected: ',' or ')'"),
    ],
    ["more than fits a word", "get", `${maps}?labelSelector=wood%3Dhard%20soft`, failure(400, "BadRequest", "found 'soft', expected: ',' or 'end of string'")],
    [
      "a field nobody selects by",
      "get",
      `${maps}?fieldSelector=data.n%3Dash`,
      failure(400, "BadRequest", '"data.n" is not a known field selector: only "metadata.name", "metadata.namespace"'),
    ],
    [
      "a field of pods nobody selects by",
      "get",
      `${HOME}/pods?fieldSelector=spec.hostname%3Dx`,
      failure(400, "BadRequest", "field label not supported: spec.hostname"),
    ],
    ["a field selector that is none", "get", `${maps}?fieldSelector=name`, failure(400, "BadRequest", "invalid selector: 'name'; can't understand 'name'")],
  ]);
});

describe("#3.1 wire: pages", () => {
  it("go on where the last ended, in the state the first saw", async () => {
    await shelf();
    const query = "limit=2&labelSelector=wood";
    const first = await get200(`${maps}?${query}`);
    expect([names(first), first.metadata.remainingItemCount]).toEqual([["ash", "birch"], undefined]);
    await make(maps, config("catalpa", {}, { labels: { wood: "soft" } }));
    const second = await get200(`${maps}?${query}&continue=${first.metadata.continue}`);
    expect([names(second), second.metadata.continue, second.metadata.resourceVersion]).toEqual([["cedar", "date"], undefined, first.metadata.resourceVersion]);
    await ask("delete", `${maps}/catalpa`);
    // without a selector the rest is counted
    const counted = await get200(`${maps}?limit=1`);
    expect(counted.metadata.remainingItemCount).toBe((await get200(maps)).items.length - 1);
  });

  it("a token ends with its history: 410, with a fresh one to go on with", async () => {
    await shelf();
    const first = await get200(`${maps}?limit=1`);
    await make(maps, config("later", {}));
    // history is kept for five to ten minutes
    clock.advance(5 * 60_000);
    await make(maps, config("latest", {}));
    clock.advance(5 * 60_000);
    clock.advance(5 * 60_000);
    const old = await ask("get", `${maps}?limit=2&continue=${first.metadata.continue}`);
    expect([old.code, old.body.reason, old.body.message]).toEqual([
      410,
      "Expired",
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    ]);
    const rest = await get200(`${maps}?continue=${old.body.metadata.continue}`);
    expect(names(rest)).toEqual(names(await get200(maps)).slice(1));
    const exact = await ask("get", `${maps}?resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect([exact.code, exact.body.reason]).toEqual([410, "Expired"]);
    for (const name of ["later", "latest"]) await ask("delete", `${maps}/${name}`);
  });

  refusals(server, [
    ["a limit that is no number", "get", `${maps}?limit=some`, failure(400, "BadRequest", 'strconv.ParseInt: parsing "some": invalid syntax')],
    [
      "a token and a version",
      "get",
      `${maps}?limit=1&resourceVersion=5&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiJ4In0`,
      failure(400, "BadRequest", "specifying resource version is not allowed when using continue"),
    ],
    [
      "a token of another time",
      "get",
      `${maps}?limit=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjkiLCJydiI6NSwic3RhcnQiOiJ4In0`,
      failure(400, "BadRequest", "invalid continue token: continue key is not valid: server does not recognize this encoded version meta.k8s.io/v9"),
    ],
  ]);
});

describe("#3.1 wire: resourceVersion of reads", () => {
  it("Exact is then, NotOlderThan and 0 are now; 0 knows no pages; the future is not there yet", async () => {
    await shelf();
    const before = await get200(maps);
    const { resourceVersion } = before.metadata;
    await make(maps, config("elm"));
    expect(names(await get200(`${maps}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`))).toEqual(names(before));
    for (const query of [
      `resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`,
      `resourceVersion=${resourceVersion}`,
      "resourceVersion=0",
      "resourceVersion=0&limit=1",
    ])
      expect(names(await get200(`${maps}?${query}`))).toContain("elm");
    const now = (await get200(maps)).metadata.resourceVersion;
    for (const path of [`${maps}?resourceVersion=99999999`, `${maps}/elm?resourceVersion=99999999`]) {
      const { code, body } = await ask("get", path);
      expect([code, body]).toEqual([
        504,
        failure(504, "Timeout", `Timeout: Too large resource version: 99999999, current: ${now}`, {
          causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
          retryAfterSeconds: 1,
        }),
      ]);
    }
    await ask("delete", `${maps}/elm`);
  });

  refusals(server, [
    [
      "a match without a version",
      "get",
      `${maps}?resourceVersionMatch=Exact`,
      invalid(
        "ListOptions",
        "",
        "resourceVersionMatch",
        "FieldValueForbidden",
        "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        "meta.k8s.io",
      ),
    ],
    [
      "a match that is none",
      "get",
      `${maps}?resourceVersion=1&resourceVersionMatch=About`,
      invalid(
        "ListOptions",
        "",
        "resourceVersionMatch",
        "FieldValueNotSupported",
        'Unsupported value: "About": supported values: "Exact", "NotOlderThan", ""',
        "meta.k8s.io",
      ),
    ],
    [
      "a version that is none, of a list",
      "get",
      `${maps}?resourceVersion=new`,
      failure(400, "BadRequest", 'invalid resource version: resourceVersion: Invalid value: "new": strconv.ParseUint: parsing "new": invalid syntax'),
    ],
    [
      "a version that is none, of an object",
      "get",
      `${maps}/ash?resourceVersion=new`,
      failure(500, undefined, 'resourceVersion: Invalid value: "new": strconv.ParseUint: parsing "new": invalid syntax'),
    ],
  ]);
});

describe("#3.1 wire: lists, tables and metadata alone", () => {
  it("a list's items carry no kind; over all namespaces they are in the order of their keys", async () => {
    await shelf();
    const list = await get200(`${maps}?labelSelector=wood`);
    expect(Object.keys(list)).toEqual(["kind", "apiVersion", "metadata", "items"]);
    expect([list.kind, list.apiVersion, list.items[0].kind, Object.keys(list.metadata)]).toEqual(["ConfigMapList", "v1", undefined, ["resourceVersion"]]);
    await make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "default-b" } });
    await make("/api/v1/namespaces/default-b/configmaps", config("aaa", {}, { labels: { wood: "none" } }));
    expect((await get200("/api/v1/configmaps?labelSelector=wood")).items.map((i: Doc) => `${i.metadata.namespace}/${i.metadata.name}`)).toEqual([
      "default-b/aaa",
      "default/ash",
      "default/birch",
      "default/cedar",
      "default/date",
    ]);
    expect((await get200("/api/v1/namespaces/nowhere/configmaps")).items).toEqual([]);
  });

  it("a Table has columns and cells, and as much of the objects as is asked for", async () => {
    await make(`${APPS}/deployments`, deployment("desk", 2));
    const table = await get200(`${APPS}/deployments`, { accept: TABLE });
    expect([table.kind, table.apiVersion]).toEqual(["Table", "meta.k8s.io/v1"]);
    expect(table.columnDefinitions.map((c: Doc) => [c.name, c.type, c.format, c.priority])).toEqual([
      ["Name", "string", "name", 0],
      ["Ready", "string", "", 0],
      ["Up-to-date", "string", "", 0],
      ["Available", "string", "", 0],
      ["Age", "string", "", 0],
      ["Containers", "string", "", 1],
      ["Images", "string", "", 1],
      ["Selector", "string", "", 1],
    ]);
    expect(table.rows[0].cells).toEqual(["desk", "0/2", 0, 0, "0s", "main", "shop/api:3", "app=desk"]);
    expect([table.rows[0].object.kind, table.rows[0].object.apiVersion, table.rows[0].object.spec]).toEqual([
      "PartialObjectMetadata",
      "meta.k8s.io/v1",
      undefined,
    ]);
    clock.advance(3 * 60_000 + 5000);
    const [row] = (await get200(`${APPS}/deployments/desk?includeObject=Object`, { accept: TABLE })).rows;
    expect([row.cells[4], row.object.spec.replicas]).toEqual(["3m5s", 2]);
    expect((await get200(`${APPS}/deployments?includeObject=None`, { accept: TABLE })).rows[0].object).toBeNull();
  });

  it("metadata alone", async () => {
    await shelf();
    const one = await get200(`${maps}/ash`, { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" });
    expect([one.kind, one.apiVersion, one.metadata.labels, Object.keys(one)]).toEqual([
      "PartialObjectMetadata",
      "meta.k8s.io/v1",
      { wood: "hard", size: "3" },
      ["kind", "apiVersion", "metadata"],
    ]);
    const many = await get200(`${maps}?labelSelector=wood`, { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" });
    expect([many.kind, many.items.length, many.items[0].data]).toEqual(["PartialObjectMetadataList", 4, undefined]);
  });

  refusals(server, [
    [
      "objects of no kind in a Table",
      "get",
      `${maps}?includeObject=Half`,
      failure(
        400,
        "BadRequest",
        "Unable to convert to Table as requested: includeObject: Invalid value: \"Half\": must be 'Metadata', 'Object', 'None', or empty",
      ),
      { accept: TABLE, raw: true },
    ],
  ]);
});
