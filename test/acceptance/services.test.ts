import { expect, it } from "vitest";
import type { Doc } from "../support/http.js";
import { acceptance, type Kubectl } from "../support/kubectl.js";
import { web } from "../support/manifests.js";

/** "name ready" of each endpoint of a service, and its ports. */
async function endpoints(kubectl: Kubectl, service: string): Promise<{ pods: string[]; ports: string[] }> {
  const { items } = await kubectl.json(`get endpointslices -l kubernetes.io/service-name=${service}`);
  return {
    pods: items.flatMap((s: Doc) => (s.endpoints ?? []).map((e: Doc) => `${e.targetRef.name} ${e.conditions.ready}`)).sort(),
    ports: items.flatMap((s: Doc) => (s.ports ?? []).map((p: Doc) => `${p.name} ${p.port}`)),
  };
}

acceptance("#3.3 services", (fresh) => {
  it("endpoints follow the pods: as they come, are not ready, and go", async () => {
    const kubectl = await fresh("slices");
    await kubectl.ok("apply -f -", web({ replicas: 2, claims: false }));
    await kubectl.ok("rollout status sts/web --timeout=30s");
    const slice = "get endpointslices -l kubernetes.io/service-name=nginx -o jsonpath='{.items[*].endpoints[*].targetRef.name}'";
    await kubectl.until(slice, (text) => text.trim().split(" ").sort().join() === "web-0,web-1");
    expect(await endpoints(kubectl, "nginx")).toEqual({ pods: ["web-0 true", "web-1 true"], ports: ["web 80"] });
    const hostnames = await kubectl.ok("get endpointslices -l kubernetes.io/service-name=nginx -o jsonpath='{.items[0].endpoints[*].hostname}'");
    expect(hostnames.split(" ").sort()).toEqual(["web-0", "web-1"]);
    await kubectl.ok("scale sts web --replicas=1");
    await kubectl.until(slice, "web-0");
    await kubectl.ok("delete svc nginx");
    await kubectl.until("get endpointslices -o name", "");
  });

  it("a cluster address is given, kept and unique; a port is named in the complaint", async () => {
    const kubectl = await fresh("address");
    await kubectl.ok("create deployment d --image=nginx --replicas=1");
    expect(await kubectl.ok("expose deploy d --port=80 --target-port=8080")).toBe("service/d exposed");
    const ip = await kubectl.ok("get svc d -o jsonpath={.spec.clusterIP}");
    expect(ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    await kubectl.ok("rollout status deploy/d --timeout=30s");
    await kubectl.until("get endpointslices -l kubernetes.io/service-name=d -o jsonpath='{.items[0].endpoints[0].conditions.ready}'", "true");
    expect(await kubectl.ok("get endpointslices -l kubernetes.io/service-name=d -o jsonpath='{.items[0].ports[0].port}'")).toBe("8080");
    expect(
      await kubectl.fails(`create -f -`, { apiVersion: "v1", kind: "Service", metadata: { name: "other" }, spec: { clusterIP: ip, ports: [{ port: 80 }] } }),
    ).toContain(`spec.clusterIPs: Invalid value: ["${ip}"]: failed to allocate IP ${ip}: provided IP is already allocated`);
    expect(await kubectl.fails(`patch svc d -p '{"spec":{"ports":[{"port":99999}]}}'`)).toContain(
      "Invalid value: 99999: must be between 1 and 65535, inclusive",
    );
    expect(await kubectl.ok("get svc kubernetes -n default -o jsonpath={.spec.ports[0].port}")).toBe("443");
  });
});

acceptance("#3.3 namespaces", (fresh) => {
  it("begin with a service account and the CA; deleted, everything in them goes", async () => {
    const kubectl = await fresh("space");
    await kubectl.until("get cm kube-root-ca.crt -o name", "configmap/kube-root-ca.crt");
    await kubectl.ok("apply -f -", web({ replicas: 2 }));
    await kubectl.ok("rollout status sts/web --timeout=30s");
    await kubectl.ok("create deployment d --image=nginx");
    await kubectl.ok("create cm held");
    await kubectl.ok(`patch cm held -p '{"metadata":{"finalizers":["example.com/hold"]}}'`);
    const volumes = (await kubectl.ok("get pvc -o jsonpath='{.items[*].spec.volumeName}'")).split(" ");
    await kubectl.ok(`delete namespace ${kubectl.namespace} --wait=false`);
    await kubectl.until("get sts,deploy,rs,pods,pvc,svc,sa,cm -o name", "configmap/held");
    expect(await kubectl.ok(`get namespace ${kubectl.namespace} -o jsonpath={.status.phase}`)).toBe("Terminating");
    await kubectl.until(
      `get namespace ${kubectl.namespace} -o jsonpath='{.status.conditions[?(@.type=="NamespaceFinalizersRemaining")].message}'`,
      "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    );
    expect(await kubectl.fails("create cm late")).toContain(`namespace ${kubectl.namespace} because it is being terminated`);
    await kubectl.ok(`patch cm held -p '{"metadata":{"finalizers":null}}'`);
    await kubectl.ok(`wait namespace/${kubectl.namespace} --for=delete --timeout=20s`);
    for (const name of volumes) await kubectl.ok(`wait pv/${name} --for=delete --timeout=20s`);
  });
});
