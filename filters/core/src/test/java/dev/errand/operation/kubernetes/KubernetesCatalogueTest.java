package dev.errand.operation.kubernetes;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.headers;
import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution.Resolved;
import java.util.List;
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
        "GET, /api/v1/watch/namespaces/x/pods?fieldSelector=metadata.name%3Dp, pods.watch on x/_none",
        "GET, /api/v1/namespaces/x/pods/p/proxy/, pods/proxy.get on x/p",
        "GET, /api/v1/namespaces/x/services/s/proxy/a/, services/proxy.get on x/s",
        "GET, /api/v1/nodes/n/proxy/, nodes/proxy.get on _cluster/n",
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
        "GET, /api/v1/namespaces/x/pods/p/, unknown",
        "GET, /api/v1/namespaces/x/pods/p/log/, unknown",
        "GET, /api/v1/namespaces/x/proxy/, unknown",
        "GET, /api/v1/proxy/namespaces/x/services/s/, unknown",
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
    }

    /** What is not stored is executed: the apiserver has nothing that it could leave out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /apis/authentication.k8s.io/v1/tokenreviews",
                "POST | /apis/authentication.k8s.io/v1/selfsubjectreviews",
                "POST | /apis/authorization.k8s.io/v1/subjectaccessreviews",
                "POST | /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                "POST | /apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                "POST | /apis/authorization.k8s.io/v1/namespaces/x/localsubjectaccessreviews",
                "POST | /api/v1/namespaces/x/serviceaccounts/a/token",
                "POST | /api/v1/namespaces/x/bindings",
                "POST | /apis/example.org/v1/namespaces/x/pods",
                "PATCH | /apis/example.org/v1/namespaces/x/widgets/w",
                "PUT | /apis/argoproj.io/v1alpha1/namespaces/x/workflows/w/status",
                "DELETE | /apis/example.org/v1/namespaces/x/widgets"
            })
    void dryRun_ofAKindThatIsNotStored_isACall(String method, String path) {
        assertThat(isDryRun(request(method, path + "?dryRun=All"))).isFalse();
        assertThat(also(request(method, path + "?dryRun=All")).isEmpty()).isEqualTo(method.equals("POST"));
    }

    @Test
    void dryRun_ofADeletion_isReadFromItsBody() {
        String pod = "/api/v1/namespaces/x/pods/p";
        assertThat(isDryRun(withBody("DELETE", pod + "?dryRun=All", "{}"))).isFalse();
        assertThat(isDryRun(withBody("DELETE", pod, "{\"dryRun\":[\"All\"]}"))).isTrue();
        assertThat(isDryRun(withBody("DELETE", pod, "{\"dryRun\":[\"All\"],\"dryRun\":[]}")))
                .isFalse();
        assertThat(K8S.needsBody(request("DELETE", pod))).isTrue();
        assertThat(K8S.needsBody(request("DELETE", "/api/v1/namespaces/x/pods")))
                .isTrue();
        assertThat(K8S.needsBody(request("DELETE", pod + "/proxy/a"))).isFalse();
        assertThat(K8S.needsBody(request("DELETE", "/version"))).isFalse();
        assertThat(K8S.needsBody(request("PATCH", pod + "?dryRun=All"))).isFalse();
    }

    private static String also(CatalogueRequest request) {
        return String.join(
                ", ",
                ((Resolved) K8S.resolve(request))
                        .calls().get(0).also().stream()
                                .map(call -> call.operation().id().substring(4) + " on " + call.resource())
                                .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PATCH | /api/v1/namespaces/x/configmaps/c | application/merge-patch+json | ''",
                "PATCH | /api/v1/namespaces/x/configmaps/c | application/apply-patch+yaml | configmaps.create on x/c",
                "PATCH | /api/v1/namespaces/x/configmaps/c | Application/Apply-Patch+CBOR; a=b | configmaps.create on x/c",
                "PATCH | /apis/apps/v1/namespaces/x/deployments/d/scale | application/apply-patch+yaml | ''",
                "PUT | /api/v1/namespaces/x/configmaps/c | application/json | ''",
                "PUT | /apis/coordination.k8s.io/v1/namespaces/x/leases/l | application/json | coordination.k8s.io/leases.create on x/l",
                "PUT | /apis/rbac.authorization.k8s.io/v1/namespaces/x/roles/r | application/json | rbac.authorization.k8s.io/roles.create on x/r",
                "PUT | /api/v1/namespaces/x/services/s | application/json | services.create on x/s",
                "PUT | /api/v1/namespaces/x/services/s/status | application/json | ''",
                "PUT | /api/v1/namespaces/x/services/s/proxy/a?dryRun=All | application/json | ''",
                "POST | /api/v1/namespaces/x/configmaps?dryRun=All | application/json | ''",
                "PATCH | /api/v1/namespaces/x/secrets/s?dryRun=All | application/merge-patch+json | secrets.get on x/s",
                "PATCH | /api/v1/namespaces/x/secrets/s?dryRun=All | application/apply-patch+yaml | secrets.create on x/s, secrets.get on x/s",
                "PUT | /apis/apps/v1/namespaces/x/deployments/d/scale?dryRun=All | application/json | apps/deployments/scale.get on x/d",
                "PATCH | /api/v1/namespaces/x/pods/p/ephemeralcontainers?dryRun=All | application/merge-patch+json | pods/ephemeralcontainers.get on x/p",
                "DELETE | /api/v1/namespaces/x/pods/p?dryRun=All | application/json | pods.get on x/p",
                "DELETE | /api/v1/namespaces/x/secrets?dryRun=All | application/json | secrets.list on x/_none",
                "DELETE | /api/v1/namespaces/x/pods/p | application/json | ''",
                "DELETE | /api/v1/namespaces/x/secrets/s?propagationPolicy=Background | application/json | ''",
                "DELETE | /api/v1/namespaces/x/secrets/s?propagationPolicy=Foreground | application/json | secrets.get on x/s",
                "DELETE | /api/v1/namespaces/x/secrets/s?propagationPolicy=Background&propagationPolicy=Orphan | application/json | secrets.get on x/s",
                "DELETE | /api/v1/namespaces/x/secrets/s?orphanDependents=true | application/json | secrets.get on x/s",
                "DELETE | /api/v1/namespaces/x/secrets/s?orphanDependents | application/json | secrets.get on x/s",
                "DELETE | /api/v1/namespaces/x/secrets/s?orphanDependents=false | application/json | ''",
                "DELETE | /api/v1/namespaces/x/services/s/proxy/a?propagationPolicy=Orphan | application/json | ''",
                "DELETE | /version?propagationPolicy=Orphan | application/json | ''"
            })
    void also_isWhatTheRequestMayMakeOrShow(String method, String target, String type, String expected) {
        assertThat(also(request(method, target, "Content-Type", type))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | application/json | ''",
                "{\"dryRun\":[\"All\"]} | application/json | pods.get on x/p",
                "{\"dryRun\":[]} | application/json | pods.get on x/p",
                "{\"DryRun\":[\"All\"]} | application/json | pods.get on x/p",
                "dryRun: [All] | application/yaml | pods.get on x/p",
                "{} | application/vnd.kubernetes.protobuf | pods.get on x/p",
                "[] | application/json | pods.get on x/p",
                "{\"propagationPolicy\":\"Background\"} | application/json | ''",
                "{\"propagationPolicy\":\"Foreground\"} | application/json | pods.get on x/p",
                "{\"PropagationPolicy\":\"Orphan\"} | application/json | pods.get on x/p",
                "{\"propagationPolicy\":null} | application/json | pods.get on x/p",
                "{\"orphanDependents\":true} | application/json | pods.get on x/p",
                "{\"orphanDependents\":false} | application/json | ''"
            })
    void also_ofADeletion_isReadFromItsBody(String body, String type, String expected) {
        CatalogueRequest request =
                withBody("DELETE", "/api/v1/namespaces/x/pods/p?dryRun=none", body, "Content-Type", type);
        assertThat(also(request)).isEqualTo(expected);
    }

    @Test
    void deletion_withAMemberThatIsNotSeen_isMalformed() {
        assertThat(outcome(K8S, withBody("DELETE", "/api/v1/namespaces/x/pods/p", "{\"dry\u200bRun\":[\"All\"]}")))
                .isEqualTo("malformed");
    }

    @Test
    void also_ofADeletionWithABody_passesOverTheQuery() {
        String secret = "/api/v1/namespaces/x/secrets/s";
        assertThat(also(withBody("DELETE", secret + "?propagationPolicy=Orphan", "{}")))
                .isEmpty();
        assertThat(also(withBody(
                        "DELETE", secret + "?propagationPolicy=Background", "{\"propagationPolicy\":\"Orphan\"}")))
                .isEqualTo("secrets.get on x/s");
    }

    @Test
    void also_isRenamedWithItsCatalogue() {
        CatalogueRequest apply =
                request("PATCH", "/api/v1/namespaces/x/pods/p", "Content-Type", "application/apply-patch+yaml");
        assertThat(((Resolved) K8S.as("other").resolve(apply)).calls().get(0).also())
                .extracting(call -> call.operation().id())
                .containsExactly("other:pods.create");
    }

    private static final OperationCatalogue BOUND = catalogue("""
            {catalogue: k8s, resolver: kubernetes, params: {command: query:list, labelSelector: query, limit: query:number}}
            """);

    private static String arguments(String method, String target) {
        return BOUND.resolve(request(method, target)) instanceof Resolved resolved
                ? Jcs.canonical(resolved.calls().get(0).arguments())
                : outcome(BOUND, request(method, target));
    }

    @Test
    void params_areArgumentsOfEveryOperation() {
        String exec = "/api/v1/namespaces/x/pods/p/exec";
        assertThat(arguments("GET", exec + "?command=sh&stdout=1&command=-c&command=echo+a%2Bb"))
                .isEqualTo("{\"command\":[\"sh\",\"-c\",\"echo a+b\"],\"resource\":\"x/p\"}");
        assertThat(arguments("POST", exec + "?command=ls")).isEqualTo("{\"command\":[\"ls\"],\"resource\":\"x/p\"}");
        assertThat(arguments("GET", exec)).isEqualTo("{\"resource\":\"x/p\"}");
        assertThat(arguments("DELETE", "/api/v1/namespaces/x/pods?labelSelector=a+in+(b)&limit=5"))
                .isEqualTo("{\"labelSelector\":\"a in (b)\",\"limit\":5,\"resource\":\"x/_none\"}");
        assertThat(arguments("GET", "/api/v1/pods?labelSelector=a&labelSelector=b"))
                .isEqualTo("malformed");
        assertThat(BOUND.arguments("k8s:pods.list")).contains(Set.of("resource", "command", "labelSelector", "limit"));
        // What a dry run shows depends on the selector, which the grant of the list may bind.
        Resolved deletion =
                (Resolved) BOUND.resolve(request("DELETE", "/api/v1/namespaces/x/pods?dryRun=All&labelSelector=a"));
        assertThat(Jcs.canonical(deletion.calls().get(0).also().get(0).arguments()))
                .isEqualTo("{\"labelSelector\":\"a\",\"resource\":\"x/_none\"}");
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
        assertThat(K8S.reviewed(Set.of(Effect.WRITE)))
                .extracting(Operation::id)
                .contains("k8s:secrets.create", "k8s:configmaps.patch")
                .doesNotContain("k8s:secrets.patch", "k8s:secrets.update", "k8s:pods/eviction.create");
        assertThat(K8S.reviewed(Set.of(Effect.DELETE)))
                .extracting(Operation::id)
                .contains("k8s:pods/eviction.create", "k8s:secrets.delete", "k8s:pods.deletecollection")
                .doesNotContain("k8s:secrets.deletecollection");
    }

    @Test
    void refuse_impersonation() {
        assertThat(K8S.refuse("GET", "/api/v1/pods", headers("Impersonate-Extra-Scopes", "x")))
                .isPresent();
        assertThat(K8S.refuse("GET", "/api/v1/pods", headers("Accept", "x"))).isEmpty();
        OperationCatalogue bare = catalogue("{catalogue: k8s, resolver: kubernetes}");
        for (String name : List.of(
                "Impersonate-User",
                "Impersonate-Group",
                "Impersonate-Uid",
                "impersonate_extra-scopes",
                "Impersonate-New")) {
            assertThat(bare.refuse("GET", "/api/v1/pods", headers(name, "x")))
                    .as(name)
                    .isPresent();
        }
    }
}
