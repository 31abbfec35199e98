package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.RedisAddress;
import dev.errand.state.redis.RedisLink;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.RedisTaskStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done with the store before the gateway is ready. */
class StateAtStartIT {
    @TempDir
    Path directory;

    private RedisProcess redis;
    private RedisLink link;

    @BeforeEach
    void start() throws Exception {
        redis = new RedisProcess(directory, "maxmemory-policy allkeys-lru");
        link = RedisLink.open(RedisAddress.parse(List.of(redis.url())), Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(Duration.ofSeconds(10))).isTrue();
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        redis.close();
    }

    @Test
    void storeThatEvicts_isWarnedOf_untilItDoesNot() throws Exception {
        try (EvictionWatch watch = new EvictionWatch(link)) {
            RedisProcess.until("it is told", () -> watch.warning() != null);
            assertThat(watch.warning()).contains("allkeys-lru", "noeviction");
        }
        redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        assertThat(link.evictionPolicy().get()).contains("noeviction");
        try (EvictionWatch watch = new EvictionWatch(link)) {
            assertThat(watch.warning()).isNull();
        }
    }

    @Test
    void warmUp_leavesTheScriptInTheStore_andNothingForLong() throws Exception {
        AtomicInteger steps = new AtomicInteger();
        StateListener listener = new StateListener() {
            @Override
            public void committed(int count, int scripts, Duration latency) {
                steps.addAndGet(count);
            }
        };
        StepWarmup.run(new RedisTaskStore(link, Duration.ofSeconds(5), listener));
        assertThat(steps.get()).isGreaterThan(1);
        assertThat(redis.info("memory", "number_of_cached_scripts")).isEqualTo("1");
        String[] keys = redis.command("KEYS", "{warm-up-*").split("\n");
        assertThat(keys).isNotEmpty();
        for (String key : keys) {
            assertThat(Long.parseLong(redis.command("PTTL", key))).isLessThan(66_000);
        }
    }
}
