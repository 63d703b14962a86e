import { describe, expect, it } from "vitest";
import { persistentVolumeClaim } from "../../../kinds/core/persistentvolumeclaim/index.js";
import { onCreate, onUpdate } from "../support.js";

const claim = (spec: object = {}): Record<string, unknown> => ({
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const from = (apiGroup: string): object => ({ dataSource: { apiGroup, kind: "K", name: "n" }, dataSourceRef: { apiGroup, kind: "K", name: "n" } });
const selector = (value: string): object => ({ selector: { matchExpressions: [{ key: "a", operator: "In", values: [value] }] } });
const about = (found: string[], field: string): string[] => found.filter((text) => text.startsWith(`${field}:`));

describe("#5.2 PersistentVolumeClaim: what an update may keep", () => {
  it("a group that is none, where the stored claim names one", () => {
    expect(about(onCreate(persistentVolumeClaim, claim(from("Bad_"))), "spec.dataSource.apiGroup")).toHaveLength(1);
    expect(onUpdate(persistentVolumeClaim, claim(from("Bad_")), claim(from("Bad_"))).filter((text) => text.includes("apiGroup"))).toEqual([]);
  });

  it("values that are none of a label, where the stored selector is wrong", () => {
    const field = "spec.selector.matchExpressions[0].values[0]";
    expect(about(onCreate(persistentVolumeClaim, claim(selector("-"))), field)).toHaveLength(1);
    expect(about(onUpdate(persistentVolumeClaim, claim(selector("-")), claim(selector("-"))), field)).toEqual([]);
    expect(about(onUpdate(persistentVolumeClaim, claim(selector("a")), claim(selector("-"))), field)).toHaveLength(1);
  });

  it("has one source in two forms, which say the same", () => {
    const both = (dataSource: object, dataSourceRef: object): string[] => about(onCreate(persistentVolumeClaim, claim({ dataSource, dataSourceRef })), "spec");
    const pvc = { kind: "PersistentVolumeClaim", name: "n" };
    expect(both(pvc, pvc)).toEqual([]);
    expect(both(pvc, { ...pvc, name: "m" })).toEqual(["spec: Invalid value: {}: must match dataSourceRef"]);
    expect(both(pvc, { ...pvc, apiGroup: "" })).toEqual(["spec: Invalid value: {}: must match dataSourceRef"]);
  });
});
