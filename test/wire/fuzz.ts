/** Requests that no client would send, drawn from a seed: the same seed gives the same requests. */
import { seededRandom } from "../../cluster/random.js";

export interface FuzzRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer | undefined;
}

type Draw = () => number;
const pick = <T>(random: Draw, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Objects that are fine, by the path of their collection; what is sent is one of these after an accident. */
const SEEDS: readonly (readonly [path: string, object: Record<string, unknown>])[] = [
  ["/api/v1/namespaces/default/configmaps", { metadata: { name: "a" }, data: { k: "v" }, binaryData: { b: "AAEC" } }],
  ["/api/v1/namespaces/default/secrets", { metadata: { name: "a" }, type: "Opaque", stringData: { k: "v" }, data: { a: "dg==" } }],
  [
    "/api/v1/namespaces/default/pods",
    {
      metadata: { name: "a", labels: { app: "x" }, annotations: { n: "1" } },
      spec: {
        containers: [
          {
            name: "c",
            image: "nginx",
            ports: [{ containerPort: 80, name: "http" }],
            env: [
              { name: "E", value: "1" },
              { name: "F", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            ],
            resources: { requests: { cpu: "100m", memory: "1Gi" }, limits: { cpu: "1" } },
            readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 3 },
            volumeMounts: [{ name: "v", mountPath: "/v" }],
            securityContext: { runAsUser: 5, capabilities: { add: ["NET_ADMIN"] } },
          },
        ],
        volumes: [
          { name: "v", emptyDir: { sizeLimit: "1Gi" } },
          { name: "w", projected: { sources: [{ secret: { name: "s" } }] } },
        ],
        nodeSelector: { a: "b" },
        tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 3 }],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }] },
          },
        },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { a: "b" } } }],
      },
    },
  ],
  [
    "/api/v1/namespaces/default/services",
    { metadata: { name: "a" }, spec: { selector: { a: "b" }, type: "NodePort", ports: [{ port: 80, targetPort: "http", nodePort: 30080, protocol: "TCP" }] } },
  ],
  ["/api/v1/namespaces/default/endpoints", { metadata: { name: "a" }, subsets: [{ addresses: [{ ip: "10.0.0.1", nodeName: "n" }], ports: [{ port: 1 }] }] }],
  ["/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "a" }, secrets: [{ name: "s" }], imagePullSecrets: [{ name: "p" }] }],
  [
    "/api/v1/namespaces/default/events",
    {
      metadata: { name: "a" },
      involvedObject: { kind: "Pod", name: "p", namespace: "default" },
      reason: "R",
      message: "m",
      type: "Normal",
      count: 1,
      firstTimestamp: "2026-01-01T00:00:00Z",
      source: { component: "c" },
    },
  ],
  [
    "/api/v1/namespaces/default/persistentvolumeclaims",
    { metadata: { name: "a" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, selector: { matchLabels: { a: "b" } } } },
  ],
  [
    "/api/v1/persistentvolumes",
    {
      metadata: { name: "a" },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: "/x" },
        claimRef: { namespace: "default", name: "a" },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }] } },
      },
    },
  ],
  ["/api/v1/namespaces", { metadata: { name: "a" }, spec: { finalizers: ["kubernetes"] } }],
  [
    "/api/v1/nodes",
    {
      metadata: { name: "a", labels: { z: "1" } },
      spec: { podCIDR: "10.0.0.0/24", taints: [{ key: "k", effect: "NoSchedule" }] },
      status: { capacity: { cpu: "1" }, conditions: [{ type: "Ready", status: "True" }], addresses: [{ type: "InternalIP", address: "1.2.3.4" }] },
    },
  ],
  [
    "/apis/storage.k8s.io/v1/storageclasses",
    { metadata: { name: "a" }, provisioner: "p.io/x", parameters: { a: "b" }, allowedTopologies: [{ matchLabelExpressions: [{ key: "k", values: ["v"] }] }] },
  ],
  [
    "/apis/apps/v1/namespaces/default/statefulsets",
    {
      metadata: { name: "a" },
      spec: {
        replicas: 2,
        serviceName: "s",
        selector: { matchLabels: { a: "b" } },
        template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } },
        volumeClaimTemplates: [{ metadata: { name: "d" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }],
      },
    },
  ],
  [
    "/apis/apps/v1/namespaces/default/deployments",
    {
      metadata: { name: "a" },
      spec: {
        replicas: 2,
        selector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
        strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 1 } },
        template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    },
  ],
  [
    "/apis/apps/v1/namespaces/default/replicasets",
    {
      metadata: { name: "a" },
      spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } } },
    },
  ],
  ["/apis/apps/v1/namespaces/default/controllerrevisions", { metadata: { name: "a" }, revision: 1, data: { spec: { a: 1 } } }],
  [
    "/apis/coordination.k8s.io/v1/namespaces/default/leases",
    { metadata: { name: "a" }, spec: { holderIdentity: "h", leaseDurationSeconds: 3, renewTime: "2026-01-01T00:00:00.000000Z" } },
  ],
  [
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
    { metadata: { name: "a" }, addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true } }], ports: [{ name: "p", port: 1 }] },
  ],
];

