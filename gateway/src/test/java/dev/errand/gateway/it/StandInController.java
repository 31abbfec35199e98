package dev.errand.gateway.it;

import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What controllers, a scheduler and a kubelet do to objects, as far as command lines wait for it: a deployment gets a
 * replica set and one running pod on {@link KubernetesCluster#NODE}, a pod that is to end is gone. It looks again and again.
 */
final class StandInController implements AutoCloseable {
    private static final int LOOK_MILLIS = 150;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String MERGE = "application/merge-patch+json";

    private final KubernetesApiserver server;
    private final Thread thread = new Thread(this::look, "stand-in-controller");
    private volatile boolean open = true;

    StandInController(KubernetesApiserver server) {
        this.server = server;
        thread.setDaemon(true);
        thread.start();
    }

    private void look() {
        while (open) {
            try {
                Set<String> wanted = new HashSet<>();
                for (JsonNode deployment : get("/apis/apps/v1/deployments")) {
                    wanted.add(rollOut(deployment));
                }
                remove("/apis/apps/v1/replicasets", "/apis/apps/v1", "replicasets", wanted);
                remove("/api/v1/pods", "/api/v1", "pods", wanted);
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (UncheckedIOException | InterruptedException over) {
                // The server is gone, or a look failed: the next one tells.
            }
        }
    }

    private JsonNode get(String path) {
        return JSON.readTree(server.control("GET", path, "application/json", null).body()).path("items");
    }

    /** Brings a deployment's objects to what it says; the name that they have. */
    private String rollOut(JsonNode deployment) {
        String namespace = deployment.at("/metadata/namespace").asString();
        String name = deployment.at("/metadata/name").asString();
        JsonNode template = deployment.at("/spec/template");
        String made = name + '-' + Integer.toHexString(template.toString().hashCode());
        int generation = deployment.at("/metadata/generation").asInt();
        if (deployment.at("/status/observedGeneration").asInt() < generation) {
            int replicas = deployment.at("/spec/replicas").asInt();
            String of = "\"metadata\":{\"name\":\"%s\",\"labels\":{\"made-by\":\"stand-in\"}}".formatted(made);
            post("/apis/apps/v1/namespaces/" + namespace + "/replicasets", "{" + of + ",\"spec\":{\"replicas\":" + replicas
                    + ",\"selector\":" + deployment.at("/spec/selector") + ",\"template\":" + template + "}}");
            JsonNode labels = ((ObjectNode) template.at("/metadata/labels").deepCopy()).put("made-by", "stand-in");
            KubernetesCluster.pod(server, namespace, made, labels.toString());
            server.control(
                    "PATCH",
                    "/apis/apps/v1/namespaces/" + namespace + "/deployments/" + name + "/status",
                    MERGE,
                    "{\"status\":{\"observedGeneration\":%1$d,\"replicas\":%2$d,\"updatedReplicas\":%2$d,\"readyReplicas\":%2$d,\"availableReplicas\":%2$d}}"
                            .formatted(generation, replicas));
        }
        return namespace + '/' + made;
    }

    private void post(String path, String body) {
        server.control("POST", path, "application/json", body);
    }

    /** Removes what it made and is wanted no more, and what somebody else has deleted. */
    private void remove(String list, String group, String resource, Set<String> wanted) {
        for (JsonNode one : get(list)) {
            String namespace = one.at("/metadata/namespace").asString();
            String name = one.at("/metadata/name").asString();
            boolean over = one.at("/metadata/labels/made-by").asString("").equals("stand-in")
                    && !wanted.contains(namespace + '/' + name);
            if (over || one.at("/metadata").has("deletionTimestamp")) {
                String path = group + "/namespaces/" + namespace + '/' + resource + '/' + name;
                server.control("DELETE", path + "?gracePeriodSeconds=0", "application/json", null);
            }
        }
    }

    @Override
    public void close() {
        open = false;
        thread.interrupt();
    }
}
