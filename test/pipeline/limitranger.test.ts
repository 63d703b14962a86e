import { describe, expect, it } from "vitest";
import { refusal, type World, world } from "./world.js";

type List = Record<string, string>;
const container = (name: string, resources: object = {}) => ({ name, image: "i", resources });
const pod = (...containers: object[]) => ({ spec: { containers } });
const claim = (storage: string) => ({ spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } } });

async function limited(...limits: object[]): Promise<World> {
  const made = await world();
  await made.create("limitranges/lr", { spec: { limits } });
  return made;
}

describe("#4.5 LimitRanger: defaults", () => {
  const limits = { type: "Container", default: { cpu: "500m", memory: "1Gi" }, defaultRequest: { cpu: "200m", memory: "64Mi" } };

  it("fills in what containers leave out, and says so", async () => {
    const made = await limited(limits);
    const made1 = await made.create("pods/a", {
      spec: { containers: [container("c"), container("d", { limits: { cpu: "400m" } })], initContainers: [container("i", { requests: { memory: "1Mi" } })] },
    });
    const resources = [...made1.spec.containers, ...made1.spec.initContainers].map((c: { resources: object }) => c.resources);
    expect(resources).toEqual([
      { limits: { cpu: "500m", memory: "1Gi" }, requests: { cpu: "200m", memory: "64Mi" } },
      // a limit makes the request, before any range is asked
      { limits: { cpu: "400m", memory: "1Gi" }, requests: { cpu: "400m", memory: "64Mi" } },
      { limits: { cpu: "500m", memory: "1Gi" }, requests: { cpu: "200m", memory: "1Mi" } },
    ]);
    expect(made1.metadata.annotations?.["kubernetes.io/limit-ranger"]).toBe(
      "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c; memory request for container d; memory limit for container d; cpu request for init container i; cpu, memory limit for init container i",
    );
  });

  it("leaves pods alone that say everything, and those that are there already", async () => {
    const made = await world();
    const old = await made.create("pods/old", pod(container("c")));
    await made.create("limitranges/lr", { spec: { limits: [limits, { type: "Container", min: { cpu: "1" } }].slice(0, 1) } });
    const full = { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1", memory: "1Gi" } };
    expect((await made.create("pods/full", pod(container("c", full)))).metadata.annotations).toBeUndefined();
    const updated = await made.put("pods/old", { ...old, metadata: { ...old.metadata, labels: { a: "b" } } });
    expect([updated.metadata.annotations, updated.spec.containers[0].resources]).toEqual([undefined, {}]);
  });
});

describe("#4.5 LimitRanger: bounds", () => {
  const of = (requests?: List, limits?: List) => container("c", { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) });
  it.each<[string, object, object, string]>([
    [
      "no request",
      { type: "Container", min: { "ephemeral-storage": "1Gi" } },
      of({ cpu: "1" }, { "ephemeral-storage": "1" }),
      "minimum ephemeral-storage usage per Container is 1Gi, but request is 1",
    ],
    ["request below", { type: "Container", min: { cpu: "100m" } }, of({ cpu: "50m" }), "minimum cpu usage per Container is 100m, but request is 50m"],
    [
      "limit above",
      { type: "Container", max: { memory: "1Gi" } },
      of(undefined, { memory: "2048Mi" }),
      "maximum memory usage per Container is 1Gi, but limit is 2Gi",
    ],
    [
      "ratio",
      { type: "Container", maxLimitRequestRatio: { cpu: "4" } },
      of({ cpu: "100m" }, { cpu: "1" }),
      "cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000",
    ],
    [
      "no limit for a ratio",
      { type: "Container", maxLimitRequestRatio: { cpu: "4" } },
      of({ cpu: "1" }),
      "cpu max limit to request ratio per Container is 4, but no limit is specified or limit is 0",
    ],
    [
      "no request for a ratio",
      { type: "Pod", maxLimitRequestRatio: { cpu: "4" } },
      of(),
      "cpu max limit to request ratio per Pod is 4, but no request is specified or request is 0",
    ],
    ["pod without a limit", { type: "Pod", max: { cpu: "1" } }, of({ cpu: "1" }), "maximum cpu usage per Pod is 1.  No limit is specified"],
    ["pod without a request", { type: "Pod", min: { cpu: "1" } }, of({ memory: "1" }), "minimum cpu usage per Pod is 1.  No request is specified"],
    [
      "several",
      { type: "Pod", max: { cpu: "1", memory: "1" }, min: { cpu: "1" } },
      of({ cpu: "1m" }, { cpu: "2", memory: "2" }),
      "[minimum cpu usage per Pod is 1, but request is 1m, maximum cpu usage per Pod is 1, but limit is 2, maximum memory usage per Pod is 1, but limit is 2]",
    ],
  ])("%s", async (_, limits, one, message) => {
    const made = await limited(limits);
    const status = await refusal(made.create("pods/x", pod(one)));
    expect(status).toMatchObject({ code: 403, reason: "Forbidden", details: { name: "x", kind: "pods" }, message: `pods "x" is forbidden: ${message}` });
  });

  it("says the same thing about two containers once", async () => {
    const made = await limited({ type: "Container", max: { cpu: "1" } });
    const two = { limits: { cpu: "2" } };
    expect((await refusal(made.create("pods/x", pod(container("c", two), container("d", two))))).message).toBe(
      'pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    );
  });

  it("counts a pod's own cpu instead of its containers', and no overhead", async () => {
    const made = await limited({ type: "Pod", max: { cpu: "1500m" } });
    const half = container("c", { limits: { cpu: "500m" }, requests: { cpu: "100m" } });
    await made.create("pods/fits", { spec: { containers: [half], resources: { limits: { cpu: "1" }, requests: { cpu: "1" } } } });
    expect((await refusal(made.create("pods/x", { spec: { containers: [half], resources: { limits: { cpu: "2" }, requests: { cpu: "1" } } } }))).message).toBe(
      'pods "x" is forbidden: maximum cpu usage per Pod is 1500m, but limit is 2',
    );
  });

  it("judges claims by what they request, on updates too", async () => {
    const made = await limited({ type: "PersistentVolumeClaim", max: { storage: "5Gi" }, min: { storage: "1Gi" } });
    const refused = async (storage: string) => (await refusal(made.create("persistentvolumeclaims/c", claim(storage)))).message;
    expect(await refused("9Gi")).toBe('persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 9Gi');
    expect(await refused("1Mi")).toBe('persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi');
    const fits = await made.create("persistentvolumeclaims/c", claim("2Gi"));
    await made.create("limitranges/more", { spec: { limits: [{ type: "PersistentVolumeClaim", min: { storage: "3Gi" } }] } });
    expect((await refusal(made.put("persistentvolumeclaims/c", { ...fits, metadata: { ...fits.metadata, labels: { a: "b" } } }))).message).toContain(
      "minimum storage",
    );
  });
});

describe("#4.1 LimitRange", () => {
  it("without a name gets a uid for one; nobody else does", async () => {
    const made = await world();
    expect((await made.create("limitranges", { spec: { limits: [] } })).metadata.name).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect((await refusal(made.create("configmaps", {}))).message).toContain("name or generateName is required");
  });
});
