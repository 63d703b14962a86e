import { describe, expect, it } from "vitest";
import { canonical } from "../../server/codec/canonical.js";
import { decodeJson, decodeValue } from "../../server/codec/decode.js";
import { DecodeError } from "../../server/codec/errors.js";
import { fromUnstructured } from "../../server/codec/unstructured.js";

const CORE = "io.k8s.api.core.v1.";
const APPS = "io.k8s.api.apps.v1.";
const SET = `${APPS}StatefulSet`;
const POD = `${CORE}Pod`;
const MAP = `${CORE}ConfigMap`;

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return (error as Error).message;
  }
  throw new Error("nothing was refused");
};

describe("#3.1 decoding: type errors in Go's words", () => {
  const at = "json: cannot unmarshal";
  it.each([
    [SET, { spec: { replicas: "3" } }, `${at} string into Go struct field StatefulSetSpec.spec.replicas of type int32`],
    [MAP, { data: { a: 1 } }, `${at} number into Go struct field ConfigMap.data of type string`],
    [MAP, { data: [] }, `${at} array into Go struct field ConfigMap.data of type map[string]string`],
    [MAP, { metadata: { labels: { a: true } } }, `${at} bool into Go struct field ObjectMeta.metadata.labels of type string`],
    [POD, { spec: { containers: {} } }, `${at} object into Go struct field PodSpec.spec.containers of type []v1.Container`],
    [POD, { spec: { containers: ["x"] } }, `${at} string into Go struct field PodSpec.spec.containers of type v1.Container`],
    [POD, { spec: { priority: 9999999999 } }, `${at} number 9999999999 into Go struct field PodSpec.spec.priority of type int32`],
    [POD, { spec: { terminationGracePeriodSeconds: 1.5 } }, `${at} number 1.5 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64`],
    [POD, { spec: { restartPolicy: 5 } }, `${at} number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy`],
    [
      POD,
      { spec: { volumes: [{ hostPath: 5 }] } },
      `${at} number into Go struct field Volume.spec.volumes.VolumeSource.hostPath of type v1.HostPathVolumeSource`,
    ],
    [POD, { metadata: { creationTimestamp: 5 } }, `${at} number into Go struct field ObjectMeta.metadata.creationTimestamp of type string`],
    [`${CORE}Service`, { spec: { ports: [{ targetPort: true }] } }, `${at} bool into Go struct field ServicePort.spec.ports.targetPort of type int32`],
    [`${CORE}Secret`, { data: { a: "abc" } }, "illegal base64 data at input byte 0"],
    [`${CORE}Secret`, { data: { a: "abcd*" } }, "illegal base64 data at input byte 4"],
    [POD, { spec: { containers: [{ resources: { limits: { cpu: "x" } } }] } }, "quantities must match the regular expression"],
  ])("%s %j", (schema, body, message) => {
    expect(refusal(() => decodeJson(JSON.stringify(body), schema))).toContain(message);
    expect(refusal(() => decodeValue(schema, body))).toContain(message);
  });

  it("knows 1.0 from 1, though JSON.parse does not", () => {
    expect(refusal(() => decodeJson('{"spec":{"replicas":1.0}}', SET))).toContain("number 1.0 into");
    expect(refusal(() => decodeJson('{"spec":{"replicas":1e1}}', SET))).toContain("number 1e1 into");
    expect(decodeJson('{"spec":{"replicas":1}}', SET).object.spec.replicas).toBe(1);
  });

  it("tells the first type error, unless an unmarshaller fails later", () => {
    const two = '{"spec":{"replicas":"x","minReadySeconds":"y"}}';
    expect(refusal(() => decodeJson(two, SET))).toContain("spec.replicas");
    expect(refusal(() => decodeJson('{"data":5,"metadata":{"creationTimestamp":"now"}}', MAP))).toContain('parsing time "now"');
  });

  it.each([
    ["{nope", "invalid character 'n' looking for beginning of object key string"],
    ["", "unexpected end of JSON input"],
    ['{"a":1', "unexpected end of JSON input"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
    ["nope", "invalid character 'o' in literal null (expecting 'u')"],
    ['{"a":"\n"}', "invalid character '\\n' in string literal"],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
    ["{} x", "invalid character 'x' after top-level value"],
    ["\ufeff{}", "invalid character 'ï' looking for beginning of value"],
    ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ])("syntax: %j", (text, message) => {
    expect(refusal(() => decodeJson(text, MAP))).toBe(message);
  });
});

describe("#3.1 decoding: strict findings", () => {
  const findings = (schema: string, text: string) => decodeJson(text, schema).strictErrors;

  it("names unknown fields by path, indexes and map keys included, in the order of the text", () => {
    const text =
      '{"spec":{"template":{"spec":{"volumeMounts":[],"containers":[{"name":"a"},{"nope":1,"env":[{"x":1}]}]}}},"zz":1,"metadata":{"nope":{"deeper":1}},"Kind":"x"}';
    expect(findings(SET, text)).toEqual([
      'unknown field "spec.template.spec.volumeMounts"',
      'unknown field "spec.template.spec.containers[1].nope"',
      'unknown field "spec.template.spec.containers[1].env[0].x"',
      'unknown field "zz"',
      'unknown field "metadata.nope"',
      'unknown field "Kind"',
    ]);
  });

  it("finds duplicates, of fields and of map keys, and takes the last", () => {
    const { object, strictErrors } = decodeJson('{"data":{"a":"1","a":"2"},"metadata":{"name":"x","name":"y"}}', MAP);
    expect(strictErrors).toEqual(['duplicate field "data.a"', 'duplicate field "metadata.name"']);
    expect(object.data).toEqual({ a: "2" });
    expect(object.metadata.name).toBe("y");
  });

  it("reads a second struct over the first", () => {
    const { object } = decodeJson('{"metadata":{"name":"x","labels":{"a":"1"}},"metadata":{"labels":{"b":"2"}}}', MAP);
    expect(object.metadata).toEqual({ name: "x", labels: { a: "1", b: "2" } });
  });

  it("says nothing of what stands in raw parts, and everything once", () => {
    expect(findings(`${APPS}ControllerRevision`, '{"data":{"x":1,"x":2},"revision":1}')).toEqual([]);
    expect(findings(MAP, '{"zz":1,"zz":2}')).toEqual(['unknown field "zz"']);
  });
});

describe("#3.1 canonical form", () => {
  const text = (schema: string, value: unknown) => JSON.stringify(canonical(schema, value));

  it("puts fields in Go's order and map keys in byte order, and drops what no field takes", () => {
    expect(text(MAP, { data: { b: "2", B: "1", a: "0" }, zz: 1, metadata: { uid: "u", name: "n" }, apiVersion: "v1", kind: "ConfigMap" })).toBe(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"n","uid":"u"},"data":{"B":"1","a":"0","b":"2"}}',
    );
  });

  it("spells out what Go spells out and leaves out what Go leaves out", () => {
    expect(
      text(POD, {
        metadata: { name: "p", labels: {}, creationTimestamp: null, generation: 0 },
        spec: { containers: [{ name: "c", image: "" }], hostNetwork: false },
      }),
    ).toBe('{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","resources":{}}]},"status":{}}');
    expect(text(POD, {})).toBe('{"metadata":{},"spec":{"containers":null},"status":{}}');
    expect(text("io.k8s.api.discovery.v1.EndpointSlice", { addressType: "IPv4", endpoints: [] })).toBe(
      '{"metadata":{},"addressType":"IPv4","endpoints":null,"ports":null}',
    );
    expect(text(SET, { spec: { replicas: 0 } })).toContain('"replicas":0');
    expect(text("io.k8s.api.core.v1.Event", {})).toContain('"firstTimestamp":null,"lastTimestamp":null,"eventTime":null');
  });

  it("keeps empty lists where objects are stored as JSON", () => {
    const crd = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition";
    expect(text(crd, { status: { conditions: [], storedVersions: [] } })).toContain('"conditions":[]');
    expect(text(crd, {})).toContain('"conditions":null');
  });

  it("rewrites scalars", () => {
    const pod = canonical(POD, {
      metadata: { creationTimestamp: "2024-01-01T02:00:00.5+02:00" },
      spec: { containers: [{ name: "c", resources: { limits: { cpu: 0.5, memory: "1024Mi" } }, ports: null }] },
    }) as { metadata: object; spec: object };
    expect(pod.metadata).toEqual({ creationTimestamp: "2024-01-01T00:00:00Z" });
    expect(pod.spec).toEqual({ containers: [{ name: "c", resources: { limits: { cpu: "500m", memory: "1Gi" } } }] });
  });

  it("reads null as nothing, inside lists as the zero value", () => {
    expect(text(POD, { spec: { containers: [null], nodeSelector: { a: null } } })).toContain(
      '"containers":[{"name":"","resources":{}}],"nodeSelector":{"a":""}',
    );
  });

  it("is idempotent and leaves its argument alone", () => {
    const value = Object.freeze({
      spec: Object.freeze({ replicas: 2, template: {}, volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "1024Mi" } } } }] }),
    });
    const once = canonical(SET, value);
    expect(canonical(SET, once)).toEqual(once);
    expect(canonical(SET, once)).not.toBe(once);
  });

  it("takes keys of any name", () => {
    const { object } = decodeJson('{"data":{"__proto__":"x","constructor":"y"}}', MAP);
    expect(JSON.stringify(object.data)).toBe('{"__proto__":"x","constructor":"y"}');
  });

  it("passes custom resources as they are", () => {
    const thing = { kind: "Widget", spec: { anything: 1 } };
    expect(canonical("com.example.v1.Widget", thing)).toBe(thing);
  });
});

describe("#3.1 unstructured conversion", () => {
  it.each([
    [MAP, { data: { a: 5 } }, "cannot convert int64 to string"],
    [MAP, { data: { a: true } }, "unrecognized type: string"],
    [MAP, { data: "x" }, "cannot restore map from string"],
    [POD, { spec: { containers: {} } }, "cannot restore slice from map"],
    [POD, { spec: [] }, "cannot restore struct from: slice"],
    [SET, { spec: { replicas: "x" } }, "unrecognized type: int32"],
    [POD, { spec: { restartPolicy: 1 } }, "cannot convert int64 to v1.RestartPolicy"],
    [POD, { metadata: { creationTimestamp: 5 } }, "json: cannot unmarshal number into Go value of type string"],
  ])("%s %j", (schema, value, message) => {
    expect(refusal(() => fromUnstructured(schema, value))).toBe(message);
  });

  it("sorts unknown fields", () => {
    expect(fromUnstructured(MAP, { zz: 1, metadata: { nope: 1 } }).strictErrors).toEqual(['unknown field "metadata.nope"', 'unknown field "zz"']);
  });
});
