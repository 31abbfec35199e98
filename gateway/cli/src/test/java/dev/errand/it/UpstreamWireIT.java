package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter.Type;
import org.springframework.cloud.gateway.handler.RoutePredicateHandlerMapping;

/** What the upstream sees of a call and the client of its answer, byte by byte (CONTRACT sections 4 and 5). */
class UpstreamWireIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String DATA = "/vault/v1/secret/data/docs/payments/";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";

    private static RawUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent agent;
    private static final ListAppender<ILoggingEvent> LOGGED = new ListAppender<>();

    @BeforeAll
    static void start() {
        upstream = new RawUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("vault.uri", upstream.uri())
                .start();
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        LOGGED.start();
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).addAppender(LOGGED);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).detachAppender(LOGGED);
        assertThat(List.copyOf(LOGGED.list))
                .as("what clients did here is no fault of ours")
                .noneMatch(event -> event.getLevel() == Level.ERROR);
    }

    @BeforeEach
    void forget() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, OK + "\r\n{}");
            return true;
        });
        upstream.forget();
    }

    /** Reactor Netty issue 4361: an answer that nothing was waited for, to a queued request, ended the connection's reading. */
    @Test
    void connection_onWhichARequestHadToWait_isReadOn() throws Exception {
        upstream.behave((socket, head) -> {
            Thread.sleep(200);
            RawUpstream.write(socket, OK + "\r\n{}");
            return true;
        });
        String call = "GET " + DATA + "a HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", lines("GET", DATA + "a"))
                + "\r\n\r\n";
        String keys = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((call + keys).getBytes(StandardCharsets.ISO_8859_1));
            awaitAnswers(socket, 2);
            socket.getOutputStream().write(keys.getBytes(StandardCharsets.ISO_8859_1));
            awaitAnswers(socket, 1);
        }
    }

    /** Reads until so many answers have begun; every one is a 200. */
    private static void awaitAnswers(Socket socket, int count) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.toString().split("HTTP/1\\.1 200 ", -1).length <= count) {
            int next = socket.getInputStream().read();
            assertThat(next).as("%s", read).isNotNegative();
            read.append((char) next);
        }
    }

    /** One at work would have every call's headers copied for it. */
    @Test
    void filtersOfHeaders_thatTheGatewayBrings_areNotAtWork() {
        assertThat(gateway.context().getBeansOfType(HttpHeadersFilter.class).values())
                .noneMatch(filter -> filter.supports(Type.REQUEST) || filter.supports(Type.RESPONSE));
        assertThat(gateway.context().getBeansOfType(NettyRoutingFilter.class)).isEmpty();
        assertThat(gateway.context().getBeansOfType(RoutePredicateHandlerMapping.class))
                .hasSize(1);
    }

    private static RawHttp.Response send(String method, String target, String... lines) {
        return RawHttp.send(gateway.port(), method, target, lines(method, target, lines));
    }

    private static List<String> lines(String method, String target, String... more) {
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        List<String> lines = new ArrayList<>(List.of(more));
        lines.add("Authorization: DPoP " + agent.token());
        lines.add("DPoP: " + agent.dpop(method, path));
        return lines;
    }

    private static String head() {
        String bytes = upstream.bytes();
        return bytes.substring(0, bytes.indexOf("\r\n\r\n") + 2).toLowerCase(Locale.ROOT);
    }

    @Test
    void call_headersThatEndHere_neverReachTheUpstream() {
        assertThat(send(
                                "GET",
                                DATA + "a",
                                "Cookie: secret-1",
                                "Forwarded: for=secret-2",
                                "X-Forwarded-For: secret-3",
                                "X_Forwarded_Proto: secret-4",
                                "Client-Cert: secret-5",
                                "Client_Cert_Chain: secret-6",
                                "Txn_Token: secret-7",
                                "Proxy-Authorization: secret-8",
                                "Signature-Agent: secret-9",
                                "Content_Digest: secret-10",
                                "X-Http2-Stream-Id: secret-11",
                                "Transfer_Encoding: secret-14",
                                "Content_Length: secret-15",
                                "X-Hop: secret-16",
                                "Connection: x-hop",
                                "traceparent: malformed-secret-17",
                                "tracestate: vendor=secret-18",
                                "Prefer: kept")
                        .status())
                .isEqualTo(200);
        String head = head();
        assertThat(head)
                .doesNotContain("secret-")
                .doesNotContain("delegation-chain")
                .contains("prefer: kept\r\n");
        assertThat(head).doesNotContain("\r\nauthorization:").doesNotContain("\r\ndpop:");
        assertThat(head).doesNotContain(agent.token().toLowerCase(Locale.ROOT));
        assertThat(head).containsOnlyOnce("\r\nx-vault-token:");
        assertThat(head).doesNotContain("content-digest:").doesNotContain("transfer-encoding");
    }

    @Test
    void call_connectionNamesOurHeaders_theyArriveAllTheSame() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assertThat(send(
                                "GET",
                                DATA + "a",
                                "Connection: close, Txn-Token, Signature, Signature-Input, traceparent, X-Vault-Token",
                                "traceparent: 00-" + trace + "-00f067aa0ba902b7-01",
                                "tracestate: vendor=kept",
                                "Txn-Token: forged",
                                "Signature: forged")
                        .status())
                .isEqualTo(200);
        String head = head();
        assertThat(head).containsOnlyOnce("\r\ntxn-token: ey").containsOnlyOnce("\r\nsignature: errand=:");
        assertThat(head).containsOnlyOnce("\r\nsignature-input: errand=").containsOnlyOnce("\r\nx-vault-token: ");
        assertThat(head).containsOnlyOnce("\r\ntraceparent: 00-" + trace + "-").doesNotContain("00f067aa0ba902b7");
        assertThat(head).contains("\r\ntracestate: vendor=kept\r\n");
        assertThat(head).doesNotContain("forged");
    }

    @Test
    void call_needlesslyEncodedPath_isSentCanonicalQueryAsItIs() {
        assertThat(send("GET", DATA + "%61?version=1").status()).isEqualTo(200);
        assertThat(head()).startsWith("get /v1/secret/data/docs/payments/a?version=1 http/1.1\r\n");
    }

    @Test
    void call_bracketsInTheQuery_areSentAsTheyStood() {
        assertThat(send("GET", DATA + "a?version=[1]").status()).isEqualTo(200);
        assertThat(head()).startsWith("get /v1/secret/data/docs/payments/a?version=[1] http/1.1\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%2Fb", "a/", "a//b", "../x", "%2e%2e/b", "a;b", "%ff", "%252e"})
    void call_targetThatIsReadInTwoWays_isRefusedAndNotSent(String path) {
        assertThat(send("GET", DATA + path).status()).isIn(400, 403);
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void call_getWithAChunkedBody_isNeverTwoRequests() {
        String body = "GET /v1/sys/seal HTTP/1.1\r\nHost: x\r\n\r\n";
        String request = "GET " + DATA + "a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + String.join("\r\n", lines("GET", DATA + "a", "Transfer-Encoding: chunked")) + "\r\n\r\n"
                + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
        RawHttp.exchange(gateway.port(), request.getBytes(StandardCharsets.ISO_8859_1));
        String sent = upstream.bytes();
        if (sent.contains("/v1/sys/seal")) {
            // Whatever is sent of the body is framed.
            assertThat(head())
                    .containsAnyOf("\r\ntransfer-encoding: chunked\r\n", "\r\ncontent-length: " + body.length());
        }
    }

    @Test
    void call_deleteLikeMethodWithoutBody_hasNoChunkedBody() {
        assertThat(send("POST", DATA + "a").status()).isEqualTo(200);
        assertThat(head()).contains("\r\ncontent-length: 0\r\n").doesNotContain("transfer-encoding");
        assertThat(upstream.bytes()).endsWith("\r\n\r\n");
    }

    @Test
    void answer_fieldsOnlyTheGatewayMaySay_areRemovedAndLinksComeBack() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    OK + "Txn-Token: x\r\nSignature: x\r\nSignature-Input: x\r\nDPoP-Nonce: x\r\nRateLimit: x\r\n"
                            + "RateLimit-Policy: x\r\nX-Kept: y\r\nLocation: " + upstream.uri() + "/v1/other?x=1\r\n"
                            + "Link: </v1/next>; rel=next, <https://elsewhere.example/z>; rel=up\r\n\r\n{}");
            return true;
        });
        RawHttp.Response answer = send("GET", DATA + "a");
        assertThat(answer.headers().toString().toLowerCase(Locale.ROOT))
                .doesNotContain("txn-token", "signature", "dpop-nonce", "ratelimit")
                .contains("x-kept");
        assertThat(answer.header("Location")).isEqualTo("/vault/v1/other?x=1");
        assertThat(answer.header("Link"))
                .isEqualTo("</vault/v1/next>; rel=next, <https://elsewhere.example/z>; rel=up");
    }

    @Test
    void answer_trailersOnlyTheGatewayMaySay_areRemoved() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Txn-Token\r\n\r\n2\r\n{}\r\n0\r\n"
                            + "Txn-Token: forged\r\nSignature_Input: forged\r\nDPoP-Nonce: forged\r\nRateLimit: forged\r\n"
                            + "X-Kept: y\r\n\r\n");
            return true;
        });
        String path = DATA + "a";
        String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + String.join("\r\n", lines("GET", path)) + "\r\n\r\n";
        StringBuilder answer = new StringBuilder();
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            answer.append(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(answer).contains("{}").contains("X-Kept: y").doesNotContain("forged");
    }

    /** The prefix that the route strips is put back although what was sent is not what the client spelled. */
    @Test
    void answer_toANeedlesslyEncodedPath_leadsBackThroughTheGateway() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, OK + "Location: " + upstream.uri() + "/v1/other\r\n\r\n{}");
            return true;
        });
        assertThat(send("GET", DATA + "%61").header("Location")).isEqualTo("/vault/v1/other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "Content-Length: +5\r\n\r\nhello",
                "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"
            })
    void call_framedInTwoWays_isNotForwardedWhole(String framing) {
        assertThat(framed("1.1", framing).status()).isIn(400, 502, 504);
        assertThat(upstream.bytes()).doesNotContain("hello");
    }

    @Test
    void call_chunkedWithALengthByHttp10_isNeverTwoRequests() {
        String body = "GET /v1/sys/seal HTTP/1.1\r\nHost: x\r\n\r\n";
        String chunk = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n";
        framed("1.0", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);
        assertThat(upstream.bytes()).doesNotContain("/v1/sys/seal");
    }

    private static RawHttp.Response framed(String version, String framing) {
        String request = "POST " + DATA + "a HTTP/" + version + "\r\nHost: x\r\nConnection: close\r\n"
                + String.join("\r\n", lines("POST", DATA + "a")) + "\r\n" + framing;
        return RawHttp.exchange(gateway.port(), request.getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD 200 OK", "GET 304 Not Modified", "HEAD 404 Not Found"})
    void answer_thatHasALengthAndNoBody_passesAsItIs(String answered) {
        String method = answered.substring(0, answered.indexOf(' '));
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket, "HTTP/1.1 " + answered.substring(method.length() + 1) + "\r\nContent-Length: 77\r\n\r\n");
            return true;
        });
        RawHttp.Response answer = send(method, DATA + "a");
        assertThat(answer.status()).isEqualTo(Integer.parseInt(answered.split(" ")[1]));
        assertThat(answer.header("Content-Length")).isEqualTo("77");
        assertThat(answer.body()).isEmpty();
    }

    /** Each decision is in the log, and each permit's outcome, though nobody waits for the answer. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE"})
    void agent_thatLeavesAtOnce_hidesNoDecision(String method) throws Exception {
        int calls = 40;
        String path = DATA + "left-" + method;
        String trace = method.equals("GET") ? "4bf92f3577b34da6a3ce929d0e0e4701" : "4bf92f3577b34da6a3ce929d0e0e4702";
        for (int i = 0; i < calls; i++) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: x\r\n"
                    + String.join("\r\n", lines(method, path, "traceparent: 00-" + trace + "-00f067aa0ba902b7-01"))
                    + "\r\n\r\n";
            try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> decisions(trace).size() == calls);
        if (method.equals("GET")) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(decisions(trace))
                            .allMatch(decision -> gateway.records().stream()
                                            .filter(line ->
                                                    line.contains("\"kind\":\"outcome\"") && line.contains(decision))
                                            .count()
                                    == 1));
        }
    }

    private static List<String> decisions(String trace) {
        return gateway.records().stream()
                .filter(line -> line.contains(trace))
                .map(line -> String.valueOf(TestAgent.json(line).string("decision")))
                .toList();
    }

    @Test
    void answer_errorBeforeRouting_hasNoBodyAndNoWord() {
        RawHttp.Response answer = RawHttp.send(gateway.port(), "GET", "/nowhere", List.of());
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("Content-Type")).isNull();
    }
}
