package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The one host that a request names (RFC 9112 section 3.2, RFC 9113 section 8.3.1): any other is refused before routing. */
class HostIT {
    private static final String PATH = "/vault/v1/secret/data/docs/payments/a";

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg())
                .upstream(upstream)
                .property("server.http2.enabled", "true")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static RawHttp.Response raw(String version, String... lines) {
        String request = "GET " + PATH + ' ' + version + "\r\n"
                + String.join(
                        "", List.of(lines).stream().map(line -> line + "\r\n").toList())
                + "Connection: close\r\n\r\n";
        return RawHttp.exchange(gateway.port(), request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void bare400(RawHttp.Response answer) {
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("Errand-Decision")).isNull();
    }

    @Test
    void host_absent_is400() {
        bare400(raw("HTTP/1.1"));
        bare400(raw("HTTP/1.1", "X-Host: gateway.example.org"));
    }

    @Test
    void host_twice_is400_theSameOrNot() {
        bare400(raw("HTTP/1.1", "Host: gateway.example.org", "Host: gateway.example.org"));
        bare400(raw("HTTP/1.1", "Host: gateway.example.org", "host: attacker.example"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ":8080",
                "a b",
                "a,b",
                "a/b",
                "user@a",
                "a?b",
                "a#b",
                "a\\b",
                "a:b",
                "a:80:80",
                "a:65536",
                "a:999999999999",
                "a:-1",
                "[::1",
                "::1",
                "[::1]x",
                "[g::1]",
                "[]",
                "[127.0.0.1]",
                "a%zz",
                "a%2",
                "<a>",
                "\u00e4"
            })
    void host_malformed_is400(String host) {
        bare400(raw("HTTP/1.1", "Host: " + host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gateway.example.org",
                "GATEWAY.example.org:8080",
                "127.0.0.1",
                "a:0",
                "a:65535",
                "a_b-c.~d",
                "a%41",
                "[::1]",
                "[2001:db8::1]:8443",
                "[::ffff:127.0.0.1]"
            })
    void host_wellFormed_reachesTheRoute(String host) {
        assertThat(raw("HTTP/1.1", "Host: " + host).status()).isEqualTo(401);
    }

    /** HTTP/1.0 knows no Host; what it sends is still read in one way only. */
    @Test
    void http10_needsNoHost_butNoTwo() {
        assertThat(raw("HTTP/1.0").status()).isEqualTo(401);
        assertThat(raw("HTTP/1.0", "Host: a").status()).isEqualTo(401);
        bare400(raw("HTTP/1.0", "Host: a", "Host: a"));
        bare400(raw("HTTP/1.0", "Host: a b"));
    }

    /** 400, or a stream that is reset, but never a call. */
    private static int http2(boolean authority, String... more) {
        try (RawHttp2 connection = RawHttp2.cleartext(gateway.port())) {
            RawHttp2.Stream stream = authority
                    ? connection.send("GET", PATH, true, more)
                    : connection.sendWithoutAuthority("GET", PATH, true, more);
            connection.await(Duration.ofSeconds(20), stream::isOver);
            return stream.reset != null ? 400 : stream.status();
        }
    }

    @Test
    void http2_authorityOrHost_equalIfBoth() {
        assertThat(http2(true)).isEqualTo(401);
        assertThat(http2(false, "host", "gateway.invalid")).isEqualTo(401);
        assertThat(http2(true, "host", "gateway.invalid")).isEqualTo(401);
        assertThat(http2(true, "host", "GATEWAY.invalid"))
                .as("names are compared without case")
                .isEqualTo(401);

        assertThat(http2(true, "host", "attacker.example")).isEqualTo(400);
        assertThat(http2(true, "host", "gateway.invalid", "host", "attacker.example"))
                .isEqualTo(400);
        assertThat(http2(false, "host", "gateway.invalid", "host", "attacker.example"))
                .isEqualTo(400);
        assertThat(http2(false)).isEqualTo(400);
        assertThat(http2(false, "host", "a b")).isEqualTo(400);
        assertThat(http2(false, ":authority", "user@gateway.invalid")).isEqualTo(400);
        assertThat(http2(false, ":authority", "a", ":authority", "b")).isEqualTo(400);
        assertThat(upstream.seen()).isEmpty();
    }
}
