package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that stream, over plain sockets: one that repeats the gateway's credential is cut before the credential ends. */
class EchoedCredentialIT {
    private static final String TOKEN = "of-the/gateway_alone.0";

    @TempDir
    private static Path directory;

    private static RawUpstream upstream;
    private static FrontedServer fronted;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream();
        Path file = Files.writeString(directory.resolve("token"), TOKEN + '\n');
        fronted = FrontedServer.start(
                "api",
                upstream.uri(),
                FrontedServer.everything("api") + "  api:socket: {}\n",
                Map.of("errand.upstreams.api.bearer.file", "file:" + file),
                List.of("UpstreamCredential=api"),
                Map.of("operations/api.yaml", """
                        catalogue: api
                        resolver: template
                        base-path: /v1
                        operations:
                          - {id: any, match: {method: GET, path: "/{path+}"}, effect: read}
                          - {id: told, match: {method: GET, path: /told}, effect: read, returns: {note: {at: "body:/note", record: true}, more: {at: "body:/more", record: true}}}
                          - {id: socket, match: {method: GET, path: /socket}, effect: connect}
                        """));
    }

    @AfterAll
    static void stop() {
        fronted.close();
        upstream.close();
    }

    private static RawHttp.Response get(String path, String... more) {
        List<String> lines = new ArrayList<>(List.of(
                "Authorization: DPoP " + fronted.agent().token(),
                "DPoP: " + fronted.agent().dpop("GET", path)));
        lines.addAll(List.of(more));
        return RawHttp.send(fronted.gateway().port(), "GET", path, lines);
    }

    private static void chunk(Socket socket, String part) throws Exception {
        RawUpstream.write(socket, Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
    }

    private static double echoes() {
        return fronted.gateway().value("errand.credential.echoes", "route", "api");
    }

    /** The catalogue records values of this answer, which reads them before the search of the answer ends. */
    @Test
    void valueOfAnAnswer_thatHoldsTheCredential_isNotRecorded() {
        String body = "{\"more\": \"known\", \"note\": \"Bearer " + TOKEN.replace("/", "\\/") + "\"}";
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                            + body);
            return true;
        });
        assertThat(get("/api/v1/told").body()).doesNotContain("known");
        assertThat(fronted.gateway().records())
                .noneMatch(line -> line.contains(TOKEN))
                .anyMatch(line -> line.contains("\"values\":{\"api:told\":{\"more\":\"known\"}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "200 text/event-stream",
                "200 application/json",
                "200 text/plain",
                "500 text/plain",
                "404 text/event-stream"
            })
    void streamedBody_isCut_beforeTheCredentialEnds(String answered) {
        double before = echoes();
        String[] words = answered.split(" ");
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 " + words[0] + " X\r\nTransfer-Encoding: chunked\r\nContent-Type: " + words[1]
                            + "\r\n\r\n");
            chunk(socket, "data: one\n\n");
            TimeUnit.MILLISECONDS.sleep(200);
            chunk(socket, "data: " + TOKEN.substring(0, 12));
            TimeUnit.MILLISECONDS.sleep(200);
            chunk(socket, TOKEN.substring(12));
            chunk(socket, "behind it");
            RawUpstream.write(socket, "0\r\n\r\n");
            return true;
        });
        RawHttp.Response answer = get("/api/v1/a");
        assertThat(answer.status()).isEqualTo(Integer.parseInt(words[0]));
        assertThat(answer.body())
                .contains("data: one")
                .doesNotContain(TOKEN.substring(0, 4))
                .doesNotContain("behind it")
                .doesNotContain("\r\n0\r\n\r\n");
        assertThat(echoes()).isEqualTo(before + 1);
    }

    @Test
    void largeErrorOfKnownLength_isCut() {
        double before = echoes();
        String body = "x".repeat(1 << 20) + TOKEN + "x".repeat(1 << 20);
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 500 X\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            return true;
        });
        RawHttp.Response answer = get("/api/v1/a");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body().length()).isLessThan((1 << 20) + TOKEN.length());
        assertThat(answer.body()).doesNotContain(TOKEN);
        assertThat(echoes()).isEqualTo(before + 1);
    }

    @Test
    void eventStream_withoutIt_passesEventByEvent() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket, "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n");
            chunk(socket, "data: one\n\n");
            assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
            chunk(socket, "data: two\n\n");
            RawUpstream.write(socket, "0\r\n\r\n");
            return true;
        });
        try (Socket socket = new Socket("127.0.0.1", fronted.gateway().port())) {
            socket.setSoTimeout(20_000);
            RawUpstream.write(
                    socket,
                    "GET /api/v1/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: DPoP "
                            + fronted.agent().token() + "\r\nDPoP: "
                            + fronted.agent().dpop("GET", "/api/v1/a") + "\r\n\r\n");
            StringBuilder all = new StringBuilder();
            byte[] buffer = new byte[4096];
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                all.append(new String(buffer, 0, n, java.nio.charset.StandardCharsets.UTF_8));
                if (all.indexOf("data: one") >= 0) {
                    seen.countDown();
                }
            }
            assertThat(all.toString()).contains("data: two");
        }
    }

    @Test
    void refusedHandshake_withIt_is502() {
        double before = echoes();
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 403 X\r\nX-Echo: " + TOKEN + "\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        RawHttp.Response answer = get(
                "/api/v1/socket",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");
        assertThat(answer.status()).as("%s", answer).isEqualTo(502);
        assertThat(answer.header("X-Echo")).isNull();
        assertThat(echoes()).isEqualTo(before + 1);
    }

    @Test
    void openedHandshake_withIt_is502() {
        double before = echoes();
        upstream.behave((socket, head) -> {
            String key = head.replaceAll("(?is).*\\r\\nsec-websocket-key: ([^\\r]+)\\r.*", "$1");
            byte[] sha1 = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Echo: " + TOKEN
                            + "\r\nSec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(sha1) + "\r\n\r\n");
            return true;
        });
        RawHttp.Response answer = get(
                "/api/v1/socket",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");
        assertThat(answer.status()).as("%s", answer).isEqualTo(502);
        assertThat(answer.header("Errand-Sent")).isEqualTo("maybe");
        assertThat(echoes()).isEqualTo(before + 1);
    }

    @Test
    void trailer_withIt_doesNotPass() {
        double before = echoes();
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\nContent-Type: application/grpc\r\n\r\n");
            chunk(socket, "one");
            RawUpstream.write(socket, "0\r\nX-End: " + TOKEN + "\r\n\r\n");
            return true;
        });
        RawHttp.Response answer = get("/api/v1/a", "TE: trailers");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain(TOKEN);
        assertThat(echoes()).isEqualTo(before + 1);
    }
}
