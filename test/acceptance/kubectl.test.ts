import { expect, it } from "vitest";
import { acceptance } from "../support/kubectl.js";
import { web } from "../support/manifests.js";

const configMap = (data: object, name = "a"): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });

acceptance("#3.1 kubectl: reading", (fresh) => {
  it("get prints tables, wide ones, sorted and selected ones", async () => {
    const kubectl = await fresh("tables");
    await kubectl.ok("apply -f -", web({ replicas: 2 }));
    await kubectl.ok("rollout status sts/web --timeout=30s");
    const table = async (line: string): Promise<string[][]> => (await kubectl.ok(line)).split("\n").map((row) => row.trim().split(/ {2,}/));
    expect((await table("get sts"))[0]).toEqual(["NAME", "READY", "AGE"]);
    expect((await table("get sts web -o wide")).map((row) => [row[0], row[1], row[3], row[4]])).toEqual([
      ["NAME", "READY", "CONTAINERS", "IMAGES"],
      ["web", "2/2", "nginx", "nginx:1.25"],
    ]);
    expect((await table("get pods"))[0]).toEqual(["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    expect((await table("get pods -o wide"))[0]).toEqual(["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE", "READINESS GATES"]);
    expect((await table("get pods --no-headers")).map((row) => row.slice(0, 4))).toEqual([
      ["web-0", "1/1", "Running", "0"],
      ["web-1", "1/1", "Running", "0"],
    ]);
    expect((await table("get pvc"))[0]).toEqual(["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE"]);
    expect(await kubectl.ok("get pods -l apps.kubernetes.io/pod-index=1 -o name")).toBe("pod/web-1");
    expect(await kubectl.ok("get pods -l 'app in (nginx),app!=x' --field-selector status.phase=Running,metadata.name!=web-0 -o name")).toBe("pod/web-1");
    expect(await kubectl.ok("get pods --sort-by=.metadata.name -o custom-columns=N:.metadata.name,C:.spec.containers[*].name")).toBe(
      "N       C\nweb-0   nginx\nweb-1   nginx",
    );
    const none = await kubectl.run("get pods -l app=none");
    expect([none.stdout, none.stderr]).toEqual(["", `No resources found in ${kubectl.namespace} namespace.\n`]);
    expect(await kubectl.fails("get pods none")).toBe('Error from server (NotFound): pods "none" not found');
    expect(await kubectl.fails("get nonsense")).toBe('error: the server doesn\'t have a resource type "nonsense"');
    expect(await kubectl.ok("get pods --chunk-size=1 -o name")).toBe("pod/web-0\npod/web-1");
  });

  it("describe tells a set, a pod, a claim and a node", async () => {
    const kubectl = await fresh("describe");
    await kubectl.ok("apply -f -", web({ replicas: 1 }));
    await kubectl.ok("rollout status sts/web --timeout=30s");
    const set = await kubectl.ok("describe sts web");
    for (const part of [
      /^Name: +web$/m,
      /^Replicas: +1 desired \| 1 total$/m,
      /^Update Strategy: +RollingUpdate$/m,
      /^Pods Status: +1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m,
      /^ {2}Name: +www$/m,
      /Normal +SuccessfulCreate .* statefulset-controller +Create Claim www-web-0 Pod web-0 in StatefulSet web success$/m,
      /Normal +SuccessfulCreate .* statefulset-controller +Create Pod web-0 in StatefulSet web successful$/m,
    ])
      expect(set).toMatch(part);
    const pod = await kubectl.ok("describe pod web-0");
    for (const part of [
      /^Status: +Running$/m,
      /^Controlled By: +StatefulSet\/web$/m,
      /^ +ClaimName: +www-web-0$/m,
      /Normal +Scheduled .* default-scheduler +Successfully assigned/m,
    ])
      expect(pod).toMatch(part);
    expect(await kubectl.ok("describe pvc www-web-0")).toMatch(/^Used By: +web-0$/m);
    const node = await kubectl.ok(`describe node ${await kubectl.ok("get pod web-0 -o jsonpath={.spec.nodeName}")}`);
    expect(node).toMatch(/^ {2}Ready +True .* kubelet is posting ready status$/m);
    expect(node).toMatch(new RegExp(`^ {2}${kubectl.namespace} +web-0 `, "m"));
  });

  it("get -w shows changes as they come, wait ends when they have, delete waits", async () => {
    const kubectl = await fresh("watch");
    await kubectl.ok("create cm first");
    const child = kubectl.start("get cm -w --output-watch-events -o custom-columns=E:.type,N:.object.metadata.name,V:.object.data.v --no-headers");
    let text = "";
    const lines = (): string[] =>
      text
        .split("\n")
        .map((line) => line.trim().split(/ +/).join(" "))
        .filter((line) => / (first|seen) /.test(line));
    let told = (): void => {};
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      told();
    });
    const saw = async (count: number): Promise<void> => {
      while (lines().length < count)
        await new Promise<void>((resolve) => {
          told = resolve;
        }); // prettier-ignore
    };
    await saw(1);
    await kubectl.ok("create cm seen --from-literal=v=1");
    await kubectl.ok(`patch cm seen -p '{"data":{"v":"2"}}'`);
    await kubectl.ok("delete cm seen");
    await saw(4);
    child.kill();
    expect(lines()).toEqual(["ADDED first <none>", "ADDED seen 1", "MODIFIED seen 2", "DELETED seen 2"]);

    await kubectl.ok("run p --image=busybox");
    expect(await kubectl.ok("wait pod/p --for=condition=Ready --timeout=20s")).toBe("pod/p condition met");
    expect(await kubectl.ok("wait pod/p --for=jsonpath={.status.phase}=Running --timeout=5s")).toBe("pod/p condition met");
    expect(await kubectl.ok("delete pod p --grace-period=1")).toBe('pod "p" deleted');
    expect(await kubectl.fails("get pod p")).toBe('Error from server (NotFound): pods "p" not found');
    expect(await kubectl.fails("wait pod/p --for=condition=Ready --timeout=1s")).toBe('Error from server (NotFound): pods "p" not found');
  });

  it("explain, api-resources, api-versions and version speak of what is served", async () => {
    const kubectl = await fresh("explain");
    const explained = await kubectl.ok("explain sts.spec.updateStrategy");
    expect(explained).toMatch(/^GROUP: +apps\nKIND: +StatefulSet\nVERSION: +v1\n\nFIELD: updateStrategy <StatefulSetUpdateStrategy>/);
    expect(explained).toMatch(/^ {2}rollingUpdate\t<RollingUpdateStatefulSetStrategy>$/m);
    expect(await kubectl.ok("explain pvc.spec --recursive")).toMatch(/^ {4}requests\t<map\[string\]Quantity>$/m);
    expect(await kubectl.fails("explain sts.spec.nonsense")).toBe('error: field "nonsense" does not exist');
    expect(await kubectl.ok("api-resources --api-group=apps -o name")).toContain("statefulsets.apps");
    expect(await kubectl.ok("api-resources --namespaced=false -o name")).toMatch(/^persistentvolumes$/m);
    expect((await kubectl.ok("api-versions")).split("\n")).toEqual(expect.arrayContaining(["apps/v1", "storage.k8s.io/v1", "v1"]));
    expect(JSON.parse(await kubectl.ok("version -o json")).serverVersion).toMatchObject({ major: "1" });
  });
});

