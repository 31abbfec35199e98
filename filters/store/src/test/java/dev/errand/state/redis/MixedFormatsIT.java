package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.state.TaskStoreContract;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.NextFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replicas of a made-up next build, which reads formats 1 and 2 of a record. While {@code errand.state.format} is raised or
 * lowered, some write the one format and some the other.
 */
class MixedFormatsIT extends TaskStoreContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final TaskPolicy POLICY = Tasks.calls(Tasks.policy(), 1000);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final List<RedisLink> LINKS = new ArrayList<>();
    private static final List<RedisTaskStore> STORES = new ArrayList<>();
    private static RedisTaskStore thisBuild;
    private static EmbeddedRedis redis;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        for (int format : new int[] {1, 2, 1}) {
            STORES.add(new RedisTaskStore(
                    link(),
                    TIMEOUT,
                    StateListener.NONE,
                    new RecordTerms(NextFormat.NEXT, NextFormat.NEXT.of(format), Seal.NONE),
                    ClockSkew.ANY));
        }
        thisBuild = new RedisTaskStore(link(), TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
    }

    private static RedisLink link() throws Exception {
        RedisLink link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        LINKS.add(link);
        assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
        return link;
    }

    @AfterAll
    static void stop() {
        LINKS.forEach(RedisLink::close);
        redis.close();
    }

    @Override
    protected List<? extends TaskStore> replicas() {
        return STORES;
    }

    @Override
    protected int histories() {
        return 200;
    }

    private static long left(RedisTaskStore by, TaskKey key) {
        TaskOutcome outcome =
                by.apply(key, POLICY, Tasks.call(List.of(ROOT), "x")).block();
        return ((TaskOutcome.Permitted) outcome).progress().budgets().get("calls");
    }

    private static byte[] record(TaskKey key) throws Exception {
        return new StoredFields(LINKS.get(0)).record(key);
    }

    @Test
    void formatsInTurn_keepTheCount_andABuildWithoutTheSecondFormatRefusesItsRecords() throws Exception {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        thisBuild
                .apply(key, POLICY, new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS))
                .block();
        long calls = 1000;
        for (int i = 0; i < 6; i++) {
            int format = 1 + i % 2;
            assertThat(left(STORES.get(i % 2), key)).isEqualTo(--calls);
            assertThat(record(key)[StepScript.TAG_BYTES]).isEqualTo((byte) format);
        }
        byte[] second = record(key);
        assertThatThrownBy(() -> left(thisBuild, key))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("unknown format 2");
        assertThat(record(key)).as("and changes nothing").isEqualTo(second);
        assertThat(left(STORES.get(0), key)).as("the number was lowered again").isEqualTo(--calls);
        assertThat(left(thisBuild, key)).isEqualTo(--calls);
    }
}
