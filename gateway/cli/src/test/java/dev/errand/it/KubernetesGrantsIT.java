package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a grant on a Kubernetes route lets a real kube-apiserver do: no more than the grant says. */
@Tag("apiserver")
class KubernetesGrantsIT {
    private static final String MAPS = "/k8s" + KubernetesRequests.CORE + "configmaps";
    private static final String SECRETS = "/k8s" + KubernetesRequests.CORE + "secrets";
    private static final String LEASE = "/k8s/apis/coordination.k8s.io/v1/namespaces/staging/leases/l";
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String MERGE = "application/merge-patch+json";
    private static final String JSON = "application/json";
    private static final String VALUE = "dG9wIHNlY3JldA==";

    @TempDir
    private static Path directory;

    private static KubernetesCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = KubernetesCluster.start(directory);
        KubernetesApiserver server = cluster.apiserver();
        server.call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
        server.call("POST", KubernetesRequests.CORE + "configmaps", KubernetesRequests.MAP.formatted("web"));
        server.call(
                "POST",
                KubernetesRequests.CORE + "secrets",
                "{\"metadata\":{\"name\":\"key\"},\"data\":{\"k\":\"" + VALUE + "\"}}");
        KubernetesCluster.pod(server, "staging", "web", "{}");
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** A task of these grants, one a line, and how many calls of it the apiserver executed. */
    private static final class Task implements AutoCloseable {
        private final int before = cluster.apiserver().executed().size();
        private final FrontedServer fronted;

        Task(String more, String... grants) {
            this(Map.of(), more, grants);
        }

        Task(Map<String, String> files, String more, String... grants) {
            StringBuilder allow = new StringBuilder();
            List.of(grants).forEach(grant -> allow.append("  ").append(grant).append('\n'));
            fronted = Client.fronted("k8s", cluster.apiserver(), allow + more, files);
        }

        HttpResponse<String> call(String method, String target, String type, String body) {
            return fronted.agent().call(fronted.gateway(), method, target, Map.of("Content-Type", type), body);
        }

        HttpResponse<String> call(String method, String target) {
            return fronted.agent().call(fronted.gateway(), method, target, null);
        }

        void refused(String code, String method, String target, String type, String body) {
            HttpResponse<String> answer = call(method, target, type, body);
            assertThat(answer.body()).contains("errand: " + code + ": ").doesNotContain(VALUE);
        }

        void refused(String code, String method, String target) {
            assertThat(call(method, target).body())
                    .contains("errand: " + code + ": ")
                    .doesNotContain(VALUE);
        }

        void permitted(int status, HttpResponse<String> answer) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        }

        /** The verbs and resources that the apiserver executed for this task. */
        List<String> executed() throws InterruptedException {
            // The audit is written before the answer ends, and flushed soon after it.
            Thread.sleep(500);
            List<AuditedServer.Executed> all = cluster.apiserver().executed();
            return all.subList(before, all.size()).stream()
                    .map(one -> one.verb() + ' ' + one.resource())
                    .toList();
        }

