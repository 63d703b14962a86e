import { expect, it } from "vitest";
import type { Doc } from "../support/http.js";
import { acceptance, type Kubectl, story } from "../support/kubectl.js";
import { web } from "../support/manifests.js";

const START = ["web-0 made", "web-0 ready", "web-1 made", "web-1 ready", "web-2 made", "web-2 ready"];

/** A set that is complete, and the revision at which it is. */
async function up(kubectl: Kubectl, options: Parameters<typeof web>[0] = {}): Promise<string> {
  await kubectl.ok("apply -f -", web(options));
  await settled(kubectl, options?.replicas ?? 3);
  return kubectl.revision();
}
const settled = (kubectl: Kubectl, n: number) =>
  kubectl.until("get sts web -o json", (text) => {
    const { metadata, spec, status } = JSON.parse(text);
    return status.observedGeneration === metadata.generation && spec.replicas === n && (status.readyReplicas ?? 0) === n && status.replicas === n;
  });
/** "name image" of each pod. */
const images = async (kubectl: Kubectl): Promise<string[]> =>
  (await kubectl.json("get pods -l app=nginx")).items.map((pod: Doc) => `${pod.metadata.name} ${pod.spec.containers[0].image}`);
const identities = async (kubectl: Kubectl, what: string): Promise<Record<string, string>> =>
  Object.fromEntries((await kubectl.json(`get ${what}`)).items.map((item: Doc) => [item.metadata.name, item.metadata.uid]));

