package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.KeptAnswer;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.state.TaskStoreContract;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose values carry a code, and what somebody who can write to it achieves. */
class SealedStoreIT extends TaskStoreContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final List<SecretKey> SECRETS = List.of(new SecretKeySpec(new byte[32], "HmacSHA256"));
    private static final RecordTerms SEALED = RecordTerms.of(1, new MacSeal(() -> SECRETS));
    private static final List<RedisLink> LINKS = new ArrayList<>();
    private static final List<RedisTaskStore> STORES = new ArrayList<>();
    private static EmbeddedRedis redis;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        for (int i = 0; i < 3; i++) {
            RedisLink link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
            assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
            LINKS.add(link);
            STORES.add(store(link, SEALED));
        }
    }

    @AfterAll
    static void stop() {
        LINKS.forEach(RedisLink::close);
        redis.close();
    }

    private static RedisTaskStore store(RedisLink link, RecordTerms terms) {
        return new RedisTaskStore(link, TIMEOUT, StateListener.NONE, terms, ClockSkew.ANY);
    }

    @Override
    protected List<? extends TaskStore> replicas() {
        return STORES;
    }

    @Override
    protected int histories() {
        return 200;
    }

    private static TaskKey started(TaskStore by, int children) {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        by.apply(key, Tasks.policy(), new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS))
                .block();
        for (int i = 0; i < children; i++) {
            assertThat(call(by, key, i)).isInstanceOf(TaskOutcome.Permitted.class);
        }
        return key;
    }

    private static TaskOutcome call(TaskStore by, TaskKey key, int child) {
        return by.apply(key, Tasks.policy(), Tasks.call(List.of(ROOT, Tasks.token("c" + child)), "x"))
                .block();
    }

    private static StoredFields fields() {
        return new StoredFields(LINKS.get(0));
    }

    private static void refused(TaskKey key, int child) {
        assertThatThrownBy(() -> call(store(LINKS.get(1), SEALED), key, child))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("was not written by a replica");
    }

    @Test
    void record_ofAnotherTask_isRefused() throws Exception {
        TaskKey one = started(STORES.get(0), 1);
        TaskKey other = started(STORES.get(0), 1);
        byte[] record = fields().record(one);
        fields().putRecord(other, record);
        refused(other, 0);
        assertThat(call(store(LINKS.get(1), SEALED), one, 0)).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void record_withoutACode_isRefused() {
        TaskStore unsealed = store(LINKS.get(2), RecordTerms.NEWEST);
        refused(started(unsealed, 1), 0);
    }

    @Test
    void part_ofAnotherNameOrTime_isRefused() throws Exception {
        TaskKey key = started(STORES.get(0), 60);
        int child = 30;
        int hash = Tasks.token("c" + child).id().hashCode();
        int number = (hash ^ hash >>> 16 ^ hash >>> 8) & 63;
        byte[] another = null;
        for (int each = 0; another == null; each++) {
            another = each == number ? null : fields().part(key, "t" + each);
        }
        byte[] own = fields().part(key, "t" + number);
        fields().putPart(key, "t" + number, another);
        refused(key, child);
        fields().putPart(key, "t" + number, own);
        assertThat(call(store(LINKS.get(1), SEALED), key, child)).isInstanceOf(TaskOutcome.Permitted.class);
        fields().putPart(key, "t" + number, own);
        assertThatThrownBy(() -> call(store(LINKS.get(2), SEALED), key, child))
                .as("an older version of the part")
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("part");
    }

    @Test
    void startsAndRevisions_withoutACode_areRefused_andLimitsCountAsNone() {
        RedisStartStore unsealed = new RedisStartStore(LINKS.get(2), TIMEOUT, Seal.NONE);
        RedisStartStore sealed = new RedisStartStore(LINKS.get(1), TIMEOUT, SEALED.seal());
        long soon = System.currentTimeMillis() + 60_000;
        String name = Tasks.unique("x");
        KeptAnswer kept = new KeptAnswer(new byte[] {1});
        unsealed.claimSubject(name, "r", kept, soon).block();
        unsealed.saveRevision(name, "text", soon).block();
        unsealed.pinRevision(name, "r1", soon).block();
        unsealed.admit(name, "t1", soon, 1, null).block();
        assertThatThrownBy(() -> sealed.findClaim(name, "r").block()).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> sealed.findRevision(name).block()).isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> sealed.pinRevision(name, "r1", soon).block())
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(sealed.admit(name, "t2", soon, 1, null).block()).isEmpty();
        assertThat(sealed.admit(name, "t3", soon, 1, null).block()).isPresent();
        sealed.saveRevision(name, "text", soon).block();
        assertThat(sealed.findRevision(name).block()).contains("text");
    }
}
