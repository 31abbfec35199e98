package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lasts behind a real Envoy: event streams, WebSockets, uploads that stream, upstreams that break. */
@Tag("envoy")
class EnvoyLiveIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int INTERNAL_ERROR = 2;
    private static final long UPLOAD_BYTES = 200L << 20;

    private static final String TEMPLATE = """
            template: live
            description: Open sockets and feeds
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              ci:socket: {resource: {wildcard: true}}
              ci:feed: {resource: {wildcard: true}}
              ci:upload: {resource: {wildcard: true}}
            limits: {task: [{capacity: 1000, per: 10s}], calls: 100000}
            on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    @TempDir
    private static Path directory;

    private static RawUpstream upstream;
    private static RunningGateway gateway;
    private static Envoy envoy;

    @BeforeAll
    static void start() throws IOException {
        upstream = new RawUpstream();
        upstream.behave(EnvoyLiveIT::answer);
        Path socket = directory.resolve("decide.sock");
        String catalogue = Files.readString(RunningGateway.repository().resolve("config/operations/ci.yaml"))
                .replaceAll(", params: \\{[^}]*\\}", "")
                .replaceAll("(?m)^    params: .*\n", "");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "operations/ci.yaml",
                        catalogue
                                + "  - {id: socket, match: {method: GET, path: \"/socket/{name}\"}, effect: connect, resource: \"{name}\"}\n"
                                + "  - {id: feed, match: {method: GET, path: \"/feed/{name}\"}, effect: read, resource: \"{name}\"}\n"
                                + "  - {id: upload, match: {method: PUT, path: \"/upload/{name}\"}, effect: write, resource: \"{name}\"}\n")
                .file("tasks/live.yaml", TEMPLATE)
                .file(
                        "application.yaml",
                        AskedRoutesFile.with("ci")
                                .replace("errand-cluster: ci}", "errand-cluster: ci, errand-body: stream}"))
                .property("ci.uri", upstream.uri())
                .property("errand.decision-service.listen", "unix:" + socket)
                .start();
        envoy = Envoy.before(
                gateway,
                directory,
                List.of("--ci.uri=" + upstream.uri(), "--errand.decision-service.listen=unix:" + socket));
    }

    @AfterAll
    static void stop() {
        envoy.close();
        gateway.close();
        upstream.close();
    }

    private static boolean answer(Socket socket, String head) throws Exception {
        if (head.contains("/feed/reset ")) {
            return RawUpstream.reset(socket);
        }
        if (head.contains("/socket/")) {
            String key = head.replaceAll("(?is).*sec-websocket-key: *(\\S+).*", "$1");
            byte[] accept = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                            + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n");
            RawUpstream.write(socket, "\u0081\u0005hello");
            TimeUnit.MINUTES.sleep(1);
            return false;
        }
        RawUpstream.write(
                socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 1200; i++) {
            RawUpstream.write(socket, "9\r\ndata: x\n\n\r\n");
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return false;
    }

    private static TestAgent agent() {
        return TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"live\"}");
    }

    private static Socket send(TestAgent agent, String method, String path, String lines) throws IOException {
        return send(envoy.port(), agent, method, path, lines);
    }

    private static Socket send(int port, TestAgent agent, String method, String path, String lines) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.getOutputStream()
                .write((method + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token()
                                + "\r\nDPoP: " + agent.dpop(method, path) + "\r\n" + lines + "\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static String readUntil(Socket socket, String text) throws IOException {
        socket.setSoTimeout(10_000);
        StringBuilder read = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (read.indexOf(text) < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("ended after " + read);
            }
            read.append((char) c);
        }
        return read.toString();
    }

    /** How long the connection goes on; all that still comes is read. */
    private static Duration endsAfter(Socket socket) throws IOException {
        long begun = System.nanoTime();
        socket.setSoTimeout(10_000);
        try {
            byte[] buffer = new byte[8192];
            String last = "";
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                last = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
            }
            assertThat(last).doesNotEndWith("0\r\n\r\n");
        } catch (SocketTimeoutException goesOn) {
            return Duration.ofDays(1);
        } catch (IOException reset) {
            // That is an end, too.
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Test
    void eventStream_passes_andIsCutWithinASecondAfterItsTaskEnds() throws Exception {
        TestAgent agent = agent();
        try (Socket socket = send(agent, "GET", "/ci/api/v1/feed/a", "")) {
            assertThat(readUntil(socket, "data: x")).startsWith("HTTP/1.1 200");
            agent.end(gateway);
            assertThat(endsAfter(socket)).isLessThan(Duration.ofMillis(1500));
        }
    }

    @Test
    void eventStreamOverHttp2_isReset_whenItsTaskEnds() {
        TestAgent agent = agent();
        String path = "/ci/api/v1/feed/a";
        try (RawHttp2 client = RawHttp2.cleartext(envoy.port())) {
            RawHttp2.Stream stream = client.send(
                    "GET", path, true, "authorization", "DPoP " + agent.token(), "dpop", agent.dpop("GET", path));
            assertThat(client.await(Duration.ofSeconds(10), () -> stream.text().contains("data: x")))
                    .isTrue();
            agent.end(gateway);
            assertThat(client.await(Duration.ofMillis(1500), stream::isOver)).isTrue();
            assertThat(stream.whole).isFalse();
            assertThat(stream.reset).isEqualTo(INTERNAL_ERROR);
        }
    }

    @Test
    void webSocket_opens_andIsCutWithItsTask() throws Exception {
        TestAgent agent = agent();
        try (Socket socket = send(
                agent,
                "GET",
                "/ci/api/v1/socket/a",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")) {
            assertThat(readUntil(socket, "hello")).startsWith("HTTP/1.1 101");
            agent.end(gateway);
            assertThat(endsAfter(socket)).isLessThan(Duration.ofMillis(1500));
        }
    }

    @Test
    void upload_streams() throws Exception {
        TestAgent agent = agent();
        try (LargeUpstream large = new LargeUpstream();
                Envoy own = Envoy.before(
                        gateway,
                        directory,
                        List.of(
                                "--ci.uri=" + large.uri(),
                                "--errand.decision-service.listen=unix:" + directory.resolve("decide.sock")));
                Socket socket = send(
                        own.port(), agent, "PUT", "/ci/api/v1/upload/a", "Content-Length: " + UPLOAD_BYTES + "\r\n")) {
            byte[] part = new byte[1 << 20];
            for (long sent = 0; sent < UPLOAD_BYTES; sent += part.length) {
                socket.getOutputStream().write(part);
            }
            assertThat(readUntil(socket, "{}")).startsWith("HTTP/1.1 200");
            assertThat(large.read()).isEqualTo(UPLOAD_BYTES);
        }
    }

    /** Counts the bytes of one body. */
    private static final class LargeUpstream implements AutoCloseable {
        private final ServerSocket server;
        private volatile long read;

        LargeUpstream() throws IOException {
            server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            Thread thread = new Thread(this::serve, "large-upstream");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) in.read());
                }
                byte[] buffer = new byte[1 << 16];
                long all = 0;
                while (all < UPLOAD_BYTES) {
                    int n = in.read(buffer);
                    if (n < 0) {
                        return;
                    }
                    all += n;
                }
                read = all;
                RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                socket.getInputStream().read();
            } catch (IOException closed) {
                // The test is over.
            }
        }

        long read() {
            return read;
        }

        String uri() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Test
    void upstreamThatBreaks_isAnUnknownOutcome_andErrandsAnswer() throws Exception {
        TestAgent agent = agent();
        try (Socket socket = send(agent, "GET", "/ci/api/v1/feed/reset", "Connection: close\r\n")) {
            RawHttp.Response answer = RawHttp.parse(socket.getInputStream());
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.header("Errand-Code")).isEqualTo("upstream-unavailable");
            assertThat(answer.header("Errand-Sent")).isEqualTo("maybe");
            assertThat(gateway.records())
                    .anyMatch(line -> line.contains("\"kind\":\"outcome\"")
                            && line.contains(String.valueOf(answer.header("Errand-Decision")))
                            && line.contains("\"upstream_status\":null"));
        }
    }
}
