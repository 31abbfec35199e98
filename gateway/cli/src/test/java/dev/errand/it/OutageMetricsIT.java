package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a gateway without any traffic tells of a store that dies, and what it tells before anything happened. */
class OutageMetricsIT {
    @TempDir
    Path directory;

    private final ListAppender<ILoggingEvent> written = new ListAppender<>();
    private RunningGateway gateway;

    @AfterEach
    void leave() {
        root().detachAppender(written);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private List<String> metrics() throws Exception {
        return actuator("prometheus").lines().toList();
    }

    /** What the operator is answered. */
    private String actuator(String name) throws Exception {
        return TestAgent.HTTP
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + gateway.managementPort() + "/actuator/" + name))
                                .header("Authorization", "Bearer " + gateway.operatorToken())
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    private List<String> lines(String words) {
        return List.copyOf(written.list).stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .filter(line -> line.contains(words))
                .toList();
    }

    @Test
    void store_diesWithoutTraffic_isToldByAGauge_andByALineInTenSeconds() throws Exception {
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (RedisProcess redis = new RedisProcess(directory.resolve("redis"));
                RunningGateway running = RunningGateway.with()
                        .trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg())
                        .sharing(redis.url(), keys)
                        .start()) {
            gateway = running;
            // A start takes all earlier ones away.
            written.start();
            root().addAppender(written);
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
            RedisProcess.until(
                    "health says why",
                    () -> actuator("health").matches("(?s).*\"stateStore\":\\{[^}]*\"reason\":\"[^\"]*refused.*"));
            TimeUnit.SECONDS.sleep(2);
            assertThat(lines("the state store is away"))
                    .singleElement()
                    .asString()
                    .matches("WARN .*the state store is away.*: every call is refused.*");
            redis.start();
            RedisProcess.until("the gauge is 1", () -> metrics().contains("errand_state_available 1.0"));
            RedisProcess.until(
                    "it says so", () -> lines("the state store is back after ").size() == 1);
        }
    }
}