const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  JSON.parse("1e400"),
  2147483648,
  2 ** 53,
  "",
  " ",
  "x",
  "__proto__",
  "constructor",
  "toString",
  "é",
  "\u0000",
  "\ud800",
  "a\r\nb: c",
  "9".repeat(300),
  [],
  [null],
  [[]],
  {},
  { a: null },
  { constructor: 1 },
  "\u2028",
];
const KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "é",
  "a/b/c",
  "A".repeat(400),
  "$patch",
  "$setElementOrder/containers",
  "0",
  "length",
];

/** All places in a value, as paths. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const out = [path];
  if (Array.isArray(value)) for (const [i, item] of value.entries()) out.push(...placesOf(item, [...path, i]));
  else if (value && typeof value === "object") for (const [key, item] of Object.entries(value)) out.push(...placesOf(item, [...path, key]));
  return out;
}

/** Own and enumerable even where the key is `__proto__`. */
const define = (at: object, key: string | number, value: unknown): unknown =>
  Object.defineProperty(at, key, { value, enumerable: true, configurable: true, writable: true });

function accident(random: Draw, value: unknown): unknown {
  const path = pick(random, placesOf(value));
  if (path.length === 0) return random() < 0.2 ? pick(random, ODD) : value;
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  const how = random();
  if (how < 0.6) define(at, last, pick(random, ODD));
  else if (how < 0.7) delete at[last];
  else if (how < 0.95 && !Array.isArray(at)) define(at, pick(random, KEYS), random() < 0.5 ? pick(random, ODD) : at[last]);
  else if (Array.isArray(at)) at.push(at[last]);
  return copy;
}

function accidents(random: Draw, value: unknown): unknown {
  let out = value;
  for (let n = Math.floor(random() * 3); n >= 0; n--) out = out && typeof out === "object" ? accident(random, out) : out;
  return out;
}

const text = (value: unknown): string => JSON.stringify(value) ?? "";

function damaged(random: Draw, body: string): Buffer {
  const how = random();
  if (how < 0.85) return Buffer.from(body);
  if (how < 0.9) return Buffer.from(body.slice(0, Math.floor(random() * body.length)));
  if (how < 0.93) return Buffer.from(body.replace(/"(\w+)":/, '"$1":1,"$1":'));
  if (how < 0.96) return Buffer.concat([Buffer.from(body), Buffer.from([0xff, 0xfe])]);
  if (how < 0.98) return Buffer.alloc(0);
  return Buffer.from("[".repeat(20_000));
}

function jsonPatch(random: Draw, object: unknown): unknown {
  const places = placesOf(object).map((p) => `/${p.join("/")}`);
  const operation = () => ({
    op: pick(random, ["add", "remove", "replace", "move", "copy", "test", "nope", 1, null]),
    path: pick(random, [
      ...places,
      "/__proto__/x",
      "/constructor/prototype/x",
      "/metadata/labels/__proto__",
      "x",
      "",
      "/spec/-",
      "/-1",
      "/spec/containers/99",
      "/~2",
      5,
    ]),
    from: pick(random, [...places, "/metadata/__proto__", undefined, ""]),
    value: pick(random, ODD),
  });
  return random() < 0.1 ? pick(random, ODD) : [operation(), operation()].slice(Math.floor(random() * 2));
}

