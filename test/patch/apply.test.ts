import { describe, expect, it } from "vitest";
import type { KubeObject, ManagedFieldsEntry } from "../../kinds/object.js";
import { ApiError } from "../../server/errors.js";
import {
  type Applied,
  apply,
  defaultManager,
  fromScaleManagedFields,
  ignoreTimestamps,
  toScaleManagedFields,
  typeOfCustomResource,
  updateManagedFields,
  validateFieldManager,
} from "../../server/pipeline/patch/apply/index.js";

const CONFIG_MAP = "io.k8s.api.core.v1.ConfigMap";
const DEPLOYMENT = "io.k8s.api.apps.v1.Deployment";
const STATUS = [["status"]];

let clock = 0;
/** A new second for every write, so that the order of entries tells who wrote last. */
const tick = (): string => new Date(1_700_000_000_000 + clock++ * 1000).toISOString();

const stored = (o: KubeObject): KubeObject => ({ ...o, metadata: { ...o.metadata, uid: "u1" } });
const entry = (o: KubeObject, manager: string, subresource = ""): ManagedFieldsEntry | undefined =>
  o.metadata.managedFields?.find((m) => m.manager === manager && (m.subresource ?? "") === subresource);
const owned = (o: KubeObject, manager: string, subresource = ""): unknown => entry(o, manager, subresource)?.fieldsV1;

function failing(run: () => unknown): ApiError["status"] {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  throw new Error("did not fail");
}

const menu = (data: Record<string, unknown> | undefined, metadata: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "menu", ...metadata },
  ...(data ? { data } : {}),
});
const applyMenu = (live: KubeObject | undefined, manager: string, patchObject: KubeObject, force = false): Applied =>
  apply({ struct: CONFIG_MAP, live, patchObject, manager, force, apiVersion: "v1", nowIso: tick() });
const writeMenu = (live: KubeObject | undefined, manager: string, next: KubeObject): KubeObject =>
  stored(updateManagedFields({ struct: CONFIG_MAP, live, next, manager, apiVersion: "v1", nowIso: tick() }));

const shop = (spec: object = {}, status?: object): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "shop", namespace: "mall" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "shop" } },
    template: {
      metadata: { labels: { app: "shop" } },
      spec: { containers: [{ name: "till", image: "till:1", ports: [{ containerPort: 80, protocol: "TCP" }] }] },
    },
    ...spec,
  },
  ...(status ? { status } : {}),
});
const writeShop = (live: KubeObject | undefined, manager: string, next: KubeObject, subresource = ""): KubeObject =>
  stored(
    updateManagedFields({
      struct: DEPLOYMENT,
      live,
      next,
      manager,
      subresource,
      apiVersion: "apps/v1",
      nowIso: tick(),
      resetFields: subresource ? [["spec"]] : STATUS,
    }),
  );

