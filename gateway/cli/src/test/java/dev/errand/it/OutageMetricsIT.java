package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway without any traffic tells of a store that dies, and what it tells before anything happened. */
class OutageMetricsIT {
    @TempDir
    Path directory;

    private int management;
    private GatewayProcess gateway;

    private List<String> metrics() throws Exception {
        return TestAgent.HTTP
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/actuator/prometheus"))
                                .header(
                                        "Authorization",
                                        "Bearer "
                                                + Files.readString(gateway.directory()
                                                                .resolve("data/operator-token"))
                                                        .strip())
                                .build(),
                        BodyHandlers.ofString())
                .body()
                .lines()
                .toList();
    }

    private long lines(String words) throws Exception {
        return gateway.output().lines().filter(line -> line.contains(words)).count();
    }

    @Test
    void store_diesWithoutTraffic_isToldByAGauge_andByALineInTenSeconds() throws Exception {
        management = FreePort.next();
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (RedisProcess redis = new RedisProcess(directory.resolve("redis"));
                GatewayProcess process = new GatewayProcess(RunningGateway.with()
                        .trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg())
                        .property("management.server.port", Integer.toString(management))
                        .sharing(redis.url(), keys))) {
            gateway = process;
            // The operator's port opens a little after the other one.
            RedisProcess.until("the operator's port answers", () -> {
                try {
                    return !metrics().isEmpty();
                } catch (IOException notYet) {
                    return false;
                }
            });
            List<String> before = metrics();
            assertThat(before)
                    .contains("errand_state_available 1.0", "errand_log_writable 1.0")
                    .noneMatch(line -> line.startsWith("errand_state_breaker_open"))
                    .anyMatch(line -> line.startsWith("errand_crypto_native{provider=\"")
                            && (line.endsWith(" 1.0") || line.endsWith(" 0.0")));
            // A decision has a series from its first time on.
            assertThat(before).noneMatch(line -> line.startsWith("errand_decisions_total"));

            redis.kill();
            RedisProcess.until("the gauge is 0", () -> metrics().contains("errand_state_available 0.0"));
            TimeUnit.SECONDS.sleep(2);
            assertThat(lines("the state store is away")).isEqualTo(1);
            redis.start();
            RedisProcess.until("the gauge is 1", () -> metrics().contains("errand_state_available 1.0"));
            RedisProcess.until("it says so", () -> lines("the state store is back after ") == 1);
            assertThat(gateway.output()).containsPattern("WARN .*the state store is away.*: every call is refused");
        }
    }
}
