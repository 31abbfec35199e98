package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server answers before any route is found: a bare status without a body. */
class BeforeRoutingIT {
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg())
                .upstream(upstream)
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static void bare(RawHttp.Response answer, int status) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).isEmpty();
        assertThat(upstream.seen()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"GET,/", "GET,/nowhere", "POST,/vaults/v1", "GET,/actuator/health", "DELETE,/VAULT/v1/secret"})
    void request_withoutRoute_is404(String method, String target) {
        bare(RawHttp.send(gateway.port(), method, target, List.of()), 404);
    }

    @Test
    void line_ofMoreThan16KiB_is414() {
        bare(RawHttp.send(gateway.port(), "GET", "/vault/" + "a".repeat(17 << 10), List.of()), 414);
    }

    @Test
    void headers_ofMoreThan64KiB_are431() {
        bare(RawHttp.send(gateway.port(), "GET", "/vault/v1", List.of("X-Padding: " + "a".repeat(65 << 10))), 431);
    }

    @Test
    void headers_ofAlmost64KiB_reachTheRoute() {
        var answer = RawHttp.send(gateway.port(), "GET", "/vault/v1", List.of("X-Padding: " + "a".repeat(60 << 10)));
        assertThat(answer.status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip, chunked",
                "gzip",
                "chunked, chunked",
                "identity",
                "chunked\r\nTransfer-Encoding: chunked",
                "chunked;a=b",
                "xchunked",
                "chunked,"
            })
    void transferEncoding_thatIsNotChunked_is400_andEndsTheConnection(String coding) throws Exception {
        String request = "POST /vault/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + coding
                + "\r\n\r\n0\r\n\r\nGET /vault/v1 HTTP/1.1\r\nHost: x\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answers).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chunked", "Chunked", "CHUNKED", " chunked "})
    void transferEncoding_chunkedInAnyCase_reachesTheRoute(String coding) {
        String request = "POST /vault/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: " + coding
                + "\r\n\r\n0\r\n\r\n";
        assertThat(RawHttp.exchange(gateway.port(), request.getBytes(StandardCharsets.US_ASCII))
                        .status())
                .isEqualTo(401);
    }

    /** @param host what it names beside its target */
    private static RawHttp.Response line(String line, String host) {
        String request = line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
        return RawHttp.exchange(gateway.port(), request.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /vault/%zz",
                "GET /vault/%2",
                "GET /vault/a|b^c",
                "GET http://",
                "GET http:///vault/v1",
                "GET http://[::1",
                "GET http://[::1/vault/v1",
                "GET http://[::1]:/x",
                "GET http://x:99999999/x",
                "GET http://x:80:80/x",
                "GET http://x:/x",
                "GET http://ho st/x",
                "GET http://user@x/x",
                "GET http://y/vault/v1",
                "GET http:/vault/v1",
                "GET http:x",
                "GET ftp://x/vault/v1",
                "GET vault/v1",
                "GET x",
                "GET ?x",
                "GET *",
                "CONNECT x:80"
            })
    void target_thatIsNoUriOfTheHost_is400(String line) {
        bare(line(line, "x"), 400);
    }

    @ParameterizedTest
    @CsvSource({
        "GET http://x,               x,      404",
        "GET http://x?a,             x,      404",
        "GET http://x/nowhere,       x,      404",
        "GET HTTPS://X:8080/nowhere, x:8080, 404",
        "GET http://[::1]:80/x,      [::1]:80, 404",
        "GET http://x/vault/v1,      x,      401",
        "OPTIONS *,                  x,      404"
    })
    void target_ofTheHost_isRouted(String line, String host, int status) {
        RawHttp.Response answer = line(line, host);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(upstream.seen()).isEmpty();
    }
}
