"""The kubernetes client as it is: pods and deployments of one namespace, and what its task does not grant."""

import sys

from kubernetes import client

from errand_auth import Holder, refused

holder = Holder(sys.argv[2])
api = client.ApiClient(client.Configuration(host=sys.argv[1]))
plain = api.rest_client.pool_manager.request


def proven(method, url, **more):
    more["headers"] = {**(more.get("headers") or {}), **holder.headers(method, url)}
    return plain(method, url, **more)


api.rest_client.pool_manager.request = proven
core, apps = client.CoreV1Api(api), client.AppsV1Api(api)

pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"app": "web"}}, "spec": {"containers": []}}
core.create_namespaced_pod("staging", pod)
assert core.read_namespaced_pod("web", "staging").metadata.name == "web"
assert [p.metadata.name for p in core.list_namespaced_pod("staging", label_selector="app=web").items] == ["web"]
apps.create_namespaced_deployment(
    "staging",
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}}},
    },
)
apps.patch_namespaced_deployment("web", "staging", [{"op": "replace", "path": "/spec/replicas", "value": 3}])
assert apps.read_namespaced_deployment("web", "staging").spec.replicas == 3
refused(lambda: core.read_namespaced_pod("web", "production"), 403)
refused(lambda: core.list_pod_for_all_namespaces(), 403)
refused(lambda: core.list_namespaced_secret("staging"), 403)
refused(lambda: core.delete_collection_namespaced_pod("staging"), 403)
refused(lambda: apps.patch_namespaced_deployment_scale("web", "staging", {"spec": {"replicas": 9}}), 403)
core.delete_namespaced_pod("web", "staging")
refused(lambda: core.read_namespaced_pod("web", "staging"), 404)
print("done")
