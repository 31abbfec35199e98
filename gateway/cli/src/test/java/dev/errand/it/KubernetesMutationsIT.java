package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests to a real kube-apiserver that chance has changed: each gets what it was named as, or a refusal. */
@Tag("apiserver")
class KubernetesMutationsIT {
    private static final WordMutations.Words WORDS = new WordMutations.Words(
            List.of(
                    "watch",
                    "proxy",
                    "api",
                    "apis",
                    "v1",
                    "apps",
                    "batch",
                    "namespaces",
                    "staging",
                    "default",
                    "pods",
                    "configmaps",
                    "secrets",
                    "deployments",
                    "leases",
                    "status",
                    "scale",
                    "log",
                    "exec",
                    "finalize",
                    "eviction",
                    "token",
                    "web",
                    "key",
                    "_none",
                    "_cluster",
                    "..",
                    ""),
            List.of(
                    "watch=1",
                    "watch=0",
                    "watch",
                    "watch=true",
                    "Watch=1",
                    "fieldSelector=metadata.name=web",
                    "fieldSelector=metadata.name%3Dkey",
                    "fieldSelector=metadata.namespace%3Dstaging",
                    "dryRun=All",
                    "dryRun=all",
                    "dryRun=None",
                    "dryrun=All",
                    "labelSelector=a%3Db",
                    "labelSelector=never",
                    "limit=1",
                    "force=true",
                    "fieldManager=x",
                    "command=ls",
                    "pretty=1",
                    "resourceVersion=0",
                    "_method=DELETE",
                    "namespace=default",
                    "name=key",
                    "gracePeriodSeconds=0",
                    "propagationPolicy=Orphan"),
            List.of(
                    "Impersonate-User: admin",
                    "Impersonate-Group: system:masters",
                    "X-Remote-User: admin",
                    "X-HTTP-Method-Override: DELETE",
                    "X-Original-URL: /api/v1/secrets",
                    "Content-Type: application/apply-patch+yaml",
                    "Content-Type: application/merge-patch+json",
                    "Content-Type: application/json",
                    "Accept: application/json;as=Table",
                    "Content_Type: x/y",
                    "Audit-ID: 1",
                    "Upgrade: SPDY/3.1",
                    "Connection: Upgrade",
                    "X-Forwarded-Prefix: /apis"),
            // A watch that does not say so never ends.
            "timeoutSeconds=1",
            // A namespace that is deleted ends only if a controller ends it, and there is none.
            Set.of("DELETE /api/v1/namespaces/staging", "DELETE /api/v1/namespaces/default"));

    @TempDir
    private static Path directory;

    private static KubernetesCluster cluster;
    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        cluster = KubernetesCluster.start(directory);
        comparison = new Comparison("k8s", cluster.apiserver(), KubernetesAudit::words);
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable open : Arrays.asList(comparison, cluster)) {
            if (open != null) {
                open.close();
            }
        }
    }

    private static void state() {
        KubernetesApiserver server = cluster.apiserver();
        server.call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
        server.call("POST", KubernetesRequests.CORE + "configmaps", KubernetesRequests.MAP.formatted("web"));
        server.call("POST", KubernetesRequests.CORE + "secrets", "{\"metadata\":{\"name\":\"key\"}}");
        server.call("POST", KubernetesRequests.APPS + "deployments", KubernetesRequests.DEPLOYMENT.formatted("web"));
    }

    @Test
    void whatChanceMakesOfARequest_isNamedAsTheAuditNamesItOrRefused() {
        String merge = "Content-Type: application/merge-patch+json\r\n";
        List<Spelling.Base> plain = new ArrayList<>();
        for (String path : List.of("configmaps", "configmaps/web", "secrets/key", "pods/web/log")) {
            plain.add(comparison.base("GET", KubernetesRequests.CORE + path, "", "", ""));
        }
        plain.add(comparison.base("GET", "/api/v1/watch/namespaces/staging/configmaps", "", "", ""));
        plain.add(comparison.base("GET", KubernetesRequests.APPS + "deployments/web/scale", "", "", ""));
        plain.add(comparison.base("GET", "/openapi/v3/api/v1", "", "", ""));
        plain.add(comparison.base("PATCH", KubernetesRequests.CORE + "configmaps/web", "", merge, "{}"));
        plain.add(comparison.base("DELETE", KubernetesRequests.CORE + "configmaps/web", "", "", ""));
        plain.add(comparison.base(
                "POST",
                KubernetesRequests.CORE + "configmaps",
                "",
                "Content-Type: application/json\r\n",
                KubernetesRequests.MAP.formatted("new")));
        Comparison.Tally tally = comparison.chance(new WordMutations(WORDS).of(plain), KubernetesMutationsIT::state);
        assertThat(tally.executed()).isGreaterThan(tally.sent() / 10);
        assertThat(tally.refused()).isGreaterThan(tally.sent() / 10);
    }
}
