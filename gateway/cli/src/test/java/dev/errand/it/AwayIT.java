package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A start that needs what does not answer says which kind of thing is away, at once, and the log names it. */
@ExtendWith(OutputCaptureExtension.class)
class AwayIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    /** Takes connections and answers nothing. */
    private static final class Silent implements AutoCloseable {
        private final ServerSocket server;
        private final List<Socket> taken = new ArrayList<>();

        Silent() throws IOException {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread thread = new Thread(() -> {
                try {
                    while (true) {
                        taken.add(server.accept());
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }

    private static void refused(RunningGateway gateway, String kind) {
        for (int i = 0; i < 2; i++) {
            long before = System.nanoTime();
            HttpResponse<String> answer = TokenCall.start(HUMAN, WORKLOADS).send(gateway);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Patience.of(Duration.ofSeconds(5)));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            JsonObject body = TestAgent.json(answer.body());
            assertThat(body.string("error")).isEqualTo("temporarily_unavailable");
            assertThat(body.string("error_description"))
                    .contains(kind)
                    .doesNotContain("idp.example.org", "127.0.0.1", "example.org");
            assertThat(Objects.requireNonNull(
                            answer.headers().firstValue("Retry-After").orElse(null)))
                    .isNotEmpty();
        }
    }

    @Test
    void start_whoseIdentityProviderHangs_namesIt(CapturedOutput output) throws Exception {
        try (Silent idp = new Silent();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(HUMAN, WORKLOADS)
                        .property("errand.trust.humans[0].issuer", "https://idp.example.org")
                        .property("errand.trust.humans[0].jwks", idp.url() + "/jwks")
                        .property("errand.trust.humans[0].audience", "errand")
                        .start()) {
            refused(gateway, "identity provider");
            assertThat(output.getOut()
                            .lines()
                            .filter(line -> line.contains("WARN") && line.contains("idp.example.org")))
                    .isNotEmpty()
                    .allMatch(line -> line.contains("identity provider"));
        }
    }
}
