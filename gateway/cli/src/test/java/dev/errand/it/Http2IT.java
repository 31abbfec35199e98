package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.jose.TestCertificate;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway by HTTP/2 over TLS: what holds by HTTP/1.1 holds, and an answer that is cut ends in RST_STREAM. */
class Http2IT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String DATA = "/vault/v1/secret/data/docs/payments/";
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    static Path directory;

    private static RawUpstream upstream;
    private static RunningGateway gateway;
    private static RunningGateway plain;
    private static TestTls tls;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RawUpstream();
        tls = new TestTls(directory);
        gateway = tls.on(RunningGateway.with()
                        .trusting(HUMAN, WORKLOADS)
                        .file("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE + "streams: {max: 100, each: 30m}\n")
                        .property("vault.uri", upstream.uri())
                        .property("server.http2.enabled", "true"))
                .start();
        plain = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("vault.uri", upstream.uri())
                .property("server.http2.enabled", "true")
                .start();
        agent = explore();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        plain.close();
        upstream.close();
    }

    @BeforeEach
    void behave() {
        upstream.behave((socket, head) -> {
            if (head.contains("/stream ")) {
                RawUpstream.write(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (int i = 0; i < 600; i++) {
                    RawUpstream.write(socket, "9\r\ndata: x\n\n\r\n");
                    Thread.sleep(50);
                }
            } else if (head.contains("/large ")) {
                RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
                for (int i = 0; i < 600; i++) {
                    RawUpstream.write(socket, "data: x".repeat(1000));
                    Thread.sleep(20);
                }
            } else if (head.contains("/short ")) {
                RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\ndata: x");
                return false;
            } else if (head.contains("/slow ")) {
                Thread.sleep(500);
            }
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}");
            return true;
        });
        upstream.forget();
    }

    private static TestAgent explore() {
        return TestAgent.explore(gateway, tls.http2(), HUMAN, WORKLOADS, TestKey.p256("agent"));
    }

    private static RawHttp2 connect() {
        return RawHttp2.open(tls.context(), gateway.port());
    }

    private static RawHttp2.Stream send(
            RawHttp2 connection, TestAgent by, String method, String target, boolean end, String... more) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        List<String> lines =
                new ArrayList<>(List.of("authorization", "DPoP " + by.token(), "dpop", by.dpop(method, path)));
        lines.addAll(Arrays.asList(more));
        return connection.send(method, target, end, lines.toArray(String[]::new));
    }

    private static RawHttp2.Stream open(RawHttp2 connection, TestAgent by, String target) {
        RawHttp2.Stream stream = send(connection, by, "GET", target, true);
        assertThat(connection.await(Duration.ofSeconds(20), () -> stream.text().contains("data: x")))
                .isTrue();
        assertThat(stream.status()).isEqualTo(200);
        return stream;
    }

    private static void end(TestAgent task) {
        new AgentClient(gateway.address(), RunningGateway.ISSUER, tls.http2())
                .end(task.key().agent(), task.token(), task.ancestors());
    }

    private static void cut(RawHttp2 connection, RawHttp2.Stream stream) {
        assertThat(connection.await(SECOND, stream::isOver)).isTrue();
        assertThat(stream.reset).as("RST_STREAM").isNotNull();
        assertThat(stream.whole).as("END_STREAM").isFalse();
    }

    private static String code(RawHttp2.Stream answer) {
        assertThat(answer.headers).isNotNull();
        assertThat(answer.headers.get("content-type")).hasToString("application/problem+json");
        return String.valueOf(TestAgent.json(answer.text()).string("code"));
    }

    @Test
    void calls_withTheClientOfTheJdk_areByHttp2AndReachTheUpstreamByHttp11() {
        AgentClient client = new AgentClient(gateway.address(), RunningGateway.ISSUER, tls.http2());
        HttpResponse<String> read =
                client.call(agent.key().agent(), agent.token(), List.of(), "GET", DATA + "a?version=1", Map.of(), null);
        assertThat(read.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(read.headers().map()).doesNotContainKeys("connection", "transfer-encoding", "keep-alive");
        HttpResponse<String> written = client.call(
                agent.key().agent(),
                agent.token(),
                List.of(),
                "POST",
                DATA + "a",
                Map.of(),
                "{\"data\":{}}".getBytes());
        assertThat(written.statusCode()).isEqualTo(200);
        String sent = upstream.bytes().toLowerCase(Locale.ROOT);
        assertThat(sent)
                .contains("get /v1/secret/data/docs/payments/a?version=1 http/1.1\r\n")
                .contains("post /v1/secret/data/docs/payments/a http/1.1\r\n")
                .contains("\r\ntxn-token: ey", "\r\ncontent-length: 11\r\n", "\r\n\r\n{\"data\":{}}")
                .doesNotContain("x-http2", "http2-settings", "\r\nupgrade", "\r\ndpop:", "\r\nauthorization:");
    }

    @Test
    void call_withoutABody_isSentWithoutOne() {
        try (RawHttp2 connection = connect()) {
            assertThat(connection
                            .end(send(connection, agent, "POST", DATA + "a", true))
                            .status())
                    .isEqualTo(200);
            RawHttp2.Stream later = send(connection, agent, "GET", DATA + "a", false);
            connection.data(later, "", true);
            assertThat(connection.end(later).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes().toLowerCase(Locale.ROOT)).contains("\r\ncontent-length: 0\r\n");
    }

    @Test
    void call_headersThatEndHere_neverReachTheUpstream() {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream stream = send(
                    connection,
                    agent,
                    "POST",
                    DATA + "a",
                    false,
                    "x-http2-stream-id",
                    "secret-1",
                    "x_http2_scheme",
                    "secret-2",
                    "cookie",
                    "a=secret-3",
                    "cookie",
                    "b=secret-4",
                    "te",
                    "trailers",
                    "x-forwarded-for",
                    "secret-6",
                    "prefer",
                    "kept");
            connection.data(stream, "{}", true);
            assertThat(connection.end(stream).status()).isEqualTo(200);
        }
        String sent = upstream.bytes().toLowerCase(Locale.ROOT);
        assertThat(sent).contains("prefer: kept\r\n").doesNotContain("secret-", "http2", "\r\nte:");
        assertThat(sent).doesNotContain("gateway.invalid").containsOnlyOnce("\r\nhost: 127.0.0.1:");
    }

    @ParameterizedTest
    @CsvSource({
        "connection,x-hop",
        "keep-alive,timeout=5",
        "proxy-connection,close",
        "transfer-encoding,chunked",
        "upgrade,websocket",
        "upgrade,h2c",
        "te,gzip",
        "X-Upper,a",
        "content-length,5",
        "host,elsewhere.example",
        ":path,/vault/v1/sys/seal",
        ":unknown,a"
    })
    void call_thatHttp2CallsMalformed_isNotForwarded(String name, String value) {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream stream = send(connection, agent, "GET", DATA + "a", true, name, value);
            connection.await(Duration.ofSeconds(5), stream::isOver);
            assertThat(stream.status()).isNotEqualTo(200);
            assertThat(stream.isOver() || connection.goneAway() || connection.closed())
                    .isTrue();
        }
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void websocket_byExtendedConnect_isNotOpened() {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream stream = send(connection, agent, "CONNECT", DATA + "a", false, ":protocol", "websocket");
            connection.await(Duration.ofSeconds(5), stream::isOver);
            assertThat(stream.status()).isNotEqualTo(200);
            assertThat(stream.isOver() || connection.goneAway() || connection.closed())
                    .isTrue();
        }
        assertThat(upstream.connections()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "dpop", "aat-pop", "delegation-chain", "workload-svid"})
    void credentials_sentTwice_areMalformed(String name) {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream twice = connection.end(
                    connection.send("GET", DATA + "a", true, name, "DPoP a", name, "DPoP b", "x-other", "c"));
            assertThat(twice.status()).isEqualTo(400);
            assertThat(code(twice)).isEqualTo("malformed-request");
        }
    }

    @Test
    void refusals_areProblemsWithTheirHeaders() {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream nobody = connection.end(connection.send("GET", DATA + "a", true));
            assertThat(nobody.status()).isEqualTo(401);
            assertThat(code(nobody)).isEqualTo("authentication-required");
            assertThat(nobody.headers.get("www-authenticate").toString()).startsWith("DPoP algs=");
            String dpop = agent.dpop("GET", DATA + "a");
            String token = "DPoP " + agent.token();
            assertThat(connection
                            .end(connection.send("GET", DATA + "a", true, "authorization", token, "dpop", dpop))
                            .status())
                    .isEqualTo(200);
            RawHttp2.Stream again =
                    connection.end(connection.send("GET", DATA + "a", true, "authorization", token, "dpop", dpop));
            assertThat(code(again)).isEqualTo("invalid-proof");
            RawHttp2.Stream head = connection.end(connection.send("HEAD", DATA + "a", true));
            assertThat(head.status()).isEqualTo(401);
            assertThat(head.text()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%2Fb", "a/", "a//b", "../x", "%2e%2e/b", "a;b", "%ff", "%252e"})
    void target_thatIsReadInTwoWays_isRefusedAsItWasSent(String path) {
        try (RawHttp2 connection = connect()) {
            assertThat(connection
                            .end(send(connection, agent, "GET", DATA + path, true))
                            .status())
                    .isIn(400, 403);
        }
        assertThat(upstream.connections()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/vault/%zz", "/vault/a|b^c", "vault/v1/secret/data/docs/payments/a", "", "*"})
    void target_thatIsNoPath_isNotForwarded(String target) {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream stream = send(connection, agent, "GET", target, true);
            connection.await(Duration.ofSeconds(5), stream::isOver);
            assertThat(stream.status()).isIn(0, 400, 404);
            assertThat(stream.isOver() || connection.goneAway()).isTrue();
        }
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void requests_beyondTheBounds_areAnsweredWithoutABody() {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream line = connection.end(connection.send("GET", "/vault/" + "a".repeat(17 << 10), true));
            assertThat(line.status()).isEqualTo(414);
            assertThat(line.text()).isEmpty();
            RawHttp2.Stream almost =
                    connection.end(connection.send("GET", DATA + "a", true, "x-padding", "a".repeat(60 << 10)));
            assertThat(almost.status()).isEqualTo(401);
            RawHttp2.Stream beyond =
                    connection.end(connection.send("GET", DATA + "a", true, "x-padding", "a".repeat(65 << 10)));
            assertThat(beyond.status()).isEqualTo(431);
            assertThat(beyond.text()).isEmpty();
            RawHttp2.Stream next = connection.end(connection.send("GET", "/nowhere", true));
            assertThat(next.status()).isEqualTo(404);
            assertThat(next.text()).isEmpty();
        }
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void aat_withTheLeafsKeyAsCertificate_isPermittedWithoutAProofAndOthersAreNot() throws Exception {
        assertThat(aat(selfSigned(agent.key())).statusCode()).isEqualTo(200);
        for (HttpClient shown : List.of(selfSigned(TestKey.p256("thief")), tls.http2())) {
            HttpResponse<String> answer = aat(shown);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("invalid-proof");
        }
    }

    private static HttpClient selfSigned(TestKey key) {
        KeyPair pair = key.pair();
        return tls.http2(
                pair, new TestCertificate(System.currentTimeMillis(), pair.getPrivate()).leaf(pair.getPublic()));
    }

    private static HttpResponse<String> aat(HttpClient client) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(gateway.address().resolve(DATA + "a"))
                .header("Authorization", "AAT " + agent.token())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "large"})
    void answer_whoseTaskEnds_isResetWithinASecondAndTheOthersGoOn(String what) {
        TestAgent task = explore();
        TestAgent other = explore();
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream goesOn = open(connection, other, DATA + "stream");
            RawHttp2.Stream cut = open(connection, task, DATA + what);
            end(task);
            cut(connection, cut);
            int before = goesOn.text().length();
            assertThat(connection.await(SECOND, () -> goesOn.text().length() > before + 20))
                    .isTrue();
            assertThat(goesOn.isOver()).isFalse();
            assertThat(connection
                            .end(send(connection, other, "GET", DATA + "a", true))
                            .status())
                    .isEqualTo(200);
            RawHttp2.Stream after = connection.end(send(connection, task, "GET", DATA + "a", true));
            assertThat(code(after)).isEqualTo("task-ended");
        }
    }

    /** The window of the stream is used up, so that nothing but RST_STREAM can tell. */
    @Test
    void answer_thatTheAgentDoesNotRead_isResetWithinASecond() {
        TestAgent task = explore();
        try (RawHttp2 connection = RawHttp2.stalled(tls.context(), gateway.port())) {
            RawHttp2.Stream stream = open(connection, task, DATA + "large");
            assertThat(connection.await(
                            Duration.ofSeconds(20), () -> stream.text().length() == 65_535))
                    .isTrue();
            end(task);
            cut(connection, stream);
        }
    }

    @Test
    void answer_thatTheUpstreamBreaksOff_isReset() {
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream stream = connection.end(send(connection, agent, "GET", DATA + "short", true));
            assertThat(stream.reset).isNotNull();
            assertThat(stream.whole).isFalse();
        }
    }

    @Test
    void upload_whoseTaskEnds_isAnsweredTaskEnded() {
        TestAgent task = explore();
        try (RawHttp2 connection = connect()) {
            RawHttp2.Stream upload = send(connection, task, "POST", DATA + "a", false, "content-length", "100000");
            connection.data(upload, "begun", false);
            assertThat(connection.await(Duration.ofMillis(700), upload::isOver)).isFalse();
            end(task);
            assertThat(connection.await(SECOND, upload::isOver)).isTrue();
            assertThat(upload.status()).isEqualTo(401);
            assertThat(code(upload)).isEqualTo("task-ended");
        }
    }

    @Test
    void calls_aHundredAtOnceOnOneConnection_areAllAnswered() {
        try (RawHttp2 connection = connect()) {
            List<RawHttp2.Stream> streams = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                streams.add(send(connection, agent, "GET", DATA + "slow", true));
            }
            streams.forEach(connection::end);
            assertThat(streams).allMatch(stream -> stream.whole && stream.status() == 200);
        }
    }

    /** Without TLS HTTP/2 is spoken by those who know, and nobody is upgraded to it. */
    @Test
    void cleartext_isByPriorKnowledgeAndNeverByUpgrade() {
        TestAgent task = TestAgent.explore(plain, HUMAN, WORKLOADS);
        assertThat(task.get(plain, DATA + "a").statusCode()).isEqualTo(200);
        try (RawHttp2 connection = RawHttp2.cleartext(plain.port())) {
            assertThat(connection
                            .end(send(connection, task, "GET", DATA + "a", true))
                            .status())
                    .isEqualTo(200);
            RawHttp2.Stream stream = open(connection, task, DATA + "stream");
            task.end(plain);
            cut(connection, stream);
        }
        TestAgent upgrading = TestAgent.explore(plain, HUMAN, WORKLOADS);
        upstream.forget();
        RawHttp.Response answer = RawHttp.send(
                plain.port(),
                "GET",
                DATA + "a",
                List.of(
                        "Connection: Upgrade, HTTP2-Settings",
                        "Upgrade: h2c",
                        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
                        "Authorization: DPoP " + upgrading.token(),
                        "DPoP: " + upgrading.dpop("GET", DATA + "a")));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("malformed-request");
        assertThat(upstream.connections()).isEmpty();
        // The operator's port speaks HTTP/1.1 whatever the traffic port does.
        try (RawHttp2 operator = RawHttp2.cleartext(plain.managementPort())) {
            RawHttp2.Stream health = operator.send("GET", "/actuator/health", true);
            operator.await(Duration.ofSeconds(5), health::isOver);
            assertThat(health.status()).isZero();
        }
    }
}
