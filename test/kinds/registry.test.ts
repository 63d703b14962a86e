import { describe, expect, it } from "vitest";
import type { Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { compareVersions, KINDS, Registry } from "../../kinds/registry.js";
import { structFact } from "../../kinds/schema/index.js";
import { prepareForUpdate } from "../../server/pipeline/strategy.js";

const NOW = Date.parse("2024-05-01T00:00:00Z");
const ctx = { now: NOW, user: "test" };
const all = KINDS.map((kind) => [`${kind.group || "core"}/${kind.version} ${kind.kind}`, kind] as const);

/** An object with nothing but its name. */
const bare = (kind: Kind): KubeObject => ({
  apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version,
  kind: kind.kind,
  metadata: { name: "a", ...(kind.namespaced ? { namespace: "b" } : {}), creationTimestamp: "2024-04-30T23:58:00Z" },
});

describe("#3.1 every kind in the registry", () => {
  it("has names of its own", () => {
    const unique = (of: (kind: Kind) => string): number => new Set(KINDS.map(of)).size;
    expect(unique((k) => `${k.group}/${k.version}/${k.resource}`)).toBe(KINDS.length);
    expect(unique((k) => `${k.group}/${k.version}/${k.kind}`)).toBe(KINDS.length);
  });

  it.each(all)("%s is a type of the facts", (_, kind) => {
    expect(structFact(kind.schema)?.go).toBe(kind.kind);
  });

  it.each(all)("%s has idempotent defaults", (_, kind) => {
    const object = bare(kind);
    kind.defaults?.(object);
    const once = structuredClone(object);
    kind.defaults?.(object);
    expect(object).toEqual(once);
  });

  it.each(all)("%s prepares and validates an almost empty object without failing", (_, kind) => {
    const object = bare(kind);
    kind.defaults?.(object);
    kind.prepareForCreate?.(object, ctx);
    expect(Array.isArray(kind.validate?.(object) ?? [])).toBe(true);
    expect(Array.isArray(kind.validateUpdate?.(object, structuredClone(object)) ?? [])).toBe(true);
    expect(kind.warnings?.(object) ?? []).toEqual([]);
  });

  it.each(all)("%s prints as many cells as it has columns", (_, kind) => {
    const object = bare(kind);
    kind.defaults?.(object);
    const { columns, row } = kind.printer as NonNullable<Kind["printer"]>;
    const { cells } = row(object, ctx);
    // an IPAddress has an age that no column shows
    expect(cells).toHaveLength(columns.length + (kind.kind === "IPAddress" ? 1 : 0));
    expect(cells.every((cell) => cell === null || ["string", "number", "boolean"].includes(typeof cell))).toBe(true);
    const age = columns.findIndex((c) => c.name === "Age");
    if (age >= 0) expect(cells[age]).toBe("2m");
  });

  // a form that is stored as another loses what neither has fields for, marks among them
  it.each(all.filter(([, kind]) => typeof kind.status === "object" && !kind.storedAs))("%s: status cannot touch spec, spec cannot touch status", (_, kind) => {
    const old = bare(kind);
    kind.defaults?.(old);
    old.spec = { ...old.spec, marker: "old" };
    old.status = { ...old.status, marker: "old" };
    const change = (): KubeObject => {
      const object = structuredClone(old);
      object.spec.marker = "new";
      object.status.marker = "new";
      return object;
    };
    if (typeof kind.status !== "object") throw new Error("unreachable");
    const byStatus = change();
    kind.status.prepareForUpdate(byStatus, structuredClone(old), ctx);
    expect(byStatus.spec.marker).toBe("old");
    expect(byStatus.status.marker).toBe("new");
    const bySpec = change();
    prepareForUpdate(kind, "", bySpec, structuredClone(old), ctx);
    expect(bySpec.status.marker).toBe("old");
  });

  it.each(all.filter(([, kind]) => kind.storedAs))("%s goes to its stored form and back and says the same", (_, kind) => {
    const { storedAs } = kind as { storedAs: NonNullable<Kind["storedAs"]> };
    expect(storedAs.kind.storedAs).toBeUndefined();
    expect(storedAs.kind.resource).toBe(kind.resource);
    // a hook taken over from the stored kind would be given objects of another form
    const taken = Object.entries(kind).filter(([name, hook]) => typeof hook === "function" && hook === storedAs.kind[name as keyof Kind]);
    expect(taken.map(([name]) => name).filter((name) => !["validateName", "unselectable"].includes(name))).toEqual([]);
    const object = bare(kind);
    kind.defaults?.(object);
    const before = structuredClone(object);
    const stored = storedAs.toStored(object);
    expect(JSON.parse(JSON.stringify(storedAs.fromStored(stored)))).toEqual(JSON.parse(JSON.stringify(before)));
    expect(object).toEqual(before);
  });

  it.each(all)("%s: an update never touches the stored object", (_, kind) => {
    const old = bare(kind);
    kind.defaults?.(old);
    const frozen = structuredClone(old);
    const object = structuredClone(old);
    kind.prepareForUpdate?.(object, old, ctx);
    kind.validateUpdate?.(object, old);
    expect(old).toEqual(frozen);
  });
});

describe("#3.1 the registry's look-ups", () => {
  const registry = new Registry();

  it("finds kinds by resource and by type", () => {
    expect(registry.byResource("", "v1", "services")?.kind).toBe("Service");
    expect(registry.byGVK("storage.k8s.io", "v1", "StorageClass")?.resource).toBe("storageclasses");
    expect(registry.byApiVersion("coordination.k8s.io/v1", "Lease")?.resource).toBe("leases");
    expect(registry.byApiVersion("v1", "Lease")).toBeUndefined();
  });

  it("lists the legacy group first and resources by name", () => {
    expect(registry.groups[0]).toEqual({ name: "", versions: ["v1"] });
    const names = registry.inGroupVersion("", "v1").map((k) => k.resource);
    expect(names).toEqual([...names].sort());
  });

  it("orders versions by stability, then by number", () => {
    expect(["v1beta1", "v1", "v2", "v1alpha3", "v2beta2", "odd"].sort(compareVersions)).toEqual(["v2", "v1", "v2beta2", "v1beta1", "v1alpha3", "odd"]);
  });
});
