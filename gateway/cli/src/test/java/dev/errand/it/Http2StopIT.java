package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that stops ends event streams at once by HTTP/2 too. */
class Http2StopIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    static Path directory;

    @Test
    void stop_eventStreamOpen_isResetAtOnceAndTheConnectionClosed() throws Exception {
        TestTls tls = new TestTls(directory);
        try (RawUpstream upstream = new RawUpstream();
                RunningGateway gateway = tls.on(RunningGateway.with()
                                .trusting(HUMAN, WORKLOADS)
                                .property("vault.uri", upstream.uri())
                                .property("server.http2.enabled", "true"))
                        .start()) {
            upstream.behave((socket, head) -> {
                RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
                for (int i = 0; i < 600; i++) {
                    RawUpstream.write(socket, "data: x\n\n");
                    Thread.sleep(50);
                }
                return false;
            });
            TestAgent agent = TestAgent.explore(gateway, tls.http2(), HUMAN, WORKLOADS, TestKey.p256("agent"));
            try (RawHttp2 connection = RawHttp2.open(tls.context(), gateway.port())) {
                RawHttp2.Stream stream = connection.send(
                        "GET",
                        TestAgent.READ,
                        true,
                        "authorization",
                        "DPoP " + agent.token(),
                        "dpop",
                        agent.dpop("GET", TestAgent.READ));
                assertThat(connection.await(
                                Duration.ofSeconds(20), () -> stream.text().contains("data: x")))
                        .isTrue();
                Thread stopper = new Thread(() -> gateway.context().close());
                stopper.start();
                assertThat(connection.await(Duration.ofSeconds(5), stream::isOver))
                        .isTrue();
                assertThat(stream.reset).isNotNull();
                assertThat(stream.whole).isFalse();
                assertThat(connection.await(Duration.ofSeconds(10), connection::closed))
                        .isTrue();
                stopper.join(20_000);
                assertThat(stopper.isAlive()).isFalse();
            }
        }
    }
}
