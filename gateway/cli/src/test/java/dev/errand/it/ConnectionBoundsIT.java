package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.Patience;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many connections clients may have, and that the operator's port is answered whatever clients do. */
class ConnectionBoundsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static List<SocketChannel> open(int port, int count) throws IOException {
        List<SocketChannel> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try {
                SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
                socket.configureBlocking(false);
                sockets.add(socket);
            } catch (SocketException refused) {
                // Closed while it was being opened.
            }
        }
        return sockets;
    }

    private static long alive(List<SocketChannel> sockets) {
        return sockets.stream().filter(ConnectionBoundsIT::isAlive).count();
    }

    private static boolean isAlive(SocketChannel socket) {
        try {
            return socket.read(ByteBuffer.allocate(1)) >= 0;
        } catch (IOException reset) {
            return false;
        }
    }

    private static void close(List<SocketChannel> sockets) throws IOException {
        for (SocketChannel socket : sockets) {
            socket.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"connections, connections", "connections-per-address, address"})
    void oneAboveABound_isClosedAtOnce_andTheOthersAreServed(String bound, String reason) throws Exception {
        try (RunningGateway gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("errand.server." + bound, "20")
                .start()) {
            List<SocketChannel> taken = open(gateway.port(), 19);
            List<SocketChannel> more = open(gateway.port(), 6);
            await(() -> alive(more) == 1);
            assertThat(alive(taken)).isEqualTo(19);
            assertThat(meter(gateway, "errand_connections_closed_total{port=\"traffic\",reason=\"" + reason + "\"}"))
                    .isEqualTo(5);
            assertThat(meter(gateway, "errand_connections{port=\"traffic\"}")).isEqualTo(20);
            close(more);
            close(taken);
            await(() -> meter(gateway, "errand_connections{port=\"traffic\"}") == 0);
            assertThat(RawHttp.send(gateway.port(), "GET", "/vault/v1", List.of())
                            .status())
                    .isEqualTo(401);
        }
    }

    /** As many silent connections as stood for ever before there were deadlines, at a gateway that may open fewer files. */
    @Test
    void silentConnections_atTheLimitOfOpenFiles_leaveTheProbeAnswered_andAreGoneAfterTheDeadline() throws Exception {
        int operatorPort = FreePort.next();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("management.server.port", Integer.toString(operatorPort))
                .property("errand.server.header", "4s");
        try (GatewayProcess gateway = new GatewayProcess(
                builder,
                GatewayProcess.Launch.classes(List.of("-Xmx256m"), java.util.Map.of())
                        .withFiles(1200))) {
            assertThat(gateway.output())
                    .contains("errand.server.connections is 10000, but this process may open 1200 files");
            await(() -> isReady(operatorPort));
            List<SocketChannel> silent = open(gateway.address().getPort(), 1800);
            for (int i = 0; i < 10; i++) {
                long begun = System.nanoTime();
                assertThat(isReady(operatorPort)).isTrue();
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Patience.of(Duration.ofSeconds(1)));
                TimeUnit.MILLISECONDS.sleep(100);
            }
            await(() -> alive(silent) == 0);
            assertThat(RawHttp.send(gateway.address().getPort(), "GET", "/vault/v1", List.of())
                            .status())
                    .isEqualTo(401);
            close(silent);
            assertThat(gateway.output()).doesNotContain("Too many open files").doesNotContain("\tat ");
        }
    }

    @Test
    void silentConnections_asManyAsStoodForEver_areGoneAfterTheDeadline() throws Exception {
        try (RunningGateway gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("errand.server.header", "3s")
                .property("errand.server.connections-per-address", "0")
                .start()) {
            List<SocketChannel> silent = open(gateway.port(), 1800);
            assertThat(alive(silent)).isEqualTo(1800);
            await(() -> meter(gateway, "errand_connections{port=\"traffic\"}") == 0);
            assertThat(alive(silent)).isZero();
            assertThat(meter(gateway, "errand_connections_closed_total{port=\"traffic\",reason=\"header\"}"))
                    .isEqualTo(1800);
            close(silent);
        }
    }

    @Test
    void silentConnections_atTheOperatorsPort_leaveTheProbeAnswered_andAreGoneSoon() throws Exception {
        try (RunningGateway gateway =
                RunningGateway.with().trusting(HUMAN, WORKLOADS).start()) {
            await(() -> isReady(gateway.managementPort()));
            List<SocketChannel> silent = open(gateway.managementPort(), 300);
            for (int i = 0; i < 10; i++) {
                assertThat(isReady(gateway.managementPort())).isTrue();
            }
            assertThat(alive(silent)).isBetween(200L, 256L);
            assertThat(meter(gateway, "errand_connections_closed_total{port=\"operator\",reason=\"connections\"}"))
                    .isGreaterThanOrEqualTo(44);
            // Their heads had two seconds.
            await(() -> alive(silent) == 0);
            close(silent);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long until = System.nanoTime() + Patience.of(Duration.ofSeconds(20)).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static boolean isReady(int operatorPort) {
        try {
            return RawHttp.send(operatorPort, "GET", "/actuator/health/readiness", List.of())
                            .status()
                    == 200;
        } catch (java.io.UncheckedIOException notYet) {
            return false;
        }
    }

    private static double meter(RunningGateway gateway, String name) throws Exception {
        String token = Files.readString(gateway.directory().resolve("data/operator-token"))
                .strip();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus"))
                .header("Authorization", "Bearer " + token)
                .build();
        return TestAgent.HTTP
                .send(request, BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }
}
