package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    @CsvSource({"GET /vault/%zz HTTP/1.1", "GET /vault/%2 HTTP/1.1", "GET /vault/a|b^c HTTP/1.1"})
    void target_thatIsNoUri_is400(String line) {
        String request = line + "\r\nHost: x\r\nConnection: close\r\n\r\n";
        var answer = RawHttp.exchange(gateway.port(), request.getBytes(StandardCharsets.US_ASCII));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(upstream.seen()).isEmpty();
    }
}
