package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.RecordFields;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    private static final String OWN = """
            catalogue: own
            resolver: template
            headers: {pass: ["X-Acme-*", X-Tenant-Id], refuse: [X-Acme-Admin]}
            operations:
              - {id: note, match: {method: POST, path: /notes}, effect: write, params: {tag: "header:X-Tag"}}
              - {id: other, match: {method: POST, path: /other}, effect: write}
              - {id: look, match: {method: GET, path: /notes}, effect: read}
            """;

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
                .file("operations/own.yaml", OWN)
                .file(
                        "tasks/explore.yaml",
                        TestAgent.EXPLORE_TEMPLATE.replace(
                                "limits:",
                                "  own:note: {tag: {wildcard: true, optional: true}, resource: {wildcard: true}}\n  own:other: {}\n  own:look: {}\nlimits:"))
                .file("own-key", "ours")
                .property("errand.upstreams.own.header.name", "X-Own-Key")
                .property("errand.upstreams.own.header.file", "file:own-key")
                .route(
                        "{id: own, uri: \"" + upstream.uri()
                                + "\", predicates: [Path=/own/**], filters: [StripPrefix=1, \"SetRequestHeader=X-Set, ours\", \"AddRequestHeader=X-Added, ours\","
                                + " \"SetRequestHeader=X-Remote-User, ours\", \"AddRequestHeader=X-Remote-Group, ours\", OperationMapping=own, UpstreamCredential=own]}")
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
        sent.put("Prefer", "kept");
        assertThat(get(sent).statusCode()).isEqualTo(200);
        RecordingUpstream.Seen seen = upstream.last();
        assertThat(seen.headers()).noneMatch(line -> line.getValue().equals("mallory"));
        assertThat(seen.header("Prefer")).isEqualTo("kept");
    }

    private static List<String> unlisted() {
        return List.of(
                "As-User",
                "Stripe-Account",
                "X-Redmine-Switch-User",
                "X-Trino-User",
                "X-Ms-Copy-Source",
                "X-Tenant-Id",
                "Private-Token",
                "Impersonate-User",
                "X-GitLab-Sudo",
                "Destination",
                "X-Api-Key",
                "X-Goog-User-Project",
                "Content_Type",
                "Accept_Language",
                "x-unheard-of");
    }

    /** A call that reads passes without what no list has. */
    @Test
    void headersThatNoListHas_areRemovedFromACallThatReads_andTheRecordNamesThem() {
        Map<String, String> sent = new LinkedHashMap<>();
        unlisted().forEach(name -> sent.put(name, "mallory"));
        sent.put("Origin", "mallory");
        sent.put("X-Remote-User", "mallory");
        sent.put("If-None-Match", "\"kept\"");
        HttpResponse<String> answer = get(sent);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(upstream.last().headers()).noneMatch(line -> line.getValue().equals("mallory"));
        assertThat(upstream.last().header("If-None-Match")).isEqualTo("\"kept\"");
        assertThat(removed(answer))
                .hasSize(16)
                .containsAll(unlisted().stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .toList());
        assertThat(removed(get(Map.of("Accept", "*/*")))).isEmpty();
    }

    /** A call that changes something is refused, since the header may be what it depends on. */
    @Test
    void headerThatNoListHas_isMalformedInACallThatWrites() {
        for (String name :
                unlisted().stream().filter(name -> !name.equals("Content_Type")).toList()) {
            assertThat(refused(name, "1"))
                    .as(name)
                    .contains("the header " + name.toLowerCase(Locale.ROOT) + " is on no list");
        }
        assertThat(refused("X-Tenant-Id", "1", "X-Tenant-Id", "2")).contains("the header x-tenant-id is on no list");
        assertThat(refused("X-" + "Long".repeat(4_000), "1"))
                .hasSizeLessThan(400)
                .contains("the header x-longlong");
        String[] many = new String[400];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = "X-Many-" + i;
            many[i + 1] = "1";
        }
        assertThat(refused(many)).contains("the header x-many-");
        assertThat(upstream.seen()).isEmpty();
    }

    private static String refused(String... namesAndValues) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            lines.add(namesAndValues[i] + ": " + namesAndValues[i + 1]);
        }
        RawHttp.Response answer = send("POST", TestAgent.READ, lines);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("malformed-request");
        return String.valueOf(TestAgent.json(answer.body()).string("detail"));
    }

    @Test
    void harmlessHeaders_areRemovedFromACallThatWrites() {
        HttpResponse<String> answer = agent.call(
                gateway,
                "POST",
                TestAgent.READ,
                Map.of("Sec-Fetch-Mode", "cors", "Kubectl-Command", "x", "X-B3-TraceId", "1", "Idempotency-Key", "k"),
                "{}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(upstream.last().header("Sec-Fetch-Mode")).isNull();
        assertThat(upstream.last().header("Idempotency-Key")).isEqualTo("k");
        assertThat(removed(answer)).containsExactlyInAnyOrder("sec-fetch-mode", "kubectl-command", "x-b3-traceid");
    }

    /** What the connection names, and what the route's credential writes, is the gateway's own affair. */
    @Test
    void headersOfTheConnectionAndOfTheCredential_areNoReasonToRefuse() {
        RawHttp.Response answer =
                send("POST", "/own/notes", List.of("Connection: close, X-Hop", "X-Hop: mallory", "X-Own-Key: mallory"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(upstream.last().headers()).noneMatch(line -> line.getValue().equals("mallory"));
        assertThat(upstream.last().header("X-Own-Key")).isEqualTo("ours");
    }

    @Test
    void headersOfTheCatalogue_passInTheirOwnSpelling_andAnArgumentOnlyWithItsOperation() {
        assertThat(send("POST", "/own/notes", List.of("X-Acme-Trace: t", "X-Tenant-Id: 7", "X-Tag: a"))
                        .status())
                .isEqualTo(200);
        assertThat(upstream.last().header("X-Acme-Trace")).isEqualTo("t");
        assertThat(upstream.last().header("X-Tenant-Id")).isEqualTo("7");
        assertThat(upstream.last().header("X-Tag")).isEqualTo("a");
        assertThat(send("POST", "/own/other", List.of("X-Tag: a")).body()).contains("the header x-tag is on no list");
        assertThat(send("POST", "/own/notes", List.of("X_Tag: a")).body()).contains("the header x_tag is on no list");
        assertThat(send("POST", "/own/notes", List.of("X-Acme-Admin: 1")).body())
                .contains("the header x-acme-admin is refused for this API");
        assertThat(send("POST", "/own/notes", List.of("X_Tenant_Id: 8")).body())
                .contains("the header x_tenant_id is on no list");
    }

    /** What the operator's filters write is no choice of the agent's. */
    @Test
    void headersOfTheRoutesFilters_pass_andTheAgentsOwnBesideThemDoNot() {
        assertThat(send("POST", "/own/notes", List.of("X-Set: mallory")).status())
                .isEqualTo(200);
        assertThat(upstream.last().header("X-Set")).isEqualTo("ours");
        assertThat(upstream.last().header("X-Added")).isEqualTo("ours");
        assertThat(upstream.last().header("X-Remote-User")).isNull();
        assertThat(send("POST", "/own/notes", List.of("X-Remote-Group: mallory"))
                        .status())
                .isEqualTo(200);
        assertThat(upstream.last().header("X-Remote-Group")).isNull();
        upstream.forget();
        assertThat(send("POST", "/own/notes", List.of("X-Added: mallory")).body())
                .contains("the header x-added is written by the gateway on this route");
        assertThat(send("GET", "/own/notes", List.of("X-Added: ours")).body())
                .contains("the header x-added is written by the gateway on this route");
        assertThat(send("POST", "/own/notes", List.of("X_Set: mallory")).body())
                .contains("the header x_set is on no list");
        assertThat(upstream.seen()).isEmpty();
    }

    private static RawHttp.Response send(String method, String path, List<String> lines) {
        List<String> all =
                new ArrayList<>(List.of("Authorization: DPoP " + agent.token(), "DPoP: " + agent.dpop(method, path)));
        all.add("Content-Type: application/json");
        all.addAll(lines);
        return RawHttp.send(gateway.port(), method, path, all, "{}".getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> removed(HttpResponse<String> answer) {
        String decision = answer.headers().firstValue("Errand-Decision").orElseThrow();
        return gateway.records().stream()
                .map(Jws::object)
                .filter(record ->
                        decision.equals(record.string("decision")) && "decision".equals(record.string("kind")))
                .findFirst()
                .map(RecordFields::removed)
                .orElseThrow();
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
