package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.jose.TestCertificate;
import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Errand does to calls and answers, behind a real Envoy: HTTP/2, approvals, lists, signatures, client certificates. */
@Tag("envoy")
class EnvoyCallsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = TestAgent.READ;
    private static final String AUTHORITY = "ci.example.org:8443";

    private static final String TEMPLATE = """
            template: calls
            description: Several calls
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/payments"}, version: {wildcard: true, optional: true}}
              ci:workflow.dispatch: {resource: {exact: o/r/w}, ref: {one_of: [main]}, inputs: {wildcard: true, optional: true}}
              tools:tools.list: {}
              tools:tools.call/echo: {"*": {wildcard: true}}
              s3:PutObject: {resource: {path_containment: reports}}
              s3:GetObject: {resource: {path_containment: reports}}
              s3:CreateBucket: {resource: {exact: reports}}
            limits: {calls: 1000}
            on-violation: {sequence: deny, repeated: {denials: 1000, within: 60s, then: interrupt}}
            """;

    @TempDir
    private static Path directory;

    private static RecordingUpstream upstream;
    private static RealServer s3;
    private static TestTls tls;
    private static RunningGateway gateway;
    private static Envoy envoy;
    private static Envoy secure;
    private static List<String> properties;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        s3 = RealServer.s3proxy(directory, "gateway", "right");
        tls = new TestTls(directory);
        Path secret = directory.resolve("aws");
        write(secret, "[default]\naws_access_key_id = gateway\naws_secret_access_key = right\n");
        Path socket = directory.resolve("decide.sock");
        String application = AskedRoutesFile.with("vault", "ci")
                .replace("errand-cluster: ci}", "errand-cluster: ci, errand-authority: \"" + AUTHORITY + "\"}");
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("application.yaml", application)
                .route("{id: tools, uri: \"" + upstream.uri() + "\", metadata: {errand-cluster: tools},"
                        + " predicates: [Path=/mcp], filters: [OperationMapping=tools]}")
                .route("{id: s3, uri: \"" + s3.uri()
                        + "\", metadata: {errand-cluster: s3, errand-authority: \"127.0.0.1:"
                        + s3.port() + "\"}, predicates: [Path=/s3/**],"
                        + " filters: [StripPrefix=1, OperationMapping=s3, UpstreamCredential=s3]}")
                .file("tasks/calls.yaml", TEMPLATE)
                .file(
                        "tasks/careful.yaml",
                        Approver.template(
                                "careful", Approver.BY + ", limit: {capacity: 1000, per: 1h}, pending: 16", ""))
                .property("errand.upstreams.s3.sigv4.region", "us-east-1")
                .property("errand.upstreams.s3.sigv4.service", "s3")
                .property("errand.upstreams.s3.sigv4.credentials-file", "file:" + secret)
                .property("errand.decision-service.client-certificate", "xfcc")
                .property("errand.decision-service.listen", "unix:" + socket);
        gateway = builder.start();
        properties = List.of(
                "--vault.uri=" + upstream.uri(),
                "--ci.uri=" + upstream.uri(),
                "--errand.upstreams.s3.sigv4.region=us-east-1",
                "--errand.upstreams.s3.sigv4.service=s3",
                "--errand.upstreams.s3.sigv4.credentials-file=file:" + secret,
                "--errand.decision-service.client-certificate=xfcc",
                "--errand.decision-service.listen=unix:" + socket);
        envoy = Envoy.before(gateway, directory, properties);
        secure = Envoy.before(
                gateway,
                directory,
                properties,
                "--certificate",
                tls.certificate(directory.resolve("listener.pem")).toString(),
                "--key",
                tls.key(directory.resolve("listener.key")).toString());
        agent = TestAgent.start(gateway, TestKey.p256("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"calls\"}");
    }

    private static void write(Path file, String text) {
        try {
            java.nio.file.Files.writeString(file, text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterAll
    static void stop() {
        secure.close();
        envoy.close();
        gateway.close();
        s3.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.answer(seen -> RecordingUpstream.Answer.of(200, "{\"data\":1}"));
        upstream.forget();
    }

    private static HttpResponse<String> call(
            String method, String path, Map<String, String> headers, @Nullable String body) {
        return call(agent, method, path, headers, body);
    }

    private static HttpResponse<String> call(
            TestAgent by, String method, String path, Map<String, String> headers, @Nullable String body) {
        return new AgentClient(envoy.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .call(
                        by.key().agent(),
                        by.token(),
                        by.ancestors(),
                        method,
                        path,
                        headers,
                        body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    }

    private static final Map<String, String> JSON =
            Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream");

    // Approvals

    @Test
    void callThatNeedsAHuman_passesOnceTheyApproved_byThePagesBehindEnvoy() throws Exception {
        TestAgent careful = Templates.started(gateway, HUMAN, WORKLOADS, "careful");
        String body = "{\"data\":\"x\"}";
        HttpResponse<String> refused = call(careful, "POST", READ, JSON, body);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("Errand-Code")).hasValue("approval-required");
        Approver.Asked asked = Approver.Asked.of(refused);
        Approver alice = new Approver(HUMAN, "alice");
        HttpRequest see = HttpRequest.newBuilder(envoy.address().resolve("/approvals/" + asked.id()))
                .header("Authorization", "Bearer " + alice.token())
                .build();
        HttpResponse<String> seen = TestAgent.HTTP.send(see, BodyHandlers.ofString());
        assertThat(seen.statusCode()).as(seen.body()).isEqualTo(200);
        assertThat(upstream.seen()).isEmpty();
        assertThat(alice.approve(gateway, asked).statusCode()).isEqualTo(200);
        // Another body is another call.
        assertThat(call(careful, "POST", READ, JSON, "{\"data\":\"y\"}").statusCode())
                .isEqualTo(403);
        HttpResponse<String> passed = call(careful, "POST", READ, JSON, body);
        assertThat(passed.statusCode()).as(passed.body()).isEqualTo(200);
        assertThat(upstream.last().text()).isEqualTo(body);
        assertThat(call(careful, "POST", READ, JSON, body).statusCode()).isEqualTo(403);
    }

    // Lists

    private static final String TOOLS = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":["
            + "{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"}},"
            + "{\"name\":\"get-env\",\"inputSchema\":{\"type\":\"object\"}}]}}";

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/event-stream"})
    void listOfTools_isFiltered(String type) {
        upstream.answer(seen -> new RecordingUpstream.Answer(
                200,
                Map.of("Content-Type", type),
                type.contains("event") ? "event: message\ndata: " + TOOLS + "\n\n" : TOOLS,
                Duration.ZERO));
        HttpResponse<String> answer =
                call("POST", "/mcp", JSON, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{}}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"echo\"").doesNotContain("get-env");
        assertThat(upstream.last().header("Accept-Encoding")).isNull();
    }

    @Test
    void toolThatIsNotGranted_isRefusedInJsonRpc() {
        HttpResponse<String> answer = call(
                "POST",
                "/mcp",
                JSON,
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"get-env\",\"arguments\":{}}}");
        JsonObject error = TestAgent.json(answer.body()).object("error");
        assertThat(error).as(answer.body()).isNotNull();
        assertThat(upstream.seen()).isEmpty();
    }

    // Credentials and signatures

    @Test
    void signatureOfS3_isGoodAtARealServer_behindEnvoysHost() {
        assertThat(call("PUT", "/s3/reports", Map.of(), null).statusCode()).isEqualTo(200);
        String path = "/s3/reports/2026/a%20b%2B%C3%A9.txt";
        HttpResponse<String> put = call("PUT", path, Map.of(), "odd key");
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
        HttpResponse<String> got = call("GET", path, Map.of("x-amz-content-sha256", "forged"), null);
        assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
        assertThat(got.body()).isEqualTo("odd key");
    }

    @Test
    @Tag("python")
    void messageSignature_verifiesAtTheUpstream_alsoWhereEnvoyWritesTheAuthority() throws Exception {
        assertThat(call("GET", READ + "?version=2", Map.of(), null).statusCode())
                .isEqualTo(200);
        RecordingUpstream.Seen seen = upstream.last();
        String base = "http://" + seen.header("Host");
        assertThat(SignatureLibraryIT.verify(gateway, seen, base + seen.target()))
                .startsWith("verified")
                .contains("\"@authority\"", "\"@query\"", "\"txn-token\"");
        assertThat(SignatureLibraryIT.verify(gateway, seen, "http://other.example.org" + seen.target()))
                .startsWith("refused");
        HttpResponse<String> dispatched = call("POST", AskedRoutesFile.DISPATCH, JSON, "{\"ref\":\"main\"}");
        assertThat(dispatched.statusCode()).as(dispatched.body()).isEqualTo(200);
        RecordingUpstream.Seen rewritten = upstream.last();
        assertThat(rewritten.header("Host")).isEqualTo(AUTHORITY);
        assertThat(SignatureLibraryIT.verify(gateway, rewritten, "http://" + AUTHORITY + rewritten.target()))
                .startsWith("verified")
                .contains("\"content-digest\"");
    }

    // HTTP/2 and TLS in front

    private static HttpResponse<String> secured(HttpClient client, HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + secure.port() + path));
    }

    @Test
    void http2_isDecidedAlike_withAndWithoutABody() throws Exception {
        HttpClient client = tls.http2();
        HttpResponse<String> read = secured(
                client,
                to(READ).header("Authorization", "DPoP " + agent.token()).header("DPoP", agent.dpop("GET", READ)));
        assertThat(read.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(read.statusCode()).as(read.body()).isEqualTo(200);
        String dispatch = AskedRoutesFile.DISPATCH;
        for (String ref : List.of("main", "other")) {
            HttpResponse<String> answer = secured(
                    client,
                    to(dispatch)
                            .header("Authorization", "DPoP " + agent.token())
                            .header("DPoP", agent.dpop("POST", dispatch))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"ref\":\"" + ref + "\"}")));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(ref.equals("main") ? 200 : 403);
        }
        assertThat(upstream.last().text()).isEqualTo("{\"ref\":\"main\"}");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void certificateOfTheAgent_isItsProof(boolean http2) throws Exception {
        KeyPair own = agent.key().pair();
        TestCertificate made = new TestCertificate(System.currentTimeMillis(), own.getPrivate());
        HttpClient holder =
                http2 ? tls.http2(own, made.leaf(own.getPublic())) : tls.client(own, made.leaf(own.getPublic()));
        HttpResponse<String> passed = secured(holder, to(READ).header("Authorization", "AAT " + agent.token()));
        assertThat(passed.statusCode()).as(passed.body()).isEqualTo(200);
        assertThat(upstream.last().header("X-Forwarded-Client-Cert")).isNull();
        KeyPair thief = TestKey.p256("thief").pair();
        HttpClient stolen = tls.client(
                thief, new TestCertificate(System.currentTimeMillis(), thief.getPrivate()).leaf(thief.getPublic()));
        for (HttpClient other : List.of(stolen, tls.client())) {
            HttpResponse<String> refused = secured(
                    other,
                    to(READ).header("Authorization", "AAT " + agent.token())
                            .header("X-Forwarded-Client-Cert", "Cert=\"x\""));
            assertThat(refused.statusCode()).isEqualTo(401);
        }
    }

    // What no decent client sends

    private static String[] head(String method, String path, String... more) {
        List<String> fields = new java.util.ArrayList<>(
                List.of("authorization", "DPoP " + agent.token(), "dpop", agent.dpop(method, path)));
        fields.addAll(List.of(more));
        return fields.toArray(String[]::new);
    }

    @Test
    void trailersWithoutABody_areNoWayAroundTheDecision() {
        String path = AskedRoutesFile.DISPATCH;
        try (RawHttp2 client = RawHttp2.cleartext(envoy.port())) {
            RawHttp2.Stream stream =
                    client.send("POST", path, false, head("POST", path, "content-type", "application/json"));
            client.trailers(stream, "x-after", "1");
            assertThat(client.await(Duration.ofSeconds(15), stream::isOver)).isTrue();
            assertThat(stream.status()).isEqualTo(400);
        }
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void trailersAfterABody_goNoFurther() {
        String path = AskedRoutesFile.DISPATCH;
        try (RawUpstream raw = new RawUpstream();
                Envoy passing = Envoy.before(
                        gateway,
                        directory,
                        properties,
                        printed -> Envoy.takingTrailers(printed, "ci", upstream.port(), raw));
                RawHttp2 client = RawHttp2.cleartext(passing.port())) {
            RawHttp2.Stream stream =
                    client.send("POST", path, false, head("POST", path, "content-type", "application/json"));
            client.data(stream, "{\"ref\":\"main\"}", false);
            client.trailers(stream, "authorization", "stolen", "x-vault-token", "stolen", "x-after", "stolen");
            assertThat(client.await(Duration.ofSeconds(15), stream::isOver)).isTrue();
            assertThat(stream.status()).isEqualTo(200);
            assertThat(raw.bytes()).contains("{\"ref\":\"main\"}").doesNotContain("stolen");
        }
    }

    @Test
    void bodyThatBreaksOff_isNeverSent() {
        String path = AskedRoutesFile.DISPATCH;
        try (RawHttp2 client = RawHttp2.cleartext(envoy.port())) {
            RawHttp2.Stream broken = client.send(
                    "POST",
                    path,
                    false,
                    head("POST", path, "content-type", "application/json", "content-length", "40"));
            client.data(broken, "{\"ref\":\"main\"}", false);
            client.reset(broken);
            RawHttp2.Stream shorter = client.send(
                    "POST",
                    path,
                    false,
                    head("POST", path, "content-type", "application/json", "content-length", "40"));
            client.data(shorter, "{\"ref\":\"main\"}", true);
            assertThat(client.await(Duration.ofSeconds(15), shorter::isOver)).isTrue();
            assertThat(shorter.status()).isIn(0, 400);
        }
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void streamsOfOneConnection_areDecidedEachByItself() {
        String other = "/vault/v1/secret/data/other/x";
        try (RawHttp2 client = RawHttp2.cleartext(envoy.port())) {
            List<RawHttp2.Stream> streams = new java.util.ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String path = i % 2 == 0 ? READ : other;
                streams.add(client.send("GET", path, true, head("GET", path)));
            }
            assertThat(client.await(
                            Duration.ofSeconds(15), () -> streams.stream().allMatch(RawHttp2.Stream::isOver)))
                    .isTrue();
            for (int i = 0; i < 20; i++) {
                assertThat(streams.get(i).status()).isEqualTo(i % 2 == 0 ? 200 : 403);
            }
        }
        assertThat(upstream.seen()).hasSize(10).allMatch(seen -> seen.target().endsWith("/payments/a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://other.example.org/vault/v1/secret/data/docs/payments/a",
                "/vault/v1/secret/data/docs/payments/a#/../../other",
                "/vault\\v1\\secret\\data\\docs\\other",
                "/vault/v1/secret/data/docs/payments/..%2f..%2fother",
                "/vault/v1/secret/data/docs/payments/a%3fx=1",
                "/vault/v1/secret/data/docs/payments/%252e%252e/other",
                "*",
                "//vault/v1/secret/data/docs/payments/a",
                "/oauth2/../vault/v1/secret/data/other/x",
                "/approvals/..%2fvault/v1/secret/data/other/x"
            })
    void strangePath_reachesTheUpstreamOnlyAsItWasDecided(String path) {
        RawHttp.Response answer = raw(
                "GET",
                path,
                List.of(
                        "Authorization: DPoP " + agent.token(),
                        "DPoP: " + agent.dpop("GET", path.startsWith("/") ? path.replaceFirst("#.*", "") : READ)));
        if (answer.status() < 400) {
            assertThat(upstream.last().target()).startsWith("/v1/secret/data/docs/payments/a");
        } else {
            assertThat(upstream.seen()).isEmpty();
        }
    }

    /** An answer, or none where Envoy just closes. */
    private static RawHttp.Response raw(String method, String path, List<String> lines) {
        try {
            return RawHttp.send(envoy.port(), method, path, lines);
        } catch (java.io.UncheckedIOException closed) {
            return new RawHttp.Response(400, List.of(), "closed");
        }
    }

    @Test
    void upgradeOfAnotherCall_isNoWayAroundItsBody() {
        RawHttp.Response answer = RawHttp.send(
                envoy.port(),
                "POST",
                AskedRoutesFile.DISPATCH,
                List.of(
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "Content-Type: application/json",
                        "Authorization: DPoP " + agent.token(),
                        "DPoP: " + agent.dpop("POST", AskedRoutesFile.DISPATCH)));
        assertThat(answer.status()).isBetween(400, 503);
        assertThat(upstream.seen()).isEmpty();
    }
}
