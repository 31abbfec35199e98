package dev.errand.operation.kubernetes;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.headers;
import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution.Resolved;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesCatalogueTest {
    private static final OperationCatalogue K8S = catalogue("""
            catalogue: k8s
            resolver: kubernetes
            headers: {refuse: [Impersonate-User, "Impersonate-Extra-*"]}
            effects: {secrets.get: admin}
            yields: {untrusted: [pods/log.get]}
            needs: {trusted: [pods/exec.create]}
            """);

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/namespaces/x/pods, pods.list on x/_none",
        "HEAD, /api/v1/namespaces/x/pods, pods.list on x/_none",
        "GET, /api/v1/pods, pods.list on _cluster/_none",
        "GET, /api/v1/pods?watch=1, pods.watch on _cluster/_none",
        "GET, /api/v1/pods?watch, pods.watch on _cluster/_none",
        "GET, /api/v1/pods?watch=yes, pods.watch on _cluster/_none",
        "GET, /api/v1/pods?w%61tch=true, pods.watch on _cluster/_none",
        "GET, /api/v1/pods?watch=0, pods.list on _cluster/_none",
        "GET, /api/v1/pods?watch=False, pods.list on _cluster/_none",
        "GET, /api/v1/namespaces/x/pods/p, pods.get on x/p",
        "GET, /api/v1/namespaces/x/pods/p?watch=1, pods.get on x/p",
        "GET, /api/v1/namespaces/x/pods/p/log, pods/log.get on x/p",
        "POST, /api/v1/namespaces/x/pods, pods.create on x/_none",
        "PUT, /api/v1/namespaces/x/pods/p/status, pods/status.update on x/p",
        "PATCH, /apis/apps/v1/namespaces/staging/deployments/pay, apps/deployments.patch on staging/pay",
        "PATCH, /apis/apps/v1/namespaces/staging/deployments/pay/scale, apps/deployments/scale.patch on staging/pay",
        "DELETE, /api/v1/namespaces/x/pods/p, pods.delete on x/p",
        "DELETE, /api/v1/namespaces/x/pods, pods.deletecollection on x/_none",
        "POST, /api/v1/namespaces/x/pods/p/exec, pods/exec.create on x/p",
        "GET, /api/v1/namespaces/x/services/s/proxy/a/b, services/proxy.get on x/s",
        "GET, /api/v1/proxy/namespaces/x/services/s/a, services.proxy on x/s",
        "GET, /api/v1/watch/namespaces/x/pods, pods.watch on x/_none",
        "GET, /api/v1/watch/pods/p, pods.watch on _cluster/p",
        "GET, /api/v1/namespaces, namespaces.list on _cluster/_none",
        "GET, /api/v1/namespaces/x, namespaces.get on x/x",
        "PUT, /api/v1/namespaces/x/status, namespaces/status.update on x/x",
        "PUT, /api/v1/namespaces/x/finalize, namespaces/finalize.update on x/x",
        "GET, /api/v1/namespaces/x/pods?fieldSelector=metadata.name%3Dp, pods.list on x/p",
        "GET, '/api/v1/namespaces/x/pods?fieldSelector=metadata.name==p,status.phase=Running&watch=1', pods.watch on x/p",
        "GET, /api/v1/namespaces/x/pods?fieldSelector=metadata.name!=p, pods.list on x/_none",
        "GET, /apis/cert-manager.io/v1/namespaces/x/issuers/i, cert-manager.io/issuers.get on x/i",
        "GET, /version, nonresource.get on /version",
        "HEAD, /healthz/etcd, nonresource.get on /healthz/etcd",
        "GET, /api/v1, nonresource.get on /api/v1",
        "GET, /apis/apps/v1, nonresource.get on /apis/apps/v1",
        "POST, /x, nonresource.post on /x"
    })
    void resolve_isTheApiserversOwnReading(String method, String target, String expected) {
        assertThat(outcome(K8S, request(method, target))).isEqualTo("k8s:" + expected);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/pods?watch=0&watch=1, malformed",
        "GET, /api/v1/pods?fieldSelector=metadata.name=a&fieldSelector=metadata.name=b, malformed",
        "GET, '/api/v1/pods?fieldSelector=metadata.name=a,metadata.name=b', unknown",
        "GET, /api/v1/pods?fieldSelector=metadata.name=a%5C%2Cb, unknown",
        "GET, /api/v1/namespaces/x/pods/, unknown",
        "OPTIONS, /api/v1/pods, unknown",
        "OPTIONS, /api/v1/proxy/namespaces/x/services/s/a, unknown",
        "TRACE, /api/v1/proxy/nodes/n, unknown",
        "CONNECT, /api/v1/namespaces/x/pods/p/exec, unknown",
        "DELETE, /api/v1/watch/pods, unknown",
        "GET, /api/v1/watch, unknown",
        "GET, /api/v1/namespaces/_cluster/pods, unknown",
        "GET, /api/v1/namespaces/x/pods/_none, unknown",
        "POST, /apis/pods/v1/namespaces/x/exec, unknown",
        "GET, /api/v1/namespaces/x/apps/d/deployments, unknown",
        "GET, /api/v1/namespaces/x/pods/p/log/y, unknown",
        "GET, /api/v1/namespaces/x/Pods, unknown",
        "GET, /api/v1//pods, malformed",
        "GET, /api/v1/namespaces/x/../y/pods, malformed",
        "GET, /api/v1/namespaces/x%2Fpods, malformed"
    })
    void resolve_whatCouldBeReadTwice_isRefused(String method, String target, String expected) {
        assertThat(outcome(K8S, request(method, target))).isEqualTo(expected);
    }

    private static boolean isDryRun(CatalogueRequest request) {
        return ((Resolved) K8S.resolve(request)).calls().get(0).dryRun();
    }

    @Test
    void dryRun_countsOnlyWhereTheApiserverHeedsIt() {
        assertThat(isDryRun(request("POST", "/api/v1/namespaces/x/pods?dryRun=All")))
                .isTrue();
        assertThat(isDryRun(request("PATCH", "/apis/apps/v1/namespaces/x/deployments/d?dryRun=All")))
                .isTrue();
        assertThat(isDryRun(request("DELETE", "/api/v1/namespaces/x/pods/p?dryRun=All")))
                .isTrue();
        assertThat(isDryRun(request("POST", "/api/v1/namespaces/x/pods"))).isFalse();
        assertThat(isDryRun(request("POST", "/api/v1/namespaces/x/pods?dryRun=none")))
                .isFalse();
        assertThat(isDryRun(request("GET", "/api/v1/namespaces/x/pods?dryRun=All")))
                .isFalse();
        assertThat(isDryRun(request("POST", "/api/v1/namespaces/x/pods/p/exec?dryRun=All")))
                .isFalse();
        CatalogueRequest withOptions = withBody("DELETE", "/api/v1/namespaces/x/pods/p?dryRun=All", "{}");
        assertThat(K8S.needsBody(withOptions)).isTrue();
        assertThat(isDryRun(withOptions)).isFalse();
    }

    @Test
    void operation_knowsWellFormedIds_andTheFilesLabels() {
        assertThat(K8S.operation("k8s:secrets.get"))
                .contains(new Operation("k8s:secrets.get", Effect.ADMIN, false, false));
        assertThat(K8S.operation("k8s:pods/exec.create"))
                .contains(new Operation("k8s:pods/exec.create", Effect.EXECUTE, false, true));
        assertThat(K8S.operation("k8s:pods/log.get"))
                .contains(new Operation("k8s:pods/log.get", Effect.READ, true, false));
        assertThat(K8S.operation("k8s:apps/deployments.pach")).isEmpty();
        assertThat(K8S.operation("k8s:pods")).isEmpty();
        assertThat(K8S.reviewed(Set.of(Effect.READ, Effect.LIST)))
                .extracting(Operation::id)
                .contains("k8s:pods.get", "k8s:apps/deployments.list", "k8s:pods.watch")
                .doesNotContain("k8s:secrets.get", "k8s:pods.delete");
    }

    @Test
    void refuse_impersonation() {
        assertThat(K8S.refuse("GET", "/api/v1/pods", headers("Impersonate-Extra-Scopes", "x")))
                .isPresent();
        assertThat(K8S.refuse("GET", "/api/v1/pods", headers("Accept", "x"))).isEmpty();
    }
}
