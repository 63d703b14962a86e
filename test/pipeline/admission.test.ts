import { describe, expect, it } from "vitest";
import { podSpec, refusal, type World, world } from "./world.js";

const pod = (spec: object = {}) => ({ spec: { ...podSpec, ...spec } });
const service = (spec: object = {}) => ({ spec: { ports: [{ port: 80 }], ...spec } });

describe("#3.1 pipeline: admission of pods", () => {
  it("mounts the account's token, once, and leaves it away where either says so", async () => {
    const made = await world();
    const { spec } = await made.create("pods/a", pod());
    const [volume] = spec.volumes;
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume.projected.sources[0]).toEqual({ serviceAccountToken: { expirationSeconds: 3607, path: "token" } });
    expect(spec.containers[0].volumeMounts).toEqual([{ name: volume.name, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }]);
    expect([spec.serviceAccountName, spec.serviceAccount]).toEqual(["default", "default"]);
    expect((await made.create("pods/b", pod({ automountServiceAccountToken: false }))).spec.volumes).toBeUndefined();
    await made.create("serviceaccounts/quiet", { automountServiceAccountToken: false, imagePullSecrets: [{ name: "pull" }] });
    const quiet = (await made.create("pods/c", pod({ serviceAccountName: "quiet" }))).spec;
    expect([quiet.volumes, quiet.imagePullSecrets]).toEqual([undefined, [{ name: "pull" }]]);
    expect((await refusal(made.create("pods/d", pod({ serviceAccountName: "nobody" })))).message).toBe(
      'pods "d" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
    );
  });

  it("adds the tolerations that are missing", async () => {
    const made = await world();
    const keys = async (name: string, spec?: object) => (await made.create(`pods/${name}`, pod(spec))).spec.tolerations?.map((t: { key?: string }) => t.key);
    expect(await keys("a")).toEqual(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);
    expect(await keys("b", { tolerations: [{ operator: "Exists" }] })).toEqual([undefined]);
    const own = { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" };
    expect(await keys("c", { tolerations: [own] })).toEqual(["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"]);
  });

  it("gives a pod that names its node the node's zone", async () => {
    const made = await world();
    await made.create("nodes/n", { metadata: { labels: { "topology.kubernetes.io/zone": "z1", other: "x" } } });
    expect((await made.create("pods/a", pod({ nodeName: "n" }))).metadata.labels).toEqual({ "topology.kubernetes.io/zone": "z1" });
  });

  it("binds a pod once, with the node's labels and the condition", async () => {
    const made = await world();
    await made.create("nodes/n", { metadata: { labels: { "topology.kubernetes.io/region": "r1" } } });
    await made.create("pods/a", pod());
    const bind = () =>
      made.services.resources
        .get("/pods")
        ?.connect?.binding?.(
          { metadata: { name: "a" }, target: { kind: "Node", name: "n" } },
          made.target("pods/a/binding"),
          made.ctx(),
          made.services,
        ) as Promise<unknown>;
    await bind();
    const { spec, metadata, status } = made.get("pods/a");
    expect([spec.nodeName, metadata.labels, status.conditions]).toEqual([
      "n",
      { "topology.kubernetes.io/region": "r1" },
      [{ type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: "2026-01-02T03:04:05Z" }],
    ]);
    expect(await refusal(bind())).toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n"',
    });
  });
});

describe("#3.1 pipeline: admission of nodes and volumes", () => {
  it("taints a new node", async () => {
    const made = await world();
    expect((await made.create("nodes/n", {})).spec.taints).toEqual([{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]);
  });

  it("protects volumes and claims, and gives a claim the newest default class", async () => {
    const made = await world();
    const isDefault = { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } };
    const claim = (name: string, spec: object = {}) =>
      made.create(`persistentvolumeclaims/${name}`, { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec } });
    expect((await claim("none")).spec.storageClassName).toBeUndefined();
    await made.create("storageclasses/old", { metadata: isDefault, provisioner: "x.io/p" });
    made.clock.advance(1000);
    await made.create("storageclasses/b-new", { metadata: isDefault, provisioner: "x.io/p" });
    await made.create("storageclasses/a-new", { metadata: isDefault, provisioner: "x.io/p" });
    const some = await claim("some");
    expect([some.spec.storageClassName, some.metadata.finalizers]).toEqual(["a-new", ["kubernetes.io/pvc-protection"]]);
    expect((await claim("empty", { storageClassName: "" })).spec.storageClassName).toBe("");
  });

  it("lets a claim grow only when it is bound and its class allows it", async () => {
    const made = await world();
    await made.create("storageclasses/grows", { provisioner: "x.io/p", allowVolumeExpansion: true });
    await made.create("storageclasses/fixed", { provisioner: "x.io/p" });
    const grow = async (name: string, phase: string) => {
      const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: name, volumeName: "v" };
      await made.create(`persistentvolumeclaims/${name}`, { spec });
      await made.patch(`persistentvolumeclaims/${name}/status`, { status: { phase, capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] } });
      return made.patch(`persistentvolumeclaims/${name}`, { spec: { resources: { requests: { storage: "2Gi" } } } });
    };
    expect((await grow("grows", "Bound")).spec.resources.requests.storage).toBe("2Gi");
    expect(await refusal(grow("fixed", "Bound"))).toMatchObject({
      code: 403,
      message: expect.stringContaining("the storageclass that provisions the pvc must support resize"),
    });
  });
});