acceptance("#3.3 StatefulSet: identity and order", (fresh) => {
  it("a deleted pod comes back with its name, its host name and its claim", async () => {
    const kubectl = await fresh("identity");
    await up(kubectl);
    const [pods, claims] = [await identities(kubectl, "pods"), await identities(kubectl, "pvc")];
    const volume = await kubectl.ok("get pvc www-web-1 -o jsonpath={.spec.volumeName}");
    expect(await kubectl.ok("delete pod web-1 --wait=false")).toBe('pod "web-1" deleted');
    await kubectl.until("get pod web-1 -o jsonpath={.metadata.uid}", (uid) => uid !== pods["web-1"]);
    await kubectl.ok("wait pod/web-1 --for=condition=Ready --timeout=20s");
    const again = await kubectl.json("get pod web-1");
    expect(again.spec).toMatchObject({ hostname: "web-1", subdomain: "nginx" });
    expect(again.spec.volumes).toContainEqual({ name: "www", persistentVolumeClaim: { claimName: "www-web-1" } });
    expect(again.metadata.labels).toMatchObject({ "statefulset.kubernetes.io/pod-name": "web-1", "apps.kubernetes.io/pod-index": "1" });
    expect(await identities(kubectl, "pvc")).toEqual(claims);
    expect(await kubectl.ok("get pvc www-web-1 -o jsonpath={.spec.volumeName}")).toBe(volume);
    const others = await identities(kubectl, "pods");
    expect([others["web-0"], others["web-2"]]).toEqual([pods["web-0"], pods["web-2"]]);
  });

  it("scales in from the end, one by one, keeps the claims, and takes them again when it grows", async () => {
    const kubectl = await fresh("scale");
    const from = await up(kubectl);
    const claims = await identities(kubectl, "pvc");
    expect(await kubectl.ok("scale sts web --replicas=1")).toBe("statefulset.apps/web scaled");
    const events = await kubectl.history("pods", from, (es) => story(es).includes("web-1 gone"));
    expect(story(events).filter((line) => /ending|gone/.test(line))).toEqual(["web-2 ending", "web-2 gone", "web-1 ending", "web-1 gone"]);
    await settled(kubectl, 1);
    expect(await identities(kubectl, "pvc")).toEqual(claims);
    expect(await kubectl.fails("scale sts web --current-replicas=5 --replicas=2")).toBe("error: Expected replicas to be 5, was 1");
    await kubectl.ok("scale sts web --replicas=3");
    await settled(kubectl, 3);
    expect(await identities(kubectl, "pvc")).toEqual(claims);
  });

  it("waits at a pod that is not ready; with podManagementPolicy Parallel it does not", async () => {
    const nowhere = { nodeSelector: { "example.com/there": "is-none" } };
    const ordered = await fresh("ordered");
    await ordered.ok("apply -f -", web({ claims: false, pod: nowhere }));
    await ordered.until("get events --field-selector reason=FailedScheduling -o jsonpath={.items[0].message}", /didn't match Pod's node affinity\/selector/);
    expect(await ordered.names("pods")).toEqual(["web-0"]);
    const parallel = await fresh("parallel");
    await parallel.ok("apply -f -", web({ claims: false, pod: nowhere, spec: { podManagementPolicy: "Parallel" } }));
    await parallel.until("get pods -o name", "pod/web-0\npod/web-1\npod/web-2");
  });

  it("ordinals start where spec.ordinals says", async () => {
    const kubectl = await fresh("ordinals");
    await up(kubectl, { replicas: 2, claims: false, spec: { ordinals: { start: 5 } } });
    expect(await kubectl.names("pods")).toEqual(["web-5", "web-6"]);
  });

  it("refuses what may not change, in the server's words", async () => {
    const kubectl = await fresh("immutable");
    await kubectl.ok("apply -f -", web({ replicas: 0 }));
    expect(await kubectl.fails(`patch sts web -p '{"spec":{"serviceName":"other"}}'`)).toBe(
      "The StatefulSet \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    );
    expect(await kubectl.fails("scale sts web --replicas=-1")).toBe(
      "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
    );
  });
});

acceptance("#3.3 StatefulSet: updates", (fresh) => {
  it("a rolling update goes from the highest ordinal down and stops at the partition; history and undo follow", async () => {
    const kubectl = await fresh("rolling");
    await up(kubectl);
    await kubectl.ok(`patch sts web -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}'`);
    const from = await kubectl.revision();
    expect(await kubectl.ok("set image sts/web nginx=nginx:1.26")).toBe("statefulset.apps/web image updated");
    await kubectl.until("get sts web -o jsonpath={.status.updatedReplicas}/{.status.readyReplicas}", "1/3");
    expect(await images(kubectl)).toEqual(["web-0 nginx:1.25", "web-1 nginx:1.25", "web-2 nginx:1.26"]);

    // below the partition a deleted pod returns as it was
    const old = (await identities(kubectl, "pods"))["web-0"];
    await kubectl.ok("delete pod web-0 --wait=false");
    await kubectl.until("get pod web-0 -o jsonpath={.metadata.uid}", (uid) => uid !== old);
    await kubectl.until("get sts web -o jsonpath={.status.updatedReplicas}/{.status.readyReplicas}", "1/3");
    expect((await images(kubectl))[0]).toBe("web-0 nginx:1.25");

    const second = await kubectl.revision();
    await kubectl.ok(`patch sts web -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'`);
    await kubectl.ok("rollout status sts/web --timeout=30s");
    const events = await kubectl.history("pods", second, (es) => story(es).filter((l) => l === "web-0 ready").length === 1);
    expect(story(events).filter((line) => /gone|ready/.test(line))).toEqual(["web-1 gone", "web-1 ready", "web-0 gone", "web-0 ready"]);
    expect(await images(kubectl)).toEqual(["web-0 nginx:1.26", "web-1 nginx:1.26", "web-2 nginx:1.26"]);
    expect(Number(second)).toBeGreaterThan(Number(from));

    expect(await kubectl.ok("rollout history sts/web")).toBe("statefulset.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>");
    expect(await kubectl.ok("rollout undo sts/web")).toBe("statefulset.apps/web rolled back");
    await kubectl.until("get sts web -o json", (text) => {
      const { metadata, status } = JSON.parse(text);
      return status.observedGeneration === metadata.generation && status.updatedReplicas === 3 && status.readyReplicas === 3;
    });
    expect(await images(kubectl)).toEqual(["web-0 nginx:1.25", "web-1 nginx:1.25", "web-2 nginx:1.25"]);
    expect(await kubectl.ok("rollout history sts/web")).toBe("statefulset.apps/web \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>");
    expect(await kubectl.names("controllerrevisions")).toHaveLength(2);
    expect(await kubectl.fails("rollout undo sts/web --to-revision=9")).toBe("error: unable to find specified revision 9 in history");
  });

  it("OnDelete changes a pod only when it is deleted", async () => {
    const kubectl = await fresh("ondelete");
    await up(kubectl, { replicas: 2, spec: { updateStrategy: { type: "OnDelete" } } });
    await kubectl.ok("set image sts/web nginx=nginx:1.26");
    await kubectl.until("get sts web -o json", (text) => {
      const { metadata, status } = JSON.parse(text);
      return status.observedGeneration === metadata.generation && status.updateRevision !== status.currentRevision;
    });
    expect(await images(kubectl)).toEqual(["web-0 nginx:1.25", "web-1 nginx:1.25"]);
    expect(await kubectl.fails("rollout status sts/web")).toBe("error: rollout status is only available for RollingUpdate strategy type");
    await kubectl.ok("delete pod web-0 --wait=false");
    await kubectl.until("get sts web -o jsonpath={.status.updatedReplicas}/{.status.readyReplicas}", "1/2");
    expect(await images(kubectl)).toEqual(["web-0 nginx:1.26", "web-1 nginx:1.25"]);
  });

  it("restart replaces every pod and keeps every claim", async () => {
    const kubectl = await fresh("restart");
    await up(kubectl, { replicas: 2 });
    const [pods, claims] = [await identities(kubectl, "pods"), await identities(kubectl, "pvc")];
    expect(await kubectl.ok("rollout restart sts web")).toBe("statefulset.apps/web restarted");
    await kubectl.until("get sts web -o jsonpath={.status.updatedReplicas}/{.status.readyReplicas}/{.status.observedGeneration}", "2/2/2");
    const now = await identities(kubectl, "pods");
    expect([now["web-0"] === pods["web-0"], now["web-1"] === pods["web-1"]]).toEqual([false, false]);
    expect(await identities(kubectl, "pvc")).toEqual(claims);
  });

  it("a reverted bad template does nothing until the broken pod is deleted", async () => {
    const kubectl = await fresh("trap");
    await up(kubectl, { replicas: 2, claims: false });
    await kubectl.ok(`patch sts web -p '{"spec":{"template":{"spec":{"nodeSelector":{"example.com/there":"is-none"}}}}}'`);
    await kubectl.until("get events --field-selector reason=FailedScheduling,involvedObject.name=web-1 -o jsonpath={.items[0].reason}", "FailedScheduling");
    const broken = (await identities(kubectl, "pods"))["web-1"];
    await kubectl.ok(`patch sts web -p '{"spec":{"template":{"spec":{"nodeSelector":null}}}}'`);
    await kubectl.until("get sts web -o jsonpath={.status.observedGeneration}", "3");
    const pod = await kubectl.json("get pod web-1");
    expect([pod.metadata.uid, pod.status.phase]).toEqual([broken, "Pending"]);
    await kubectl.ok("delete pod web-1 --wait=false");
    await settled(kubectl, 2);
    expect((await kubectl.json("get pod web-1")).spec.nodeSelector).toBeUndefined();
  });
});

acceptance("#3.3 StatefulSet: what it leaves", (fresh) => {
  it("claims stay when the set goes, and a new one finds them", async () => {
    const kubectl = await fresh("retain");
    await up(kubectl, { replicas: 2 });
    const claims = await identities(kubectl, "pvc");
    expect(await kubectl.ok("delete sts web")).toBe('statefulset.apps "web" deleted');
    await kubectl.until("get pods -o name", "");
    expect(await identities(kubectl, "pvc")).toEqual(claims);
    await up(kubectl, { replicas: 2 });
    expect(await identities(kubectl, "pvc")).toEqual(claims);
  });

  it("persistentVolumeClaimRetentionPolicy: whenScaled and whenDeleted take claims away", async () => {
    const kubectl = await fresh("policy");
    await up(kubectl, { replicas: 2, spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Delete" } } });
    expect(await kubectl.ok("get pvc www-web-0 -o jsonpath={.metadata.ownerReferences[0].kind}/{.metadata.ownerReferences[0].name}")).toBe("StatefulSet/web");
    await kubectl.ok("scale sts web --replicas=1");
    await kubectl.until("get pvc -o name", "persistentvolumeclaim/www-web-0");
    await kubectl.ok("delete sts web");
    await kubectl.until("get pods,pvc -o name", "");
  });

  it("orphans stay as they are and are taken in again", async () => {
    const kubectl = await fresh("orphan");
    await up(kubectl, { replicas: 2 });
    const pods = await identities(kubectl, "pods");
    await kubectl.ok("delete sts web --cascade=orphan");
    await kubectl.until("get pods -o jsonpath={.items[*].metadata.ownerReferences}", "");
    expect(await identities(kubectl, "pods")).toEqual(pods);
    await up(kubectl, { replicas: 2 });
    expect(await identities(kubectl, "pods")).toEqual(pods);
    expect(await kubectl.ok("get pod web-0 -o jsonpath={.metadata.ownerReferences[0].kind}")).toBe("StatefulSet");
  });

  it("begins with web-0 and ends with nothing: the whole life in one watch", async () => {
    const kubectl = await fresh("life");
    const from = await kubectl.revision();
    await up(kubectl);
    await kubectl.ok("scale sts web --replicas=0");
    const events = await kubectl.history("pods", from, (es) => story(es).includes("web-0 gone"));
    const ends = ["web-2 ending", "web-2 gone", "web-1 ending", "web-1 gone", "web-0 ending", "web-0 gone"];
    expect(story(events)).toEqual([...START, ...ends]);
  });
});
