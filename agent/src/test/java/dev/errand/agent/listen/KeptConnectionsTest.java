package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answers of the companion's own end the connection. */
@Execution(ExecutionMode.CONCURRENT)
class KeptConnectionsTest {
    private static final String EXPECTS = " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n";

    private static String gone() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + free.getLocalPort();
        }
    }

    /** A client that keeps such a connection would send its next request where the body is expected. */
    @ParameterizedTest
    @CsvSource({"POST, X-A: b, 502", "PUT, X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER, 400"})
    void toolThatWaitsForLeave_losesItsConnectionWithTheAnswer(String method, String header, int status)
            throws Exception {
        try (TestCompanion companion = new TestCompanion(gone(), Duration.ZERO)) {
            assertThat(companion.raw(method + " " + TestCompanion.SECRET + "/a" + EXPECTS + header + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 " + status)
                    .containsIgnoringCase("connection: close");
        }
    }

    @Test
    void whoDoesNotKnowTheSecret_keepsNoConnection() throws Exception {
        Guard guard = request -> dev.errand.agent.call.OwnAnswer.text(HttpResponseStatus.UNAUTHORIZED, "who");
        try (TestCompanion companion = new TestCompanion(gone(), Duration.ZERO);
                TestCompanion root = new TestCompanion(gone(), Duration.ZERO, List.of(), guard, "/registry")) {
            assertThat(companion.raw("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .startsWith("HTTP/1.1 404")
                    .containsIgnoringCase("connection: close");
            assertThat(root.raw("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .startsWith("HTTP/1.1 401")
                    .containsIgnoringCase("connection: close");
        }
    }

    @Test
    void silentConnections_keepNoToolOut() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (TestCompanion companion = new TestCompanion(gone(), Duration.ZERO)) {
            for (int i = 0; i < 1_100; i++) {
                silent.add(companion.connect());
            }
            for (int i = 0; i < 3; i++) {
                assertThat(companion.raw("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 404");
            }
            assertThat(silent.get(0).getInputStream().read()).isEqualTo(-1);
        } finally {
            for (Socket each : silent) {
                each.close();
            }
        }
    }

    @Test
    void answersBelow200_keepTheirHeaders() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.write(
                            "HTTP/1.1 103 Early Hints\r\nLink: <" + request.header("Host") + ">; rel=preload\r\n\r\n");
                    request.answer(200, "", "done");
                });
                TestCompanion companion = new TestCompanion(gateway.url(), Duration.ZERO)) {
            assertThat(companion.raw(
                            "GET " + TestCompanion.SECRET + "/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 103")
                    .contains("rel=preload")
                    .contains("HTTP/1.1 200")
                    .endsWith("done");
        }
    }
}