describe("#3.1 pipeline: Services", () => {
  const small = { clusterIPs: "10.96.0.0/28", nodePorts: [30000, 30003] as const };

  it("hands out every address of the range once, and takes back what is deleted", async () => {
    const made = await world({ ranges: { ...small, nodePorts: [30000, 30003] } });
    const ips = new Set<string>();
    for (let i = 0; i < 14; i++) ips.add((await made.create(`services/s${i}`, service())).spec.clusterIP);
    expect(ips.size).toBe(14);
    expect(await refusal(made.create("services/full", service()))).toMatchObject({ code: 500, message: expect.stringContaining("range is full") });
    const freed = made.get("services/s3").spec.clusterIP;
    await made.remove("services/s3");
    expect((await made.create("services/again", service())).spec.clusterIP).toBe(freed);
  });

  it("takes an address that is asked for, if it is free and in the range", async () => {
    const made = await world();
    const ask = (name: string, clusterIP: string) => made.create(`services/${name}`, service({ clusterIP }));
    expect((await ask("a", "10.96.0.77")).spec.clusterIPs).toEqual(["10.96.0.77"]);
    expect((await refusal(ask("b", "10.96.0.77"))).message).toBe(
      'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is already allocated',
    );
    expect((await refusal(ask("c", "192.168.0.1"))).message).toContain("the provided network does not match the current range");
    expect((await ask("d", "None")).spec.clusterIPs).toEqual(["None"]);
  });

  it("shares one node port between the protocols of a port, and keeps ports over updates", async () => {
    const made = await world({ ranges: { ...small, nodePorts: [30000, 30003] } });
    const ports = [
      { name: "t", port: 53, protocol: "TCP" },
      { name: "u", port: 53, protocol: "UDP" },
    ];
    const made1 = await made.create("services/dns", service({ type: "NodePort", ports }));
    const [tcp, udp] = made1.spec.ports;
    expect(tcp.nodePort).toBe(udp.nodePort);
    const kept = await made.put("services/dns", { metadata: { name: "dns" }, spec: { type: "NodePort", ports } });
    expect([kept.spec.ports[0].nodePort, kept.spec.clusterIP]).toEqual([tcp.nodePort, made1.spec.clusterIP]);
    const ask = (name: string, nodePort: number) => made.create(`services/${name}`, service({ type: "NodePort", ports: [{ port: 80, nodePort }] }));
    expect((await refusal(ask("taken", tcp.nodePort))).message).toContain("provided port is already allocated");
    expect((await refusal(ask("far", 40000))).message).toContain("The range of valid ports is 30000-30003");
  });

  it("has no address as an external name, and gets one when it is none any more", async () => {
    const made: World = await world();
    const external = await made.create("services/a", { spec: { type: "ExternalName", externalName: "x.io" } });
    expect(external.spec.clusterIP).toBeUndefined();
    const inner = await made.put("services/a", { metadata: { name: "a" }, spec: { type: "ClusterIP", ports: [{ port: 80 }] } });
    expect(inner.spec.clusterIP).toMatch(/^10\.96\./);
  });
});

describe("#4.1 the default class of Ingresses", () => {
  const at = { metadata: { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } }, spec: { controller: "a.b/c" } };
  const spec = { defaultBackend: { service: { name: "s", port: { number: 80 } } } };

  it("is the newest that says so, and only for those that name none", async () => {
    const w = await world();
    expect((await w.create("ingresses/none", { spec })).spec.ingressClassName).toBeUndefined();
    await w.create("ingressclasses/b", at);
    await w.create("ingressclasses/a", at);
    await w.create("ingressclasses/plain", { spec: at.spec });
    expect((await w.create("ingresses/tie", { spec })).spec.ingressClassName).toBe("a");
    w.clock.advance(2000);
    await w.create("ingressclasses/z", at);
    expect((await w.create("ingresses/newest", { spec })).spec.ingressClassName).toBe("z");
    expect((await w.create("ingresses/own", { spec: { ...spec, ingressClassName: "" } }).catch((e) => e.status.code)) as unknown).toBe(422);
    const annotated = { metadata: { annotations: { "kubernetes.io/ingress.class": "old" } }, spec };
    expect((await w.create("ingresses/annotated", annotated)).spec.ingressClassName).toBeUndefined();
  });
});
