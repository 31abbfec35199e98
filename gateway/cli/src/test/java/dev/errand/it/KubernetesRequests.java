package dev.errand.it;

import java.util.ArrayList;
import java.util.List;

/** Requests to a kube-apiserver by the route {@code /k8s}, as clients and as those who look for a hole send them. */
final class KubernetesRequests {
    static final String CORE = "/api/v1/namespaces/staging/";
    static final String APPS = "/apis/apps/v1/namespaces/staging/";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String MERGE = "Content-Type: application/merge-patch+json\r\n";
    private static final String STRATEGIC = "Content-Type: application/strategic-merge-patch+json\r\n";
    private static final String APPLY = "Content-Type: application/apply-patch+yaml\r\n";

    static final String MAP =
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"staging\"},\"data\":{\"a\":\"b\"}}";
    static final String DEPLOYMENT =
            "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"staging\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}";

    private static final String POD =
            "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";

    private static final List<String> OBJECTS = List.of(
            CORE + "pods",
            CORE + "configmaps",
            CORE + "configmaps/web",
            CORE + "secrets",
            CORE + "secrets/none",
            CORE + "services/web",
            CORE + "events",
            CORE + "pods/web",
            CORE + "pods/web/log",
            CORE + "pods/web/log?container=main&tailLines=1",
            CORE + "pods/web/status",
            CORE + "pods/web/exec?command=ls",
            CORE + "pods/web/attach",
            CORE + "pods/web/portforward?ports=80",
            "/api/v1/pods",
            "/api/v1/nodes",
            "/api/v1/nodes/stand-in",
            "/api/v1/namespaces",
            "/api/v1/namespaces/staging",
            "/api/v2/namespaces/staging/pods/web",
            APPS + "deployments",
            APPS + "deployments/web",
            APPS + "deployments/web/scale",
            APPS + "deployments/web/status",
            APPS + "replicasets",
            "/apis/apps/v1/deployments",
            "/apis/apps/v1beta1/namespaces/staging/deployments/web",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/view",
            "/apis/batch/v1/namespaces/staging/jobs");

    private static final List<String> PATHS = List.of(
            "/version",
            "/version/",
            "/healthz",
            "/livez/ping",
            "/readyz?verbose",
            "/metrics",
            "/api",
            "/api/",
            "/api/v1",
            "/api/v1/",
            "/apis",
            "/apis/apps",
            "/apis/apps/v1",
            "/openapi/v2",
            "/openapi/v3",
            "/openapi/v3/api/v1",
            "/.well-known/openid-configuration",
            "/nothing/at/all");

    /** Operations that no wildcard grants, since nobody has said what effect they have. */
    static final String UNREVIEWED = """
            pods.proxy
            pods/proxy.get
            pods/proxy.create
            pods/proxy.update
            pods/nothing.get
            pods/ephemeralcontainers.get
            pods/ephemeralcontainers.patch
            pods/binding.create
            services/proxy.get
            nodes/proxy.get
            namespaces/status.get
            namespaces/finalize.get
            namespaces/finalize.update
            other.list
            nothing.list
            componentstatuses.list
            nonresource.post
            nonresource.delete
            example.com/widgets.get
            authorization.k8s.io/selfsubjectaccessreviews.create
            apps/deployments/status.update
            apps/deployments/status.patch
            apiextensions.k8s.io/customresourcedefinitions.list
            """;

    private KubernetesRequests() {}

    private static Spelling one(String method, String path, String query, String lines, String body) {
        return new Spelling.Base(method, "/k8s", path, query, lines, body).as(method + ' ' + path + query);
    }

    /** Requests without a body. */
    private static List<Spelling> all(String method, List<String> targets) {
        List<Spelling> all = new ArrayList<>();
        for (String target : targets) {
            int query = target.indexOf('?');
            all.add(one(
                    method,
                    query < 0 ? target : target.substring(0, query),
                    query < 0 ? "" : target.substring(query),
                    "",
                    ""));
        }
        return all;
    }

    /** Objects, lists of them, and what lies below one. */
    static List<Spelling> objects(String method) {
        return all(method, OBJECTS);
    }

    /** What is no object. */
    static List<Spelling> paths(String method) {
        return all(method, PATHS);
    }

    /** Lists and watches, by each way to ask for one object among them. */
    static List<Spelling> listsAndWatches() {
        String maps = CORE + "configmaps";
        String watch = "/api/v1/watch/namespaces/staging/configmaps";
        List<String> targets = List.of(
                maps + "?limit=1",
                maps + "?labelSelector=a%3Db",
                maps + "?fieldSelector=metadata.name%3Dweb",
                maps + "?fieldSelector=metadata.name==web",
                maps + "?fieldSelector=metadata.name=web,metadata.namespace=staging",
                maps + "?fieldSelector=metadata.name!=web",
                maps + "?fieldSelector=metadata.name=",
                maps + "?fieldSelector=metadata.name=web,metadata.name=web",
                maps + "?fieldSelector=metadata.name=web,metadata.name=other",
                maps + "?fieldSelector=metadata.name=web&fieldSelector=metadata.name=other",
                maps + "?fieldSelector=metadata.name=a/b",
                maps + "?fieldSelector=metadata.name=..",
                maps + "?fieldSelector=metadata.namespace=staging",
                maps + "?fieldSelector=,",
                maps + "?fieldSelector=metadata.name",
                maps + "?fieldSelector=metadata%252Ename=web",
                maps + "?FieldSelector=metadata.name=web",
                maps + "?watch=1&timeoutSeconds=1",
                maps + "?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=web",
                maps + "?watch&timeoutSeconds=1",
                maps + "?watch=&timeoutSeconds=1",
                maps + "?watch=no&timeoutSeconds=1",
                maps + "?watch=0",
                maps + "?watch=false",
                maps + "?watch=False",
                maps + "?watch=F&timeoutSeconds=1",
                maps + "?watch=FALSE",
                maps + "?watch=%30",
                maps + "?watch=0&watch=1&timeoutSeconds=1",
                maps + "?Watch=1",
                maps + "?%77atch=1&timeoutSeconds=1",
                maps + "?watch=1;a=b&timeoutSeconds=1",
                maps + "/web?watch=1&timeoutSeconds=1",
                maps + "/web?fieldSelector=metadata.name=other",
                "/api/v1/namespaces?watch=1&timeoutSeconds=1",
                "/api/v1/namespaces?fieldSelector=metadata.name=staging",
                "/api/v1/namespaces/staging?watch=1&timeoutSeconds=1",
                APPS + "deployments?watch=1&timeoutSeconds=1&fieldSelector=metadata.name=web",
                "/api/v1/watch/namespaces/staging/configmaps?timeoutSeconds=1",
                watch + "/web?timeoutSeconds=1",
                "/api/v1/watch/namespaces?timeoutSeconds=1",
                "/api/v1/watch/namespaces/staging?timeoutSeconds=1",
                watch + "?timeoutSeconds=1&fieldSelector=metadata.name=web");
        return all("GET", targets);
    }

    /** What makes, changes and removes. */
    static List<Spelling> writes() {
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
        all.add(one("POST", CORE + "serviceaccounts", "", JSON, "{\"metadata\":{\"name\":\"bot\"}}"));
        all.add(one("POST", CORE + "serviceaccounts/bot/token", "", JSON, "{\"spec\":{\"audiences\":[\"x\"]}}"));
        all.add(one("POST", CORE + "secrets", "", JSON, "{\"metadata\":{\"name\":\"key\"},\"data\":{\"k\":\"dg==\"}}"));
        all.add(one("PATCH", CORE + "secrets/key", "", MERGE, "{}"));
        all.add(one("DELETE", CORE + "secrets/key", "", "", ""));
        all.add(one("POST", CORE + "pods", "", JSON, POD.formatted("p")));
        all.add(one(
                "POST",
                CORE + "pods/p/eviction",
                "",
                JSON,
                "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"p\"}}"));
        all.add(one("DELETE", CORE + "pods/p", "?gracePeriodSeconds=0", "", ""));
        all.add(one("PATCH", CORE + "configmaps/web", "?fieldManager=x&dryRun=All", APPLY, MAP.formatted("web")));
        all.add(one("PATCH", CORE + "configmaps/absent", "?fieldManager=x", APPLY, MAP.formatted("absent")));
        all.add(one("PATCH", CORE + "configmaps/absent", "", MERGE, "{}"));
        all.add(one(
                "PUT",
                "/apis/coordination.k8s.io/v1/namespaces/staging/leases/l",
                "",
                JSON,
                "{\"metadata\":{\"name\":\"l\"}}"));
        all.add(one("POST", CORE + "pods/web/exec", "?command=ls&stdout=true", "", ""));
        all.add(one("POST", CORE + "pods/web/attach", "?stdout=true", "", ""));
        all.add(one("POST", CORE + "pods/web/portforward", "?ports=80", "", ""));
        all.add(one("POST", CORE + "configmaps/web", "", JSON, MAP.formatted("web")));
        all.add(one("PUT", CORE + "configmaps", "", JSON, MAP.formatted("web")));
        all.add(one("PATCH", CORE + "configmaps", "", MERGE, "{}"));
        all.add(one("DELETE", CORE + "configmaps/none", "", JSON, "{\"dryRun\":[\"All\"]}"));
        all.add(one("DELETE", CORE + "configmaps/none", "?dryRun=All", JSON, "{}"));
        all.add(one("DELETE", CORE + "configmaps", "?fieldSelector=metadata.name=none", "", ""));
        all.add(one("DELETE", APPS + "replicasets", "?labelSelector=never%3Dset", "", ""));
        all.add(one("DELETE", "/api/v1/watch/namespaces/staging/configmaps", "?dryRun=All", "", ""));
        all.add(one("DELETE", "/api/v1/namespaces", "", "", ""));
        all.add(one("POST", CORE + "pods", "?dryRun=All&dryRun=None", JSON, POD.formatted("twice")));
        all.add(one("POST", CORE + "pods", "?dryRun=none", JSON, POD.formatted("none")));
        all.add(one("PATCH", APPS + "deployments/web", "", STRATEGIC, "{\"spec\":{\"replicas\":1}}"));
        all.add(one("POST", CORE + "configmaps", "", "Impersonate-User: admin\r\n" + JSON, MAP.formatted("as")));
        all.add(one("POST", CORE + "configmaps", "", "X-Remote-User: admin\r\n" + JSON, MAP.formatted("as")));
        return all;
    }

    /** What {@link #UNREVIEWED} grants. */
    static List<Spelling> unreviewed() {
        List<Spelling> all = all(
                "GET",
                List.of(
                        CORE + "pods/web/ephemeralcontainers",
                        CORE + "pods/web/nothing",
                        CORE + "pods/web/proxy/a/b",
                        CORE + "pods/web/proxy/",
                        CORE + "pods/web/proxy/a/",
                        CORE + "services/http:web:80/proxy/a",
                        "/api/v1/nodes/stand-in/proxy/pods",
                        "/api/v1/proxy/namespaces/staging/pods/web/a",
                        "/api/v1/namespaces/staging/status",
                        "/api/v1/namespaces/staging/finalize",
                        "/api/v1/namespaces/staging/other",
                        "/api/v1/componentstatuses",
                        "/api/v1/nothing",
                        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                        "/apis/example.com/v1/namespaces/staging/widgets/a"));
        all.add(one("PUT", APPS + "deployments/web/status", "", JSON, DEPLOYMENT.formatted("web")));
        all.add(one("PATCH", APPS + "deployments/web/status", "", MERGE, "{\"status\":{}}"));
        all.add(one("POST", CORE + "pods/web/proxy/a", "", JSON, "{}"));
        all.add(one("PUT", CORE + "pods/web/proxy/a", "", JSON, "{}"));
        all.add(one("POST", CORE + "pods/web/binding", "", JSON, "{\"target\":{\"name\":\"n\"}}"));
        all.add(one("PATCH", CORE + "pods/web/ephemeralcontainers", "", MERGE, "{}"));
        all.add(one("POST", "/version", "", "", ""));
        all.add(one("DELETE", "/apis/apps/v1", "", "", ""));
        all.add(one(
                "PUT",
                "/api/v1/namespaces/staging/finalize",
                "",
                JSON,
                "{\"metadata\":{\"name\":\"staging\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}"));
        all.add(one(
                "POST",
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                "",
                JSON,
                "{\"spec\":{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\"}}}"));
        return all;
    }
}
