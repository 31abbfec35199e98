package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The chart, installed by helm in a real kube-apiserver, in a namespace that admits only what Pod Security calls restricted. No
 * controller runs there: the pod that the StatefulSet's would make, the test makes.
 */
@Tag("apiserver")
@Tag("helm")
class ChartInstalledIT {
    private static final String NAMESPACE = "gateway";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path directory;

    private static KubernetesApiserver apiserver;
    private static Path kubeconfig;
    private static Path values;

    @BeforeAll
    static void start() throws Exception {
        apiserver = KubernetesApiserver.start(directory);
        kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "%s", insecure-skip-tls-verify: true}}]
            users: [{name: test, user: {token: %s}}]
            contexts: [{name: test, context: {cluster: test, user: test, namespace: %s}}]
            """.formatted(
                        apiserver.uri(), KubernetesApiserver.token("the-test"), NAMESPACE));
        values = Files.writeString(
                directory.resolve("values.yaml"),
                Chart.valuesFrom(RunningGateway.repository().resolve("config")));
        assertThat(apiserver
                        .call("POST", "/api/v1/namespaces", """
                            {"metadata": {"name": "%s", "labels": {"pod-security.kubernetes.io/enforce": "restricted",
                                                                   "pod-security.kubernetes.io/enforce-version": "latest"}}}
                            """.formatted(NAMESPACE))
                        .statusCode())
                .isEqualTo(201);
    }

    @AfterAll
    static void stop() {
        if (apiserver != null) {
            apiserver.close();
        }
    }

    private static ServerProcess.Outcome tried(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Chart.program().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(Map.of("KUBECONFIG", kubeconfig.toString(), "HOME", directory.toString()));
        return ServerProcess.end(builder, "");
    }

    private static void helm(String... arguments) throws Exception {
        ServerProcess.Outcome outcome = tried(arguments);
        assertThat(outcome.exit()).as(outcome.text()).isZero();
    }

    /** Installs a release, or upgrades it; with the shipped configuration. */
    private static void upgrade(String release, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("upgrade", "--install", release, Chart.DIRECTORY.toString(), "-f", values.toString()));
        arguments.addAll(List.of(more));
        helm(arguments.toArray(new String[0]));
    }

    private static JsonNode get(String path) {
        HttpResponse<String> answer = apiserver.call("GET", path, null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static JsonNode statefulSet(String release) {
        return get("/apis/apps/v1/namespaces/" + NAMESPACE + "/statefulsets?labelSelector=app.kubernetes.io/instance="
                        + release)
                .get("items")
                .get(0);
    }

    /** The first pod of a StatefulSet, as its controller makes it. */
    private static ObjectNode pod(JsonNode set) {
        String name = set.get("metadata").get("name").asString();
        ObjectNode pod = JSON.createObjectNode();
        pod.set("metadata", set.get("spec").get("template").get("metadata").deepCopy());
        pod.set("spec", set.get("spec").get("template").get("spec").deepCopy());
        ObjectNode metadata = (ObjectNode) pod.get("metadata");
        metadata.put("name", name + "-0");
        ((ObjectNode) metadata.get("labels"))
                .put("controller-revision-hash", name + "-5d4f9c8b76")
                .put("statefulset.kubernetes.io/pod-name", name + "-0")
                .put("apps.kubernetes.io/pod-index", "0");
        ObjectNode spec = (ObjectNode) pod.get("spec");
        spec.put("hostname", name + "-0")
                .put("subdomain", set.get("spec").get("serviceName").asString());
        ((tools.jackson.databind.node.ArrayNode) spec.get("volumes"))
                .addObject()
                .put("name", "provenance")
                .putObject("persistentVolumeClaim")
                .put("claimName", "provenance-" + name + "-0");
        return pod;
    }

    private static HttpResponse<String> create(JsonNode pod) throws IOException {
        return apiserver.call("POST", "/api/v1/namespaces/" + NAMESPACE + "/pods", JSON.writeValueAsString(pod));
    }

    @ParameterizedTest
    @ValueSource(strings = {"agents", "2026", "1.2.3", "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz"})
    void install_underAnyReleasesName_itsPodIsAdmitted(String release) throws Exception {
        upgrade(release);
        HttpResponse<String> admitted = create(pod(statefulSet(release)));
        assertThat(admitted.statusCode()).as(admitted.body()).isEqualTo(201);
        JsonNode services = get("/api/v1/namespaces/" + NAMESPACE
                        + "/services?labelSelector=app.kubernetes.io/instance=" + release)
                .get("items");
        assertThat(services).hasSize(2);
        assertThat(admitted.body())
                .contains("https://$(POD_NAME)."
                        + statefulSet(release).get("spec").get("serviceName").asString() + '.' + NAMESPACE
                        + ".svc:9090");
    }

    @Test
    void podThatIsNotRestricted_isNotAdmitted() throws Exception {
        upgrade("strict");
        ObjectNode pod = pod(statefulSet("strict"));
        ((ObjectNode) pod.get("spec").get("containers").get(0).get("securityContext"))
                .put("allowPrivilegeEscalation", true);
        assertThat(create(pod).statusCode()).isEqualTo(403);
    }

    /** The pod on the companion's page, as it stands there. */
    @Test
    void podOfAnAgentAndItsCompanion_isAdmitted() throws Exception {
        ObjectNode pod = JSON.valueToTree(
                Chart.objects(new Page("docs/agent.md").block("# a pod")).get(0));
        pod.putObject("metadata").put("name", "agent");
        ((ObjectNode) pod.get("spec"))
                .put("serviceAccountName", "agents-account")
                .put("automountServiceAccountToken", false);
        apiserver.call(
                "POST",
                "/api/v1/namespaces/" + NAMESPACE + "/serviceaccounts",
                "{\"metadata\":{\"name\":\"agents-account\"}}");
        HttpResponse<String> admitted = create(pod);
        assertThat(admitted.statusCode()).as(admitted.body()).isEqualTo(201);
        assertThat(admitted.body()).contains("\"restartPolicy\":\"Always\"");
    }

    @Test
    void changedConfiguration_changesTheMapAlone_andRollsBack() throws Exception {
        upgrade("changing");
        JsonNode before = statefulSet("changing");
        upgrade("changing", "--set-string", "config.files.note=second");
        String map = "/api/v1/namespaces/" + NAMESPACE + "/configmaps/changing-errand-config";
        assertThat(get(map).get("data").get("note").asString()).isEqualTo("second");

        upgrade("changing", "--set-string", "config.files.note=third");
        JsonNode after = statefulSet("changing");
        assertThat(get(map).get("data").get("note").asString()).isEqualTo("third");
        helm("rollback", "changing", "2");
        assertThat(get(map).get("data").get("note").asString()).isEqualTo("second");
        assertThat(after.get("spec").get("template").get("spec").get("containers"))
                .isEqualTo(before.get("spec").get("template").get("spec").get("containers"));
        // A new file is a new entry of the volume; a changed one is nothing that a pod sees but its text.
        assertThat(statefulSet("changing").get("metadata").get("generation"))
                .isEqualTo(after.get("metadata").get("generation"));
    }

    @Test
    void changedSizeOfTheLogsVolume_isRefusedWithTheWay() throws Exception {
        upgrade("sized");
        upgrade("sized", "--set", "replicas=3");
        ServerProcess.Outcome refused = tried(
                "upgrade",
                "sized",
                Chart.DIRECTORY.toString(),
                "-f",
                values.toString(),
                "--set",
                "provenance.size=40Gi");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.text())
                .contains("provenance.size is 20Gi and cannot become 40Gi")
                .contains("kubectl delete statefulset sized-errand --cascade=orphan");
    }

    @Test
    void everyValueSet_isTakenByTheApi() throws Exception {
        int count = 0;
        for (Path set : Chart.valueSets().toList()) {
            String name = set.getFileName().toString();
            // Its kind is the Prometheus operator's; its class is the cluster's.
            if (!name.matches("(15|16)-.*")) {
                String release = "set" + count++;
                helm("install", release, Chart.DIRECTORY.toString(), "-f", set.toString());
                assertThat(statefulSet(release).get("spec").get("replicas")).isNotNull();
            }
        }
    }
}
