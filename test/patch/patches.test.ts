import { describe, expect, it } from "vitest";
import { ApiError } from "../../server/errors.js";
import { applyJsonPatch, jsonPatchStrictErrors } from "../../server/pipeline/patch/jsonpatch.js";
import { applyMergePatch } from "../../server/pipeline/patch/mergepatch.js";
import { applyStrategicMergePatch } from "../../server/pipeline/patch/strategic.js";

const DEPLOYMENT = "io.k8s.api.apps.v1.Deployment";
const SERVICE = "io.k8s.api.core.v1.Service";

function failing(run: () => unknown): { code: number; message: string } {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    const { status } = error as ApiError;
    return { code: status.code ?? 0, message: status.message ?? "" };
  }
  throw new Error("did not fail");
}

const REJECTED = { code: 422, message: "the server rejected our request due to an error in our request" };

describe("#3.1 patch: JSON patch", () => {
  const doc = Object.freeze({ data: Object.freeze({ color: "blue", "a/b": "1" }), list: Object.freeze(["x", "y", "z"]), gone: null });
  const table: [string, unknown[], unknown][] = [
    ["add to a map", [{ op: "add", path: "/data/size", value: "L" }], { ...doc, data: { ...doc.data, size: "L" } }],
    ["add inside a list", [{ op: "add", path: "/list/1", value: "w" }], { ...doc, list: ["x", "w", "y", "z"] }],
    ["append", [{ op: "add", path: "/list/-", value: "w" }], { ...doc, list: ["x", "y", "z", "w"] }],
    ["index -1 is the last", [{ op: "replace", path: "/list/-1", value: "w" }], { ...doc, list: ["x", "y", "w"] }],
    ["adding at -1 appends", [{ op: "add", path: "/list/-1", value: "w" }], { ...doc, list: ["x", "y", "z", "w"] }],
    ["remove by index", [{ op: "remove", path: "/list/0" }], { ...doc, list: ["y", "z"] }],
    ["replace of a missing key adds it", [{ op: "replace", path: "/data/new", value: 1 }], { ...doc, data: { ...doc.data, new: 1 } }],
    ["escaped keys", [{ op: "replace", path: "/data/a~1b", value: "2" }], { ...doc, data: { color: "blue", "a/b": "2" } }],
    ["move", [{ op: "move", from: "/data/color", path: "/color" }], { data: { "a/b": "1" }, list: doc.list, gone: null, color: "blue" }],
    [
      "copy is deep",
      [
        { op: "copy", from: "/list", path: "/twin" },
        { op: "add", path: "/twin/-", value: 1 },
      ],
      { ...doc, twin: ["x", "y", "z", 1] },
    ],
    ["copy of a missing key", [{ op: "copy", from: "/data/none", path: "/data/n" }], { ...doc, data: { ...doc.data, n: null } }],
    ["test of a missing key against null", [{ op: "test", path: "/data/none", value: null }], doc],
    ["test of a whole list", [{ op: "test", path: "/list", value: ["x", "y", "z"] }], doc],
    ["replace of the whole", [{ op: "replace", path: "", value: { a: 1 } }], { a: 1 }],
    ["null patch", null as never, doc],
  ];
  it.each(table)("%s", (_, patch, want) => expect(applyJsonPatch(doc, patch)).toEqual(want));

  const failures: [string, unknown[]][] = [
    ["test fails", [{ op: "test", path: "/data/color", value: "red" }]],
    ["remove of nothing", [{ op: "remove", path: "/data/none" }]],
    ["below nothing", [{ op: "add", path: "/no/where", value: 1 }]],
    ["below null", [{ op: "add", path: "/gone/x", value: 1 }]],
    ["out of range", [{ op: "replace", path: "/list/3", value: 1 }]],
    ["add beyond the end", [{ op: "add", path: "/list/4", value: 1 }]],
    ["not an index", [{ op: "add", path: "/list/first", value: 1 }]],
    ["unknown op", [{ op: "swap", path: "/list" }]],
    ["no path", [{ op: "add", value: 1 }]],
    ["a path without a slash", [{ op: "remove", path: "data" }]],
  ];
  it.each(failures)("fails: %s", (_, patch) => expect(failing(() => applyJsonPatch(doc, patch))).toEqual(REJECTED));

  it("shares what it does not touch and leaves the document alone", () => {
    const out = applyJsonPatch(doc, [{ op: "add", path: "/list/0", value: "v" }]);
    expect(out.data).toBe(doc.data);
    expect(doc.list).toEqual(["x", "y", "z"]);
  });

  it("words undecodable patches as Go does", () => {
    const text = (p: unknown, fieldValidation?: string) => failing(() => applyJsonPatch(doc, p, { fieldValidation }));
    expect(text({})).toEqual({ code: 400, message: "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp" });
    expect(text([1]).message).toBe("error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp");
    expect(text([{ op: 1 }]).message).toBe("error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string");
    expect(text({}, "Ignore").message).toBe("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  });

  it("limits the operations and names unknown members", () => {
    const many = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/gone", value: null }));
    expect(failing(() => applyJsonPatch(doc, many))).toEqual({
      code: 413,
      message: "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
    });
    expect(jsonPatchStrictErrors([{ op: "add", path: "/a", value: 1, extra: 1 }])).toEqual(['json patch unknown field "[0].extra"']);
  });
});

describe("#3.1 patch: merge patch", () => {
  const table: [string, object, unknown, unknown][] = [
    ["changes and adds", { a: 1, b: { c: 2 } }, { b: { d: 3 }, e: 4 }, { a: 1, b: { c: 2, d: 3 }, e: 4 }],
    ["null deletes", { a: 1, b: 2 }, { a: null, z: null }, { b: 2 }],
    ["lists are replaced", { l: [1, 2] }, { l: [3] }, { l: [3] }],
    ["nulls in what is added are dropped", {}, { m: { a: null, b: 1 }, l: [{ x: null }, null] }, { m: { b: 1 }, l: [{}, null] }],
    ["a list in a map's place keeps its nulls", { m: { a: 1 } }, { m: [{ x: null }] }, { m: [{ x: null }] }],
    ["a map in a scalar's place", { m: 1 }, { m: { a: null, b: 2 } }, { m: { b: 2 } }],
  ];
  it.each(table)("%s", (_, doc, patch, want) => expect(applyMergePatch(Object.freeze(doc), patch)).toEqual(want));

  it("refuses what is no object", () => {
    const text = (p: unknown, fieldValidation?: string) => failing(() => applyMergePatch({}, p, { fieldValidation }));
    expect(text([])).toEqual({ code: 400, message: "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}" });
    expect(text(null)).toEqual({ code: 400, message: "Invalid JSON Patch" });
    expect(text("x", "Ignore")).toEqual({ code: 400, message: "Invalid JSON Patch" });
    expect(text(Buffer.from("")).message).toBe("error decoding patch: unexpected end of JSON input");
  });
});

describe("#3.1 patch: strategic merge", () => {
  const spec = (patch: object) => ({ spec: { template: { spec: patch } } });
  const pod = Object.freeze({
    containers: [
      {
        name: "web",
        image: "web:1",
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
        args: ["-v"],
      },
      { name: "log", image: "log:1" },
    ],
    volumes: [{ name: "tmp", emptyDir: {} }],
    nodeSelector: { disk: "ssd" },
  });
  const run = (patch: object): Record<string, unknown> =>
    (applyStrategicMergePatch(DEPLOYMENT, spec(pod), spec(patch)) as { spec: { template: { spec: Record<string, unknown> } } }).spec.template.spec;
  const names = (list: unknown) => (list as { name: string }[]).map((c) => c.name);

  const table: [string, object, object][] = [
    ["items merge by key", { containers: [{ name: "web", image: "web:2" }] }, { containers: [{ ...pod.containers[0], image: "web:2" }, pod.containers[1]] }],
    [
      "nested keyed lists",
      {
        containers: [
          {
            name: "web",
            env: [
              { name: "B", value: "3" },
              { name: "A", $patch: "delete" },
            ],
          },
        ],
      },
      { containers: [{ ...pod.containers[0], env: [{ name: "B", value: "3" }] }, pod.containers[1]] },
    ],
    ["atomic lists are replaced", { containers: [{ name: "web", args: ["-q"] }] }, { containers: [{ ...pod.containers[0], args: ["-q"] }, pod.containers[1]] }],
    ["deleting an item", { containers: [{ name: "log", $patch: "delete" }] }, { containers: [pod.containers[0]] }],
    ["replacing a list", { volumes: [{ $patch: "replace" }, { name: "new", emptyDir: {} }] }, { volumes: [{ name: "new", emptyDir: {} }] }],
    ["replacing a map", { nodeSelector: { $patch: "replace", zone: "a" } }, { nodeSelector: { zone: "a" } }],
    ["emptying a map", { nodeSelector: { $patch: "delete" } }, { nodeSelector: {} }],
    ["null deletes a field", { nodeSelector: null }, { nodeSelector: undefined }],
    [
      "retained keys",
      { volumes: [{ name: "tmp", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] },
      { volumes: [{ name: "tmp", hostPath: { path: "/x" } }] },
    ],
    ["unknown fields stay for strict decoding", { nope: 1 }, { nope: 1 }],
  ];
  it.each(table)("%s", (_, patch, want) => expect(run(patch)).toEqual({ ...pod, ...want }));

  it("orders: new items first, then along the live list; $setElementOrder decides when given", () => {
    expect(names(run({ containers: [{ name: "new", image: "i" }] }).containers)).toEqual(["new", "web", "log"]);
    expect(names(run({ "$setElementOrder/containers": [{ name: "log" }, { name: "web" }] }).containers)).toEqual(["log", "web"]);
    const both = { "$setElementOrder/containers": [{ name: "log" }, { name: "new" }], containers: [{ name: "new", image: "i" }] };
    expect(names(run(both).containers)).toEqual(["web", "log", "new"]);
  });

  it("primitive lists merge, and shrink by $deleteFromPrimitiveList", () => {
    const service = { metadata: { finalizers: ["x/a", "x/b"] } };
    const run2 = (metadata: object) => applyStrategicMergePatch(SERVICE, service, { metadata }).metadata.finalizers;
    expect(run2({ finalizers: ["x/c", "x/a"] })).toEqual(["x/c", "x/a", "x/b"]);
    expect(run2({ "$deleteFromPrimitiveList/finalizers": ["x/a"] })).toEqual(["x/b"]);
  });

  const failures: [string, object, number, string][] = [
    ["a missing merge key", { containers: [{ image: "x" }] }, 500, "map: map[image:x] does not contain declared merge key: name"],
    ["an unknown directive", { nodeSelector: { $patch: "explode" } }, 500, "unknown patch type: explode in map: map[$patch:explode]"],
    [
      "a patch that retains less than it sets",
      { volumes: [{ name: "tmp", $retainKeys: ["name"], emptyDir: { medium: "Memory" } }] },
      400,
      "invalid patch format of retainKeys",
    ],
    [
      "an order without the patched item",
      { "$setElementOrder/containers": [{ name: "web" }], containers: [{ name: "stray", image: "m" }] },
      500,
      "The order in patch list:\n[map[image:m name:stray]]\n doesn't match $setElementOrder list:\n[map[name:web]]\n",
    ],
    ["mixed items", { containers: [{ name: "web" }, "x"] }, 500, ""],
    ["an order that is no list", { "$setElementOrder/containers": "x" }, 500, "expected a []interface {}, but received a string"],
  ];
  it.each(failures)("fails on %s", (_, patch, code, message) => {
    const got = failing(() => run(patch));
    expect(got.code).toBe(code);
    if (message) expect(got.message).toBe(message);
  });

  it("names fields the struct lacks when it has to look into them", () => {
    const doc = { spec: { bogus: { a: 1 } } };
    expect(failing(() => applyStrategicMergePatch(SERVICE, doc, { spec: { bogus: { b: 2 } } })).message).toBe(
      'unable to find api field in struct ServiceSpec for the json field "bogus"',
    );
  });

  it("does not write into the document or the patch", () => {
    const doc = spec(structuredClone(pod));
    const patch = spec({
      "$setElementOrder/containers": [{ name: "log" }, { name: "web" }],
      containers: [{ name: "web", env: [{ name: "A", $patch: "delete" }] }],
    });
    const before = JSON.stringify([doc, patch]);
    applyStrategicMergePatch(DEPLOYMENT, doc, patch);
    expect(JSON.stringify([doc, patch])).toBe(before);
  });
});