describe("#3.1 managedFields: creates and updates", () => {
  it("owns what was sent, struct defaults of Go included, metadata and reset fields not", () => {
    const o = writeShop(undefined, "kubectl", shop({}, { replicas: 7 }));
    expect(o.metadata.managedFields).toEqual([
      {
        manager: "kubectl",
        operation: "Update",
        apiVersion: "apps/v1",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:template": {
              "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
              "f:spec": {
                "f:containers": {
                  'k:{"name":"till"}': {
                    ".": {},
                    "f:image": {},
                    "f:name": {},
                    "f:ports": { ".": {}, 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} } },
                    "f:resources": {},
                  },
                },
              },
            },
          },
        },
      },
    ]);
  });

  it("moves fields between managers and keeps the time of those that only lose", () => {
    const one = writeShop(undefined, "ann", shop());
    const two = writeShop(one, "bob", shop({ replicas: 3 }));
    expect(owned(two, "bob")).toEqual({ "f:spec": { "f:replicas": {} } });
    expect((owned(two, "ann") as { "f:spec": object })["f:spec"]).not.toHaveProperty("f:replicas");
    expect(entry(two, "ann")?.time).toBe(entry(one, "ann")?.time);
    expect(two.metadata.managedFields?.map((m) => m.manager)).toEqual(["ann", "bob"]);
  });

  it("leaves everything alone when nothing changes, whatever is absent or empty", () => {
    const one = writeShop(undefined, "ann", shop());
    const next = shop({ strategy: {}, minReadySeconds: 0 });
    next.metadata.managedFields = undefined;
    const two = writeShop(one, "bob", next);
    expect(two.metadata.managedFields).toBe(one.metadata.managedFields);
  });

  it("keeps one entry per manager and subresource", () => {
    const one = writeShop(undefined, "ann", shop());
    const two = writeShop(one, "ann", { ...one, status: { replicas: 2, conditions: [{ type: "Available", status: "True" }] } }, "status");
    expect(two.metadata.managedFields?.map((m) => [m.manager, m.subresource])).toEqual([
      ["ann", undefined],
      ["ann", "status"],
    ]);
    expect(owned(two, "ann", "status")).toEqual({
      "f:status": {
        "f:conditions": {
          ".": {},
          'k:{"type":"Available"}': { ".": {}, "f:lastTransitionTime": {}, "f:lastUpdateTime": {}, "f:status": {}, "f:type": {} },
        },
        "f:replicas": {},
      },
    });
  });

  it("sorts numeric keys by size", () => {
    const ports = [{ containerPort: 443 }, { containerPort: 80 }, { containerPort: 8080 }];
    const o = writeShop(undefined, "ann", shop({ template: { spec: { containers: [{ name: "till", ports }] } } }));
    const text = JSON.stringify(owned(o, "ann"));
    expect([...text.matchAll(/containerPort\\":(\d+)/g)].map((m) => m[1])).toEqual(["80", "443", "8080"]);
  });

  it("takes a client's own managedFields on the main resource only, and empties them on a reset", () => {
    const one = writeMenu(undefined, "ann", menu({ soup: "1" }));
    const mine: ManagedFieldsEntry = { manager: "me", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:soup": {} } } };
    expect(writeMenu(one, "bob", menu({ soup: "1" }, { managedFields: [mine] })).metadata.managedFields).toEqual([mine]);
    expect(writeMenu(one, "bob", menu({ soup: "1" }, { managedFields: [{ operation: "Nonsense" }] })).metadata.managedFields).toEqual(
      one.metadata.managedFields,
    );
    for (const reset of [[], [{}]]) {
      const gone = writeMenu(one, "bob", menu({ soup: "1" }, { managedFields: reset }));
      expect(gone.metadata).not.toHaveProperty("managedFields");
      // untracked objects stay so through updates
      expect(writeMenu(gone, "bob", menu({ soup: "2" })).metadata).not.toHaveProperty("managedFields");
    }
    const sub = updateManagedFields({
      struct: CONFIG_MAP,
      live: one,
      next: menu({ soup: "1" }, { managedFields: [] }),
      manager: "x",
      subresource: "status",
      apiVersion: "v1",
      nowIso: tick(),
    });
    expect(sub.metadata.managedFields).toEqual(one.metadata.managedFields);
  });

  it("folds the oldest of more than ten updaters into ancient-changes", () => {
    let o = writeMenu(undefined, "m0", menu({ k0: "v" }));
    for (let i = 1; i <= 11; i++) o = writeMenu(o, `m${i}`, menu({ ...(o.data as object), [`k${i}`]: "v" }));
    const names = o.metadata.managedFields?.map((m) => m.manager);
    expect(names).toHaveLength(10);
    expect(names?.[0]).toBe("ancient-changes");
    expect(owned(o, "ancient-changes")).toEqual({ "f:data": { ".": {}, "f:k0": {}, "f:k1": {}, "f:k2": {} } });
  });

  it("gives duplicates in a keyed list one owner and no content", () => {
    const env = [
      { name: "A", value: "1" },
      { name: "A", value: "2" },
    ];
    const o = writeShop(undefined, "ann", shop({ template: { spec: { containers: [{ name: "till", env }] } } }));
    expect(JSON.stringify(owned(o, "ann"))).toContain('"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":{}}');
  });

  it("tracks custom resources by their schema, and drops managedFields of what does not fit it", () => {
    const struct = typeOfCustomResource({
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: {
            seats: {
              type: "array",
              items: { type: "object", properties: { no: { type: "integer" } } },
              "x-kubernetes-list-type": "map",
              "x-kubernetes-list-map-keys": ["no"],
            },
            tags: { type: "array", items: { type: "string" } },
          },
        },
      },
    });
    const bus = (spec: object): KubeObject => ({ apiVersion: "example.com/v1", kind: "Bus", metadata: { name: "b" }, spec });
    const run = (spec: object) =>
      updateManagedFields({ struct, live: undefined, next: bus(spec), manager: "ann", apiVersion: "example.com/v1", nowIso: tick() });
    expect(owned(run({ seats: [{ no: 12 }, { no: 7 }], tags: ["x"] }), "ann")).toEqual({
      "f:spec": { ".": {}, "f:seats": { ".": {}, 'k:{"no":12}': { ".": {}, "f:no": {} }, 'k:{"no":7}': { ".": {}, "f:no": {} } }, "f:tags": {} },
    });
    expect(run({ seats: [{}] }).metadata).not.toHaveProperty("managedFields");
  });
});

