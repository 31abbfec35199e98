package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.holder.Proofs;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;

/** A replica whose clock is an hour off: it judges tokens and proofs by it, and changes no bucket. */
class ClockJumpIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static volatile Duration off = Duration.ZERO;

    private static final String HOURLY = """
            template: hourly
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 3h
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
            limits: {task: [{capacity: 3, per: 1h}]}
            """;

    @TempDir
    static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway right;
    private static RunningGateway wrong;

    /** A wall clock that can be set. */
    static class Jumping {
        @Bean
        Clock clock() {
            return new Clock() {
                @Override
                public Instant instant() {
                    return Instant.now().plus(off);
                }

                @Override
                public ZoneId getZone() {
                    return ZoneId.of("UTC");
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            };
        }
    }

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        right = replica().start();
        wrong = replica()
                .property("spring.main.sources", Jumping.class.getName())
                .start();
    }

    private static RunningGateway.Builder replica() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .property("errand.trust.max-lifetime", "3h")
                .file("tasks/hourly.yaml", HOURLY);
    }

    @AfterAll
    static void stop() {
        right.close();
        wrong.close();
        upstream.close();
        redis.close();
    }

    @AfterEach
    void setRight() {
        off = Duration.ZERO;
    }

    private static TestAgent started() {
        return TestAgent.start(
                right,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"hourly\",\"parameters\":{\"project\":\"payments\"}}");
    }

    /** A call of that holder, whose own clock agrees with the replica's. */
    private static RawHttp.Response byTheSameClock(TestAgent agent) {
        String proof = Proofs.dpop(
                agent.key().agent(),
                "GET",
                RunningGateway.ISSUER + TestAgent.READ,
                agent.token(),
                null,
                Instant.now().plus(off));
        return Attempt.by(agent, proof).send(wrong);
    }

    @Test
    void clockAnHourAhead_refillsNoBucket() {
        upstream.forget();
        TestAgent agent = started();
        for (int i = 0; i < 3; i++) {
            assertThat(byTheSameClock(agent).status()).isEqualTo(200);
        }
        off = Duration.ofHours(1);
        RawHttp.Response ahead = byTheSameClock(agent);
        assertThat(ahead.status()).as(ahead.body()).isEqualTo(503);
        assertThat(ahead.body()).contains("decision-unavailable");
        assertThat(agent.get(wrong, TestAgent.READ).statusCode())
                .as("a proof of the right time")
                .isEqualTo(401);
        assertThat(agent.get(right, TestAgent.READ).statusCode()).isEqualTo(429);
        assertThat(upstream.seen()).hasSize(3);
    }

    @Test
    void clockWithinTheWindow_isTakenAndTold() throws Exception {
        TestAgent agent = started();
        off = Duration.ofSeconds(-20);
        RawHttp.Response behind = byTheSameClock(agent);
        assertThat(behind.status()).as(behind.body()).isEqualTo(200);
        double skew = wrong.context()
                .getBean(MeterRegistry.class)
                .get("errand.state.clock.skew")
                .gauge()
                .value();
        assertThat(skew).isBetween(-25.0, -15.0);
        String token = Files.readString(wrong.directory().resolve("data/operator-token"))
                .strip();
        String health = TestAgent.HTTP
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + wrong.managementPort() + "/actuator/health"))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(health).contains("this replica's clock differs from the store's by -");
    }

    @Test
    void clockAnHourBehind_refusesAllAndEmptiesNoBucket() {
        upstream.forget();
        TestAgent agent = started();
        assertThat(agent.get(right, TestAgent.READ).statusCode()).isEqualTo(200);
        off = Duration.ofHours(-1);
        assertThat(byTheSameClock(agent).status()).as("a token of the future").isEqualTo(401);
        assertThat(agent.get(wrong, TestAgent.READ).statusCode()).isEqualTo(401);
        off = Duration.ZERO;
        assertThat(byTheSameClock(agent).status()).isEqualTo(200);
        off = Duration.ofHours(-1);
        assertThat(byTheSameClock(agent).status())
                .as("a chain that was verified, by a clock that forgets used proofs at another time")
                .isEqualTo(503);
        assertThat(agent.get(right, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(agent.get(right, TestAgent.READ).statusCode()).isEqualTo(429);
        assertThat(upstream.seen()).hasSize(3);
    }
}
