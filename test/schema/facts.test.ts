import { describe, expect, it } from "vitest";
import { facts, fieldFact, fieldsOf, goType, gvkType, mustStruct, structFact } from "../../kinds/schema/index.js";
import type { TypeRef } from "../../kinds/schema/types.js";

const CORE = "io.k8s.api.core.v1";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

const leaves = (type: TypeRef): TypeRef => (type.k === "list" || type.k === "map" ? leaves(type.of) : type);

describe("#3.1 schema facts: the whole", () => {
  const structs = Object.entries(facts().structs);

  it("is about one release and all of its served types", () => {
    expect(facts().version).toBe("v1.36.3");
    expect(structs.length).toBeGreaterThan(600);
    expect(structs.reduce((n, [, s]) => n + s.fields.length, 0)).toBeGreaterThan(2600);
  });

  it("names only structs that are there", () => {
    const lost = structs.flatMap(([name, s]) =>
      s.fields.flatMap((f) => ((t) => (t.k === "struct" && !structFact(t.name) ? [`${name}.${f.name}`] : []))(leaves(f.type))),
    );
    expect(lost).toEqual([]);
  });

  it("gives every field one name, and protobuf numbers once per message", () => {
    for (const [name, s] of structs) {
      expect(new Set(s.fields.map((f) => f.name)).size, name).toBe(s.fields.length);
      const numbers = s.fields.filter((f) => f.proto !== undefined).map((f) => `${f.inlineProto ?? ""}/${f.proto}`);
      expect(new Set(numbers).size, name).toBe(numbers.length);
    }
  });

  it("keeps list map keys that the items have", () => {
    for (const [name, s] of structs)
      for (const f of s.fields)
        if (f.listType === "map" && f.type.k === "list" && f.type.of.k === "struct")
          for (const key of f.listMapKeys ?? ["none"]) expect(fieldFact(f.type.of.name, key), `${name}.${f.name} by ${key}`).toBeDefined();
  });

  it("knows each kind once", () => {
    const seen = new Map<string, string>();
    for (const [name, s] of structs)
      for (const g of s.gvk ?? []) {
        const id = `${g.group}/${g.version}/${g.kind}`;
        expect(seen.get(id), id).toBeUndefined();
        seen.set(id, name);
      }
    expect(seen.size).toBeGreaterThan(150);
  });
});

describe("#3.1 schema facts: golden facts", () => {
  it.each([
    ["PodSpec", "containers", "name", ["merge"], ["name"]],
    ["PodSpec", "volumes", "name", ["merge", "retainKeys"], ["name"]],
    ["Container", "ports", "containerPort", ["merge"], ["containerPort", "protocol"]],
    ["Container", "env", "name", ["merge"], ["name"]],
    ["Container", "volumeMounts", "mountPath", ["merge"], ["mountPath"]],
    ["ServiceSpec", "ports", "port", ["merge"], ["port", "protocol"]],
    ["PodSpec", "topologySpreadConstraints", "topologyKey", ["merge"], ["topologyKey", "whenUnsatisfiable"]],
  ])("%s.%s merges by %s", (struct, field, mergeKey, strategy, keys) => {
    const fact = fieldFact(`${CORE}.${struct}`, field);
    expect(fact?.patchMergeKey).toBe(mergeKey);
    expect(fact?.patchStrategy).toEqual(strategy);
    expect(fact?.listType).toBe("map");
    expect(fact?.listMapKeys).toEqual(keys);
  });

  it("puts fields in Go's order", () => {
    expect([...fieldsOf(`${META}.ObjectMeta`).keys()]).toEqual(
      "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations ownerReferences finalizers managedFields".split(
        " ",
      ),
    );
  });

  it("flattens embedded structs and remembers where they sit in protobuf", () => {
    const hostPath = fieldFact(`${CORE}.Volume`, "hostPath");
    expect(hostPath).toMatchObject({ inlineOf: `${CORE}.VolumeSource`, inlineProto: [2], proto: 1, pointer: true });
    expect(fieldFact(`${CORE}.Pod`, "kind")).toMatchObject({ inlineOf: `${META}.TypeMeta` });
    expect(fieldFact(`${CORE}.Pod`, "kind")?.proto).toBeUndefined();
  });

  it("tells atomic structs, enums and defaults", () => {
    expect(structFact(`${META}.LabelSelector`)?.mapType).toBe("atomic");
    expect(fieldFact(`${CORE}.PodSpec`, "restartPolicy")?.enum).toEqual(["Always", "Never", "OnFailure"]);
    expect(fieldFact(`${CORE}.ContainerPort`, "protocol")?.default).toBe("TCP");
    expect(fieldFact(`${META}.ObjectMeta`, "creationTimestamp")?.omitzero).toBe(true);
  });

  it("finds kinds by group, version and kind", () => {
    expect(gvkType("", "v1", "Pod")).toBe(`${CORE}.Pod`);
    expect(gvkType("apps", "v1", "StatefulSetList")).toBe("io.k8s.api.apps.v1.StatefulSetList");
    expect(gvkType("apps", "v1", "Nope")).toBeUndefined();
    expect(structFact("io.example.Nope")).toBeUndefined();
    expect(() => mustStruct("io.example.Nope")).toThrow("no schema facts");
  });

  it("spells Go types", () => {
    const type = (struct: string, field: string) => goType(fieldFact(`${CORE}.${struct}`, field)?.type as TypeRef);
    expect(type("PodSpec", "containers")).toBe("[]v1.Container");
    expect(type("PodSpec", "restartPolicy")).toBe("v1.RestartPolicy");
    expect(type("ConfigMap", "data")).toBe("map[string]string");
    expect(type("ConfigMap", "binaryData")).toBe("map[string][]uint8");
    expect(type("ResourceRequirements", "limits")).toBe("v1.ResourceList");
    expect(type("ContainerPort", "containerPort")).toBe("int32");
  });
});