describe("#3.1 apply: custom resources", () => {
  const busType = (seats: object) => typeOfCustomResource({ type: "object", properties: { spec: { type: "object", properties: { seats } } } });
  const seat = { type: "object", properties: { no: { type: "integer" }, who: { type: "string" } } };
  const keyed = busType({ type: "array", items: seat, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["no"] });
  const atomic = busType({ type: "array", items: seat, "x-kubernetes-list-type": "atomic" });
  const bus = (seats: object[]): KubeObject => ({ apiVersion: "example.com/v1", kind: "Bus", metadata: { name: "b" }, spec: { seats } });
  const run = (struct: typeof keyed, live: KubeObject | undefined, manager: string, seats: object[]) =>
    stored(apply({ struct, kind: "Bus", live, patchObject: bus(seats), manager, apiVersion: "example.com/v1", nowIso: tick() }).object);

  it("merge by the keys of their schema", () => {
    const one = run(keyed, undefined, "ann", [{ no: 1, who: "x" }]);
    const two = run(keyed, one, "bob", [{ no: 2, who: "y" }]);
    expect(two.spec.seats).toEqual([
      { no: 1, who: "x" },
      { no: 2, who: "y" },
    ]);
    expect(run(keyed, two, "ann", []).spec.seats).toEqual([{ no: 2, who: "y" }]);
  });

  it("are owned as a whole once the schema says so", () => {
    const one = run(keyed, undefined, "ann", [{ no: 1, who: "x" }]);
    expect(failing(() => run(atomic, one, "bob", [{ no: 2 }])).message).toBe('Apply failed with 1 conflict: conflict with "ann": .spec.seats');
    const edited = updateManagedFields({
      struct: atomic,
      live: one,
      next: { ...one, metadata: { ...one.metadata, labels: { a: "1" }, managedFields: undefined } },
      manager: "bob",
      apiVersion: "example.com/v1",
      nowIso: tick(),
    });
    expect(owned(edited, "ann")).toEqual({ "f:spec": { "f:seats": {} } });
  });
});

