package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long the gateway waits for what a client has to send: by HTTP/1.1, HTTP/2 and TLS, and what has no deadline. */
class ClientDeadlinesIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int UPLOAD = 24 << 20;
    private static final double HEADER = 1;
    private static final double PROGRESS = 2;
    private static final double IDLE = 3;
    private static final double ANSWER = 2;
    private static final String TOKEN =
            "POST /oauth2/token HTTP/1.1\r\nHost: x\r\n" + "Content-Type: application/x-www-form-urlencoded\r\n";

    @TempDir
    static Path directory;

    private static RawUpstream upstream;
    private static RunningGateway plain;
    private static RunningGateway secure;
    private static RunningGateway storing;
    private static ServerSocket slow;
    private static TestTls tls;

    @BeforeAll
    static void start() throws IOException {
        slow = new ServerSocket();
        slow.setReceiveBufferSize(4096);
        slow.bind(new InetSocketAddress("127.0.0.1", 0));
        upstream = new RawUpstream();
        tls = new TestTls(directory);
        plain = builder().start();
        secure = tls.on(builder()).start();
        storing = tls.on(builder())
                .file(
                        "application.yaml",
                        FrontedServer.application("s3", "http://127.0.0.1:" + slow.getLocalPort(), List.of()))
                .file("tasks/work.yaml", FrontedServer.template(FrontedServer.everything("s3")))
                // What a handshake takes is not what is tested there.
                .property("errand.server.header", "20s")
                .start();
    }

    private static RunningGateway.Builder builder() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE + "streams: {max: 100, each: 30m}\n")
                .property("vault.uri", upstream.uri())
                .property("server.http2.enabled", "true")
                .property("errand.server.header", "1s")
                .property("errand.server.progress", "2s")
                .property("errand.server.idle", "3s")
                .property("errand.server.answer", "2s");
    }

    @AfterAll
    static void stop() throws IOException {
        slow.close();
        storing.close();
        plain.close();
        secure.close();
        upstream.close();
    }

    private interface Opening {
        Socket open() throws IOException;
    }

    /** What may be added to a deadline. */
    private static double late() {
        return 2 * Patience.factor();
    }

    /** Opens, sends that, then the drops one by one, and tells after how many seconds the gateway closed; -1 if it did not. */
    private static double closedAfter(Opening opening, String begin, String drops, int everyMillis, double longest) {
        long begun = System.nanoTime();
        try (Socket socket = opening.open()) {
            socket.getOutputStream().write(begin.getBytes(StandardCharsets.ISO_8859_1));
            socket.setSoTimeout(everyMillis);
            byte[] buffer = new byte[8192];
            for (int i = 0; seconds(begun) < longest; ) {
                try {
                    if (socket.getInputStream().read(buffer) < 0) {
                        return seconds(begun);
                    }
                } catch (SocketTimeoutException silent) {
                    if (i < drops.length()) {
                        socket.getOutputStream().write(drops.charAt(i++));
                    }
                }
            }
            return -1;
        } catch (IOException reset) {
            return longest;
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static Opening open(RunningGateway gateway) {
        return () -> new Socket("127.0.0.1", gateway.port());
    }

    private static void closes(String begin, String drops, double after) {
        double took = closedAfter(open(plain), begin, drops, 200, after + late() + 1);
        assertThat(took).isBetween(after - 0.1, after + late());
    }

    @ParameterizedTest
    @CsvSource({
        "'',''",
        "'GET /x HT',''",
        "'GET /x HTTP/1.1\r\nHost: x\r\n','X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
        "'','POST /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
        "'','\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n'"
    })
    void head_thatDoesNotEnd_isWaitedForFromTheOpening(String begin, String drops) {
        closes(begin, drops, HEADER);
    }

    @Test
    void keptConnection_isClosedAfterTheIdleDeadline() {
        closes("GET /x HTTP/1.1\r\nHost: x\r\n\r\n", "", IDLE);
    }

    @Test
    void furtherHead_isWaitedForFromItsFirstByte() {
        closes("GET /x HTTP/1.1\r\nHost: x\r\n\r\n", "GET /yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", 0.2 + HEADER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 100\r\n\r\nab",
                "Transfer-Encoding: chunked\r\n\r\n5",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n",
                "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n"
            })
    void body_thatIsRead_isWaitedForByteByByte(String rest) {
        closes(TOKEN + rest, "", PROGRESS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x", "/vault/v1/secret"})
    void body_thatIsThrownAwayBehindTheAnswer_isWaitedForByteByByte(String path) {
        closes("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab", "", PROGRESS);
    }

    @Test
    void body_ofWhichABytesComesNowAndThen_isRead() {
        double took = closedAfter(
                open(plain), TOKEN + "Connection: close\r\nContent-Length: 12\r\n\r\n", "a=aaaaaaaaaa", 500, 20);
        assertThat(took).isBetween(5.5, 9.5 + late());
    }

    @Test
    void handshakeOfTls_countsIntoTheFirstHead() throws Exception {
        assertThat(closedAfter(open(secure), "", "", 200, HEADER + late() + 1))
                .isBetween(HEADER - 0.1, HEADER + late());
        assertThat(closedAfter(open(secure), "\u0016\u0003\u0001\u0002\u0000", "", 200, HEADER + late() + 1))
                .isBetween(HEADER - 0.1, HEADER + late());
        Opening agreed = () -> tls.context().getSocketFactory().createSocket("127.0.0.1", secure.port());
        assertThat(closedAfter(agreed, "GET /x HT", "TP/1.1aaaaaaaaaaaa", 200, HEADER + late() + 1))
                .isBetween(HEADER - 0.3, HEADER + late());
        assertThat(closedAfter(agreed, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n", "", 200, IDLE + late() + 1))
                .isBetween(IDLE - 0.3, IDLE + late());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void http2_withoutARequest_isClosedAsASilentConnectionIs(boolean encrypted) {
        long begun = System.nanoTime();
        try (RawHttp2 client = http2(encrypted)) {
            assertThat(client.await(Patience.of(Duration.ofSeconds(5)), client::closed))
                    .isTrue();
            assertThat(seconds(begun)).isBetween(HEADER - 0.3, HEADER + late());
        }
    }

    private static RawHttp2 http2(boolean encrypted) {
        return encrypted ? RawHttp2.open(tls.context(), secure.port()) : RawHttp2.cleartext(plain.port());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void http2_withoutStreams_isClosedInGoodOrderAfterTheIdleDeadline(boolean encrypted) {
        try (RawHttp2 client = http2(encrypted)) {
            client.end(client.send("GET", "/x", true));
            long begun = System.nanoTime();
            client.end(client.send("GET", "/y", true));
            assertThat(client.await(Patience.of(Duration.ofSeconds(8)), client::closed))
                    .isTrue();
            assertThat(seconds(begun)).isBetween(IDLE - 0.3, IDLE + late());
            assertThat(client.goneAway()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void http2_headerBlockThatNeverEnds_endsTheConnection(boolean besideARequest) {
        try (RawHttp2 client = http2(false)) {
            if (besideARequest) {
                client.send("POST", "/oauth2/token", false, "content-type", "application/x-www-form-urlencoded");
            } else {
                client.end(client.send("GET", "/x", true));
            }
            // What this client has to acknowledge must not come amid the header block.
            client.await(Duration.ofMillis(300), () -> false);
            long begun = System.nanoTime();
            client.sendUnended("GET", "/x");
            assertThat(client.await(Patience.of(Duration.ofSeconds(8)), () -> {
                        client.continuation("a", "b");
                        return client.closed();
                    }))
                    .isTrue();
            assertThat(seconds(begun)).isBetween(HEADER - 0.3, HEADER + late());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/oauth2/token", "/x"})
    void http2_bodyThatStalls_endsItsStreamAlone(String path) {
        try (RawHttp2 client = http2(false)) {
            RawHttp2.Stream stalled =
                    client.send("POST", path, false, "content-type", "application/x-www-form-urlencoded");
            long begun = System.nanoTime();
            client.data(stalled, "a=", false);
            assertThat(client.await(Patience.of(Duration.ofSeconds(8)), () -> stalled.reset != null))
                    .isTrue();
            assertThat(seconds(begun)).isBetween(PROGRESS - 0.3, PROGRESS + late());
            assertThat(client.end(client.send("GET", "/x", true)).status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":scheme,http,:path,/x",
                ":method,GET,:scheme,http",
                ":method,GET,:scheme,http,:path,''",
                ":method,GET,:scheme,ftp,:path,/x",
                ":method,GET,:path,/x",
                "x-a,b",
                ":method,CONNECT"
            })
    void http2_headThatIsNoRequest_isResetAtOnce_andProlongsNothing(String fields) {
        String[] head = (fields + ",:authority,x").replace("''", "").split(",");
        long begun = System.nanoTime();
        try (RawHttp2 client = http2(false)) {
            RawHttp2.Stream ended = client.sendFields(true, head);
            RawHttp2.Stream open = client.sendFields(false, head);
            assertThat(client.await(Patience.of(Duration.ofSeconds(5)), client::closed))
                    .isTrue();
            assertThat(ended.reset).isEqualTo(1);
            assertThat(open.reset).isEqualTo(1);
            assertThat(ended.headers).isNull();
            assertThat(seconds(begun)).isBetween(HEADER - 0.3, HEADER + late());
        }
        try (RawHttp2 client = http2(true)) {
            assertThat(client.end(client.send("GET", "/x", true)).status()).isEqualTo(404);
            RawHttp2.Stream first = client.sendFields(true, head);
            assertThat(client.end(first).reset).isEqualTo(1);
            assertThat(client.end(client.send("GET", "/x", true)).status()).isEqualTo(404);
        }
    }

    /** As fast as the gateway writes, for a minute and for a client that takes nothing. */
    private static void answerWithoutEnd() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n");
            String part = "x".repeat(65_536);
            long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (System.nanoTime() < until) {
                RawUpstream.write(socket, part);
            }
            return false;
        });
    }

    private static void answerShortly() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
    }

    private static final String LARGE = "/vault/v1/secret/data/docs/payments/large";

    private static List<String> fields(TestAgent agent) {
        return List.of("authorization", "DPoP " + agent.token(), "dpop", agent.dpop("GET", LARGE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answer_ofWhichTheClientTakesNothing_isCut(boolean encrypted) throws Exception {
        upstream.forget();
        answerWithoutEnd();
        RunningGateway gateway = encrypted ? secure : plain;
        // The handshake of a busy machine may take longer than a head may.
        TestAgent agent = encrypted
                ? await().ignoreExceptionsInstanceOf(AgentException.class)
                        .until(
                                () -> TestAgent.explore(secure, tls.client(), HUMAN, WORKLOADS, TestKey.p256("agent")),
                                started -> true)
                : TestAgent.explore(plain, HUMAN, WORKLOADS);
        double before = closings(gateway);
        try (Socket socket = encrypted ? tls.context().getSocketFactory().createSocket() : new Socket()) {
            socket.setReceiveBufferSize(65_536);
            socket.connect(new InetSocketAddress("127.0.0.1", gateway.port()));
            List<String> fields = fields(agent);
            socket.getOutputStream()
                    .write(("GET " + LARGE + " HTTP/1.1\r\nHost: x\r\n" + fields.get(0) + ": " + fields.get(1) + "\r\n"
                                    + fields.get(2) + ": " + fields.get(3) + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            byte[] part = new byte[4 << 20];
            long begun = System.nanoTime();
            // A client that takes a part now and then is left alone.
            while (seconds(begun) < 2 * ANSWER) {
                in.readNBytes(part, 0, part.length);
                TimeUnit.MILLISECONDS.sleep(400);
            }
            assertThat(closings(gateway)).isEqualTo(before);
            begun = System.nanoTime();
            while (closings(gateway) == before && seconds(begun) < 30) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            assertThat(seconds(begun)).isBetween(ANSWER - 0.6, 1.25 * ANSWER + late());
            assertThatThrownBy(() -> {
                        while (in.read(part) >= 0) {
                            // to the end of what is on its way
                        }
                        throw new IOException("the end of the answer's part");
                    })
                    .isInstanceOf(IOException.class);
            awaitUpstreamsEnd(1);
        } finally {
            answerShortly();
        }
    }

    /** The upstream's side of a call that was cut ends too. */
    private static void awaitUpstreamsEnd(int connections) throws InterruptedException {
        long begun = System.nanoTime();
        while (upstream.ended() < connections && seconds(begun) < 20) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(upstream.ended()).isEqualTo(connections);
    }

    private static double closings(RunningGateway gateway) {
        return gateway.value("errand.connections.closed", "port", "traffic", "reason", "answer");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000})
    void http2_answerToAWindowThatIsNeverOpened_isReset_andOneThatIsOpenedIsNot(int window) throws Exception {
        upstream.forget();
        answerWithoutEnd();
        TestAgent agent = TestAgent.explore(plain, HUMAN, WORKLOADS);
        try (RawHttp2 client = RawHttp2.unopened(plain.port())) {
            client.initialWindow(window);
            RawHttp2.Stream held = client.send("GET", LARGE, true, fields(agent).toArray(String[]::new));
            RawHttp2.Stream slow = client.send("GET", LARGE, true, fields(agent).toArray(String[]::new));
            long begun = System.nanoTime();
            assertThat(client.await(Duration.ofSeconds(20), () -> {
                        client.open(slow, 1);
                        return held.reset != null;
                    }))
                    .isTrue();
            assertThat(seconds(begun)).isBetween(ANSWER - 0.3, 1.25 * ANSWER + late());
            assertThat(slow.isOver()).isFalse();
            assertThat(client.await(Duration.ofSeconds(20), () -> slow.reset != null))
                    .isTrue();
            awaitUpstreamsEnd(2);
        } finally {
            answerShortly();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET /vault/v1/secret/data/docs/payments/slow", "GET /vault/v1/secret/data/docs/payments/events"
            })
    void answer_hasNoDeadline(String call) {
        upstream.behave((socket, head) -> {
            if (head.contains("/slow ")) {
                TimeUnit.SECONDS.sleep(5);
                RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend");
            } else {
                RawUpstream.write(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                TimeUnit.SECONDS.sleep(5);
                RawUpstream.write(socket, "b\r\ndata: end\n\n\r\n0\r\n\r\n");
            }
            return true;
        });
        TestAgent agent = TestAgent.explore(plain, HUMAN, WORKLOADS);
        HttpResponse<String> answer = agent.get(plain, call.substring(4));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("end");
        answerShortly();
    }

    /** The upstream takes nothing for longer than the deadline; the gateway stops reading, and blames nobody. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void upload_thatTheUpstreamHoldsUp_isNotCut(boolean http2) throws Exception {
        CompletableFuture<Long> arrived = CompletableFuture.supplyAsync(ClientDeadlinesIT::takeLate);
        HttpClient client = http2 ? tls.http2() : tls.client();
        TestAgent agent = TestAgent.start(
                storing,
                client,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                "{\"template\":\"work\",\"parameters\":{}}");
        HttpResponse<String> answer = new AgentClient(storing.address(), RunningGateway.ISSUER, client)
                .call(
                        agent.key().agent(),
                        agent.token(),
                        List.of(),
                        "PUT",
                        "/s3/reports/large",
                        Map.of(),
                        new byte[UPLOAD]);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(arrived.get(10, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(UPLOAD);
    }

    private static long takeLate() {
        try (Socket socket = slow.accept()) {
            TimeUnit.SECONDS.sleep(5);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[65536];
            long taken = 0;
            while (taken < UPLOAD) {
                int n = in.read(buffer);
                if (n < 0) {
                    return taken;
                }
                taken += n;
            }
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            TimeUnit.SECONDS.sleep(1);
            return taken;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
