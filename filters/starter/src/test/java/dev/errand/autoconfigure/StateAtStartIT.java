package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
        link = RedisLink.open(
                RedisAddress.parse(List.of(redis.url())),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                StateListener.NONE);
        assertThat(link.awaitAnswer(Duration.ofSeconds(10))).isTrue();
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        redis.close();
    }

    @Test
    void storeThatEvicts_isWarnedOf_untilItDoesNot() throws Exception {
        try (StoreWatch watch = new StoreWatch(link)) {
            RedisProcess.until("it is told", () -> watch.eviction() != null);
            assertThat(watch.eviction()).contains("allkeys-lru", "noeviction");
        }
        redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        assertThat(link.settings().get().evictionPolicy()).isEqualTo("noeviction");
        try (StoreWatch watch = new StoreWatch(link)) {
            assertThat(watch.eviction()).isNull();
        }
    }

    /** Redis 6.2 has no {@code ACL DRYRUN}, and skips nothing. */
    @Test
    void storeThatSkipsTransactions_isWarnedOf_whereTheUserMayAsk() throws Exception {
        boolean asks = !redis.info("server", "redis_version").startsWith("6.");
        assertThat(link.settings().get().skipsTransactions()).isFalse();
        redis.command("ACL", "SETUSER", "errand", "on", ">pw", "~*", "&*", "+@all");
        redis.command("ACL", "SETUSER", "other", "on", ">pw", "~*", "&*", "+@all", "-acl");
        redis.as("errand", "pw").command("ACL", "SETUSER", "default", "off", "-@all");
        for (String user : List.of("errand", "other")) {
            RedisLink by = RedisLink.open(
                    redis.as(user, "pw").address(), Duration.ofSeconds(5), Duration.ofSeconds(5), StateListener.NONE);
            try {
                assertThat(by.awaitAnswer(Duration.ofSeconds(10))).isTrue();
                assertThat(by.settings().get().skipsTransactions()).isEqualTo(asks && user.equals("errand"));
                if (asks && user.equals("errand")) {
                    try (StoreWatch watch = new StoreWatch(by)) {
                        RedisProcess.until("it is told", () -> watch.skipping() != null);
                        assertThat(watch.skipping()).contains("ACL SETUSER default off ~* &* +@all");
                        redis.as(user, "pw").command("ACL", "SETUSER", "default", "off", "~*", "&*", "+@all");
                        assertThat(by.settings().get().skipsTransactions()).isFalse();
                        redis.command("ACL", "SETUSER", "default", "off", "-@all");
                    }
                }
            } finally {
                by.close();
            }
        }
    }

    /** The store came back older while no gateway ran: what this replica's log says has ended stays so. */
    @Test
    void endingsInTheLog_holdWhateverTheStoreSays() throws Exception {
        RedisTaskStore store =
                new RedisTaskStore(link, Duration.ofSeconds(5), StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
        TokenAccount root = Tasks.token("root");
        Instant now = Instant.now();
        StringBuilder log = new StringBuilder();
        for (String task : List.of("t-over", "t-policy", "t-part", "t-before")) {
            store.apply(new TaskKey(task), Tasks.policy(), new TaskStep.Start(root.id(), Tasks.FAR_MILLIS))
                    .block();
            Instant at = now.minusSeconds(task.equals("t-before") ? 7200 : 10);
            log.append("{\"kind\":\"decision\",\"decision\":\"d-1\",\"task\":\"t-part\"}\n")
                    .append("{\"kind\":\"ended\",\"time\":\"" + at
                            + "\",\"task\":\"" + task + "\",\"token\":"
                            + (task.equals("t-part") ? "\"abc\"" : "null")
                            + ",\"state\":\"interrupted\",\"by\":\""
                            + (task.equals("t-policy") ? "policy" : "operator:alice")
                            + "\",\"why\":\"leak\"}\n");
        }
        Path provenance = Files.createDirectories(directory.resolve("provenance"));
        Files.writeString(provenance.resolve("0000000000000000.jsonl"), log);
        RedisTaskStore restarted =
                new RedisTaskStore(link, Duration.ofSeconds(5), StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
        EndingsConfiguration.remember(provenance, Duration.ofHours(1), restarted);
        assertThat(call(restarted, "t-over", root))
                .as("an operator's reason is private")
                .isEqualTo(new TaskOutcome.Ended(TaskState.INTERRUPTED, "ended by an operator"));
        assertThat(call(restarted, "t-policy", root)).isEqualTo(new TaskOutcome.Ended(TaskState.INTERRUPTED, "leak"));
        assertThat(call(restarted, "t-part", root)).isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(call(restarted, "t-before", root)).isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(call(store, "t-over", root))
                .as("the store has it as active")
                .isInstanceOf(TaskOutcome.Permitted.class);
    }

    private static TaskOutcome call(RedisTaskStore store, String task, TokenAccount root) {
        return store.apply(new TaskKey(task), Tasks.policy(), Tasks.call(List.of(root), "x"))
                .block();
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
        StepWarmup.run(new RedisTaskStore(link, Duration.ofSeconds(5), listener, RecordTerms.NEWEST, ClockSkew.ANY));
        assertThat(steps.get()).isGreaterThan(1);
        assertThat(redis.info("memory", "number_of_cached_scripts")).isEqualTo("1");
        String[] keys = redis.command("KEYS", "{warm-up-*").split("\n");
        assertThat(keys).isNotEmpty();
        for (String key : keys) {
            assertThat(Long.parseLong(redis.command("PTTL", key))).isLessThan(66_000);
        }
    }
}
