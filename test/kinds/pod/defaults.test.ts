import { describe, expect, it } from "vitest";
import { imageTag } from "../../../kinds/core/pod/image.js";
import { pod } from "../../../kinds/core/pod/index.js";
import { rawPod } from "./fixtures.js";

const defaulted = (spec: object = {}, container: object = {}) => {
  const object = rawPod(spec, container);
  pod.defaults?.(object);
  return object.spec;
};

const RICH = {
  hostNetwork: true,
  serviceAccount: "old-name",
  terminationGracePeriodSeconds: -5,
  volumes: [
    { name: "none" },
    { name: "s", secret: { secretName: "s" } },
    { name: "c", configMap: { name: "c" } },
    { name: "h", hostPath: { path: "/x" } },
    { name: "i", iscsi: { targetPortal: "p", iqn: "iqn.2001-04.com.example:disk", lun: 0 } },
    { name: "r", rbd: { monitors: ["m"], image: "i" } },
    { name: "d", downwardAPI: { items: [{ path: "p", fieldRef: { fieldPath: "metadata.name" } }] } },
    { name: "a", azureDisk: { diskName: "d", diskURI: "u" } },
    {
      name: "p",
      projected: { sources: [{ serviceAccountToken: { path: "t" } }, { downwardAPI: { items: [{ path: "n", fieldRef: { fieldPath: "metadata.name" } }] } }] },
    },
    { name: "x", scaleIO: { gateway: "g", system: "s", secretRef: {} } },
    { name: "e", ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: "1Gi" } } } } } },
    { name: "o", image: { reference: "registry.local/data" } },
  ],
  initContainers: [{ name: "init", image: "busybox", resources: { limits: { cpu: "1" } } }],
  ephemeralContainers: [{ name: "dbg", image: "busybox@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }],
};
const RICH_CONTAINER = {
  ports: [{ containerPort: 80 }],
  env: [{ name: "N", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
  resources: { limits: { cpu: "2", memory: "1Gi" }, requests: { cpu: "1" } },
  livenessProbe: { httpGet: { port: 80 } },
  readinessProbe: { grpc: { port: 9 } },
  lifecycle: { preStop: { httpGet: { port: 1 } } },
};

describe("#3.1 pod defaults", () => {
  it("are idempotent", () => {
    const object = rawPod(RICH, RICH_CONTAINER);
    pod.defaults?.(object);
    const once = structuredClone(object);
    pod.defaults?.(object);
    expect(object).toEqual(once);
  });

  it("fill a minimal pod", () => {
    expect(defaulted()).toEqual({
      containers: [
        {
          name: "app",
          image: "registry.local/app:1",
          imagePullPolicy: "IfNotPresent",
          resources: {},
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
        },
      ],
      dnsPolicy: "ClusterFirst",
      enableServiceLinks: true,
      restartPolicy: "Always",
      schedulerName: "default-scheduler",
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    });
  });

  it("know every volume source", () => {
    const volumes = Object.fromEntries(defaulted(RICH).volumes.map(({ name, ...source }: { name: string }) => [name, source]));
    expect(volumes.none).toEqual({ emptyDir: {} });
    expect(volumes.s.secret.defaultMode).toBe(420);
    expect(volumes.c.configMap.defaultMode).toBe(420);
    expect(volumes.h.hostPath.type).toBe("");
    expect(volumes.i.iscsi.iscsiInterface).toBe("default");
    expect(volumes.r.rbd).toMatchObject({ pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" });
    expect(volumes.d.downwardAPI).toEqual({ defaultMode: 420, items: [{ path: "p", fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } }] });
    expect(volumes.a.azureDisk).toMatchObject({ cachingMode: "ReadWrite", fsType: "ext4", readOnly: false, kind: "Shared" });
    expect(volumes.p.projected.sources[0].serviceAccountToken.expirationSeconds).toBe(3600);
    expect(volumes.p.projected.sources[1].downwardAPI.items[0].fieldRef.apiVersion).toBe("v1");
    expect(volumes.x.scaleIO).toMatchObject({ storageMode: "ThinProvisioned", fsType: "xfs" });
    expect(volumes.e.ephemeral.volumeClaimTemplate.spec.volumeMode).toBe("Filesystem");
    expect(volumes.o.image.pullPolicy).toBe("Always");
  });

  it("treat the host's network, requests, probes and aliases as upstream does", () => {
    const spec = defaulted(RICH, RICH_CONTAINER);
    const [c] = spec.containers;
    expect(c.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: "TCP" }]);
    expect(c.resources.requests).toEqual({ cpu: "1", memory: "1Gi" });
    expect(spec.initContainers[0].resources.requests).toEqual({ cpu: "1" });
    expect(c.livenessProbe).toEqual({
      httpGet: { port: 80, path: "/", scheme: "HTTP" },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
    expect(c.readinessProbe.grpc).toEqual({ port: 9, service: "" });
    expect(c.lifecycle.preStop.httpGet).toEqual({ port: 1, path: "/", scheme: "HTTP" });
    expect(c.env[0].valueFrom.fieldRef.apiVersion).toBe("v1");
    expect(spec.serviceAccountName).toBe("old-name");
    expect(spec.terminationGracePeriodSeconds).toBe(1);
    expect(spec.ephemeralContainers[0].imagePullPolicy).toBe("IfNotPresent");
  });

  it("derive pod-level requests from containers, then from limits", () => {
    const spec = defaulted({ resources: { limits: { cpu: "4", memory: "2Gi" } } }, { resources: { requests: { cpu: "500m" } } });
    expect(spec.resources.requests).toEqual({ cpu: "500m", memory: "2Gi" });
  });

  it.each([
    ["nginx", "latest"],
    ["nginx:1.27", "1.27"],
    ["host:5000/a/b", "latest"],
    ["host:5000/a/b:v2", "v2"],
    ["a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ""],
    ["Not An Image", ""],
    ["nginx:", ""],
  ])("read the tag of %s", (image, tag) => {
    expect(imageTag(image)).toBe(tag);
  });
});
