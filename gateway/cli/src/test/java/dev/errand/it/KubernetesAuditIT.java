package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gateway names on a Kubernetes route, request by request beside the audit log of a real kube-apiserver. */
@Tag("apiserver")
class KubernetesAuditIT {
    @TempDir
    private static Path directory;

    private static KubernetesCluster cluster;
    private static Comparison comparison;
    private static Comparison unreviewed;

    @BeforeAll
    static void start() throws Exception {
        cluster = KubernetesCluster.start(directory);
        comparison = new Comparison("k8s", cluster.apiserver(), KubernetesAudit::words);
        String grants = KubernetesRequests.UNREVIEWED
                .lines()
                .map("  k8s:%s: {resource: {wildcard: true}}\n"::formatted)
                .collect(Collectors.joining());
        unreviewed = new Comparison("k8s", cluster.apiserver(), KubernetesAudit::words, grants);
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable open : Arrays.asList(comparison, unreviewed, cluster)) {
            if (open != null) {
                open.close();
            }
        }
    }

    /** The objects that the requests speak of; what is there already stays. */
    private static void state() {
        KubernetesApiserver server = cluster.apiserver();
        server.call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
        server.call("POST", KubernetesRequests.CORE + "configmaps", KubernetesRequests.MAP.formatted("web"));
        server.call("POST", KubernetesRequests.APPS + "deployments", KubernetesRequests.DEPLOYMENT.formatted("web"));
        KubernetesCluster.pod(server, "staging", "web", "{}");
    }

    private static int run(List<Spelling> requests) {
        return comparison.run(requests, KubernetesAuditIT::state);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void readsOfObjects_areNamedAsTheAuditNamesThem(String method) {
        List<Spelling> requests = KubernetesRequests.objects(method);
        assertThat(run(requests)).isEqualTo(requests.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void readsOfPaths_areNamedAsTheAuditNamesThem(String method) {
        assertThat(run(KubernetesRequests.paths(method))).isGreaterThan(12);
    }

    @Test
    void listsAndWatches_areNamedAsTheAuditNamesThem() {
        assertThat(run(KubernetesRequests.listsAndWatches())).isGreaterThan(25);
    }

    @Test
    void writes_areNamedAsTheAuditNamesThem() {
        assertThat(run(KubernetesRequests.writes())).isGreaterThan(35);
    }

    @Test
    void whatNoWildcardGrants_isNamedAsTheAuditNamesIt() {
        List<Spelling> requests = KubernetesRequests.unreviewed();
        assertThat(unreviewed.run(requests, KubernetesAuditIT::state)).isEqualTo(requests.size());
    }

    @Test
    void oddSpellings_areNamedAsTheAuditNamesThemOrRefused() {
        for (Spelling.Base base : List.of(
                comparison.base("GET", KubernetesRequests.CORE + "configmaps", "", "", ""),
                comparison.base("DELETE", KubernetesRequests.CORE + "configmaps/web", "", "", ""),
                comparison.base("GET", KubernetesRequests.CORE + "pods/web/log", "", "", ""))) {
            comparison.table(base, KubernetesAuditIT::state, 0, Map.of());
        }
    }
}
