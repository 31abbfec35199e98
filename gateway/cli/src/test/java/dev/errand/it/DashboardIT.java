package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard of {@code deploy/observability}: a real Prometheus answers each of its expressions over a real run. */
@Tag("prometheus")
class DashboardIT {
    private static final Duration WITHIN = Duration.ofSeconds(40);
    private static final String PLANNED = Templates.bounded(
            "planned", "sequence:\n  - vault:kv.write\non-violation: {sequence: deny}\nlimits: {calls: 1000}");

    @TempDir
    private Path directory;

    private static List<String> expressions() throws Exception {
        JsonNode dashboard = new JsonMapper().readTree(Prometheus.rules("dashboard.json"));
        List<String> expressions = new ArrayList<>();
        for (JsonNode panel : dashboard.get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                expressions.add(target.get("expr").asString());
            }
        }
        return expressions;
    }

    @Test
    void expressions_areAllAnswered() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        Path token = Files.writeString(directory.resolve("token"), "0123456789abcdef0123456789abcdef");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        List<String> expressions = expressions();
        assertThat(expressions).hasSizeGreaterThan(20);
        try (RedisProcess redis = new RedisProcess(directory.resolve("redis"));
                RedisProcess sink = new RedisProcess(directory.resolve("sink"));
                RecordingUpstream upstream = new RecordingUpstream();
                Prometheus prometheus = new Prometheus(directory.resolve("prometheus"), token);
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .file("tasks/planned.yaml", PLANNED)
                        .upstream(upstream)
                        .sharing(redis.url(), keys)
                        // Every decision is told, and what would have been refused is counted.
                        .property("errand.mode", "observe")
                        .property("errand.operator.token", "file:" + token)
                        .property("errand.provenance.sinks[0].redis-stream.uri", sink.url())
                        .property(
                                "management.opentelemetry.tracing.export.otlp.endpoint",
                                "http://127.0.0.1:" + FreePort.next() + "/v1/traces")
                        .start()) {
            prometheus.targets(List.of(gateway.managementPort()));
            TestAgent agent = TestAgent.explore(gateway, human, workloads);
            TestAgent early = Templates.started(gateway, human, workloads, "planned");
            List<String> left = new ArrayList<>(expressions);
            long began = System.nanoTime();
            while (!left.isEmpty()) {
                agent.get(gateway, TestAgent.READ);
                agent.get(gateway, TestAgent.READ.replace("payments", "billing"));
                early.get(gateway, TestAgent.READ);
                RawHttp.send(gateway.port(), "GET", TestAgent.READ, List.of("Authorization: DPoP no.to.ken"));
                List<String> answered = new ArrayList<>();
                for (String expression : left) {
                    if (prometheus.isTrue(expression.replace("$__rate_interval", "10s"))) {
                        answered.add(expression);
                    }
                }
                left.removeAll(answered);
                assertThat(left.isEmpty()
                                || Duration.ofNanos(System.nanoTime() - began).compareTo(WITHIN) < 0)
                        .as("not answered: " + left)
                        .isTrue();
                TimeUnit.MILLISECONDS.sleep(300);
            }
        }
    }
}
