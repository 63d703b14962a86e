import { describe, expect, it } from "vitest";
import { replicationController as kind } from "../../../kinds/core/replicationcontroller/index.js";
import type { KubeObject } from "../../../kinds/object.js";

const CTX = { now: Date.parse("2026-03-01T12:00:00Z"), user: "tester" };
const template = (extra: object = {}) => ({ metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }], ...extra } });

function created(spec: object = {}, metadata: object = {}): KubeObject {
  const object = {
    metadata: { name: "web", namespace: "shop", uid: "u", resourceVersion: "1", ...metadata },
    spec: { template: template(), ...spec },
  } as KubeObject;
  kind.defaults?.(object);
  kind.prepareForCreate?.(object, CTX);
  return object;
}
const texts = (errors: readonly { field: string; message: string }[] = []) => errors.map((e) => `${e.field}: ${e.message}`);
const errors = (spec: object) => texts(kind.validate?.(created(spec)));
function updated(old: KubeObject, change: (o: KubeObject) => void): { object: KubeObject; errors: string[]; moved: unknown } {
  const object = structuredClone(old);
  change(object);
  kind.defaults?.(object);
  kind.prepareForUpdate?.(object, old, CTX);
  return { object, errors: texts(kind.validateUpdate?.(object, old)), moved: typeof kind.generation === "function" && kind.generation(object, old) };
}

describe("#4.1 ReplicationController", () => {
  it("takes selector and labels from its template, and one replica", () => {
    const { metadata, spec, status } = created();
    expect([metadata.labels, spec.selector, spec.replicas, metadata.generation, status]).toEqual([{ app: "web" }, { app: "web" }, 1, 1, { replicas: 0 }]);
    expect(created({ selector: { a: "b" }, replicas: 0 }, { labels: { c: "d" } })).toMatchObject({
      metadata: { labels: { c: "d" } },
      spec: { selector: { a: "b" }, replicas: 0 },
    });
  });

  it.each<[string, object, string[]]>([
    ["nothing", { template: undefined }, ["spec.selector: Required value", "spec.template: Required value"]],
    [
      "another selector, a negative number",
      { replicas: -1, minReadySeconds: -1, selector: { app: "b" } },
      [
        "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      ],
    ],
    [
      "pods that end",
      { template: template({ restartPolicy: "Never" }) },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
  ])("refuses %s", (_, spec, expected) => {
    expect(errors(spec)).toEqual(expected);
  });

  it("may change its selector with its template, unless an annotation says it could not be converted", () => {
    const change = (o: KubeObject): void => {
      o.spec.selector = { app: "new" };
      o.spec.template.metadata.labels = { app: "new" };
    };
    expect(updated(created(), change)).toMatchObject({ errors: [], moved: true });
    const odd = created({}, { annotations: { "non-convertible.kubernetes.io/selector": "x", "non-convertible.kubernetes.io/other": "y" } });
    expect(updated(odd, change).errors).toEqual([
      'other: Not found: "y": unknown non-convertible field',
      'spec.selector: Invalid value: {"app":"new"}: cannot update non-convertible selector',
    ]);
  });

  it("warns on updates of what was in the old template, as upstream does", () => {
    const old = created({ template: template({ nodeSelector: { "beta.kubernetes.io/arch": "x" } }) });
    const { object } = updated(old, (o) => delete o.spec.template.spec.nodeSelector);
    object.metadata.generation = 2;
    expect(kind.warnings?.(object, old)).toHaveLength(1);
    expect(kind.warnings?.(old, { ...object, metadata: { ...object.metadata, generation: 3 } })).toEqual([]);
    expect(kind.warnings?.(created({}, { name: "a.b" }))?.[0]).toContain("a DNS label is recommended");
  });

  it("scales, prints and is selected by what its status says", () => {
    const object = created({ replicas: 2 });
    object.status = { replicas: 1, readyReplicas: 1 };
    object.metadata.creationTimestamp = "2026-03-01T11:59:00Z";
    expect([kind.scale?.getReplicas(object), kind.scale?.getStatusReplicas(object), kind.scale?.getSelector(object)]).toEqual([2, 1, "app=web"]);
    expect(kind.printer?.row(object, CTX).cells).toEqual(["web", 2, 1, 1, "60s", "c", "i", "app=web"]);
    expect(kind.selectable?.["status.replicas"]?.(object)).toBe("1");
  });
});
