package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.redis.RedisProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gateway that gets SIGTERM: readiness is down first, calls are served on, and what runs comes to its end. */
class DrainIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Duration DRAIN = Duration.ofSeconds(3);

    private volatile Duration delay = Duration.ZERO;
    private RecordingUpstream upstream;
    private GatewayProcess gateway;
    private int management;
    private TestAgent agent;

    @BeforeEach
    void start() throws Exception {
        upstream = new RecordingUpstream();
        upstream.answer(request -> RecordingUpstream.Answer.of(200, "{}").after(delay));
        management = FreePort.next();
        gateway = new GatewayProcess(RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("server.http2.enabled", "true")
                .property("management.server.port", Integer.toString(management))
                .property("errand.drain", DRAIN.toSeconds() + "s"));
        TestKey key = TestKey.ed25519("agent");
        JsonObject started = new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .start(
                        key.agent(),
                        new AgentClient.Start(
                                HUMAN.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object(TestAgent.EXPLORE),
                                null));
        agent = new TestAgent(key, String.valueOf(started.string("access_token")), List.of());
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        upstream.close();
    }

    private byte[] request() {
        return ("GET " + TestAgent.READ + " HTTP/1.1\r\nHost: 127.0.0.1:"
                        + gateway.address().getPort() + "\r\nAuthorization: DPoP " + agent.token() + "\r\nDPoP: "
                        + agent.dpop("GET", TestAgent.READ) + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private RawHttp.Response send(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(request());
        return RawHttp.parse(socket.getInputStream());
    }

    private Socket connect() throws IOException {
        return new Socket("127.0.0.1", gateway.address().getPort());
    }

    /** The status of the probe; 0 where nothing answers. */
    private int readiness() throws InterruptedException {
        try {
            return TestAgent.HTTP
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + management + "/actuator/health/readiness"))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException away) {
            return 0;
        }
    }

    @Test
    void sigterm_servesOnWithReadinessDown_tellsConnectionsToEnd_andWaitsForWhatRuns() throws Exception {
        RedisProcess.until("the gateway is ready", () -> readiness() == 200);
        try (Socket kept = connect();
                RawHttp2 http2 = RawHttp2.cleartext(gateway.address().getPort())) {
            RawHttp.Response before = send(kept);
            assertThat(before.status()).isEqualTo(200);
            assertThat(before.header("Connection")).isNull();
            http2.end(overHttp2(http2));

            long told = System.nanoTime();
            gateway.process().destroy();
            RedisProcess.until("readiness is down", () -> readiness() == 503);
            assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(DRAIN);

            RawHttp.Response last = send(kept);
            assertThat(last.status()).isEqualTo(200);
            assertThat(last.header("Connection")).isEqualToIgnoringCase("close");
            assertThat(kept.getInputStream().read())
                    .as("the end of the connection")
                    .isEqualTo(-1);
            try (Socket late = connect()) {
                RawHttp.Response served = send(late);
                assertThat(served.status()).isEqualTo(200);
                assertThat(served.header("Connection")).isEqualToIgnoringCase("close");
            }
            assertThat(http2.await(Duration.ofSeconds(2), http2::goneAway))
                    .as("GOAWAY")
                    .isTrue();
            assertThat(gateway.process().isAlive()).isTrue();

            delay = DRAIN.plusMillis(500).minusNanos(System.nanoTime() - told);
            CompletableFuture<RawHttp.Response> slow = CompletableFuture.supplyAsync(() -> {
                try (Socket socket = connect()) {
                    return send(socket);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            RawHttp2.Stream stream = overHttp2(http2);
            assertThat(http2.end(stream).status()).isEqualTo(200);
            assertThat(slow.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - told))
                    .as("beyond the drain")
                    .isGreaterThan(DRAIN);
        }
        assertThat(gateway.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(gateway.output()).contains("stopping: readiness is down, calls are served for 3.0 s more");
    }

    private RawHttp2.Stream overHttp2(RawHttp2 connection) {
        return connection.send(
                "GET",
                TestAgent.READ,
                true,
                "authorization",
                "DPoP " + agent.token(),
                "dpop",
                agent.dpop("GET", TestAgent.READ));
    }
}
