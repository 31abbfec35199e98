package dev.errand.state.redis;

import static dev.errand.task.CandidateTasks.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.CandidateTasks;
import dev.errand.task.CandidateVerdict.Reach;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A candidate's state in a real store: replicas that call at once, a lost swap, and a part that was lost. */
class CandidateReplicasIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final int CALLS = 400;
    private static final int MOST = 150;

    private static final TaskPolicy CANDIDATE =
            CandidateTasks.policy("sha-256:c", "rules: [{bounded: c:a, at-most: " + MOST + "}]");
    private static final TaskPolicy POLICY = Tasks.policy().beside(CANDIDATE);

    private static EmbeddedRedis redis;
    private static RedisLink link;
    private static RedisLink other;
    private static final AtomicInteger conflicts = new AtomicInteger();

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        other = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(TIMEOUT)).isTrue();
        assertThat(other.awaitAnswer(TIMEOUT)).isTrue();
    }

    @AfterAll
    static void stop() {
        link.close();
        other.close();
        redis.close();
    }

    private static RedisTaskStore store(RedisLink by) {
        return new RedisTaskStore(by, TIMEOUT, COUNTING, RecordTerms.NEWEST, ClockSkew.ANY);
    }

    private static TaskKey started(RedisTaskStore store, TaskPolicy policy) {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        store.apply(key, policy, new TaskStep.Start(ROOT.id(), System.currentTimeMillis() + 900_000))
                .block();
        return key;
    }

    private static Mono<TaskOutcome> a(RedisTaskStore store, TaskKey key, TaskPolicy policy) {
        return store.apply(key, policy, Tasks.call(List.of(ROOT), "c:a"));
    }

    @Test
    void replicasThatCallAtOnce_countEachSentCallOnce() {
        RedisTaskStore one = store(link);
        RedisTaskStore two = store(other);
        TaskKey key = started(one, POLICY);
        conflicts.set(0);
        List<TaskOutcome> outcomes = Objects.requireNonNull(Flux.range(0, CALLS)
                .flatMap(i -> a(i % 2 == 0 ? one : two, key, POLICY), 32)
                .collectList()
                .block());
        assertThat(outcomes).hasSize(CALLS).allMatch(Permitted.class::isInstance);
        assertThat(outcomes.stream().filter(outcome -> verdict(outcome).permit()))
                .as("one more would be a lost count, one less a count twice")
                .hasSize(MOST);
        assertThat(outcomes).noneMatch(outcome -> verdict(outcome).partial());
        assertThat(conflicts.get())
                .as("swaps were lost, and both were judged anew")
                .isPositive();
    }

    @Test
    void stateThatHasGrown_isAPartOfItsOwn_andItsLossChangesNoAnswer() throws Exception {
        RedisTaskStore one = store(link);
        TaskPolicy windows = Tasks.policy()
                .beside(CandidateTasks.policy("sha-256:w", "rules: [{bounded: c:a, at-most: 4000, within: 1h}]"));
        TaskKey key = started(one, windows);
        for (int i = 0; i < 300; i++) {
            assertThat(verdict(a(one, key, windows).block()).reach()).isEqualTo(Reach.STEP);
        }
        StoredFields fields = new StoredFields(link);
        assertThat(fields.part(key, "c")).as("the part of the candidate").isNotNull();
        fields.removePart(key, "c");
        RedisTaskStore cold = store(other);
        TaskOutcome after = a(cold, key, windows).block();
        assertThat(after).isInstanceOf(Permitted.class);
        assertThat(verdict(after).reach()).isEqualTo(Reach.STEP);
        assertThat(verdict(after).partial()).isTrue();
    }

    private static final StateListener COUNTING = new StateListener() {
        @Override
        public void conflict() {
            conflicts.incrementAndGet();
        }
    };
}
