package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.errand.cli.AgentClient;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways that ask by {@code ext_authz}, message by message and with a real Envoy (CONTRACT-3 section 18). */
class AuthorizationIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = "/v1/secret/data/docs/payments/a";
    private static final String DESTROY = "/v1/secret/destroy/docs/payments/a";
    private static final String LOG = "/api/v1/namespaces/docs/pods/p/log";
    private static final String BODY = "{\"data\":{\"a\":\"b\"}}";
    private static final Map<String, String> FILES = Map.of("errand-cluster", "files", "errand-route", "the-route");

    private static final String TEMPLATE = """
            template: NAME
            description: Read and write
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/payments"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/payments"}}
              vault:kv.destroy: {resource: {path_containment: "secret/docs/payments"}, versions: {wildcard: true}}
              k8s:pods.list: {resource: {wildcard: true}, "*": {wildcard: true}}
              k8s:pods.watch: {resource: {wildcard: true}, "*": {wildcard: true}}
              k8s:pods/exec.create: {resource: {wildcard: true}, "*": {wildcard: true}}
              k8s:pods/log.get: {resource: {wildcard: true}, "*": {wildcard: true}}
              tools:tools.list: {}
              tools:session.stream: {}
            limits: {calls: 1000}
            on-violation: {sequence: deny, repeated: {denials: 2, within: 60s, then: interrupt}}
            """;

    @TempDir
    private static Path directory;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static AskingGateway asking;
    private static TestAgent agent;
    private static @Nullable Envoy envoy;

    private static String route(String id, String catalogue, String path, String more) {
        return "{id: " + id + ", uri: \"" + upstream.uri() + "\", metadata: {errand-cluster: " + id
                + ", errand-door: authz}, predicates: [Path=" + path + "], filters: [OperationMapping=" + catalogue
                + more + "]}";
    }

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        Path socket = directory.resolve("decide.sock");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("application.yaml", AskedRoutesFile.with("ci"))
                .route(route("files", "vault", "/v1/**", ", UpstreamCredential=vault"))
                .route(route("cluster", "k8s", "/api/**", ", UpstreamCredential=k8s"))
                .route(route("tools", "tools", "/mcp", ""))
                .file("tasks/free.yaml", TEMPLATE.replace("NAME", "free").replace("denials: 2", "denials: 1000"))
                .file(
                        "tasks/planned.yaml",
                        TEMPLATE.replace("NAME", "planned") + "sequence: [vault:kv.write, vault:kv.read]\n")
                .file(
                        "tasks/ruled.yaml",
                        TEMPLATE.replace("NAME", "ruled")
                                + "rules: [{absence: vault:kv.write, after: vault:kv.read, when: failed}]\n")
                .property("errand.decision-service.listen", "unix:" + socket)
                .start();
        asking = new AskingGateway(socket);
        agent = agent("free");
    }

    @AfterAll
    static void stop() {
        if (envoy != null) {
            envoy.close();
        }
        asking.close();
        gateway.close();
        upstream.close();
    }

    private static TestAgent agent(String template) {
        return TestAgent.start(
                gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"" + template + "\"}");
    }

    private static Map<String, String> proven(TestAgent by, String method, String path) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("authorization", "DPoP " + by.token());
        fields.put("dpop", by.dpop(method, path.replaceFirst("\\?.*", "")));
        return fields;
    }

    private static CheckRequest.Builder read() {
        return AskingGateway.checked("GET", READ, proven(agent, "GET", READ), FILES);
    }

    private static AttributeContext.HttpRequest.Builder http(CheckRequest.Builder of) {
        return of.getAttributesBuilder().getRequestBuilder().getHttpBuilder();
    }

    private static void field(CheckRequest.Builder to, String name, String value) {
        http(to).getHeaderMapBuilder()
                .addHeaders(HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)));
    }

    private static CheckRequest.Builder write(String body) {
        return post(READ, body);
    }

    /** A request with that body, as bytes. */
    private static CheckRequest.Builder post(String path, String body) {
        CheckRequest.Builder check = AskingGateway.checked("POST", path, proven(agent, "POST", path), FILES);
        field(check, "content-type", "application/json");
        field(check, "content-length", Integer.toString(body.length()));
        field(check, "x-envoy-auth-partial-body", "false");
        http(check).setRawBody(ByteString.copyFromUtf8(body));
        return check;
    }

    private static @Nullable String set(List<HeaderValueOption> fields, String name) {
        return fields.stream()
                .map(HeaderValueOption::getHeader)
                .filter(header -> header.getKey().equals(name))
                .map(HeaderValue::getValue)
                .findFirst()
                .orElse(null);
    }

    private static DeniedHttpResponse denied(CheckRequest.Builder check) {
        CheckResponse answer = asking.check(check.build());
        assertThat(answer.hasDeniedResponse()).as(answer.toString()).isTrue();
        assertThat(answer.getStatus().getCode()).isNotZero();
        return answer.getDeniedResponse();
    }

    private static void assertRefused(TestAgent by, String method, String path, Map<String, String> extensions) {
        DeniedHttpResponse refusal = denied(AskingGateway.checked(method, path, proven(by, method, path), extensions));
        assertThat(refusal.getStatus().getCodeValue()).as(refusal.toString()).isEqualTo(403);
        assertThat(set(refusal.getHeadersList(), "errand-code")).isEqualTo("not-granted");
        String decision = set(refusal.getHeadersList(), "errand-decision");
        assertThat(records(String.valueOf(decision))).anyMatch(line -> line.contains("\"step\":\"door\""));
        assertThat(set(refusal.getHeadersList(), "errand-sent")).isEqualTo("no");
    }

    private static Map<String, String> of(String cluster) {
        return Map.of("errand-cluster", cluster, "errand-route", cluster);
    }

    private static List<String> records(String decision) {
        return gateway.records().stream()
                .filter(line -> line.contains(decision))
                .toList();
    }

    @Test
    void permittedRead_getsOnlyChanges_andItsOutcomeIsUnseen() {
        CheckResponse answer = asking.check(read().build());
        assertThat(answer.getStatus().getCode()).as(answer.toString()).isZero();
        List<HeaderValueOption> changed = answer.getOkResponse().getHeadersList();
        assertThat(set(changed, "x-vault-token")).isNotEmpty();
        assertThat(set(changed, "txn-token")).isNotEmpty();
        assertThat(set(changed, ":path")).isNull();
        assertThat(set(changed, "host")).isNull();
        assertThat(answer.getOkResponse().getHeadersToRemoveList()).contains("authorization", "dpop");
        String decision = set(answer.getOkResponse().getResponseHeadersToAddList(), "errand-decision");
        assertThat(records(String.valueOf(decision)))
                .anyMatch(line ->
                        line.contains("\"kind\":\"decision\"") && line.contains("\"gateway_name\":\"the-route\""))
                .anyMatch(line -> line.contains("\"kind\":\"outcome\"")
                        && line.contains("\"upstream_status\":null")
                        && line.contains("\"unseen\":true"));
    }

    @Test
    void body_asBytesOrAsText_isJudged() {
        assertThat(asking.check(write(BODY).build()).hasOkResponse()).isTrue();
        CheckRequest.Builder text = write(BODY);
        http(text).clearRawBody().setBody(BODY);
        assertThat(asking.check(text.build()).hasOkResponse()).isTrue();
        assertThat(asking.check(post(DESTROY, "{\"versions\":[1]}").build()).hasOkResponse())
                .isTrue();
        DeniedHttpResponse twice = denied(post(DESTROY, "{\"versions\":[1],\"versions\":[2]}"));
        assertThat(twice.getStatus().getCodeValue()).isEqualTo(400);
        assertThat(set(twice.getHeadersList(), "errand-code")).isEqualTo("malformed-request");
    }

    private record Lack(String name, Consumer<CheckRequest.Builder> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Lack> lacks() {
        return Stream.of(
                new Lack("no raw fields", check -> {
                    List<HeaderValue> fields = http(check).getHeaderMap().getHeadersList();
                    fields.forEach(field -> http(check)
                            .putHeaders(field.getKey(), field.getRawValue().toStringUtf8()));
                    http(check).clearHeaderMap();
                }),
                new Lack("no route", check -> check.getAttributesBuilder().removeContextExtensions("errand-route")),
                new Lack("no cluster", check -> check.getAttributesBuilder().removeContextExtensions("errand-cluster")),
                new Lack(
                        "another cluster",
                        check -> check.getAttributesBuilder().putContextExtensions("errand-cluster", "cluster")),
                new Lack("a part", check -> field(check, "x-envoy-auth-partial-body", "true")),
                new Lack(
                        "a length that the body has not",
                        check -> http(check).setRawBody(ByteString.copyFromUtf8("{\"data\":{}}"))),
                new Lack("no body", check -> http(check).clearRawBody()),
                new Lack("bytes replaced", check -> http(check).clearRawBody().setBody(BODY.replace('b', '!'))));
    }

    @ParameterizedTest
    @MethodSource("lacks")
    void gatewayThatTellsLess_getsNoDecision_andNoCredential(Lack lack) {
        CheckRequest.Builder check = write(BODY);
        lack.change().accept(check);
        CheckResponse answer = asking.check(check.build());
        assertThat(answer.getDeniedResponse().getStatus().getCodeValue())
                .as(answer.toString())
                .isEqualTo(503);
        assertThat(answer.toString()).doesNotContain("x-vault-token");
        assertThat(set(answer.getDeniedResponse().getHeadersList(), "errand-code"))
                .isEqualTo("decision-unavailable");
    }

    @Test
    void agentsOwnWordAboutItsBody_isNotTheGateways() {
        CheckRequest.Builder none = AskingGateway.checked("POST", READ, proven(agent, "POST", READ), FILES);
        http(none).setProtocol("HTTP/2");
        assertThat(denied(none).getStatus().getCodeValue()).isEqualTo(503);
        CheckRequest.Builder forged = write(BODY);
        field(forged, "x-envoy-auth-partial-body", "false");
        assertThat(denied(forged).getStatus().getCodeValue()).isEqualTo(503);
    }

    @Test
    void namesOfTheGatewaysOwn_areMalformed() {
        CheckRequest.Builder check = read();
        field(check, "x-envoy-upstream-rq-timeout-ms", "1");
        assertThat(set(denied(check).getHeadersList(), "errand-code")).isEqualTo("malformed-request");
    }

    @Test
    void routeWhosePathIsChanged_isNotServed() {
        String path = "/ci/api/v1/version";
        assertThat(denied(AskingGateway.checked("GET", path, proven(agent, "GET", path), of("ci")))
                        .getStatus()
                        .getCodeValue())
                .isIn(403, 503);
    }

    @ParameterizedTest
    @ValueSource(strings = {"planned", "ruled"})
    void taskThatNeedsAnswers_isRefused_andGoesOn(String template) {
        TestAgent held = agent(template);
        for (int i = 0; i < 5; i++) {
            assertRefused(held, "POST", READ, FILES);
        }
        assertThat(held.call(gateway, "POST", READ, Map.of("Content-Type", "application/json"), BODY)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void answersThatLastOrAreFiltered_areRefused() {
        assertRefused(agent, "GET", "/api/v1/namespaces/docs/pods?watch=true", of("cluster"));
        assertRefused(agent, "GET", LOG + "?follow=true", of("cluster"));
        assertRefused(agent, "GET", LOG + "?tailLines=1&%66ollow", of("cluster"));
        String exec = "/api/v1/namespaces/docs/pods/p/exec";
        CheckRequest.Builder upgrade = AskingGateway.checked("POST", exec, proven(agent, "POST", exec), of("cluster"));
        field(upgrade, "connection", "Upgrade");
        field(upgrade, "upgrade", "websocket");
        assertThat(denied(upgrade).getStatus().getCodeValue()).isBetween(400, 403);
        assertRefused(agent, "GET", "/mcp", of("tools"));
        String list = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{}}";
        CheckRequest.Builder check = AskingGateway.checked("POST", "/mcp", proven(agent, "POST", "/mcp"), of("tools"));
        field(check, "content-type", "application/json");
        field(check, "accept", "application/json, text/event-stream");
        field(check, "content-length", Integer.toString(list.length()));
        field(check, "x-envoy-auth-partial-body", "false");
        http(check).setRawBody(ByteString.copyFromUtf8(list));
        DeniedHttpResponse refusal = denied(check);
        assertThat(refusal.toString()).contains("the answer is a list");
        CheckRequest.Builder log = AskingGateway.checked("GET", LOG, proven(agent, "GET", LOG), of("cluster"));
        assertThat(asking.check(log.build()).hasOkResponse()).isTrue();
    }

    // A real Envoy

    private static Envoy envoy() {
        if (envoy == null) {
            envoy = envoy(AuthorizationIT::authorizing);
        }
        return envoy;
    }

    private static Envoy envoy(UnaryOperator<String> change) {
        return Envoy.before(
                gateway,
                directory,
                List.of(
                        "--vault.uri=" + upstream.uri(),
                        "--k8s.uri=" + upstream.uri(),
                        "--errand.decision-service.listen=unix:" + directory.resolve("decide.sock")),
                change,
                "--route",
                "files",
                "--route",
                "tools");
    }

    /** Puts the page's filter in the place of the other one. */
    private static String authorizing(String printed) {
        String page = new Page("docs/behind/envoy.md").block("http_filters:");
        int routes = page.indexOf("# in each route");
        String filter = page.substring(page.indexOf("  - name"), routes);
        String perRoute = page.substring(page.indexOf("typed_per_filter_config"));
        int from = printed.indexOf("- name: envoy.filters.http.ext_proc\n");
        int to = printed.indexOf("- name: envoy.filters.http.router");
        int indent = from - printed.lastIndexOf('\n', from) - 1;
        String changed = printed.substring(0, from)
                + filter.indent(indent - 2).strip()
                + '\n'
                + " ".repeat(indent)
                + printed.substring(to);
        changed = changed.replace("envoy.filters.http.ext_proc:", "envoy.filters.http.ext_authz:")
                .replace("ext_proc.v3.ExtProcPerRoute", "ext_authz.v3.ExtAuthzPerRoute");
        for (String id : List.of("files", "tools")) {
            String line = "route: {cluster: \"" + id + "\", timeout: 0s}\n";
            int at = changed.indexOf(line);
            int column = at - changed.lastIndexOf('\n', at) - 1;
            changed = changed.replace(line, line + perRoute.replace("files", id).indent(column));
        }
        return changed;
    }

    private static HttpResponse<String> call(
            String method, String path, Map<String, String> headers, @Nullable String body) {
        return new AgentClient(envoy().address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .call(
                        agent.key().agent(),
                        agent.token(),
                        agent.ancestors(),
                        method,
                        path,
                        headers,
                        body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @Tag("envoy")
    void envoy_sendsWhatIsPermitted_withCredentialAndToken() {
        envoy();
        upstream.forget();
        HttpResponse<String> answer = call("GET", READ, Map.of("X-Envoy-Auth-Partial-Body", "true"), null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Errand-Operation")).hasValue("vault:kv.read");
        RecordingUpstream.Seen seen = upstream.last();
        assertThat(seen.header("X-Vault-Token")).isNotEmpty();
        assertThat(seen.header("Txn-Token")).isNotEmpty();
        assertThat(seen.header("Authorization")).isNull();
        assertThat(seen.header("DPoP")).isNull();
        assertThat(call("POST", READ, Map.of("Content-Type", "application/json"), BODY)
                        .statusCode())
                .isEqualTo(200);
        assertThat(upstream.last().text()).isEqualTo(BODY);
    }

    @Test
    @Tag("envoy")
    void envoy_passesNoTrailers_whichNobodyJudges() {
        try (RawUpstream raw = new RawUpstream();
                Envoy passing =
                        envoy(printed -> authorizing(Envoy.takingTrailers(printed, "files", upstream.port(), raw)));
                RawHttp2 client = RawHttp2.cleartext(passing.port())) {
            RawHttp2.Stream stream = client.send(
                    "POST",
                    READ,
                    false,
                    "authorization",
                    "DPoP " + agent.token(),
                    "dpop",
                    agent.dpop("POST", READ),
                    "content-type",
                    "application/json");
            client.data(stream, BODY, false);
            client.trailers(stream, "authorization", "stolen", "x-vault-token", "stolen", "x-after", "stolen");
            assertThat(client.await(Duration.ofSeconds(15), stream::isOver)).isTrue();
            assertThat(stream.status()).isEqualTo(200);
            assertThat(raw.bytes()).contains(BODY).doesNotContain("stolen");
        }
    }

    @Test
    @Tag("envoy")
    void envoy_passesErrandsRefusals_andSendsNothing() {
        envoy();
        upstream.forget();
        HttpResponse<String> answer = call("GET", "/v1/secret/data/other/x", Map.of(), null);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.headers().firstValue("Errand-Sent")).hasValue("no");
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).contains("json");
        assertThat(TestAgent.json(answer.body()).string("code")).isIn("not-granted", "constraint-violated");
        assertThat(call("GET", "/elsewhere", Map.of(), null).statusCode()).isEqualTo(404);
        HttpResponse<String> large = call(
                "POST",
                READ,
                Map.of("Content-Type", "application/json"),
                "{\"data\":{\"a\":\"" + "b".repeat(1 << 20) + "\"}}");
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(call("POST", DESTROY, Map.of("Content-Type", "application/json"), "\u00e4!")
                        .statusCode())
                .isEqualTo(400);
        assertThat(upstream.seen()).isEmpty();
    }
}
