package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.ProofClaim;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Marks of used proofs leave the hash of a task, since a hash's fields do not expire. */
@Execution(ExecutionMode.CONCURRENT)
class UsedProofsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static EmbeddedRedis redis;
    private static RedisLink link;
    private static RedisTaskStore store;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(TIMEOUT)).isTrue();
        store = new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
    }

    @AfterAll
    static void stop() {
        link.close();
        redis.close();
    }

    private static TaskKey started(long untilMillis) {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        store.apply(key, Tasks.policy(), new TaskStep.Start(Tasks.token("root").id(), untilMillis))
                .block();
        return key;
    }

    private static ProofClaim call(TaskKey key, Duration keep) {
        ProofClaim proof = new ProofClaim(Tasks.unique("j"), keep.toMillis(), false);
        TaskStep step = new TaskStep.Call(
                Tasks.unique("d"), List.of(Tasks.token("root")), proof, List.of(Tasks.pair("x")), true, 0);
        assertThat(store.apply(key, Tasks.policy(), step).block()).isInstanceOf(TaskOutcome.Permitted.class);
        return proof;
    }

    private static int marks(TaskKey key) throws Exception {
        return (int) new StoredFields(link)
                .names(key).stream().filter(name -> name[0] == 'j').count();
    }

    @Test
    void marksThatNobodyNeeds_goAway_andTheOthersStay() throws Exception {
        TaskKey key = started(Tasks.FAR_MILLIS);
        for (int i = 0; i < 1_000; i++) {
            call(key, Duration.ofMillis(500));
        }
        RedisProcess.until("hardly a mark is left", () -> marks(key) < UsedProofs.SPARED);
        for (int i = 0; i < UsedProofs.SPARED; i++) {
            call(key, Duration.ofMillis(500));
        }
        ProofClaim needed = call(key, Duration.ofMinutes(10));
        RedisProcess.until("only the mark that is needed is left", () -> marks(key) == 1);
        assertThat(new StoredFields(link).get(key, TaskKeys.used(needed))).isNotNull();
        assertThat(new StoredFields(link).record(key)).isNotNull();
    }

    @Test
    void marksOfATaskThatIsOver_allGoAway() throws Exception {
        TaskKey key = started(System.currentTimeMillis() + 2_000);
        for (int i = 0; i < 20; i++) {
            call(key, Duration.ofMinutes(10));
        }
        assertThat(marks(key)).isEqualTo(20);
        RedisProcess.until("no mark is left", () -> marks(key) == 0);
        assertThat(new StoredFields(link).record(key)).as("the record stays").isNotNull();
    }

    @Test
    void mark_lastsUntilItsProofIsOver() {
        for (long until : new long[] {1_000, 1_001, 1_999}) {
            assertThat(ByteBuffer.wrap(UsedProofs.mark(until)).getInt() * 1_000L)
                    .isGreaterThan(until);
        }
    }

    @Test
    void aFewMarks_stay() throws Exception {
        TaskKey few = started(Tasks.FAR_MILLIS);
        call(few, Duration.ofMillis(1));
        TaskKey many = started(Tasks.FAR_MILLIS);
        for (int i = 0; i < UsedProofs.SPARED; i++) {
            call(many, Duration.ofMillis(1));
        }
        RedisProcess.until("the marks of the other task are gone", () -> marks(many) == 0);
        assertThat(marks(few)).isEqualTo(1);
    }
}
