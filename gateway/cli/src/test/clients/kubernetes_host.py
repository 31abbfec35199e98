"""The client for Python as it is, by the kubeconfig in its environment: write, read, list, watch, delete, and what is not granted."""

from kubernetes import client, config, watch

config.load_kube_config()
core = client.CoreV1Api()
core.create_namespaced_config_map("staging", {"metadata": {"name": "python"}, "data": {"a": "b"}})
core.patch_namespaced_config_map("python", "staging", {"data": {"a": "c"}})
assert core.read_namespaced_config_map("python", "staging").data == {"a": "c"}
listed = core.list_namespaced_config_map("staging", limit=1)
assert [one.metadata.name for one in listed.items]
for event in watch.Watch().stream(core.list_namespaced_config_map, "staging", field_selector="metadata.name=python", timeout_seconds=5):
    print("watched", event["object"].metadata.name)
    break
core.delete_namespaced_config_map("python", "staging")
try:
    core.list_namespaced_secret("staging")
except client.ApiException as refused:
    print("python:", refused.status, refused.body)
