// create → watch → patch → apply → delete with @kubernetes/client-node.
import { CoreV1Api, KubeConfig, KubernetesObjectApi, PatchStrategy, setHeaderOptions, Watch } from "@kubernetes/client-node";

const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const objects = KubernetesObjectApi.makeApiClient(config);
const namespace = "default";
const name = "story";

/** Events of the one object, handed out in order. */
const events = [];
let wake = () => {};
async function next() {
  while (events.length === 0) await new Promise((resolve) => (wake = resolve));
  return events.shift();
}
function expect(value, wanted) {
  if (value !== wanted) throw new Error(`expected ${wanted}, not ${value}`);
}
const text = (data) =>
  Object.entries(data ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

const { metadata } = await core.listNamespacedConfigMap({ namespace });
const watch = await new Watch(config).watch(
  `/api/v1/namespaces/${namespace}/configmaps`,
  { fieldSelector: `metadata.name=${name}`, resourceVersion: metadata.resourceVersion },
  (type, object) => {
    events.push({ type, object });
    wake();
  },
  () => {},
);

await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { a: "1" } } });
console.log(`create: ConfigMap/${name}`);
let event = await next();
expect(event.type, "ADDED");
console.log(`watch: ADDED ${text(event.object.data)}`);

await core.patchNamespacedConfigMap({ name, namespace, body: { data: { a: "2" } } }, setHeaderOptions("Content-Type", PatchStrategy.StrategicMergePatch));
event = await next();
expect(event.type, "MODIFIED");
console.log(`patch: MODIFIED ${text(event.object.data)}`);

const applied = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { b: "3" } };
await objects.patch(applied, undefined, undefined, "story", true, PatchStrategy.ServerSideApply);
event = await next();
expect(event.type, "MODIFIED");
const owner = event.object.metadata.managedFields.find((entry) => entry.fieldsV1["f:data"]?.["f:b"]);
expect(owner.operation, "Apply");
console.log(`apply: MODIFIED ${text(event.object.data)}, b owned by ${owner.manager}`);

await core.deleteNamespacedConfigMap({ name, namespace });
event = await next();
expect(event.type, "DELETED");
console.log("delete: DELETED");
watch.abort();
console.log("client-node: done");