const QUERY: Readonly<Record<string, readonly string[]>> = {
  limit: ["1", "-1", "99999999999999999999999", "x", "", "0x10", "1e3", "9223372036854775807"],
  continue: ["x", "", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhXHUwMDAwIn0", "bnVsbA", "W10", "e30", "IiI"],
  resourceVersion: ["0", "1", "5", "abc", "-1", "99999999999999999999999", "1.5", "+1", " 1"],
  resourceVersionMatch: ["Exact", "NotOlderThan", "x", ""],
  labelSelector: [
    "a=b",
    "a in (b,c)",
    "a in (",
    "!a",
    "a notin ()",
    "__proto__=x",
    "constructor",
    "é=1",
    "a=b,,",
    "=",
    "a>1",
    "a>x",
    ",".repeat(500),
    "a==b\u0000",
  ],
  fieldSelector: [
    "metadata.name=a",
    "spec.nodeName!=x",
    "x",
    "status.phase=",
    "__proto__=1",
    "constructor=1",
    "metadata.name=a\\",
    "a=b=c",
    "metadata.namespace=x,metadata.name=b",
  ],
  dryRun: ["All", "", "x", "true"],
  fieldManager: ["m", "", "é", "a\u0000", "x".repeat(200)],
  fieldValidation: ["Strict", "Warn", "Ignore", "x", ""],
  force: ["true", "false", "x", ""],
  gracePeriodSeconds: ["0", "-1", "x", "99999999999999999999", ""],
  propagationPolicy: ["Foreground", "Orphan", "Background", "x", ""],
  orphanDependents: ["true", "false", "x", ""],
  includeObject: ["None", "Object", "x", ""],
  pretty: ["true", "x", ""],
  "%": ["%"],
  "": ["", "=", "&"],
};
const ACCEPT = [
  "application/json",
  "application/yaml",
  "*/*",
  "",
  ";",
  ",",
  "application/json;as=Table;g=meta.k8s.io;v=v1",
  "application/json;as=Table;g=meta.k8s.io;v=v9",
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, */*",
  "application/vnd.kubernetes.protobuf",
  "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1",
  "text/html;q=x",
  "a/b/c",
];
const CONTENT = [
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "text/plain",
  "",
  ";;",
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
];
const PATCHES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "application/apply-patch+cbor",
  "",
];
const NAMES = ["a", "a", "a", "b", "__proto__", "constructor", "%", "%zz", "%00", "a%2fb", "..", ".", "é", "%E9", "A", "x".repeat(300), "", " "];
const SUBRESOURCES = [
  "status",
  "scale",
  "binding",
  "eviction",
  "log",
  "exec",
  "ephemeralcontainers",
  "resize",
  "finalize",
  "token",
  "__proto__",
  "constructor",
  "x/y",
];
const PATHS = [
  "/",
  "//",
  "/api",
  "/apis",
  "/api/",
  "/apis/apps",
  "/apis/__proto__/v1",
  "/api/v1/__proto__",
  "/api/constructor",
  "/apis/apps/v1/constructor",
  "/version",
  "/healthz",
  "/readyz/ping",
  "/openapi/v2",
  "/openapi/v3",
  "/%",
  "/api/v1/namespaces//pods",
  "/api/v1/namespaces/__proto__/pods",
  "/api/v1/watch/%",
  "/metrics",
  "/api/v1/pods?watch=true&resourceVersion=x",
  "/api/v1/namespaces/default/pods/a/proxy/b/c",
  "/api/v1/watch/namespaces/default/pods/a/status",
];

function queryOf(random: Draw): string {
  const terms: string[] = [];
  for (let n = Math.floor(random() ** 2 * 4); n > 0; n--) {
    const name = pick(random, Object.keys(QUERY));
    const value = pick(random, QUERY[name] as readonly string[]);
    terms.push(random() < 0.9 ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}` : `${encodeURIComponent(name)}=%zz`);
  }
  return terms.length ? `?${terms.join("&")}` : "";
}

/** One request. Watches are left out: they do not end by themselves. */
function requestOf(random: Draw): FuzzRequest {
  const [collection, object] = pick(random, SEEDS);
  const headers: Record<string, string> = {};
  if (random() < 0.3) headers.accept = pick(random, ACCEPT);
  if (random() < 0.2) headers["user-agent"] = pick(random, ["", "/", "é", "x".repeat(500), "a b/c"]);
  const query = queryOf(random);
  const what = random();
  const name = random() < 0.7 ? "a" : pick(random, NAMES);
  const at = `${collection}/${name}${random() < 0.25 ? `/${pick(random, SUBRESOURCES)}` : ""}`;
  if (what < 0.05) return { method: pick(random, ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]), url: pick(random, PATHS), headers, payload: undefined };
  if (what < 0.35) {
    headers["content-type"] = random() < 0.8 ? "application/json" : pick(random, CONTENT);
    const fresh = random() < 0.5 ? { ...object, metadata: { ...(object.metadata as object), name: pick(random, ["b", "c", "d"]) } } : object;
    return { method: "POST", url: collection + query, headers, payload: damaged(random, text(accidents(random, fresh))) };
  }
  if (what < 0.55) {
    headers["content-type"] = random() < 0.8 ? "application/json" : pick(random, CONTENT);
    return { method: random() < 0.9 ? "PUT" : "POST", url: at + query, headers, payload: damaged(random, text(accidents(random, object))) };
  }
  if (what < 0.85) {
    headers["content-type"] = pick(random, PATCHES);
    const type = headers["content-type"];
    const body = type.includes("json-patch") ? jsonPatch(random, object) : accidents(random, random() < 0.5 ? object : { metadata: { labels: { x: "y" } } });
    const force = type.includes("apply") ? `${query ? "&" : "?"}fieldManager=f&force=${random() < 0.5}` : "";
    return { method: "PATCH", url: at + query + force, headers, payload: damaged(random, text(body)) };
  }
  if (what < 0.95) return { method: "GET", url: (random() < 0.5 ? collection : at) + query, headers, payload: undefined };
  headers["content-type"] = "application/json";
  const body =
    random() < 0.5
      ? undefined
      : Buffer.from(text(accidents(random, { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, preconditions: { uid: "x" } })));
  return { method: "DELETE", url: (random() < 0.3 ? collection : at) + query, headers, payload: body };
}

/** `count` requests of a seed. */
export function* requests(seed: number, count: number): Generator<FuzzRequest> {
  const random = seededRandom(seed);
  for (let i = 0; i < count; i++) yield requestOf(random);
}

/** The objects to begin with: the patches and updates need something to hit. */
export const beginnings = (): readonly FuzzRequest[] =>
  SEEDS.map(([url, object]) => ({ method: "POST", url, headers: { "content-type": "application/json" }, payload: Buffer.from(text(object)) }));
