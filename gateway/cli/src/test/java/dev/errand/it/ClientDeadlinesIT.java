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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** How long the gateway waits for what a client has to send: by HTTP/1.1, HTTP/2 and TLS, and what has no deadline. */
class ClientDeadlinesIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int UPLOAD = 24 << 20;
    private static final double HEADER = 2;
    private static final double PROGRESS = 3;
    private static final double IDLE = 4;
    private static final double ANSWER = 2;

    /** Longer than each of them, in seconds. */
    private static final int LONGER = 5;

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
        upstream.behave(ClientDeadlinesIT::answer);
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
                .property("errand.server.header", "2s")
                .property("errand.server.progress", "3s")
                .property("errand.server.idle", "4s")
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
            // By a drop that crossed the end.
            return seconds(begun);
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static Opening open(RunningGateway gateway) {
        return () -> new Socket("127.0.0.1", gateway.port());
    }

    private static void closes(String begin, String drops, double after) {
        closes(open(plain), begin, drops, after);
    }

    private static void closes(Opening opening, String begin, String drops, double after) {
        double late = late();
        double took = closedAfter(opening, begin, drops, 200, after + late + 1);
        assertThat(took).isBetween(after - 0.3, after + late);
    }

    @TestFactory
    List<DynamicTest> deadlines() {
        Together tests = new Together();
        http1(tests);
        http2(tests);
        return tests.tests();
    }

    private static void http1(Together tests) {
        String request = "GET /x HTTP/1.1\r\nHost: x\r\n";
        String[][] heads = {
            {"", ""},
            {"GET /x HT", ""},
            {request, "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
            {"", "POST /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
            {"", "\r\n".repeat(15)}
        };
        for (String[] head : heads) {
            tests.begin("head that does not end: " + head[0] + head[1], () -> closes(head[0], head[1], HEADER));
        }
        tests.begin("kept connection", () -> closes(request + "\r\n", "", IDLE));
        tests.begin(
                "further head, from its first byte",
                () -> closes(request + "\r\n", "GET /yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", 0.2 + HEADER));
        for (String body : List.of(
                "Content-Length: 100\r\n\r\nab",
                "Transfer-Encoding: chunked\r\n\r\n5",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n",
                "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n")) {
            tests.begin("body that is read: " + body, () -> closes(TOKEN + body, "", PROGRESS));
        }
        for (String path : List.of("/x", "/vault/v1/secret")) {
            String post = "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab";
            tests.begin("body that is thrown away behind the answer: " + path, () -> closes(post, "", PROGRESS));
        }
        tests.begin("body of which a byte comes now and then", ClientDeadlinesIT::bodyNowAndThen);
        tests.begin("opening of TLS", () -> closes(open(secure), "", "", HEADER));
        tests.begin("handshake of TLS", () -> closes(open(secure), "\u0016\u0003\u0001\u0002\u0000", "", HEADER));
        Opening agreed = () -> tls.context().getSocketFactory().createSocket("127.0.0.1", secure.port());
        tests.begin("head behind TLS", () -> closes(agreed, "GET /x HT", "TP/1.1aaaaaaaaaaaa", HEADER));
        tests.begin("kept connection of TLS", () -> closes(agreed, request + "\r\n", "", IDLE));
        for (String name : List.of("slow", "events")) {
            tests.begin("answer that comes late: " + name, () -> answerComes(name));
        }
        for (HttpClient client : List.of(tls.client(), tls.http2())) {
            tests.begin("upload that the upstream holds up, " + client.version(), () -> uploadHeldUp(client));
        }
    }

    private static void bodyNowAndThen() {
        double took = closedAfter(
                open(plain), TOKEN + "Connection: close\r\nContent-Length: 12\r\n\r\n", "a=aaaaaaaaaa", 500, 20);
        assertThat(took).isBetween(5.5, 9.5 + late());
    }

    private static void http2(Together tests) {
        for (boolean encrypted : List.of(false, true)) {
            tests.begin("HTTP/2 without a request, encrypted " + encrypted, () -> silentHttp2(encrypted));
            tests.begin("HTTP/2 without streams, encrypted " + encrypted, () -> idleHttp2(encrypted));
        }
        for (boolean beside : List.of(false, true)) {
            tests.begin("header block that never ends, beside a request " + beside, () -> endlessHead(beside));
        }
        for (String path : List.of("/oauth2/token", "/x")) {
            tests.begin("body that stalls: " + path, () -> stalledBody(path));
        }
        for (String fields : List.of(
                ":scheme,http,:path,/x",
                ":method,GET,:scheme,http",
                ":method,GET,:scheme,http,:path,''",
                ":method,GET,:scheme,ftp,:path,/x",
                ":method,GET,:path,/x",
                "x-a,b",
                ":method,CONNECT")) {
            tests.begin("head that is no request: " + fields, () -> noRequest(fields));
        }
        for (int window : List.of(0, 1000)) {
            tests.begin("window that is never opened: " + window, () -> unopenedWindow(window));
        }
    }

    private static void silentHttp2(boolean encrypted) {
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

    /** Closed in good order. */
    private static void idleHttp2(boolean encrypted) {
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

    private static void endlessHead(boolean besideARequest) {
        try (RawHttp2 client = http2(false)) {
            client.end(client.send("GET", "/x", true));
            if (besideARequest) {
                client.send("POST", "/oauth2/token", false, "content-type", "application/x-www-form-urlencoded");
            }
            // What this client has to acknowledge must not come amid the header block.
            client.await(Duration.ofMillis(300), () -> false);
            long begun = System.nanoTime();
            client.sendUnended("GET", "/x");
            assertThat(client.await(Patience.of(Duration.ofSeconds(8)), () -> {
                        // Not as many as a connection may send.
                        client.continuation("a", "b");
                        return client.await(Duration.ofMillis(300), client::closed);
                    }))
                    .isTrue();
            assertThat(seconds(begun)).isBetween(HEADER - 0.3, HEADER + late());
        }
    }

    /** Its stream alone ends. */
    private static void stalledBody(String path) {
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

    /** Reset at once; it prolongs nothing. */
    private static void noRequest(String fields) {
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

    private static final String DATA = "/vault/v1/secret/data/docs/payments/";

    /** How many answers without end the gateway has cut, by the path's last part. */
    private static final Map<String, Integer> CUT = new ConcurrentHashMap<>();

    private static boolean answer(Socket socket, String head) throws Exception {
        String name = head.replaceFirst("(?s) HTTP/1.1.*", "").replaceFirst(".*/", "");
        switch (name) {
            case "slow" -> {
                TimeUnit.SECONDS.sleep(LONGER);
                RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend");
            }
            case "events" -> {
                RawUpstream.write(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                TimeUnit.SECONDS.sleep(LONGER);
                RawUpstream.write(socket, "b\r\ndata: end\n\n\r\n0\r\n\r\n");
            }
            default -> {
                try {
                    answerWithoutEnd(socket);
                } catch (IOException cut) {
                    CUT.merge(name, 1, Integer::sum);
                    return false;
                }
            }
        }
        return true;
    }

    /** As fast as the gateway takes it, for a minute. */
    private static void answerWithoutEnd(Socket socket) throws IOException {
        RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n");
        String part = "x".repeat(65_536);
        long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (System.nanoTime() < until) {
            RawUpstream.write(socket, part);
        }
    }

    private static List<String> fields(TestAgent agent, String path) {
        return List.of("authorization", "DPoP " + agent.token(), "dpop", agent.dpop("GET", path));
    }

    @TestFactory
    List<DynamicTest> answers() {
        Together tests = new Together();
        for (boolean encrypted : List.of(false, true)) {
            tests.begin("answer of which the client takes nothing, encrypted " + encrypted, () -> untaken(encrypted));
        }
        return tests.tests();
    }

    private static void untaken(boolean encrypted) throws Exception {
        String path = DATA + "untaken-" + encrypted;
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
            List<String> fields = fields(agent, path);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields.get(0) + ": " + fields.get(1) + "\r\n"
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
            awaitUpstreamsEnd("untaken-" + encrypted, 1);
        }
    }

    /** The upstream's side of a call that was cut ends too. */
    private static void awaitUpstreamsEnd(String name, int connections) {
        await().atMost(Duration.ofSeconds(20)).until(() -> CUT.getOrDefault(name, 0) == connections);
    }

    private static double closings(RunningGateway gateway) {
        return gateway.value("errand.connections.closed", "port", "traffic", "reason", "answer");
    }

    /** The answer is reset; one to a window that is opened again is not. */
    private static void unopenedWindow(int window) {
        String path = DATA + "unopened-" + window;
        TestAgent agent = TestAgent.explore(plain, HUMAN, WORKLOADS);
        try (RawHttp2 client = RawHttp2.unopened(plain.port())) {
            client.initialWindow(window);
            RawHttp2.Stream held =
                    client.send("GET", path, true, fields(agent, path).toArray(String[]::new));
            RawHttp2.Stream slow =
                    client.send("GET", path, true, fields(agent, path).toArray(String[]::new));
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
            awaitUpstreamsEnd("unopened-" + window, 2);
        }
    }

    private static void answerComes(String name) {
        TestAgent agent = TestAgent.explore(plain, HUMAN, WORKLOADS);
        HttpResponse<String> answer = agent.get(plain, DATA + name);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("end");
    }

    /** The upstream takes nothing for longer than the deadline; the gateway stops reading, and blames nobody. */
    private static void uploadHeldUp(HttpClient client) throws Exception {
        FutureTask<Long> arrived = new FutureTask<>(ClientDeadlinesIT::takeLate);
        new Thread(arrived).start();
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
            TimeUnit.SECONDS.sleep(LONGER);
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
