package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WebSockets by the JDK's client through the gateway: opened upstream first, relayed frame by frame, cut with 1008. */
class WebSocketIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static final String TEMPLATE = """
            template: sockets
            description: Open sockets, then trigger a pipeline
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            delegation: {max-depth: 3, max-children: 100}
            allow:
              ci:socket: {resource: {wildcard: true}}
              ci:feed: {resource: {wildcard: true}}
              ci:pipeline.trigger: {resource: {wildcard: true}}
            limits: {task: [{capacity: 1000, per: 10s}], calls: 100000}
            on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    private static final List<WebSocket> OPEN = new CopyOnWriteArrayList<>();

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static SocketUpstream upstream;
    private static RunningGateway one;
    private static RunningGateway two;

    @BeforeAll
    static void start() throws IOException {
        redis = new SharedRedis(directory);
        upstream = new SocketUpstream();
        one = replica();
        two = replica();
    }

    private static RunningGateway replica() throws IOException {
        String catalogue = Files.readString(RunningGateway.repository().resolve("config/operations/ci.yaml"));
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "operations/ci.yaml",
                        catalogue
                                + "  - {id: socket, match: {method: GET, path: \"/socket/{name}\"}, effect: connect, resource: \"{name}\"}\n"
                                + "  - {id: feed, match: {method: GET, path: \"/feed/{name}\"}, effect: read, resource: \"{name}\"}\n")
                .file("tasks/sockets.yaml", TEMPLATE)
                .file(
                        "tasks/brief-sockets.yaml",
                        TEMPLATE.replace("template: sockets", "template: brief-sockets")
                                + "streams: {max: 2, each: 4s}\n")
                .file(
                        "tasks/planned-sockets.yaml",
                        TEMPLATE.replace("template: sockets", "template: planned-sockets")
                                + "sequence: [ci:socket, ci:pipeline.trigger]\n")
                .sharing(redis, redis.keys())
                .property("ci.uri", upstream.uri())
                // None of these is for what was upgraded.
                .property("errand.server.header", "1s")
                .property("errand.server.idle", "1s")
                .property("errand.server.progress", "1s")
                .start();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        upstream.close();
        redis.close();
    }

    @AfterEach
    void leaveNoneOpen() {
        OPEN.forEach(WebSocket::abort);
        OPEN.clear();
    }

    private static TestAgent agent(String template) {
        return TestAgent.start(
                one, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"" + template + "\"}");
    }

    /** What a client's socket hears. */
    private static final class Heard implements WebSocket.Listener {
        final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            events.add("binary " + data.remaining() + (last ? "" : "+"));
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            events.add("pong " + StandardCharsets.UTF_8.decode(message));
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            events.add("close " + code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add("error " + error);
        }

        String next(long millis) throws InterruptedException {
            return String.valueOf(events.poll(millis, TimeUnit.MILLISECONDS));
        }
    }

    private record Open(WebSocket socket, Heard heard) {}

    private static Open open(RunningGateway gateway, TestAgent agent, String path, String... protocols)
            throws Exception {
        Heard heard = new Heard();
        WebSocket.Builder builder = TestAgent.HTTP
                .newWebSocketBuilder()
                .header("Authorization", "DPoP " + agent.token())
                .header("DPoP", agent.dpop("GET", path));
        if (!agent.ancestors().isEmpty()) {
            builder.header("Delegation-Chain", String.join(", ", agent.ancestors()));
        }
        if (protocols.length > 0) {
            builder.subprotocols(
                    protocols[0],
                    List.of(protocols).subList(1, protocols.length).toArray(new String[0]));
        }
        WebSocket socket = builder.buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + path), heard)
                .get(20, TimeUnit.SECONDS);
        OPEN.add(socket);
        return new Open(socket, heard);
    }

    private static List<String> handshake(TestAgent agent, String path, String... more) {
        List<String> lines = new ArrayList<>(List.of(
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Authorization: DPoP " + agent.token(),
                "DPoP: " + agent.dpop("GET", path)));
        lines.addAll(List.of(more));
        return lines;
    }

    /** As RawHttp, without its Connection: close. */
    private static RawHttp.Response raw(TestAgent agent, String path, List<String> lines) {
        String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", lines) + "\r\n\r\n";
        return RawHttp.exchange(one.port(), request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String code(RawHttp.Response answer) {
        return String.valueOf(TestAgent.json(answer.body()).string("code"));
    }

    @Test
    void socket_open_relaysFramesPingsAndSubprotocol() throws Exception {
        Open open = open(one, agent("sockets"), "/ci/api/v1/socket/echo", "unknown.v9", "chat.v2");
        assertThat(open.socket().getSubprotocol()).isEqualTo("chat.v2");
        open.socket().sendText("hello", true).get(5, TimeUnit.SECONDS);
        assertThat(open.heard().next(5000)).isEqualTo("text hello");
        open.socket().sendText("in ", false).get(5, TimeUnit.SECONDS);
        open.socket().sendText("parts", true).get(5, TimeUnit.SECONDS);
        assertThat(open.heard().next(5000)).isEqualTo("text in parts");
        open.socket().sendBinary(ByteBuffer.allocate(60_000), true).get(5, TimeUnit.SECONDS);
        long bytes = 0;
        while (bytes < 60_000) {
            String event = open.heard().next(5000);
            assertThat(event).startsWith("binary ");
            bytes += Long.parseLong(event.substring(7).replace("+", ""));
        }
        open.socket().sendPing(ByteBuffer.wrap(new byte[] {'p'})).get(5, TimeUnit.SECONDS);
        assertThat(open.heard().next(5000)).isEqualTo("pong p");
        upstream.closed.clear();
        open.socket().sendClose(3001, "enough").get(5, TimeUnit.SECONDS);
        assertThat(upstream.closed.poll(5, TimeUnit.SECONDS)).isEqualTo("3001 enough");
    }

    @Test
    void handshake_toTheUpstream_carriesOurHeadersAndNoneOfTheAgents() throws Exception {
        upstream.heads.clear();
        open(one, agent("sockets"), "/ci/api/v1/socket/echo").socket().abort();
        String head = upstream.heads.get(0).toLowerCase(Locale.ROOT);
        assertThat(head)
                .contains("\ntxn-token: ey")
                .contains("\nsignature: errand=:")
                .contains("\ntraceparent: 00-")
                .contains("\nauthorization: bearer replace-me-ci")
                .contains("\nupgrade: websocket")
                .doesNotContain("dpop")
                .doesNotContain("\norigin:")
                .doesNotContain("sec-websocket-extensions");
    }

    @Test
    void handshake_credentialAmongTheSubprotocols_endsHere() throws Exception {
        upstream.heads.clear();
        Open open = open(
                one,
                agent("sockets"),
                "/ci/api/v1/socket/echo",
                "base64url.bearer.authorization.k8s.io.c2VjcmV0",
                "chat.v2");
        assertThat(open.socket().getSubprotocol()).isEqualTo("chat.v2");
        open.socket().abort();
        assertThat(upstream.heads.get(0).toLowerCase(Locale.ROOT))
                .contains("\nsec-websocket-protocol: chat.v2")
                .doesNotContain("base64url");
    }

    @Test
    void socket_silentForLongerThanAnyDeadline_staysOpen() throws Exception {
        Open open = open(one, agent("sockets"), "/ci/api/v1/socket/echo");
        TimeUnit.MILLISECONDS.sleep(2500);
        open.socket().sendText("still here", true).get(5, TimeUnit.SECONDS);
        assertThat(open.heard().next(5000)).isEqualTo("text still here");
        open.socket().abort();
    }

    @Test
    void handshake_withABody_isMalformedAndNotSent() {
        TestAgent agent = agent("sockets");
        String path = "/ci/api/v1/socket/echo";
        upstream.heads.clear();
        RawHttp.Response sized = raw(agent, path, handshake(agent, path, "Content-Length: 5"));
        assertThat(code(sized)).isEqualTo("malformed-request");
        RawHttp.Response chunked = raw(agent, path, handshake(agent, path, "Transfer-Encoding: chunked"));
        assertThat(code(chunked)).isEqualTo("malformed-request");
        assertThat(upstream.heads).isEmpty();
    }

    @Test
    void upstream_closes_itsCodeAndReasonGoOn() throws Exception {
        Open open = open(one, agent("sockets"), "/ci/api/v1/socket/close-4001");
        assertThat(open.heard().next(5000)).isEqualTo("close 4001 done");
        Open lost = open(one, agent("sockets"), "/ci/api/v1/socket/drop");
        assertThat(lost.heard().next(5000)).startsWith("close 1014");
    }

    @Test
    void upstream_refuses_itsAnswerIsTheAgentsAndTheStepNeverHappened() throws Exception {
        TestAgent agent = agent("planned-sockets");
        String path = "/ci/api/v1/socket/refuse";
        RawHttp.Response answer = raw(agent, path, handshake(agent, path));
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).isEqualTo("{\"no\":\"entry\"}");
        assertThat(answer.header("X-Upstream")).isEqualTo("said-no");
        assertThat(one.records()).anyMatch(line -> line.contains("\"upstream_status\":403"));
        assertThat(agent.call(one, "POST", "/ci/api/v1/pipelines/payments/runs", "{}")
                        .body())
                .contains("sequence-violation");
    }

    @Test
    void upstream_opens_theStepHasHappenedBeforeTheAgentKnows() throws Exception {
        TestAgent agent = agent("planned-sockets");
        Open open = open(one, agent, "/ci/api/v1/socket/echo");
        assertThat(one.records()).anyMatch(line -> line.contains("\"upstream_status\":101"));
        assertThat(agent.call(two, "POST", "/ci/api/v1/pipelines/payments/runs", "{}")
                        .statusCode())
                .isEqualTo(200);
        open.socket().sendText("still open", true).get(5, TimeUnit.SECONDS);
        assertThat(open.heard().next(5000)).isEqualTo("text still open");
        open.socket().abort();
    }

    @Test
    void task_endsOnTheOtherReplica_bothSidesAreClosedWith1008() throws Exception {
        TestAgent agent = agent("sockets");
        upstream.closed.clear();
        Open here = open(one, agent, "/ci/api/v1/socket/echo");
        Open there = open(two, agent, "/ci/api/v1/socket/echo");
        agent.end(two);
        assertThat(here.heard().next(1000)).isEqualTo("close 1008 task-ended");
        assertThat(there.heard().next(1000)).isEqualTo("close 1008 task-ended");
        assertThat(upstream.closed.poll(1, TimeUnit.SECONDS)).isEqualTo("1008 task-ended");
        assertThat(upstream.closed.poll(1, TimeUnit.SECONDS)).isEqualTo("1008 task-ended");
    }

    @Test
    void token_revoked_itsSocketsAndThoseBelowAreClosedItsParentsStay() throws Exception {
        TestAgent root = agent("sockets");
        TestAgent child = root.child();
        TestAgent grandchild = child.child();
        Open below = open(one, grandchild, "/ci/api/v1/socket/echo");
        Open above = open(one, root, "/ci/api/v1/socket/echo");
        child.end(two);
        assertThat(below.heard().next(1000)).isEqualTo("close 1008 task-ended");
        above.socket().sendText("hello", true).get(5, TimeUnit.SECONDS);
        assertThat(above.heard().next(5000)).isEqualTo("text hello");
        above.socket().abort();
    }

    @Test
    void streams_moreThanTheTemplateAllows_areRefusedUntilOneCloses() throws Exception {
        TestAgent agent = agent("brief-sockets");
        String path = "/ci/api/v1/socket/echo";
        Open first = open(one, agent, path);
        open(one, agent, path);
        RawHttp.Response third = raw(agent, path, handshake(agent, path));
        assertThat(third.status()).isEqualTo(403);
        assertThat(code(third)).isEqualTo("budget-exhausted");
        first.socket().sendClose(1000, "").get(5, TimeUnit.SECONDS);
        assertThat(first.heard().next(5000)).startsWith("close 1000");
        // The agent hears of the close a moment before the gateway is done with the call.
        Open again = openSoon(agent, path);
        assertThat(again.heard().next(6000)).as("each: 4s").isEqualTo("close 1008 budget-exhausted");
    }

    /** Opens a socket; a refusal counts against the task, so it is asked three times and no more. */
    private static Open openSoon(TestAgent agent, String path) throws Exception {
        for (int refused = 0; ; refused++) {
            try {
                return open(one, agent, path);
            } catch (ExecutionException refusal) {
                if (refused == 2) {
                    throw refusal;
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    @Test
    void store_isAwayForASecond_socketsAreClosed() throws Exception {
        Open open = open(one, agent("sockets"), "/ci/api/v1/socket/echo");
        Process stop = new ProcessBuilder("kill", "-STOP", Long.toString(redis.pid())).start();
        try {
            assertThat(stop.waitFor()).isZero();
            assertThat(open.heard().next(2500)).isEqualTo("close 1008 decision-unavailable");
        } finally {
            new ProcessBuilder("kill", "-CONT", Long.toString(redis.pid()))
                    .start()
                    .waitFor();
        }
        assertThat(awaitCall(agent("sockets"))).isEqualTo(200);
    }

    /** The next test finds a store that answers. */
    private static int awaitCall(TestAgent agent) {
        int status = 0;
        for (int i = 0; i < 100 && status != 200; i++) {
            status = agent.get(one, "/ci/api/v1/feed/a").statusCode();
        }
        return status;
    }

    @Test
    void upgrade_ofAnotherKindOrOperation_isMalformed() {
        TestAgent agent = agent("sockets");
        String feed = "/ci/api/v1/feed/a";
        String socket = "/ci/api/v1/socket/echo";
        assertThat(code(raw(agent, feed, handshake(agent, feed)))).isEqualTo("malformed-request");
        List<String> h2c = new ArrayList<>(handshake(agent, socket));
        h2c.set(1, "Upgrade: h2c");
        assertThat(code(raw(agent, socket, h2c))).isEqualTo("malformed-request");
        List<String> old = new ArrayList<>(handshake(agent, socket));
        old.set(2, "Sec-WebSocket-Version: 8");
        assertThat(code(raw(agent, socket, old))).isEqualTo("malformed-request");
        List<String> noKey = new ArrayList<>(handshake(agent, socket));
        noKey.remove(3);
        assertThat(code(raw(agent, socket, noKey))).isEqualTo("malformed-request");
    }

    @Test
    void upstream_hangsUpDuringTheHandshake_isUnavailable() {
        TestAgent agent = agent("sockets");
        String path = "/ci/api/v1/socket/hang-up";
        RawHttp.Response answer = raw(agent, path, handshake(agent, path));
        assertThat(answer.status()).isEqualTo(502);
        assertThat(code(answer)).isEqualTo("upstream-unavailable");
    }

    @Test
    void frame_longerThanTheLimit_endsTheSocketOnBothSides() throws Exception {
        TestAgent agent = agent("sockets");
        String path = "/ci/api/v1/socket/echo";
        upstream.closed.clear();
        try (Socket socket = new Socket("127.0.0.1", one.port())) {
            socket.setSoTimeout(10_000);
            String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", handshake(agent, path))
                    + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) socket.getInputStream().read());
            }
            assertThat(head.toString()).startsWith("HTTP/1.1 101");
            // A final binary frame, masked, of 70,000 bytes: its header is enough.
            socket.getOutputStream()
                    .write(new byte[] {(byte) 0x82, (byte) 0xFF, 0, 0, 0, 0, 0, 1, 0x11, 0x70, 1, 2, 3, 4});
            byte[] close = socket.getInputStream().readNBytes(4);
            assertThat(close[0]).isEqualTo((byte) 0x88);
            assertThat((close[2] & 0xFF) << 8 | (close[3] & 0xFF)).isEqualTo(1009);
            // This side stays open meanwhile: its end would be told to the upstream too.
            String seen = upstream.closed.poll(5, TimeUnit.SECONDS);
            while (seen != null && !seen.startsWith("1009")) {
                seen = upstream.closed.poll(5, TimeUnit.SECONDS);
            }
            assertThat(seen).startsWith("1009");
        }
    }

    @Test
    void denied_handshake_isAnHttpAnswer() {
        TestAgent agent = agent("sockets");
        agent.end(one);
        assertThatThrownBy(() -> open(one, agent, "/ci/api/v1/socket/echo"))
                .isInstanceOfAny(ExecutionException.class, CompletionException.class)
                .hasMessageContaining("WebSocketHandshakeException");
    }
}
