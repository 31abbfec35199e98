package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a refused call gets in each form of its route, and which headers every form has. */
class RefusalFormsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Map<String, String> PROBLEM = Map.of("Accept", "text/html, application/problem+json");
    private static final Map<String, String> RPC =
            Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream");

    private static final String CATALOGUE = """
            catalogue: %1$s
            resolver: template
            refusals: %1$s
            operations:
              - {id: get, match: {method: GET, path: "/open/{path*}"}, effect: read}
              - {id: put, match: {method: PUT, path: "/open/{path*}"}, effect: write}
              - {id: locked, match: {method: GET, path: "/locked"}, effect: read}
            """;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent agent;

    private static String route(String id, String catalogue, String uri) {
        return "{id: " + id + ", uri: \"" + uri + "\", predicates: [Path=/" + id
                + "/**], filters: [StripPrefix=1, OperationMapping=" + catalogue + "]}";
    }

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        RunningGateway.Builder builder =
                RunningGateway.with().trusting(HUMAN, WORKLOADS).upstream(upstream);
        for (String style : List.of("oci", "text")) {
            builder.file("operations/" + style + ".yaml", CATALOGUE.formatted(style))
                    .route(route(style, style, upstream.uri()));
        }
        builder.file("operations/bao.yaml", CATALOGUE.formatted("vault").replace("catalogue: vault", "catalogue: bao"))
                .route(route("bao", "bao", upstream.uri()))
                .route(route("tools", "tools", upstream.uri()))
                .route(route("s3", "s3", upstream.uri()));
        gateway = builder.file("tasks/work.yaml", """
                        template: work
                        agents: ["spiffe://example.org/agent/*"]
                        humans: {claim: groups, any: [release-managers]}
                        lifetime: 30m
                        parameters: {project: "[a-z]+"}
                        allow:
                          k8s:pods.get: {}
                          k8s:pods.list: {}
                          oci:get: {}
                          tools:initialize: {}
                          tools:tools.list: {}
                          tools:tools.call/echo: {message: {exact: a}}
                          tools:tools.call/late: {}
                          s3:GetObject: {resource: {path_containment: reports}}
                        limits:
                          operations: {k8s:pods.list: [{capacity: 1, per: 1h}], tools:tools.list: [{capacity: 1, per: 1h}]}
                        on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
                        """)
                .file("tasks/ordered.yaml", """
                        template: ordered
                        agents: ["spiffe://example.org/agent/*"]
                        humans: {claim: groups, any: [release-managers]}
                        lifetime: 30m
                        parameters: {project: "[a-z]+"}
                        allow: {k8s:pods.get: {}, k8s:pods.list: {}}
                        sequence: [k8s:pods.get, k8s:pods.list]
                        """)
                .start();
        agent = Templates.started(gateway, HUMAN, WORKLOADS, "work");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static String decision(HttpResponse<String> answer) {
        String decision = answer.headers().firstValue("Errand-Decision").orElseThrow();
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        return decision;
    }

    private static HttpResponse<String> rpc(String body, Map<String, String> headers) {
        return agent.call(gateway, "POST", "/tools/mcp", headers, body);
    }

    private static String tool(String name, String id) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + name
                + "\",\"arguments\":{}}}";
    }

    @ParameterizedTest
    @CsvSource({
        "/k8s/api/v1/namespaces/a/secrets/b, application/json",
        "/s3/other/key, application/xml",
        "/bao/locked, application/json",
        "/oci/locked, application/json",
        "/text/locked, text/plain;charset=UTF-8",
        "/vault/v1/secret/data/a, application/problem+json"
    })
    void everyForm_hasTheDecisionAndTheHeaders(String target, String type) {
        HttpResponse<String> answer = agent.get(gateway, target);
        String decision = decision(answer);

        assertThat(answer.statusCode()).isEqualTo(403);
        String code = answer.headers().firstValue("Errand-Code").orElse("");
        assertThat(code).isIn("not-granted", "constraint-violated");
        assertThat(answer.headers().firstValue("Errand-Sent")).hasValue("no");
        assertThat(answer.headers().firstValue("Errand-Next")).hasValue("change");
        assertThat(answer.headers().firstValue("Errand-Operation")).isPresent();
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).contains("insufficient_scope");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(answer.body()).contains(code).contains(decision);
        if (!type.contains("problem")) {
            assertThat(answer.body()).contains("errand: " + code + ": ").contains(" (decision " + decision + ")");
        }

        HttpResponse<String> problem = agent.call(gateway, "GET", target, PROBLEM, null);
        assertThat(problem.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(TestAgent.json(problem.body()).string("code")).isEqualTo(code);
        assertThat(TestAgent.json(problem.body()).string("next")).isEqualTo("change");
    }

    @ParameterizedTest
    @CsvSource({"/k8s/api/v1/namespaces/a/secrets/b", "/s3/other/key", "/oci/locked"})
    void head_hasTheHeadersOnly(String target) {
        HttpResponse<String> answer = agent.call(gateway, "HEAD", target, null);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers().firstValue("Errand-Code")).isPresent();
        assertThat(answer.headers().firstValue("Errand-Decision")).isPresent();
        assertThat(answer.headers().firstValueAsLong("Content-Length").orElse(0))
                .isPositive();
    }

    @Test
    void strangers_learnTheCodeInTheFormOfTheRoute() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.address() + "/k8s/api/v1/pods"))
                .build();
        HttpResponse<String> answer = TestAgent.HTTP.send(request, BodyHandlers.ofString());
        JsonObject status = TestAgent.json(answer.body());

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).contains("resource_metadata");
        assertThat(answer.headers().firstValue("Errand-Operation")).isEmpty();
        assertThat(answer.headers().firstValue("Errand-Next")).hasValue("change");
        assertThat(status.string("kind")).isEqualTo("Status");
        assertThat(status.string("reason")).isEqualTo("Unauthorized");
        assertThat(status.string("message"))
                .isEqualTo(
                        "errand: authentication-required: Authentication required (decision " + decision(answer) + ")");
    }

    @Test
    void rateExceeded_saysWhenInTheBodyToo() {
        TestAgent other = Templates.started(gateway, HUMAN, WORKLOADS, "work");
        String pods = "/k8s/api/v1/namespaces/a/pods";
        assertThat(other.get(gateway, pods).statusCode()).isEqualTo(200);
        HttpResponse<String> answer = other.get(gateway, pods);
        JsonObject status = TestAgent.json(answer.body());

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(status.string("reason")).isEqualTo("TooManyRequests");
        long seconds = ((JsonNumber) status.object("details").get("retryAfterSeconds")).asLong();
        assertThat(seconds).isGreaterThan(3_000);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue(Long.toString(seconds));
        assertThat(answer.headers().firstValue("Errand-Next")).hasValue("retry");
    }

    @Test
    void pending_comesBackInASecond() throws Exception {
        TestAgent other = Templates.started(gateway, HUMAN, WORKLOADS, "ordered");
        upstream.answer(request -> RecordingUpstream.Answer.of(200, "{}").after(Duration.ofSeconds(2)));
        CompletableFuture<HttpResponse<String>> first =
                CompletableFuture.supplyAsync(() -> other.get(gateway, "/k8s/api/v1/namespaces/a/pods/b"));
        int sent = upstream.seen().size();
        for (int i = 0; i < 100 && upstream.seen().size() == sent; i++) {
            Thread.sleep(20);
        }
        HttpResponse<String> answer = other.get(gateway, "/k8s/api/v1/namespaces/a/pods");
        upstream.answer(request -> RecordingUpstream.Answer.of(200, "{}"));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("sequence-violation");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(answer.headers().firstValue("Errand-Next")).hasValue("retry");
        JsonObject details = TestAgent.json(answer.body()).object("details");
        assertThat(((JsonNumber) details.get("retryAfterSeconds")).asLong()).isEqualTo(1);
        assertThat(first.get().statusCode()).isEqualTo(200);
    }

    @Test
    void jsonrpc_afterTheIdWasRead_isAnError() {
        HttpResponse<String> answer = rpc(tool("get-env", "\"a-7\""), RPC);
        JsonObject message = TestAgent.json(answer.body());
        String decision = decision(answer);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("not-granted");
        assertThat(message.string("jsonrpc")).isEqualTo("2.0");
        assertThat(message.string("id")).isEqualTo("a-7");
        JsonObject error = message.object("error");
        assertThat(((JsonNumber) error.get("code")).asLong()).isEqualTo(-32010);
        assertThat(error.string("message"))
                .startsWith("errand: not-granted: ")
                .endsWith(" " + DenyReason.NOT_GRANTED.instruction() + " (decision " + decision + ")");
        JsonObject data = error.object("data");
        assertThat(data.string("next")).isEqualTo("change");
        assertThat(data.string("code")).isEqualTo("not-granted");
        assertThat(data.string("decision")).isEqualTo(decision);
        assertThat(((JsonNumber) data.get("status")).asLong()).isEqualTo(403);

        HttpResponse<String> malformed =
                rpc("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":[]}", RPC);
        assertThat(malformed.statusCode()).isEqualTo(200);
        assertThat(TestAgent.json(malformed.body())
                        .object("error")
                        .object("data")
                        .string("code"))
                .isEqualTo("malformed-request");

        HttpResponse<String> problem = rpc(
                tool("get-env", "1"), Map.of("Content-Type", "application/json", "Accept", "application/problem+json"));
        assertThat(problem.statusCode()).isEqualTo(403);
        assertThat(problem.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(TestAgent.json(problem.body()).string("code")).isEqualTo("not-granted");
    }

    @Test
    void jsonrpc_rateExceededForAList_keepsItsStatus() {
        String list = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/list\"}";
        upstream.answer(request ->
                RecordingUpstream.Answer.of(200, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"tools\":[]}}"));
        assertThat(rpc(list, RPC).statusCode()).isEqualTo(200);
        HttpResponse<String> answer = rpc(list, RPC);
        upstream.answer(request -> RecordingUpstream.Answer.of(200, "{}"));

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        JsonObject message = TestAgent.json(answer.body());
        assertThat(((JsonNumber) message.get("id")).asLong()).isEqualTo(3);
        assertThat(message.object("error").object("data").string("code")).isEqualTo("rate-exceeded");
    }

    @Test
    void jsonrpc_withoutARequest_isAProblem() {
        HttpResponse<String> notification = rpc("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}", RPC);
        assertThat(notification.statusCode()).isEqualTo(403);
        assertThat(notification.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        HttpResponse<String> stream = agent.get(gateway, "/tools/mcp");
        assertThat(stream.statusCode()).isEqualTo(403);
        assertThat(stream.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        HttpResponse<String> batch = rpc("[" + tool("echo", "1") + "]", RPC);
        assertThat(batch.statusCode()).isEqualTo(400);
        assertThat(TestAgent.json(batch.body()).string("code")).isEqualTo("malformed-request");
    }

    @Test
    void jsonrpc_thatMayHaveBeenSent_hasNoRetryAfter() {
        upstream.answer(request -> new RecordingUpstream.Answer(
                200, Map.of("Content-Type", "application/json", "Content-Encoding", "gzip"), "x", Duration.ZERO));
        TestAgent other = Templates.started(gateway, HUMAN, WORKLOADS, "work");
        HttpResponse<String> answer = other.call(
                gateway, "POST", "/tools/mcp", RPC, "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/list\"}");
        upstream.answer(request -> RecordingUpstream.Answer.of(200, "{}"));

        assertThat(answer.headers().firstValue("Errand-Sent")).hasValue("maybe");
        assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonObject data = TestAgent.json(answer.body()).object("error").object("data");
        assertThat(data.string("code")).isEqualTo("upstream-unavailable");
        assertThat(((JsonNumber) data.get("status")).asLong()).isEqualTo(502);
    }

    @Test
    void oci_isTheRegistrysList() {
        HttpResponse<String> answer = agent.get(gateway, "/oci/locked");
        JsonObject error =
                (JsonObject) ((JsonArray) TestAgent.json(answer.body()).get("errors"))
                        .values()
                        .get(0);

        assertThat(error.string("code")).isEqualTo("DENIED");
        assertThat(error.object("detail").string("decision")).isEqualTo(decision(answer));
    }

    /** The log does not get a value that the catalogue keeps out of it. */
    @Test
    void violatedConstraint_isTold_andTheRecordHasNoValue() {
        TestAgent reader = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        HttpResponse<String> answer = reader.call(gateway, "GET", "/vault/v1/secret/data/docs/other/b", PROBLEM, null);
        assertThat(TestAgent.json(answer.body()).string("detail"))
                .isEqualTo("the token grants vault:kv.read only with another value of 'resource': it was"
                        + " secret/docs/other/b, and granted is {\"constraint_type\":\"path_containment\",\"root\":"
                        + "\"secret/docs/payments\"}");
        String decision = answer.headers().firstValue("Errand-Decision").orElseThrow();
        assertThat(gateway.records())
                .filteredOn(line -> line.contains(decision))
                .singleElement()
                .extracting(line -> Jws.object(line).string("detail"))
                .isEqualTo("the token grants vault:kv.read only with another value of 'resource'");
    }
}
