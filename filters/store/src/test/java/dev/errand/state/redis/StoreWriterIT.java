package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody achieves who can write to the store, but does not have the state key. */
class StoreWriterIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final List<SecretKey> SECRETS = List.of(new SecretKeySpec(new byte[32], "HmacSHA256"));

    private final TaskPolicy policy = Tasks.calls(Tasks.policy(), 1000);
    private final List<String> rollbacks = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    private EmbeddedRedis redis;
    private RedisLink link;
    private RedisTaskStore gateway;
    private StoredFields fields;

    @BeforeEach
    void start() throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
        gateway = store();
        fields = new StoredFields(link);
    }

    @AfterEach
    void stop() {
        link.close();
        redis.close();
    }

    private RedisTaskStore store() {
        StateListener listener = new StateListener() {
            @Override
            public void rolledBack(String task, boolean interrupted) {
                rollbacks.add(task + " " + interrupted);
            }
        };
        return new RedisTaskStore(
                link, TIMEOUT, listener, RecordTerms.of(1, new MacSeal(() -> SECRETS)), ClockSkew.ANY);
    }

    private TaskKey started(RedisTaskStore by) {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        by.apply(key, policy, new TaskStep.Start(ROOT.id(), System.currentTimeMillis() + 900_000))
                .block();
        return key;
    }

    private TaskOutcome call(RedisTaskStore by, TaskKey key) {
        return by.apply(key, policy, Tasks.call(List.of(ROOT), "x")).block();
    }

    private long left(RedisTaskStore by, TaskKey key) {
        return ((Permitted) call(by, key)).progress().budgets().get("calls");
    }

    @Test
    void olderRecord_putBack_isWrittenOver() throws Exception {
        TaskKey key = started(gateway);
        assertThat(left(gateway, key)).isEqualTo(999);
        byte[] older = fields.record(key);
        assertThat(left(gateway, key)).isEqualTo(998);
        fields.putRecord(key, older);
        assertThat(left(gateway, key)).isEqualTo(997);
        assertThat(rollbacks).containsExactly(key.value() + " false");
    }

    @Test
    void olderRecord_underTheTagOfTheNewest_changesNothing() throws Exception {
        TaskKey key = started(gateway);
        byte[] older = fields.record(key);
        assertThat(left(gateway, key)).isEqualTo(999);
        byte[] newest = fields.record(key);
        byte[] mixed = older.clone();
        System.arraycopy(newest, 0, mixed, 0, StepScript.TAG_BYTES);
        fields.putRecord(key, mixed);
        assertThat(left(gateway, key)).isEqualTo(998);
    }

    @Test
    void deletedTask_isOver_andAnOlderRecordRevivesItNoMore() throws Exception {
        TaskKey key = started(gateway);
        assertThat(call(gateway, key)).isInstanceOf(Permitted.class);
        byte[] older = fields.record(key);
        for (int i = 0; i < 5; i++) {
            assertThat(call(gateway, key)).isInstanceOf(Permitted.class);
        }
        fields.delete(key);
        assertThat(call(gateway, key)).isInstanceOf(Ended.class);
        fields.putRecord(key, older);
        assertThat(call(gateway, key))
                .isInstanceOfSatisfying(
                        Ended.class, ended -> assertThat(ended.state()).isEqualTo(TaskState.INTERRUPTED));
        assertThat(rollbacks).containsExactly(key.value() + " true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%s INTERRUPTED 9000000000000 forged", "%s COMPLETED 9000000000000 ", "%s SU5URVJSVVBURUQ forged"
            })
    void announcedEnding_ofAnotherWriter_endsNothing(String message) throws Exception {
        TaskKey key = started(gateway);
        assertThat(left(gateway, key)).isEqualTo(999);
        byte[] forged = message.formatted(key.value()).getBytes(StandardCharsets.UTF_8);
        link.ask(commands -> commands.publish(StepScript.CHANNEL, forged).toCompletableFuture())
                .get();
        Thread.sleep(200);
        assertThat(left(gateway, key)).isEqualTo(998);
    }

    @Test
    void announcedEnding_ofAReplica_isKnownToTheOthers_whateverIsInTheStore() throws Exception {
        RedisTaskStore other = store();
        TaskKey key = started(gateway);
        byte[] running = fields.record(key);
        gateway.apply(key, policy, new TaskStep.Interrupt("a leak, é")).block();
        fields.putRecord(key, running);
        RedisProcess.until(
                "the other one hears of it",
                () -> call(other, key).equals(new Ended(TaskState.INTERRUPTED, "a leak, é")));
    }

    @Test
    void records_thatChangePlaces_areRefused() throws Exception {
        TaskKey one = started(gateway);
        TaskKey other = started(gateway);
        byte[] first = fields.record(one);
        fields.putRecord(one, fields.record(other));
        fields.putRecord(other, first);
        for (TaskKey key : List.of(one, other)) {
            assertThatThrownBy(() -> call(gateway, key))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("was not written by a replica");
        }
    }

    @Test
    void records_withAnyByteChanged_areRefused() throws Exception {
        TaskKey key = started(gateway);
        byte[] record = fields.record(key);
        for (int at = StepScript.TAG_BYTES; at < record.length; at++) {
            byte[] changed = Arrays.copyOf(record, record.length);
            changed[at] ^= 1;
            fields.putRecord(key, changed);
            assertThatThrownBy(() -> call(store(), key)).isInstanceOf(StoreUnavailableException.class);
        }
    }

    private TaskOutcome call(RedisTaskStore by, TaskKey key, int child) {
        return by.apply(key, policy, Tasks.call(List.of(ROOT, Tasks.token("c" + child)), "x"))
                .block();
    }

    /** A gateway that was started late has read the parts of its own calls alone. */
    @Test
    void olderRecord_putBack_ofATaskWhosePartsWereNotRead_isWrittenOver() throws Exception {
        TaskKey key = started(gateway);
        for (int i = 0; i < 60; i++) {
            assertThat(call(gateway, key, i)).isInstanceOf(Permitted.class);
        }
        RedisTaskStore late = store();
        assertThat(call(late, key, 0)).isInstanceOf(Permitted.class);
        byte[] older = fields.record(key);
        assertThat(call(late, key)).isInstanceOf(Permitted.class);
        fields.putRecord(key, older);
        for (int i = 10; i < 60; i++) {
            assertThat(call(late, key, i)).as("child %d", i).isInstanceOf(Permitted.class);
        }
        assertThat(left(late, key)).isEqualTo(1000 - 60 - 2 - 50 - 1);
        assertThat(rollbacks).containsExactly(key.value() + " false");
    }

    @Test
    void deletedTask_withParts_isOverForEveryChild_onceAnOlderRecordIsPutBack() throws Exception {
        TaskKey key = started(gateway);
        for (int i = 0; i < 60; i++) {
            assertThat(call(gateway, key, i)).isInstanceOf(Permitted.class);
        }
        byte[] older = fields.record(key);
        assertThat(call(gateway, key, 59)).isInstanceOf(Permitted.class);
        fields.delete(key);
        assertThat(call(gateway, key)).isInstanceOf(Ended.class);
        fields.putRecord(key, older);
        assertThat(call(gateway, key, 59)).isEqualTo(call(gateway, key, 1));
        assertThat(call(store(), key, 59)).isInstanceOf(Ended.class);
        assertThat(rollbacks).containsExactly(key.value() + " true");
    }
}
