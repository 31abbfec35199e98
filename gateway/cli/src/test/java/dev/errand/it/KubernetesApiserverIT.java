package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Requests;
import dev.errand.operation.Resolution.Resolved;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a kube-apiserver says of itself: the kinds that it stores, and why it cannot start. */
@Tag("apiserver")
class KubernetesApiserverIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final OperationCatalogue K8S = Requests.catalogue("{catalogue: k8s, resolver: kubernetes}");

    @TempDir
    private Path directory;

    @Test
    void takenPort_isToldInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> KubernetesApiserver.on(taken.getLocalPort(), directory))
                    .isInstanceOf(AssertionError.class)
                    .satisfies(told -> assertThat(told.getMessage())
                            .startsWith("kube-apiserver ended after ")
                            .contains("address already in use")
                            .doesNotContain("\n"));
        }
    }

    /** With all of its APIs, of each kind the apiserver's discovery tells by a hash whether it is stored. */
    @Test
    void dryRun_isOneForTheKindsThatItStores_andTheOthersItExecutes() throws Exception {
        List<String> all = List.of("--runtime-config=api/all=true", "--feature-gates=AllAlpha=true,AllBeta=true");
        try (KubernetesApiserver server = KubernetesApiserver.start(directory, all)) {
            Map<String, Boolean> stored = new TreeMap<>();
            Map<String, Boolean> named = new TreeMap<>();
            for (String version : versions(server)) {
                for (JsonNode kind : get(server, version).get("resources")) {
                    String name = kind.get("name").asString();
                    if (name.indexOf('/') < 0) {
                        String path = version + '/' + name;
                        stored.put(path, kind.hasNonNull("storageVersionHash"));
                        named.put(path, isDryRun(path));
                    }
                }
            }
            assertThat(named).hasSizeGreaterThan(70).containsValue(false).isEqualTo(stored);

            String review = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
            assertThat(server.call("POST", review + "?dryRun=All", "{}").body()).contains("the-test");
            String map = "/api/v1/namespaces/default/configmaps";
            assertThat(server.call("POST", map + "?dryRun=All", "{\"metadata\":{\"name\":\"dry\"}}")
                            .statusCode())
                    .isEqualTo(201);
            assertThat(server.call("GET", map + "/dry", null).statusCode()).isEqualTo(404);
        }
    }

    private static List<String> versions(KubernetesApiserver server) throws Exception {
        List<String> versions = new ArrayList<>(List.of("/api/v1"));
        for (JsonNode group : get(server, "/apis").get("groups")) {
            group.get("versions")
                    .forEach(version ->
                            versions.add("/apis/" + version.get("groupVersion").asString()));
        }
        return versions;
    }

    private static JsonNode get(KubernetesApiserver server, String path) throws Exception {
        return JSON.readTree(server.call("GET", path, null).body());
    }

    private static boolean isDryRun(String path) {
        CatalogueRequest request = Requests.request("POST", path + "?dryRun=All");
        return ((Resolved) K8S.resolve(request)).calls().get(0).dryRun();
    }
}
