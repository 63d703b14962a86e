import { expect, it } from "vitest";
import type { Doc } from "../support/http.js";
import { acceptance, CLASS, story } from "../support/kubectl.js";

/** The example as it is printed in many places: volumeMounts stands beside the containers instead of in one. */
const printed = `apiVersion: v1
kind: Service
metadata:
  name: nginx
  labels:
    app: nginx
spec:
  ports:
  - port: 80
    name: web
  clusterIP: None
  selector:
    app: nginx
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: "nginx"
  replicas: 3
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:1.25
        ports:
        - containerPort: 80
          name: web
      volumeMounts:
      - name: www
        mountPath: /usr/share/nginx/html
  volumeClaimTemplates:
  - metadata:
      name: www
    spec:
      accessModes: [ "ReadWriteOnce" ]
      storageClassName: "${CLASS}"
      resources:
        requests:
          storage: 1Gi
`;
const corrected = printed.replace(/ {6}volumeMounts:\n( {6}.*\n)( {6}.*\n)/, (text) => text.replace(/^/gm, "  ").trimEnd().concat("\n"));
const unknown = 'unknown field "spec.template.spec.volumeMounts"';

acceptance("#3.3 the article's example", (fresh) => {
  it("as printed is refused, whole object by whole object", async () => {
    const kubectl = await fresh("printed");
    const { code, stdout, stderr } = await kubectl.run("apply -f -", printed);
    expect([code, stdout, stderr]).toEqual([
      1,
      "service/nginx created\n",
      `Error from server (BadRequest): error when creating "STDIN": StatefulSet in version "v1" cannot be handled as a StatefulSet: strict decoding error: ${unknown}\n`,
    ]);
    expect(await kubectl.names("statefulsets")).toEqual([]);
  });

  it("as printed is accepted with a warning, or silently, when asked so; its pods have the claim and no mount", async () => {
    const kubectl = await fresh("lenient");
    const warned = await kubectl.run("apply --validate=warn -f -", printed);
    expect([warned.code, warned.stdout, warned.stderr]).toEqual([0, "service/nginx created\nstatefulset.apps/web created\n", `Warning: ${unknown}\n`]);
    await kubectl.ok("rollout status sts/web --timeout=30s");
    const pod = await kubectl.json("get pod web-0");
    expect(pod.spec.containers[0].volumeMounts.map((m: { name: string }) => m.name)).not.toContain("www");
    expect(pod.spec.volumes).toContainEqual({ name: "www", persistentVolumeClaim: { claimName: "www-web-0" } });
    await kubectl.ok("delete sts web");
    const silent = await kubectl.run("apply --validate=ignore -f -", printed);
    expect([silent.code, silent.stdout, silent.stderr]).toEqual([0, "service/nginx unchanged\nstatefulset.apps/web created\n", ""]);
  });

  it("corrected: pods one after another, each with its own volume", async () => {
    const kubectl = await fresh("corrected");
    const from = await kubectl.revision();
    expect(await kubectl.ok("apply -f -", corrected)).toBe("service/nginx created\nstatefulset.apps/web created");
    expect(await kubectl.ok("rollout status sts/web --timeout=30s")).toContain("partitioned roll out complete: 3 new pods have been updated...");

    const events = await kubectl.history("pods", from, (es) => story(es).includes("web-2 ready"));
    expect(story(events)).toEqual(["web-0 made", "web-0 ready", "web-1 made", "web-1 ready", "web-2 made", "web-2 ready"]);

    expect(await kubectl.ok("get sts,pods -o jsonpath='{range .items[*]}{.kind} {.metadata.name} {.status.phase}{.status.readyReplicas}{\"\\n\"}{end}'")).toBe(
      "StatefulSet web 3\nPod web-0 Running\nPod web-1 Running\nPod web-2 Running",
    );
    const claims = (await kubectl.json("get pvc")).items;
    expect(claims.map((c: Doc) => [c.metadata.name, c.status.phase, c.spec.storageClassName])).toEqual([0, 1, 2].map((i) => [`www-web-${i}`, "Bound", CLASS]));
    const volumes = await Promise.all(claims.map((c: { spec: { volumeName: string } }) => kubectl.json(`get pv ${c.spec.volumeName}`)));
    expect(new Set(volumes.map((v) => v.metadata.name)).size).toBe(3);
    for (const [i, v] of volumes.entries()) {
      expect([v.spec.claimRef.namespace, v.spec.claimRef.name, v.spec.claimRef.uid]).toEqual([kubectl.namespace, `www-web-${i}`, claims[i].metadata.uid]);
      expect([v.status.phase, v.spec.storageClassName, v.spec.persistentVolumeReclaimPolicy]).toEqual(["Bound", CLASS, "Delete"]);
    }
  });
});