describe("#3.1 apply: stories", () => {
  it("creates, drops a key and leaves other people's alone", () => {
    const one = stored(applyMenu(undefined, "cook", menu({ soup: "tomato", salad: "green" })).object);
    expect(owned(one, "cook")).toEqual({ "f:data": { "f:salad": {}, "f:soup": {} } });
    const two = writeMenu(one, "waiter", { ...one, data: { ...(one.data as object), wine: "red" } });
    const three = applyMenu(two, "cook", menu({ soup: "tomato" }));
    expect(three.changed).toBe(true);
    expect(three.object.data).toEqual({ soup: "tomato", wine: "red" });
    expect(owned(three.object, "waiter")).toEqual({ "f:data": { "f:wine": {} } });
  });

  it("applying the same again changes nothing, times included", () => {
    const one = stored(applyMenu(undefined, "cook", menu({ soup: "tomato" })).object);
    const again = applyMenu(one, "cook", menu({ soup: "tomato" }));
    expect(again).toEqual({ object: one, changed: false });
  });

  it("conflicts over values, shares equal ones, yields to force", () => {
    const one = stored(applyMenu(undefined, "cook", menu({ soup: "tomato", salad: "green" })).object);
    const both = failing(() => applyMenu(one, "chef", menu({ soup: "onion", salad: "mixed" })));
    expect(both).toMatchObject({ code: 409, reason: "Conflict" });
    expect(both.message).toBe('Apply failed with 2 conflicts: conflicts with "cook":\n- .data.salad\n- .data.soup');
    expect(both.details).toEqual({
      causes: [".data.salad", ".data.soup"].map((field) => ({ reason: "FieldManagerConflict", message: 'conflict with "cook"', field })),
    });
    const shared = stored(applyMenu(one, "chef", menu({ salad: "green" })).object);
    expect(entry(shared, "chef")).not.toHaveProperty("time");
    const forced = applyMenu(shared, "chef", menu({ soup: "onion", salad: "green" }), true).object;
    expect(forced.data).toEqual({ soup: "onion", salad: "green" });
    expect(owned(forced, "cook")).toEqual({ "f:data": { "f:salad": {} } });
    // what two share stays until both let go
    const left = stored(applyMenu(forced, "cook", menu(undefined)).object);
    expect(left.data).toEqual({ soup: "onion", salad: "green" });
    expect(applyMenu(left, "chef", menu({ soup: "onion" })).object.data).toEqual({ soup: "onion" });
  });

  it("names updaters with their version in conflicts, and subresources", () => {
    const one = writeShop(undefined, "kubectl-edit", shop());
    const scaled = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "shop", namespace: "mall" }, spec: { replicas: 9 } };
    const run = (live: KubeObject) => apply({ struct: DEPLOYMENT, live, patchObject: scaled, manager: "robot", apiVersion: "apps/v1", nowIso: tick() });
    expect(failing(() => run(one)).message).toBe('Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas');
    const byScale = { ...one, metadata: { ...one.metadata, managedFields: [{ ...(entry(one, "kubectl-edit") as object), subresource: "scale" }] } };
    expect(failing(() => run(byScale)).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-edit" with subresource "scale" using apps/v1: .spec.replicas',
    );
  });

  it("merges keyed lists: own order for shared items, defaults complete keys, dropped items go with what nobody owns in them", () => {
    const containers = (list: object[]) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "shop" },
      spec: { selector: { matchLabels: { app: "shop" } }, template: { metadata: { labels: { app: "shop" } }, spec: { containers: list } } },
    });
    const run = (live: KubeObject | undefined, manager: string, list: object[], force = false) =>
      stored(
        apply({
          struct: DEPLOYMENT,
          live,
          patchObject: containers(list) as KubeObject,
          manager,
          force,
          apiVersion: "apps/v1",
          nowIso: tick(),
          resetFields: STATUS,
        }).object,
      );
    const list = (o: KubeObject) => o.spec.template.spec.containers as { name: string; image?: string; ports?: object[] }[];
    const one = run(undefined, "ann", [
      { name: "a", image: "a:1", ports: [{ containerPort: 80 }] },
      { name: "b", image: "b:1" },
    ]);
    expect(JSON.stringify(owned(one, "ann"))).toContain('"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}');
    const two = run(one, "bob", [
      { name: "c", image: "c:1" },
      { name: "a", ports: [{ containerPort: 80, protocol: "TCP", name: "web" }] },
    ]);
    expect(list(two).map((c) => c.name)).toEqual(["c", "a", "b"]);
    expect(list(two)[1]?.ports).toEqual([{ containerPort: 80, protocol: "TCP", name: "web" }]);
    // defaults land in what was applied, owned by nobody
    for (const c of list(two)) Object.assign(c, { imagePullPolicy: "Always" });
    const three = run(two, "ann", [{ name: "a", image: "a:1" }]);
    expect(list(three).map((c) => c.name)).toEqual(["c", "a"]);
    expect(list(three)[1]).toMatchObject({ image: "a:1", imagePullPolicy: "Always", ports: [{ containerPort: 80, protocol: "TCP", name: "web" }] });
    expect(
      list(
        run(three, "ann", [
          { name: "z", image: "z" },
          { name: "a", image: "a:1" },
        ]),
      ).map((c) => c.name),
    ).toEqual(["c", "z", "a"]);
  });

  it("starts from before-first-apply on objects never tracked", () => {
    const bare = stored(menu({ soup: "tomato" }));
    const conflict = failing(() => applyMenu(bare, "cook", menu({ soup: "onion" })));
    expect(conflict.message).toBe('Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.soup');
    const same = applyMenu(bare, "cook", menu({ soup: "tomato" })).object;
    expect(same.metadata.managedFields?.map((m) => [m.manager, m.operation])).toEqual([
      ["cook", "Apply"],
      ["before-first-apply", "Update"],
    ]);
  });

  it("kubectl takes over from client-side apply what stands as last applied, and keeps the annotation in step", () => {
    const last = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "menu" }, data: { soup: "tomato", salad: "green" } };
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const one = writeMenu(
      undefined,
      "kubectl-client-side-apply",
      menu({ soup: "tomato", salad: "green" }, { annotations: { [annotation]: `${JSON.stringify(last)}\n` } }),
    );
    const two = applyMenu(one, "kubectl", menu({ soup: "<onion>" })).object;
    expect(two.data).toEqual({ soup: "<onion>", salad: "green" });
    expect(two.metadata.annotations?.[annotation]).toBe(
      '{"apiVersion":"v1","data":{"soup":"\\u003conion\\u003e"},"kind":"ConfigMap","metadata":{"name":"menu"}}\n',
    );
    expect(owned(two, "kubectl-client-side-apply")).not.toHaveProperty("f:data.f:soup");
    // somebody else changed the value since: that is a conflict
    const edited = writeMenu(one, "editor", { ...one, data: { soup: "pea", salad: "green" } });
    expect(failing(() => applyMenu(edited, "kubectl", menu({ soup: "onion" }))).message).toContain('conflict with "editor" using v1: .data.soup');
    expect(failing(() => applyMenu(one, "other", menu({ soup: "onion" }))).code).toBe(409);
  });

  it("takes back times when nothing else changed", () => {
    const one = stored(applyMenu(undefined, "cook", menu({ soup: "tomato" })).object);
    const later = { ...one, metadata: { ...one.metadata, managedFields: one.metadata.managedFields?.map((m) => ({ ...m, time: "2030-01-01T00:00:00Z" })) } };
    expect(ignoreTimestamps(one, later)).toEqual(one);
    const changed = { ...later, data: { soup: "pea" } };
    expect(ignoreTimestamps(one, changed)).toBe(changed);
  });
});

