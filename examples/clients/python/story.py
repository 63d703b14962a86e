"""create → watch → patch → apply → delete with the Python client; then a StatefulSet that is waited for."""

from kubernetes import client, config, dynamic, watch

NAMESPACE = "default"
NAME = "story-python"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()
configmaps = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="v1", kind="ConfigMap")

version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
events = watch.Watch().stream(
    core.list_namespaced_config_map,
    NAMESPACE,
    field_selector=f"metadata.name={NAME}",
    resource_version=version,
    timeout_seconds=60,
)


def expect(kind, data=None):
    """The next event of the watch, which must be of this type, of an object with this data."""
    event = next(events)
    assert event["type"] == kind, event["type"]
    assert data is None or event["object"].data == data, event["object"].data
    return event["object"]


core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=NAME), data={"a": "1"}))
expect("ADDED", {"a": "1"})
print("create, watch: ADDED")

core.patch_namespaced_config_map(NAME, NAMESPACE, {"data": {"a": "2"}})
expect("MODIFIED", {"a": "2"})
print("patch: MODIFIED")

configmaps.server_side_apply(
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME}, "data": {"b": "3"}},
    namespace=NAMESPACE,
    field_manager="story",
)
applied = expect("MODIFIED", {"a": "2", "b": "3"})
assert any(entry.manager == "story" and entry.operation == "Apply" for entry in applied.metadata.managed_fields)
print("apply: MODIFIED, owned by story")

core.delete_namespaced_config_map(NAME, NAMESPACE)
expect("DELETED")
print("delete: DELETED")

labels = {"app": NAME}
apps.create_namespaced_stateful_set(
    NAMESPACE,
    client.V1StatefulSet(
        metadata=client.V1ObjectMeta(name=NAME),
        spec=client.V1StatefulSetSpec(
            replicas=2,
            service_name=NAME,
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=labels),
                spec=client.V1PodSpec(containers=[client.V1Container(name="web", image="nginx:1.27")]),
            ),
        ),
    ),
)
for event in watch.Watch().stream(apps.list_namespaced_stateful_set, NAMESPACE, field_selector=f"metadata.name={NAME}", timeout_seconds=60):
    if event["object"].status.ready_replicas == 2:
        break
pods = core.list_namespaced_pod(NAMESPACE, label_selector=f"app={NAME}").items
assert [pod.metadata.name for pod in pods] == [f"{NAME}-0", f"{NAME}-1"], pods
print("StatefulSet: 2 ready,", ", ".join(pod.metadata.name for pod in pods))
apps.delete_namespaced_stateful_set(NAME, NAMESPACE)
print("python: done")
