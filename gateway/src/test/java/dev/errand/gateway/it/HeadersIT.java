package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other proxies assert of a caller never passes to the upstream, and what changes what a server does is refused. */
class HeadersIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .route("{id: open, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/open/**], metadata: {errand: open}}")
                .route(route("s3"))
                .route(route("tools"))
                .route(route("registry"))
                .start();
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static String route(String catalogue) {
        return "{id: " + catalogue + ", uri: \"" + upstream.uri() + "\", predicates: [Path=/" + catalogue
                + "/**], filters: [StripPrefix=1, OperationMapping=" + catalogue + "]}";
    }

    private static HttpResponse<String> get(Map<String, String> headers) {
        return agent.call(gateway, "GET", TestAgent.READ, headers, null);
    }

    @Test
    void identityOfOtherProxies_isRemoved_inEverySpelling() {
        List<String> names = List.of(
                "Remote-User",
                "REMOTE_USER",
                "remote-groups",
                "X-Remote-User",
                "x_remote_group",
                "X-Remote-Extra-Scopes",
                "X-Forwarded-User",
                "X-WEBAUTH-USER",
                "X_WebAuth_Email",
                "X-SSL-Client-Verify",
                "SSL_CLIENT_CERT",
                "Ssl-Client-S-Dn",
                "X-Auth-Request-Email",
                "Cf-Access-Jwt-Assertion",
                "X-Goog-Authenticated-User-Email",
                "X-Goog-IAP-JWT-Assertion",
                "X-Amzn-Oidc-Data",
                "X-authentik-username",
                "X-Pomerium-Jwt-Assertion",
                "Teleport-Jwt-Assertion",
                "Tailscale-User-Login",
                "X-Forwarded-Tls-Client-Cert-Info",
                "X-Forwarded-Client-Cert",
                "X-MS-Client-Principal",
                "X-Consumer-Username",
                "X-Real-IP");
        Map<String, String> sent = new LinkedHashMap<>();
        names.forEach(name -> sent.put(name, "mallory"));
        sent.put("X-Kept", "kept");
        sent.put("X-Remotely", "kept");
        assertThat(get(sent).statusCode()).isEqualTo(200);
        RecordingUpstream.Seen seen = upstream.last();
        assertThat(seen.headers()).noneMatch(line -> line.getValue().equals("mallory"));
        assertThat(seen.header("X-Kept")).isEqualTo("kept");
        assertThat(seen.header("X-Remotely")).isEqualTo("kept");
    }

    @Test
    void identityOfOtherProxies_isRemoved_onAnOpenRouteToo() {
        RawHttp.Response answer =
                RawHttp.send(gateway.port(), "GET", "/open/x", List.of("X-Remote-User: mallory", "X-Kept: kept"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(upstream.last().header("X-Remote-User")).isNull();
        assertThat(upstream.last().header("X-Kept")).isEqualTo("kept");
    }

    @Test
    void openRoute_isDescribedAsNoProtectedResource() {
        String metadata = "/.well-known/oauth-protected-resource/";
        assertThat(RawHttp.send(gateway.port(), "GET", metadata + "s3", List.of())
                        .status())
                .isEqualTo(200);
        assertThat(RawHttp.send(gateway.port(), "GET", metadata + "open", List.of())
                        .status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Vault-Wrap-TTL",
                "x_vault_wrap_ttl",
                "X-Vault-Inline-Auth-Path",
                "X-Vault-Inline-Auth-Parameter-jwt",
                "X-Vault-Policy-Override",
                "X-Vault-Recover-Snapshot-Id",
                "Sudo",
                "SUDO",
                "Audit-ID",
                "X-Minio-Force-Delete",
                "X-Amz-Meta-Minio-Snowball-Prefix",
                "X-Amz-Meta-Snowball-Auto-Extract",
                "X-Original-Method"
            })
    void headerThatChangesWhatTheServerDoes_isMalformed(String name) {
        HttpResponse<String> answer = get(Map.of(name, "1"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("malformed-request");
        assertThat(upstream.seen()).isEmpty();
    }

    /** The header that Vault's own clients always send. */
    @Test
    void headerThatChangesNothing_passes() {
        assertThat(get(Map.of("X-Vault-Request", "true")).statusCode()).isEqualTo(200);
        assertThat(upstream.last().header("X-Vault-Request")).isEqualTo("true");
    }

    @Test
    void impersonation_isMalformed_onARouteOfKubernetes() {
        HttpResponse<String> answer =
                agent.call(gateway, "GET", "/k8s/api/v1/namespaces/a/pods/b", Map.of("Impersonate-Uid", "0"), null);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("malformed-request");
    }

    /** Some servers read the first of two lines, some the last: the request means two things. */
    @ParameterizedTest
    @CsvSource({
        "POST, /vault/v1/secret/data/app/one",
        "POST, /ci/api/v1/pipelines/pay/runs",
        "POST, /k8s/api/v1/namespaces/a/pods",
        "PATCH, /k8s/apis/apps/v1/namespaces/a/deployments/b",
        "PUT, /s3/reports/a.csv",
        "POST, /tools/mcp",
        "PUT, /registry/v2/team/app/manifests/1.0"
    })
    void contentTypeTwice_isMalformed_onEveryRoute(String method, String path) {
        for (String second : List.of("Content-Type: text/plain", "content-type: application/json", "Content_Type: x")) {
            assertThat(code(method, path, "Content-Type: application/json", second))
                    .as(second)
                    .isEqualTo("malformed-request");
        }
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void headerThatSelectsTheOperation_twice_isMalformed() {
        String copy = "x-amz-copy-source: /reports/a";
        assertThat(code("PUT", "/s3/reports/b", copy, copy)).isEqualTo("malformed-request");
        assertThat(code("PUT", "/s3/reports/b", copy, "x_amz_copy_source: /other/a"))
                .isEqualTo("malformed-request");
        String name = "Mcp-Name: echo";
        assertThat(code("POST", "/tools/mcp", name, name)).isEqualTo("malformed-request");
        assertThat(upstream.seen()).isEmpty();
    }

    private static String code(String method, String path, String... lines) {
        // Refusals that repeat end a task.
        TestAgent one = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        List<String> all = new ArrayList<>(List.of(
                "Authorization: DPoP " + one.token(),
                "DPoP: " + one.dpop(method, path),
                "Accept: application/problem+json"));
        all.addAll(List.of(lines));
        RawHttp.Response answer =
                RawHttp.send(gateway.port(), method, path, all, "{}".getBytes(StandardCharsets.UTF_8));
        return TestAgent.json(answer.body()).string("code");
    }
}