acceptance("#3.1 kubectl: writing", (fresh) => {
  it("apply creates, configures, leaves alone, and prunes what the last one set", async () => {
    const kubectl = await fresh("apply");
    expect(await kubectl.ok("apply -f -", configMap({ a: "1", b: "2" }))).toBe("configmap/a created");
    expect(await kubectl.ok("apply -f -", configMap({ a: "1", b: "2" }))).toBe("configmap/a unchanged");
    await kubectl.ok(`patch cm a -p '{"data":{"c":"3"}}'`);
    expect(await kubectl.ok("apply -f -", configMap({ a: "9" }))).toBe("configmap/a configured");
    expect(await kubectl.ok("get cm a -o jsonpath={.data}")).toBe('{"a":"9","c":"3"}');
    const diff = await kubectl.run("diff -f -", configMap({ a: "10" }));
    expect([diff.code, /^-\s+a: "9"$/m.test(diff.stdout), /^\+\s+a: "10"$/m.test(diff.stdout)]).toEqual([1, true, true]);
    expect(await kubectl.ok("apply --dry-run=server -f -", configMap({ a: "11" }))).toBe("configmap/a configured (server dry run)");
    expect(await kubectl.ok("get cm a -o jsonpath={.data.a}")).toBe("9");
  });

  it("server-side apply has owners and conflicts", async () => {
    const kubectl = await fresh("owners");
    expect(await kubectl.ok("apply --server-side -f -", configMap({ a: "1" }))).toBe("configmap/a serverside-applied");
    expect(await kubectl.fails("apply --server-side --field-manager=other -f -", configMap({ a: "2" }))).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl": .data.a',
    );
    expect(await kubectl.ok("apply --server-side --field-manager=other --force-conflicts -f -", configMap({ a: "2" }))).toBe("configmap/a serverside-applied");
    expect(await kubectl.ok("get cm a --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.operation};{end}'")).toBe(
      "other Apply;",
    );
  });

  it("patches of three kinds, labels, annotations, replace, and typed creates in protobuf", async () => {
    const kubectl = await fresh("patch");
    await kubectl.ok("create cm a --from-literal=x=1");
    await kubectl.ok(`patch cm a --type=json -p '[{"op":"add","path":"/data/y","value":"2"}]'`);
    await kubectl.ok(`patch cm a --type=merge -p '{"data":{"x":null}}'`);
    expect(await kubectl.ok("get cm a -o jsonpath={.data}")).toBe('{"y":"2"}');
    expect(await kubectl.ok("label cm a k=v")).toBe("configmap/a labeled");
    expect(await kubectl.fails("label cm a k=w")).toBe("error: 'k' already has a value (v), and --overwrite is false");
    // kubectl before 1.28 says "annotate"
    expect(await kubectl.ok("annotate cm a note=b")).toMatch(/^configmap\/a annotated?$/);
    expect(await kubectl.ok("replace -f -", configMap({ z: "1" }))).toBe("configmap/a replaced");
    expect(await kubectl.ok("get cm a -o jsonpath={.data}{.metadata.labels}")).toBe('{"z":"1"}');
    expect(await kubectl.ok("create secret generic s --from-literal=k=v")).toBe("secret/s created");
    expect(await kubectl.ok("get secret s -o jsonpath={.type}/{.data.k}")).toBe("Opaque/dg==");
    expect(await kubectl.ok("create sa robot")).toBe("serviceaccount/robot created");
    expect(await kubectl.ok("create service clusterip s --tcp=80:8080")).toBe("service/s created");
    expect(await kubectl.fails("create cm a")).toBe('error: failed to create configmap: configmaps "a" already exists');
    expect(await kubectl.fails("create cm Bad_Name")).toContain(
      'ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of',
    );
    expect(await kubectl.ok("delete cm a --dry-run=server")).toBe('configmap "a" deleted (server dry run)');
    expect(await kubectl.ok("delete cm -l nothing=here")).toBe("No resources found");
  });
});

