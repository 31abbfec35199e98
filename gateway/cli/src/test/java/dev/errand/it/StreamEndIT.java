package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A stream that has ended, whoever ended it, takes no place of {@code streams.max}, though no byte flows on it. */
class StreamEndIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String PATH = "/mcp";
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String EVENT = "a\r\ndata: {}\n\n\r\n";
    private static final String TEMPLATE = """
            template: ask
            description: Use an MCP server
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            streams: {max: 2, each: 30m}
            allow:
              tools:session.stream: {}
            limits: {calls: 1000}
            on-violation: {repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    private static RawUpstream upstream;
    private static RunningGateway gateway;

    private TestAgent agent;

    @BeforeAll
    static void start() throws IOException {
        upstream = new RawUpstream();
        String application = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        application.replace(
                                "\nerrand:\n",
                                "    - id: tools\n      uri: " + upstream.uri()
                                        + "\n      predicates: [Path=/mcp]\n      filters: [OperationMapping=tools]\n\nerrand:\n"))
                .file("tasks/ask.yaml", TEMPLATE)
                .property("server.http2.enabled", "true")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void task() {
        agent = TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"ask\"}");
        silent();
    }

    /** Says one event, and then nothing until the gateway leaves. */
    private static void silent() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, HEAD + EVENT);
            return true;
        });
    }

    private Socket stream() throws IOException {
        Socket socket = new Socket("127.0.0.1", gateway.port());
        String request = "GET " + PATH + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: DPoP "
                + agent.token() + "\r\nDPoP: " + agent.dpop("GET", PATH) + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** Reads what comes until the text is in it, the connection ends or the time is over. */
    private static String read(Socket socket, String until) throws IOException {
        StringBuilder read = new StringBuilder();
        socket.setSoTimeout(5000);
        byte[] buffer = new byte[4096];
        while (read.indexOf(until) < 0) {
            int n;
            try {
                n = socket.getInputStream().read(buffer);
            } catch (SocketTimeoutException over) {
                break;
            }
            if (n < 0) {
                break;
            }
            read.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
        }
        return read.toString();
    }

    private List<Socket> open(int count, String until) throws IOException {
        List<Socket> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket socket = stream();
            assertThat(read(socket, until)).startsWith("HTTP/1.1 200").contains(until);
            streams.add(socket);
        }
        return streams;
    }

    private void assertPlaceIsFree() {
        silent();
        await().atMost(Patience.of(Duration.ofSeconds(5))).until(() -> {
            try (Socket further = stream()) {
                return read(further, "data: {}").startsWith("HTTP/1.1 200");
            }
        });
    }

    @Test
    void asManyAsAllowedAreOpen_furtherIsRefused() throws Exception {
        List<Socket> open = open(2, "data: {}");
        try (Socket further = stream()) {
            assertThat(read(further, "budget-exhausted")).startsWith("HTTP/1.1 403");
        } finally {
            close(open);
        }
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void agentClosedItsConnection_placeIsFree() throws Exception {
        close(open(2, "data: {}"));
        assertPlaceIsFree();
    }

    @Test
    void agentClosedAStreamWithoutAByte_placeIsFree() throws Exception {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, HEAD);
            return true;
        });
        close(open(2, "\r\n\r\n"));
        assertPlaceIsFree();
    }

    @Test
    void agentResetItsConnection_placeIsFree() throws Exception {
        for (Socket socket : open(2, "data: {}")) {
            RawUpstream.reset(socket);
        }
        assertPlaceIsFree();
    }

    @Test
    void agentClosedBeforeTheUpstreamAnswered_placeIsFree() throws Exception {
        upstream.behave((socket, head) -> true);
        List<Socket> open = List.of(stream(), stream());
        Thread.sleep(500);
        close(open);
        assertPlaceIsFree();
    }

    /** While the call is read, verified, decided or sent: whatever the agent's leaving meets. */
    @Test
    void agentClosedAtOnceOrSoon_placeIsFree() throws Exception {
        for (int i = 0; i < 40; i++) {
            Socket socket = stream();
            Thread.sleep(i % 20);
            if (i % 2 == 0) {
                socket.close();
            } else {
                RawUpstream.reset(socket);
            }
        }
        assertPlaceIsFree();
    }

    /** As MCP's servers do at the end of a session: the head, then nothing, then the end. */
    @Test
    void upstreamEndedAnAnswerWithoutAByte_placeIsFree() throws Exception {
        for (int i = 0; i < 30; i++) {
            int millis = i % 15;
            upstream.behave((socket, head) -> {
                RawUpstream.write(socket, HEAD);
                Thread.sleep(millis);
                RawUpstream.write(socket, "0\r\n\r\n");
                return true;
            });
            try (Socket socket = stream()) {
                assertThat(read(socket, "\r\n0\r\n\r\n")).startsWith("HTTP/1.1 200");
            }
        }
        assertPlaceIsFree();
    }

    @Test
    void upstreamEndsAnAnswerWhileTheAgentLeaves_placeIsFree() throws Exception {
        for (int i = 0; i < 40; i++) {
            upstream.behave((socket, head) -> {
                RawUpstream.write(socket, HEAD);
                Thread.sleep(20);
                RawUpstream.write(socket, "0\r\n\r\n");
                return true;
            });
            Socket socket = stream();
            Thread.sleep(10 + i);
            socket.close();
        }
        assertPlaceIsFree();
    }

    @Test
    void upstreamEndedTheAnswer_agentKeepsItsConnection_placeIsFree() throws Exception {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, HEAD + EVENT + "0\r\n\r\n");
            return true;
        });
        List<Socket> open = open(2, "\r\n0\r\n\r\n");
        assertPlaceIsFree();
        close(open);
    }

    @Test
    void upstreamClosed_agentKeepsItsConnection_placeIsFree() throws Exception {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\n");
            return false;
        });
        List<Socket> open = open(2, "data: {}");
        assertPlaceIsFree();
        close(open);
    }

    @Test
    void http2_agentClosedItsConnection_placeIsFree() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (RawHttp2 connection = RawHttp2.cleartext(gateway.port())) {
                open(connection);
            }
        }
        assertPlaceIsFree();
    }

    @Test
    void http2_agentResetItsStreams_placeIsFree() throws Exception {
        try (RawHttp2 connection = RawHttp2.cleartext(gateway.port())) {
            for (int i = 0; i < 2; i++) {
                connection.reset(open(connection));
            }
            assertPlaceIsFree();
        }
    }

    private RawHttp2.Stream open(RawHttp2 connection) {
        RawHttp2.Stream stream = connection.send(
                "GET", PATH, true, "authorization", "DPoP " + agent.token(), "dpop", agent.dpop("GET", PATH));
        assertThat(connection.await(Duration.ofSeconds(5), () -> stream.text().contains("data: {}")))
                .isTrue();
        return stream;
    }
}
