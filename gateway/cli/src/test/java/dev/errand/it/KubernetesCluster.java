package dev.errand.it;

import java.nio.file.Path;

/** A real kube-apiserver with one node, whose kubelet is a stand-in, and a stand-in for the controllers. */
final class KubernetesCluster implements AutoCloseable {
    static final String NODE = "stand-in";

    private final KubernetesApiserver apiserver;
    private final StandInKubelet kubelet;
    private final StandInController controller;

    private KubernetesCluster(KubernetesApiserver apiserver) throws InterruptedException {
        this.apiserver = apiserver;
        kubelet = new StandInKubelet(apiserver.tls().server());
        apiserver.call("POST", "/api/v1/nodes", "{\"metadata\":{\"name\":\"" + NODE + "\"}}");
        apiserver.control("PATCH", "/api/v1/nodes/" + NODE + "/status", "application/merge-patch+json", """
                        {"status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                         "daemonEndpoints": {"kubeletEndpoint": {"Port": %d}}}}
                        """.formatted(
                        kubelet.port()));
        controller = new StandInController(apiserver);
    }

    static KubernetesCluster start(Path directory) throws Exception {
        return new KubernetesCluster(KubernetesApiserver.start(directory));
    }

    KubernetesApiserver apiserver() {
        return apiserver;
    }

    /** Makes a pod that runs on the node; one of that name that is there already stays. */
    static void pod(KubernetesApiserver server, String namespace, String name, String labels) {
        String pods = "/api/v1/namespaces/" + namespace + "/pods";
        server.control("POST", pods, "application/json", """
                        {"metadata": {"name": "%s", "labels": %s},
                         "spec": {"nodeName": "%s", "containers": [{"name": "main", "image": "none"}]}}
                        """.formatted(name, labels, NODE));
        server.control("PATCH", pods + '/' + name + "/status", "application/merge-patch+json", """
                        {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
                        """);
    }

    @Override
    public void close() {
        controller.close();
        apiserver.close();
        kubelet.close();
    }
}
