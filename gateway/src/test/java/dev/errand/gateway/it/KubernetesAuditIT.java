package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on a Kubernetes route, request by request beside the audit log of a real kube-apiserver. */
@Tag("apiserver")
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class KubernetesAuditIT {
    private static final String CORE = "/api/v1/namespaces/staging/";
    private static final String APPS = "/apis/apps/v1/namespaces/staging/";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String MERGE = "Content-Type: application/merge-patch+json\r\n";
    private static final String APPLY = "Content-Type: application/apply-patch+yaml\r\n";

    private static final String MAP =
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"staging\"},\"data\":{\"a\":\"b\"}}";
    private static final String DEPLOYMENT =
            "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"staging\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}";

    @TempDir
    private static Path directory;

    private static KubernetesApiserver server;
    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        server = new KubernetesApiserver(directory);
        comparison = new Comparison("k8s", server, (operation, resource) -> {
            int dot = operation.lastIndexOf('.');
            return operation.substring(dot + 1) + ' ' + operation.substring(0, dot) + ' ' + resource;
        });
    }

    @AfterAll
    static void stop() {
        comparison.close();
    }

    /** The objects that the requests speak of; what is there already stays. */
    private static void state() {
        server.call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
        server.call("POST", CORE + "configmaps", MAP.formatted("web"));
        server.call("POST", APPS + "deployments", DEPLOYMENT.formatted("web"));
    }

    private static Spelling one(String method, String path, String query, String lines, String body) {
        return comparison.one(method, path, query, lines, body);
    }

    private static Spelling get(String path, String query) {
        return one("GET", path, query, "", "");
    }

    @Test
    void reads_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = new ArrayList<>();
        for (String path : List.of(
                CORE + "pods",
                CORE + "configmaps",
                CORE + "configmaps/web",
                CORE + "secrets",
                CORE + "secrets/none",
                CORE + "services/web",
                CORE + "pods/web/log",
                CORE + "pods/web/status",
                "/api/v1/pods",
                "/api/v1/nodes",
                "/api/v1/nodes/a",
                "/api/v1/namespaces",
                "/api/v1/namespaces/staging",
                "/api/v1/namespaces/staging/status",
                APPS + "deployments",
                APPS + "deployments/web",
                APPS + "deployments/web/scale",
                APPS + "deployments/web/status",
                "/apis/apps/v1/deployments",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/view",
                "/apis/batch/v1/namespaces/staging/jobs",
                "/version",
                "/healthz",
                "/livez/ping",
                "/api",
                "/api/v1",
                "/apis",
                "/apis/apps",
                "/apis/apps/v1",
                "/openapi/v3")) {
            all.add(get(path, ""));
        }
        for (String query : List.of(
                "?limit=1",
                "?labelSelector=a%3Db",
                "?fieldSelector=metadata.name%3Dweb",
                "?fieldSelector=metadata.name=web,metadata.namespace=staging",
                "?fieldSelector=metadata.name!=web",
                "?watch=1&timeoutSeconds=1",
                "?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=web",
                "?watch&timeoutSeconds=1",
                "?watch=0",
                "?watch=false",
                "?watch=False&timeoutSeconds=1",
                "?watch=no&timeoutSeconds=1",
                "?resourceVersion=0",
                "?pretty=true")) {
            all.add(get(CORE + "configmaps", query));
        }
        all.add(one("HEAD", CORE + "configmaps/web", "", "", ""));
        all.add(get("/api/v1/watch/namespaces/staging/configmaps", "?timeoutSeconds=1"));
        all.add(get("/api/v1/watch/namespaces/staging/configmaps/web", "?timeoutSeconds=1"));
        assertThat(comparison.run(all, KubernetesAuditIT::state)).isGreaterThan(40);
    }

    @Test
    void writes_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = new ArrayList<>();
        all.add(one("POST", CORE + "configmaps", "", JSON, MAP.formatted("new")));
        all.add(one("POST", CORE + "configmaps", "?dryRun=All", JSON, MAP.formatted("dry")));
        all.add(one("PUT", CORE + "configmaps/web", "", JSON, MAP.formatted("web")));
        all.add(one("PUT", CORE + "configmaps/web", "?dryRun=All", JSON, MAP.formatted("web")));
        all.add(one("PATCH", CORE + "configmaps/web", "", MERGE, "{\"data\":{\"c\":\"d\"}}"));
        all.add(one(
                "PATCH",
                CORE + "configmaps/web",
                "",
                "Content-Type: application/json-patch+json\r\n",
                "[{\"op\":\"add\",\"path\":\"/data/e\",\"value\":\"f\"}]"));
        all.add(one("PATCH", CORE + "configmaps/web", "?fieldManager=x&force=true", APPLY, MAP.formatted("web")));
        all.add(one("PATCH", APPS + "deployments/web", "", MERGE, "{\"spec\":{\"replicas\":2}}"));
        all.add(one("PATCH", APPS + "deployments/web/scale", "", MERGE, "{\"spec\":{\"replicas\":3}}"));
        all.add(one("PUT", APPS + "deployments/web", "", JSON, DEPLOYMENT.formatted("web")));
        all.add(one("DELETE", APPS + "deployments/web", "?propagationPolicy=Background", "", ""));
        all.add(one("DELETE", CORE + "configmaps/new", "", "", ""));
        all.add(one("DELETE", CORE + "configmaps", "?labelSelector=never%3Dset", "", ""));
        all.add(one("DELETE", CORE + "configmaps", "?dryRun=All", "", ""));
        all.add(one("POST", "/api/v1/namespaces", "", JSON, "{\"metadata\":{\"name\":\"other\"}}"));
        all.add(one("PATCH", "/api/v1/namespaces/other", "", MERGE, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"));
        all.add(one("DELETE", "/api/v1/namespaces/other", "", "", ""));
        all.add(one(
                "PUT",
                "/api/v1/namespaces/other/finalize",
                "",
                JSON,
                "{\"metadata\":{\"name\":\"other\"},\"spec\":{\"finalizers\":[]}}"));
        all.add(one("POST", CORE + "serviceaccounts", "", JSON, "{\"metadata\":{\"name\":\"bot\"}}"));
        all.add(one("POST", CORE + "serviceaccounts/bot/token", "", JSON, "{\"spec\":{\"audiences\":[\"x\"]}}"));
        all.add(one("POST", CORE + "secrets", "", JSON, "{\"metadata\":{\"name\":\"key\"},\"data\":{\"k\":\"dg==\"}}"));
        all.add(one("PATCH", CORE + "secrets/key", "", MERGE, "{}"));
        all.add(one("DELETE", CORE + "secrets/key", "", "", ""));
        all.add(one(
                "POST",
                CORE + "pods",
                "",
                JSON,
                "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}"));
        all.add(one(
                "POST",
                CORE + "pods/p/eviction",
                "",
                JSON,
                "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"p\"}}"));
        all.add(one("DELETE", CORE + "pods/p", "?gracePeriodSeconds=0", "", ""));
        all.add(one(
                "POST",
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                "",
                JSON,
                "{\"spec\":{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\"}}}"));
        assertThat(comparison.run(all, KubernetesAuditIT::state)).isGreaterThan(20);
    }

    @Test
    void oddSpellings_areNamedAsTheAuditNamesThemOrRefused() {
        comparison.run(Spelling.of(comparison.base("GET", CORE + "configmaps", "", "", "")), KubernetesAuditIT::state);
        comparison.run(
                Spelling.of(comparison.base("DELETE", CORE + "configmaps/web", "", "", "")), KubernetesAuditIT::state);
    }
}