        @Override
        public void close() {
            fronted.close();
        }
    }

    @Test
    void secrets_areNeitherShownNorChangedByGrantsOfWriteAndDelete() throws Exception {
        try (Task task = new Task("", "\"k8s:*\": {effects: [write, delete]}")) {
            task.refused("not-granted", "PATCH", SECRETS + "/key", MERGE, "{}");
            task.refused("not-granted", "PUT", SECRETS + "/key", JSON, "{\"metadata\":{\"name\":\"key\"}}");
            task.refused("not-granted", "DELETE", SECRETS);
            task.refused("not-granted", "DELETE", SECRETS + "?dryRun=All");
            task.refused("not-granted", "DELETE", SECRETS + "/key?dryRun=All");
            task.refused("not-granted", "DELETE", SECRETS + "/key", JSON, "{\"dryRun\":[\"All\"]}");
            task.refused("not-granted", "DELETE", SECRETS + "/key", JSON, "{\"propagationPolicy\":\"Foreground\"}");
            task.refused("not-granted", "DELETE", SECRETS + "/key?propagationPolicy=Orphan");
            task.refused("not-granted", "DELETE", SECRETS + "/key?orphanDependents=true");
            assertThat(task.executed()).isEmpty();
        }
    }

    @Test
    void anEviction_isADeletion() throws Exception {
        String eviction = "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"web\"}}";
        String target = "/k8s" + KubernetesRequests.CORE + "pods/web/eviction";
        try (Task task = new Task("", "\"k8s:*\": {effects: [write]}")) {
            task.refused("not-granted", "POST", target, JSON, eviction);
            assertThat(task.executed()).isEmpty();
        }
        try (Task task = new Task("", "\"k8s:*\": {effects: [delete]}")) {
            task.permitted(201, task.call("POST", target, JSON, eviction));
            assertThat(task.executed()).containsExactly("create pods/eviction staging/web");
        }
    }

    @Test
    void anApply_thatMakesTheObject_needsTheGrantOfCreate() throws Exception {
        String body = KubernetesRequests.MAP.formatted("made");
        String target = MAPS + "/made?fieldManager=x";
        try (Task task =
                new Task("", "k8s:configmaps.patch: {}", "k8s:configmaps.create: {resource: {exact: staging/_none}}")) {
            task.refused("constraint-violated", "PATCH", target, APPLY, body);
            task.permitted(404, task.call("PATCH", target, MERGE, "{}"));
            assertThat(task.executed()).containsExactly("patch configmaps staging/made");
        }
        String grants = "k8s:configmaps.create: {resource: {one_of: [staging/_none, staging/made]}}";
        try (Task task = new Task("", "k8s:configmaps.patch: {}", grants)) {
            task.permitted(201, task.call("PATCH", target, APPLY, body));
            assertThat(task.executed()).containsExactly("patch configmaps staging/made");
            JsonObject record = Jws.object(task.fronted.gateway().records().stream()
                    .filter(line -> line.contains("\"permit\""))
                    .findFirst()
                    .orElseThrow());
            assertThat(record.string("operation")).isEqualTo("k8s:configmaps.patch");
        }
    }

    @Test
    void anUpdate_thatMakesTheObject_needsTheGrantOfCreate() throws Exception {
        String lease = "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":\"l\"}}";
        String update = "k8s:coordination.k8s.io/leases.update: {}";
        try (Task task = new Task("", update)) {
            task.refused("not-granted", "PUT", LEASE, JSON, lease);
            assertThat(task.executed()).isEmpty();
        }
        try (Task task =
                new Task("", update, "k8s:coordination.k8s.io/leases.create: {resource: {exact: staging/l}}")) {
            task.permitted(201, task.call("PUT", LEASE, JSON, lease));
            assertThat(task.executed()).containsExactly("update coordination.k8s.io/leases staging/l");
        }
    }

    @Test
    void aDryRun_needsTheGrantOfWhatItShows_andTakesNoPlace() throws Exception {
        String own = "k8s:configmaps.patch: {resource: {exact: staging/web}}";
        String all = "k8s:configmaps.deletecollection: {resource: {exact: staging/_none}}";
        String target = MAPS + "/web?dryRun=All";
        try (Task task = new Task("", own, all, "k8s:configmaps.delete: {}")) {
            task.refused("not-granted", "PATCH", target, MERGE, "{}");
            task.refused("not-granted", "DELETE", MAPS + "?dryRun=All");
            task.refused("not-granted", "DELETE", MAPS, JSON, "{\"dryRun\":[\"All\"]}");
            task.refused("not-granted", "DELETE", MAPS + "/web?dryRun=All");
            task.refused("not-granted", "DELETE", MAPS + "/web", "application/yaml", "dryRun: [All]");
            assertThat(task.executed()).isEmpty();
        }
        String plan = "sequence: [k8s:configmaps.patch]\ninterleave: [k8s:configmaps.deletecollection]\n";
        try (Task task = new Task(
                plan,
                own,
                all,
                "k8s:configmaps.get: {resource: {exact: staging/web}}",
                "k8s:configmaps.list: {resource: {exact: staging/_none}}")) {
            for (int i = 0; i < 3; i++) {
                task.permitted(200, task.call("PATCH", target, MERGE, "{}"));
            }
            task.permitted(200, task.call("DELETE", MAPS, JSON, "{\"dryRun\":[\"All\"]}"));
            assertThat(cluster.apiserver()
                            .call("GET", KubernetesRequests.CORE + "configmaps/web", null)
                            .statusCode())
                    .as("nothing was deleted")
                    .isEqualTo(200);
            task.permitted(200, task.call("PATCH", MAPS + "/web", MERGE, "{}"));
            task.refused("sequence-violation", "PATCH", MAPS + "/web", MERGE, "{}");
        }
    }

    @Test
    void impersonation_isRefusedWithoutAWordInTheCatalogue() throws Exception {
        try (Task task = new Task(
                Map.of("operations/k8s.yaml", "{catalogue: k8s, resolver: kubernetes}\n"),
                "",
                "k8s:configmaps.get: {}")) {
            for (String name :
                    List.of("Impersonate-User", "Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-A")) {
                assertThat(task.fronted
                                .agent()
                                .call(task.fronted.gateway(), "GET", MAPS + "/web", Map.of(name, "admin"), null)
                                .body())
                        .contains("errand: malformed-request: ");
            }
            assertThat(task.executed()).isEmpty();
        }
    }

    @Test
    void pathsThatAreNoResource_areContained() throws Exception {
        try (Task task = new Task("", "k8s:nonresource.get: {resource: {path_containment: /openapi/v3}}")) {
            task.permitted(200, task.call("GET", "/k8s/openapi/v3"));
            task.permitted(200, task.call("GET", "/k8s/openapi/v3/api/v1"));
            task.refused("constraint-violated", "GET", "/k8s/openapi/v2");
            task.refused("constraint-violated", "GET", "/k8s/openapi/v3x");
            task.refused("constraint-violated", "GET", "/k8s/version");
            assertThat(task.executed())
                    .containsExactly("get nonresource /openapi/v3", "get nonresource /openapi/v3/api/v1");
        }
    }

    @Test
    void selectorsAndCommands_areBoundWhereTheCatalogueDeclaresThem() throws Exception {
        String catalogue = new Page("docs/operations/k8s.md").block("params:");
        try (Task task = new Task(
                Map.of("operations/k8s.yaml", catalogue),
                "",
                "k8s:configmaps.list: {resource: {exact: staging/_none}, labelSelector: {exact: team=a}}",
                "k8s:configmaps.deletecollection: {resource: {exact: staging/_none}, labelSelector: {exact: team=none}}")) {
            task.permitted(200, task.call("GET", MAPS + "?labelSelector=team%3Da"));
            task.permitted(200, task.call("DELETE", MAPS + "?labelSelector=team%3Dnone"));
            task.refused("constraint-violated", "GET", MAPS);
            task.refused("constraint-violated", "GET", MAPS + "?labelSelector=team%3Db");
            task.refused("constraint-violated", "GET", MAPS + "?labelSelector=team+in+(a,b)");
            task.refused("malformed-request", "GET", MAPS + "?labelSelector=team%3Da&labelSelector=x");
            task.refused("constraint-violated", "DELETE", MAPS);
            assertThat(task.executed())
                    .containsExactly("list configmaps staging/_none", "deletecollection configmaps staging/_none");
        }
    }

    /** A log is read of a container that its pod names, and a watch begins at the version that a list told. */
    @Test
    void from_takesWhatTheApiserverReturned() throws Exception {
        String catalogue = Files.readString(RunningGateway.repository().resolve("config/operations/k8s.yaml"))
                + "params: {container: query, resourceVersion: query}\n"
                + "returns:\n  pods.get: {container: \"body:/spec/containers/*/name\"}\n"
                + "  configmaps.list: {version: \"body:/metadata/resourceVersion\"}\n";
        String template = FrontedServer.ruled("""
                  k8s:pods.get: {}
                  k8s:pods/log.get: {}
                  k8s:configmaps.list: {}
                  k8s:configmaps.watch: {}
                """, """
                  - {from: {k8s:pods.get: container}, to: {k8s:pods/log.get: container}}
                  - {from: {k8s:configmaps.list: version}, to: {k8s:configmaps.watch: resourceVersion}}
                """);
        KubernetesCluster.pod(cluster.apiserver(), "staging", "logged", "{}");
        String pod = "/k8s" + KubernetesRequests.CORE + "pods/logged";
        try (Task task = new Task(Map.of("operations/k8s.yaml", catalogue, "tasks/work.yaml", template), "")) {
            task.refused("rule-violation", "GET", pod + "/log?container=main");
            task.permitted(200, task.call("GET", pod));
            task.permitted(200, task.call("GET", pod + "/log?container=main"));
            task.refused("rule-violation", "GET", pod + "/log?container=other");
            task.refused("rule-violation", "GET", pod + "/log");

            String watch = MAPS + "?watch=1&timeoutSeconds=1&resourceVersion=";
            task.refused("rule-violation", "GET", watch + "1");
            HttpResponse<String> list = task.call("GET", MAPS);
            String version = Jws.object(list.body()).object("metadata").string("resourceVersion");
            task.permitted(200, task.call("GET", watch + version));
            task.refused("rule-violation", "GET", watch + "0");
            assertThat(task.executed())
                    .containsExactly(
                            "get pods staging/logged",
                            "get pods/log staging/logged",
                            "list configmaps staging/_none",
                            "watch configmaps staging/_none");
        }
    }
}
