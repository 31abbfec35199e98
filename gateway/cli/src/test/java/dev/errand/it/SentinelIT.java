package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.RedisSentinels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway on real sentinels, whose master is killed while four agents call. */
class SentinelIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    /** What the sentinels take, 0.7 s to see it and about a second to agree, and what a busy machine adds. */
    private static final Duration FAILOVER = Duration.ofSeconds(15);

    @TempDir
    Path directory;

    @Test
    void masterKilledUnderLoad_isFollowedByItsReplica() throws Exception {
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (RedisSentinels redis = new RedisSentinels(directory.resolve("redis"), "");
                RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(HUMAN, WORKLOADS)
                        .upstream(upstream)
                        .sharing(redis.url(RedisSentinels.MASTER), keys)
                        .property("errand.state.timeout", "500ms")
                        .start()) {
            RedisProcess before = redis.master();
            Load load = new Load(gateway);
            load.until(() -> load.permitted.get() >= 40);
            before.kill();
            long killed = System.nanoTime();
            load.until(() -> redis.master() != before);
            // Each agent has its own connection to a loop, and each loop its own to the store: all of them are back.
            List<Integer> then = load.permits();
            load.until(() -> load.permitsSince(then) >= 10);
            load.until(() -> System.nanoTime() - load.lastRefusalNanos.get() > TimeUnit.SECONDS.toNanos(1));
            load.end();
            long over = load.lastRefusalNanos.get() - killed;
            System.out.println("FAILOVER: " + load.permitted + " permitted, " + load.refused + " refused, over after "
                    + over / 1_000_000 + " ms");
            assertThat(load.statuses).as("nothing but permits and refusals").isSubsetOf(Set.of(200, 503));
            assertThat(Duration.ofNanos(over)).isLessThan(Patience.of(FAILOVER));
            assertThat(upstream.seen()).as("each permit was sent once").hasSize(load.permitted.get());
        }
    }

    /** Four agents, each calling as soon as it was answered. */
    private static final class Load {
        private final AtomicInteger permitted = new AtomicInteger();
        private final List<AtomicInteger> permitsOfAgents = new ArrayList<>();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicLong lastRefusalNanos = new AtomicLong();
        private final Set<Integer> statuses = java.util.Collections.synchronizedSet(new TreeSet<>());
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<Thread> agents = new ArrayList<>();

        Load(RunningGateway gateway) {
            for (int i = 0; i < 4; i++) {
                TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
                AtomicInteger permits = new AtomicInteger();
                permitsOfAgents.add(permits);
                Thread thread = new Thread(() -> call(gateway, agent, permits));
                agents.add(thread);
                thread.start();
            }
        }

        private void call(RunningGateway gateway, TestAgent agent, AtomicInteger permits) {
            while (!ended.get()) {
                int status = agent.get(gateway, TestAgent.READ).statusCode();
                statuses.add(status);
                if (status == 200) {
                    permitted.incrementAndGet();
                    permits.incrementAndGet();
                } else {
                    refused.incrementAndGet();
                    lastRefusalNanos.set(System.nanoTime());
                }
            }
        }

        List<Integer> permits() {
            return permitsOfAgents.stream().map(AtomicInteger::get).toList();
        }

        /** Of the agent that has had the fewest. */
        int permitsSince(List<Integer> then) {
            List<Integer> now = permits();
            return IntStream.range(0, now.size())
                    .map(agent -> now.get(agent) - then.get(agent))
                    .min()
                    .orElseThrow();
        }

        void until(RedisProcess.Condition condition) throws Exception {
            try {
                RedisProcess.until("the load went on", condition);
            } catch (AssertionError stuck) {
                throw new AssertionError(
                        permitted + " permitted, " + refused + " refused, statuses " + statuses, stuck);
            }
        }

        void end() throws InterruptedException {
            ended.set(true);
            for (Thread agent : agents) {
                agent.join();
            }
        }
    }
}
