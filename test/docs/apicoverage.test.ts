import { beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "../../kinds/object.js";
import { KINDS } from "../../kinds/registry.js";
import { upstreamResources } from "../../kinds/upstream.js";
import { NOTES } from "../../scripts/apicoverage/notes.js";
import { answerTo, type Row, regenerate, rowsOf } from "../../scripts/apicoverage/tables.js";
import { read } from "../presubmit/files.js";
import { HOME, wired } from "../wire/support.js";

const DOCUMENT = "docs/API_COVERAGE.md";
const rows = rowsOf(KINDS);
const server = wired();

describe("#4.6 what the coverage page says", () => {
  it("is what the registry says (npm run coverage)", () => {
    expect(read(DOCUMENT)).toBe(regenerate(read(DOCUMENT), KINDS));
  });

  it("says of everything that is there that it is as upstream has it", () => {
    const upstream = new Map(upstreamResources().map((r) => [`${r.group}/${r.version}/${r.name}`, r]));
    for (const { group, version, resource, kind, namespaced, verbs } of KINDS) {
      const found = upstream.get(`${group}/${version}/${resource}`);
      expect({ resource, kind: found?.kind, namespaced: found?.namespaced }).toEqual({ resource, kind, namespaced });
      if (verbs) expect({ resource, extra: verbs.filter((v) => !found?.verbs.includes(v)) }).toEqual({ resource, extra: [] });
    }
    expect(rows.filter((r) => r.served && r.lacking.length).map((r) => r.id)).toEqual([]);
  });

  it("has no note on what is not there, or of what does not exist", () => {
    const ids = new Map(rows.map((r) => [r.id, r]));
    expect(Object.keys(NOTES).filter((id) => !ids.get(id)?.served)).toEqual([]);
  });
});

describe("#4.6 what is left out answers as the coverage page says", () => {
  /** One of each kind that has subresources which are named and refused. */
  const SAMPLES: Readonly<Record<string, { readonly path: string; readonly object: object }>> = {
    nodes: { path: "/api/v1/nodes", object: {} },
    pods: { path: `${HOME}/pods`, object: { spec: { containers: [{ name: "c", image: "registry.local/c:1" }] } } },
    services: { path: `${HOME}/services`, object: { spec: { ports: [{ port: 80 }] } } },
    serviceaccounts: { path: `${HOME}/serviceaccounts`, object: {} },
  };
  beforeAll(async () => {
    await server.make(`${HOME}/serviceaccounts`, { metadata: { name: "default" } } as KubeObject).catch(() => undefined);
    for (const { path, object } of Object.values(SAMPLES)) await server.make(path, { ...object, metadata: { name: "there" } });
  });

  const METHODS = {
    create: "post",
    get: "get",
    list: "get",
    update: "put",
    patch: "patch",
    delete: "delete",
    watch: "get",
    deletecollection: "delete",
  } as const;
  const pathOf = ({ group, version, name, namespaced }: Row, verb: string): string => {
    const [resource, sub] = name.split("/");
    const base = `${group ? `/apis/${group}` : "/api"}/${version}${namespaced ? "/namespaces/default" : ""}/${resource}`;
    if (sub) return `${base}/there/${sub}`;
    return ["create", "list", "watch", "deletecollection"].includes(verb) ? base : `${base}/there`;
  };
  const refusedVerbs = (row: Row): readonly string[] => (row.note?.state === "empty" ? ["create"] : row.verbs);
  const left = rows.filter((row) => answerTo(row)).flatMap((row) => refusedVerbs(row).map((verb) => [row.id, verb, row] as const));

  it.each(left)("%s: %s", async (_, verb, row) => {
    // a whole resource is missing before its subresource is
    const asked = row.served ? row : (rows.find((r) => r.groupVersion === row.groupVersion && r.name === row.name.split("/")[0]) as Row);
    const said = answerTo(asked.served ? row : asked);
    const body = ["create", "update", "patch"].includes(verb) ? { body: {}, type: verb === "patch" ? "application/merge-patch+json" : "application/json" } : {};
    const { code, body: status } = await server.ask(METHODS[verb as keyof typeof METHODS], pathOf(row, verb), body);
    expect([code, status.kind, status.code, status.message]).toEqual([said?.code, "Status", said?.code, said?.message]);
  });

  it.each(rows.filter((row) => row.note?.state === "empty"))("$id: there is none", async (row) => {
    const list = await server.get200(pathOf(row, "list"));
    expect([list.kind, list.items]).toEqual([`${row.kind}List`, []]);
    expect((await server.ask("get", pathOf(row, "get"))).body).toMatchObject({ code: 404, message: expect.stringContaining('"there" not found') });
  });

  it("proxies say so below their path too", async () => {
    const { code, body } = await server.ask("get", `${HOME}/services/there/proxy/a/b`);
    expect([code, body.message]).toEqual([501, "mockube does not support services/proxy"]);
  });

  it.each(rows.filter((r) => r.name.includes("/") && r.served && !answerTo(r)))("$id is not refused", async (row) => {
    const { code } = await server.ask(METHODS[row.verbs[0] as keyof typeof METHODS], pathOf(row, ""), row.verbs[0] === "create" ? { body: {} } : {});
    expect([501, 405]).not.toContain(code);
  });

  it("a group and a resource that nobody has stay as upstream has them", async () => {
    expect((await server.ask("get", "/apis/shop.example.org/v1/carts")).text).toBe("404 page not found\n");
    expect((await server.ask("get", "/apis/apps/v1/carts")).body.message).toBe("the server could not find the requested resource");
  });
});