acceptance(
  "#3.1 kubectl: nodes",
  (fresh) => {
    it("drain moves pods elsewhere and keeps new ones away", async () => {
      const kubectl = await fresh("drain");
      await kubectl.ok("apply -f -", web({ replicas: 2, claims: false }));
      await kubectl.ok("rollout status sts/web --timeout=30s");
      const node = await kubectl.ok("get pod web-0 -o jsonpath={.spec.nodeName}");
      const drained = await kubectl.ok(`drain ${node} --pod-selector=app=nginx --timeout=20s`);
      expect(drained).toContain(`evicting pod ${kubectl.namespace}/web-0`);
      await kubectl.until("get sts web -o jsonpath={.status.readyReplicas}", "2");
      expect(await kubectl.ok("get pod web-0 -o jsonpath={.spec.nodeName}")).not.toBe(node);
      expect((await kubectl.ok(`get node ${node}`)).split("\n")[1]).toMatch(/ Ready,SchedulingDisabled /);
      expect(await kubectl.ok(`uncordon ${node}`)).toBe(`node/${node} uncordoned`);
    });
  },
  { oursBecause: "it drains a node" },
);

acceptance(
  "#3.1 kubectl: what is not there",
  (fresh) => {
    it("is refused at once and by name", async () => {
      const kubectl = await fresh("missing");
      await kubectl.ok("run p --image=busybox");
      await kubectl.ok("wait pod/p --for=condition=Ready --timeout=20s");
      expect(await kubectl.fails("logs p")).toBe("Error from server (NotImplemented): mockube does not support pods/log");
      expect(await kubectl.fails("exec p -- ls")).toContain("mockube does not support pods/exec");
      const scope = { group: "example.com", scope: "Cluster", names: { plural: "things", kind: "Thing" } };
      const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }];
      const definition = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "things.example.com" } };
      expect(await kubectl.fails("create -f -", { ...definition, spec: { ...scope, versions } })).toContain(
        "mockube does not support customresourcedefinitions.apiextensions.k8s.io",
      );
    });
  },
  { oursBecause: "it is about what we leave out" },
);