describe("#3.1 apply: refusals", () => {
  const table: [string, object, number, string][] = [
    ["another kind", { kind: "Secret" }, 400, "invalid object type: /v1, Kind=Secret"],
    ["another version", { apiVersion: "v2" }, 400, "invalid object type: /v2, Kind=ConfigMap"],
    ["managedFields", { metadata: { name: "menu", managedFields: [] } }, 400, "metadata.managedFields must be nil"],
    ["an unknown field", { dish: 1 }, 500, "failed to create typed patch object (/menu; /v1, Kind=ConfigMap): .dish: field not declared in schema"],
    [
      "a number for a text",
      { data: { soup: 1 } },
      500,
      "failed to create typed patch object (/menu; /v1, Kind=ConfigMap): .data.soup: expected string, got &value.valueUnstructured{Value:1}",
    ],
    ["a text for a map", { data: "soup" }, 500, "failed to create typed patch object (/menu; /v1, Kind=ConfigMap): .data: expected map, got &{soup}"],
    [
      "a map for a list",
      { metadata: { name: "menu", finalizers: {} } },
      500,
      "failed to create typed patch object (/menu; /v1, Kind=ConfigMap): .metadata.finalizers: expected list, got &{map[]}",
    ],
    [
      "a text for a boolean",
      { immutable: "yes" },
      500,
      "failed to create typed patch object (/menu; /v1, Kind=ConfigMap): .immutable: expected boolean, got &{yes}",
    ],
    [
      "several faults",
      { immutable: 1, data: 2 },
      500,
      "failed to create typed patch object (/menu; /v1, Kind=ConfigMap): errors:\n  .immutable: expected boolean, got &{1}\n  .data: expected map, got &{2}",
    ],
    [
      "a value twice in a set",
      { metadata: { name: "menu", namespace: "inn", finalizers: ["x/y", "x/y"] } },
      500,
      'failed to create typed patch object (inn/menu; /v1, Kind=ConfigMap): .metadata.finalizers: duplicate entries for key [="x/y"]',
    ],
  ];
  it.each(table)("%s", (_, change, code, message) => {
    const status = failing(() => applyMenu(undefined, "cook", { ...menu(undefined), ...change } as KubeObject));
    expect([status.code, status.message]).toEqual([code, message]);
    expect(status.reason).toBe(code === 400 ? "BadRequest" : undefined);
  });
});

