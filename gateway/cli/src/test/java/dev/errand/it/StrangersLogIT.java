package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.FreePort;
import dev.errand.cli.AgentClient;
import dev.errand.holder.Proofs;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers can make a gateway write: to its log, and as records. */
class StrangersLogIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String HOST = "Host: x\r\n";
    private static final String CHUNKED = HOST + "Transfer-Encoding: chunked\r\n";
    private static final String FORM =
            "POST /oauth2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

    private static RecordingUpstream upstream;
    private static GatewayProcess gateway;
    private static int operatorPort;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RecordingUpstream();
        operatorPort = FreePort.next();
        gateway = new GatewayProcess(RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("management.server.port", Integer.toString(operatorPort))
                // So that a captured proof stays fresh on a busy machine.
                .property("errand.proof.window", "4m")
                .property("server.http2.enabled", "true"));
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.close();
    }

    private static void send(String bytes, boolean reset) {
        try (Socket socket = new Socket("127.0.0.1", gateway.address().getPort())) {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.setSoTimeout(100);
            if (reset) {
                TimeUnit.MILLISECONDS.sleep(50);
                socket.setSoLinger(true, 0);
                return;
            }
            while (socket.getInputStream().read() >= 0) {
                // Until it is closed, or nothing comes.
            }
        } catch (IOException closedOrSilent) {
            // Whatever the gateway does with it.
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static long size() throws IOException {
        return Files.size(gateway.directory().resolve("gateway.out"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\0\1\2\3\r\n\r\n",
                "GET /vault\r\n\r\n",
                "GET / HTTP/2.0\r\n" + HOST + "\r\n",
                "GET / HTTP/1.1\r\n" + HOST + "a b: c\r\n\r\n",
                "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "GET /vault/v1 HTTP/1.1\r\nHost: [::\r\n\r\n",
                "POST /vault/v1 HTTP/1.1\r\n" + CHUNKED + "\r\nzz\r\n\r\n",
                FORM + CHUNKED + "\r\nzz\r\n\r\n",
                FORM + CHUNKED + "\r\n0\r\na b: c\r\n\r\n",
                FORM + HOST + "Content-Length: 100\r\n\r\nab",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\6\4\0\0\0\0\0\0\5\0\0\0\0",
                PREFACE + "\u00ff\u00ff\u00ff\0\0\0\0\0\1",
                PREFACE + "\0\0\1\0\0\0\0\0\1a",
                PREFACE + "\0\0\4\10\0\0\0\0\0\0\0\0\0",
                PREFACE + "\0\0\4\1\5\0\0\0\1\u00ff\u00ff\u00ff\u00ff",
                PREFACE + "\0\0\1\6\0\0\0\0\0a"
            })
    void request_thatIsMalformedOrLeft_writesFewLinesWithoutATrace(String bytes) throws Exception {
        TimeUnit.MILLISECONDS.sleep(50);
        long before = size();
        for (int i = 0; i < 3; i++) {
            send(bytes, i == 2);
        }
        TimeUnit.MILLISECONDS.sleep(150);
        assertThat(size() - before).isLessThan(3 * 700);
        assertThat(gateway.output()).doesNotContain("\tat ").doesNotContain("checkpoint");
    }

    @Test
    void flood_ofMalformedAndUnverifiedRequests_writesAHundredLinesASecond_andTellsHowManyWereLeftOut()
            throws Exception {
        long before = gateway.output().lines().count();
        try (Socket kept = new Socket("127.0.0.1", gateway.address().getPort())) {
            kept.setSoTimeout(5000);
            byte[] refused = ("GET /vault/v1 HTTP/1.1\r\n" + HOST + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            byte[] start =
                    (FORM + HOST + "Content-Length: 12\r\n\r\ngrant_type=x").getBytes(StandardCharsets.ISO_8859_1);
            byte[] buffer = new byte[8192];
            for (int i = 0; i < 1500; i++) {
                kept.getOutputStream().write(i % 2 == 0 ? refused : start);
                assertThat(kept.getInputStream().read(buffer)).isPositive();
                if (i % 5 == 0) {
                    send("GET / HTTP/2.0\r\n" + HOST + "\r\n", false);
                }
            }
        }
        await().until(() -> gateway.output()
                .lines()
                .skip(before)
                .anyMatch(line -> line.matches(".*\\d+ log lines about what clients sent were left out")));
        List<String> written = gateway.output().lines().skip(before).toList();
        assertThat(written).anyMatch(line -> line.contains(" start refused "));
        // The time up to its second.
        Map<String, Long> bySecond =
                written.stream().collect(Collectors.groupingBy(line -> line.substring(0, 19), Collectors.counting()));
        assertThat(bySecond.values()).allMatch(lines -> lines <= 100);
        assertThat(meter("errand_log_left_out_total")).isPositive();
    }

    @Test
    void capturedRequest_repeated1500Times_writesAHundredRecordsASecond_andAsksTheStoreNoMore() throws Exception {
        TestKey key = TestKey.ed25519("agent");
        String token = String.valueOf(new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .start(
                        key.agent(),
                        new AgentClient.Start(
                                HUMAN.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object(TestAgent.EXPLORE),
                                null))
                .string("access_token"));
        String proof =
                Proofs.dpop(key.agent(), "GET", RunningGateway.ISSUER + TestAgent.READ, token, null, Instant.now());
        byte[] captured = ("GET " + TestAgent.READ + " HTTP/1.1\r\n" + HOST + "Authorization: DPoP " + token
                        + "\r\nDPoP: " + proof + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        try (Socket socket = new Socket("127.0.0.1", gateway.address().getPort())) {
            socket.setSoTimeout(10_000);
            assertThat(answer(socket, captured)).startsWith("HTTP/1.1 200");
            TimeUnit.MILLISECONDS.sleep(300);
            double scripts = meter("errand_state_scripts_total");
            long before = Logs.lines(gateway.log()).size();
            long begun = System.nanoTime();
            for (int i = 0; i < 1500; i++) {
                assertThat(answer(socket, captured)).startsWith("HTTP/1.1 401").contains("invalid-proof", "7i");
            }
            // They touch at most this many seconds, each with a hundred records and one that counts what was left out.
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds() + 2;
            assertThat(meter("errand_state_scripts_total") - scripts).isLessThanOrEqualTo(1);
            TimeUnit.MILLISECONDS.sleep(1500);
            List<String> records = Logs.lines(gateway.log());
            assertThat(records.size() - before).isLessThanOrEqualTo((int) (101 * seconds));
            assertThat(records).anyMatch(line -> line.contains("\"7i\""));
        }
        TestAgent agent = new TestAgent(key, token, List.of());
        new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .end(key.agent(), agent.token(), agent.ancestors());
        try (Socket socket = new Socket("127.0.0.1", gateway.address().getPort())) {
            socket.setSoTimeout(10_000);
            for (int i = 0; i < 3; i++) {
                assertThat(answer(socket, captured)).startsWith("HTTP/1.1 401").contains("task-ended");
            }
        }
    }

    private static String answer(Socket socket, byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        byte[] buffer = new byte[16384];
        StringBuilder text = new StringBuilder();
        do {
            int n = socket.getInputStream().read(buffer);
            assertThat(n).isPositive();
            text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
        } while (!text.toString().endsWith("}"));
        return text.toString();
    }

    private static double meter(String name) throws Exception {
        String token = Files.readString(gateway.directory().resolve("data/operator-token"))
                .strip();
        return RawHttp.send(operatorPort, "GET", "/actuator/prometheus", List.of("Authorization: Bearer " + token))
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }
}
