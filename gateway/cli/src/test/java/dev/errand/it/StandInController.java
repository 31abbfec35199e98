package dev.errand.it;

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
    private static final int JOIN_MILLIS = 5_000;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String JSON_TYPE = "application/json";
    private static final String MERGE = "application/merge-patch+json";

    private static final String REPLICA_SET = """
            {"metadata": {"name": "%1$s", "labels": %2$s,
                          "annotations": {"deployment.kubernetes.io/revision": "%3$d"},
                          "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "%4$s",
                                               "uid": "%5$s", "controller": true}]},
             "spec": {"replicas": %6$d, "selector": %7$s, "template": %8$s}}
            """;
    private static final String READY = """
            {"status": {"observedGeneration": %1$d, "replicas": %2$d, "readyReplicas": %2$d, "availableReplicas": %2$d%3$s}}
            """;
    private static final String ROLLED_OUT =
            ", \"updatedReplicas\": %d, \"conditions\": [{\"type\": \"Available\", \"status\": \"True\"}]";

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
            } catch (UncheckedIOException notAnswered) {
                // The server is gone, or the next look is answered.
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private JsonNode get(String path) {
        return JSON.readTree(server.control("GET", path, JSON_TYPE, null).body())
                .path("items");
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
            String apps = "/apis/apps/v1/namespaces/" + namespace;
            JsonNode labels = ((ObjectNode) template.at("/metadata/labels").deepCopy()).put("made-by", "stand-in");
            server.control(
                    "POST",
                    apps + "/replicasets",
                    JSON_TYPE,
                    REPLICA_SET.formatted(
                            made,
                            labels,
                            generation,
                            name,
                            deployment.at("/metadata/uid").asString(),
                            replicas,
                            deployment.at("/spec/selector"),
                            template));
            server.control("PATCH", apps + "/replicasets/" + made + "/status", MERGE, READY.formatted(1, replicas, ""));
            KubernetesCluster.pod(server, namespace, made, labels.toString());
            server.control(
                    "PATCH",
                    apps + "/deployments/" + name + "/status",
                    MERGE,
                    READY.formatted(generation, replicas, ROLLED_OUT.formatted(replicas)));
        }
        return namespace + '/' + made;
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
                server.control("DELETE", path + "?gracePeriodSeconds=0", JSON_TYPE, null);
            }
        }
    }

    @Override
    public void close() {
        open = false;
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