describe("#3.1 managedFields: scale and names", () => {
  const paths = { "apps/v1": ["spec", "replicas"] };
  it("shows the owners of replicas on a scale, and brings a change back", () => {
    const one = writeShop(undefined, "ann", shop());
    const scale = toScaleManagedFields(one.metadata.managedFields, paths) as ManagedFieldsEntry[];
    expect(scale.map((m) => [m.manager, m.apiVersion, m.fieldsV1])).toEqual([["ann", "autoscaling/v1", { "f:spec": { "f:replicas": {} } }]]);
    const bob: ManagedFieldsEntry = {
      manager: "bob",
      operation: "Update",
      apiVersion: "autoscaling/v1",
      subresource: "scale",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": { "f:replicas": {} } },
    };
    const back = fromScaleManagedFields(one.metadata.managedFields, [bob], "apps/v1", paths) as ManagedFieldsEntry[];
    const after = { ...one, metadata: { ...one.metadata, managedFields: back } };
    expect(owned(after, "bob", "scale")).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(entry(after, "bob", "scale")?.apiVersion).toBe("apps/v1");
    expect((owned(after, "ann") as { "f:spec": object })["f:spec"]).not.toHaveProperty("f:replicas");
    // an applier that keeps the replicas keeps its entry as it is
    const applied = (one.metadata.managedFields ?? []).map((m) => ({ ...m, operation: "Apply" as const }));
    expect(fromScaleManagedFields(applied, toScaleManagedFields(applied, paths), "apps/v1", paths)).toEqual(applied);
  });

  it("derives and checks manager names", () => {
    expect(defaultManager("kubectl/v1.36.3 (linux/amd64)")).toBe("kubectl");
    expect(defaultManager("a\u0007b é/1")).toBe("ab é");
    expect(defaultManager(`${"x".repeat(127)}éy/1`)).toBe("x".repeat(127));
    expect(defaultManager("")).toBe("");
    expect(validateFieldManager("x".repeat(129)).map((e) => e.message)).toEqual(["Too long: may not be more than 128 bytes"]);
    expect(validateFieldManager("é\n").map((e) => e.message)).toEqual(['Invalid value: "é\\n": invalid character U+000A (at position 2)']);
  });
});
