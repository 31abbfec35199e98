package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.loop.EndOfTurn;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StepScript;
import dev.errand.state.redis.link.StoreClock;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskOutcome.Permitted;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.TaskFormats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica of Redis that had lagged is promoted: what two gateways knew of their tasks is not undone by it. */
class RollbackIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final TokenAccount CHILD = Tasks.token("child");

    private final TaskPolicy policy = Tasks.calls(Tasks.policy(), 1000);
    private final List<String> rollbacks = new CopyOnWriteArrayList<>();
    private final List<RedisLink> links = new ArrayList<>();

    @TempDir
    Path directory;

    private RedisProcess first;
    private RedisProcess second;
    private TcpProxy network;
    /** Between the two: what it holds back never arrives, while a stopped process still has it in its sockets. */
    private TcpProxy replication;

    private RedisTaskStore one;
    private RedisTaskStore other;

    @BeforeEach
    void start() throws Exception {
        first = new RedisProcess(directory.resolve("first"));
        replication = new TcpProxy(first.port());
        second = new RedisProcess(directory.resolve("second"), "replicaof 127.0.0.1 " + replication.port());
        RedisProcess.until(
                "the replica follows",
                () -> second.info("replication", "master_link_status").equals("up"));
        network = new TcpProxy(first.port());
        one = store();
        other = store();
    }

    @AfterEach
    void stop() throws Exception {
        links.forEach(RedisLink::close);
        network.close();
        replication.close();
        second.close();
        first.close();
    }

    private RedisTaskStore store() throws Exception {
        StateListener listener = new StateListener() {
            @Override
            public void rolledBack(String task, boolean interrupted) {
                rollbacks.add(task + " " + interrupted);
            }
        };
        RedisLink link = RedisLink.open(
                RedisAddress.parse(List.of("redis://127.0.0.1:" + network.port())),
                TIMEOUT,
                Duration.ofSeconds(5),
                listener);
        links.add(link);
        assertThat(link.awaitAnswer(Duration.ofSeconds(10))).isTrue();
        return new RedisTaskStore(link, TIMEOUT, listener, RecordTerms.NEWEST, ClockSkew.ANY);
    }

    private TaskKey started() {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        one.apply(key, policy, new TaskStep.Start(ROOT.id(), System.currentTimeMillis() + 900_000))
                .block();
        return key;
    }

    private TaskOutcome call(RedisTaskStore store, TaskKey key, TokenAccount... chain) {
        return store.apply(key, policy, Tasks.call(List.of(chain), "x")).block();
    }

    private void replicated() throws Exception {
        RedisProcess.until(
                "the replica has it all",
                () -> second.info("replication", "slave_repl_offset")
                        .equals(first.info("replication", "master_repl_offset")));
        replication.cut();
    }

    private void failOver() throws Exception {
        first.kill();
        second.command("REPLICAOF", "NO", "ONE");
        network.leadTo(second.port());
        network.disconnect();
        RedisProcess.until("the store answers", () -> {
            try {
                return one.apply(new TaskKey("t-none"), policy, new TaskStep.Look())
                                        .block()
                                != null
                        && other.apply(new TaskKey("t-none"), policy, new TaskStep.Look())
                                        .block()
                                != null;
            } catch (RuntimeException notYet) {
                return false;
            }
        });
    }

    @Test
    void endings_thatAFailoverLost_holdOnBothGateways() throws Exception {
        TaskKey interrupted = started();
        TaskKey narrowed = started();
        for (TaskKey key : List.of(interrupted, narrowed)) {
            for (RedisTaskStore each : List.of(one, other)) {
                assertThat(call(each, key, ROOT, CHILD)).isInstanceOf(Permitted.class);
            }
        }
        replicated();
        one.apply(interrupted, policy, new TaskStep.Interrupt("leak")).block();
        one.apply(narrowed, policy, new TaskStep.Revoke(CHILD.id())).block();
        RedisProcess.until(
                "the other one hears of it",
                () -> call(other, interrupted, ROOT) instanceof Ended
                        && call(other, narrowed, ROOT, CHILD) instanceof Ended);
        failOver();

        for (int i = 0; i < 6; i++) {
            for (RedisTaskStore each : List.of(one, other)) {
                assertThat(call(each, interrupted, ROOT)).isEqualTo(new Ended(TaskState.INTERRUPTED, "leak"));
                assertThat(call(each, narrowed, ROOT, CHILD)).isInstanceOf(Ended.class);
            }
        }
        assertThat(call(other, narrowed, ROOT))
                .as("the rest of the task goes on")
                .isInstanceOf(Permitted.class);
        assertThat(rollbacks).contains(narrowed.value() + " false");
    }

    @Test
    void lastWriteThatAFailoverLost_stopsNoTask_andIsWrittenBack() throws Exception {
        TaskKey key = started();
        assertThat(call(one, key, ROOT)).isInstanceOf(Permitted.class);
        for (int i = 0; i < 20; i++) {
            assertThat(call(one, key, ROOT, Tasks.token("c" + i))).isInstanceOf(Permitted.class);
        }
        replicated();
        for (int i = 0; i < 5; i++) {
            assertThat(call(one, key, ROOT, Tasks.token("c1" + i))).isInstanceOf(Permitted.class);
        }
        failOver();
        Permitted next = (Permitted) call(one, key, ROOT, Tasks.token("c15"));
        assertThat(next.progress().budgets().get("calls")).isEqualTo(1000L - 27);
        assertThat(rollbacks).containsExactly(key.value() + " false");
        Permitted elsewhere = (Permitted) call(other, key, ROOT, Tasks.token("c3"));
        assertThat(elsewhere.progress().budgets().get("calls")).isEqualTo(1000L - 28);
        assertThat(rollbacks).hasSize(1);
    }

    /** A replica that made room for other tasks knows the number of a record alone. */
    @Test
    void olderRecord_ofWhichOnlyTheNumberIsKnown_endsTheTask() throws Exception {
        TaskKey key = started();
        assertThat(call(one, key, ROOT)).isInstanceOf(Permitted.class);
        byte[] record = new StoredFields(links.get(0)).record(key);
        TaskEpoch stored = TaskFormats.ALL.glance(record, StepScript.TAG_BYTES).epoch();
        assertThat(stored.number()).isEqualTo(2);
        List<String> told = new CopyOnWriteArrayList<>();
        LaneEvents events = new LaneEvents() {
            @Override
            public void ended(TaskKey ended, Task task) {
                told.add("ended " + task.ending());
            }

            @Override
            public void rolledBack(TaskKey older, boolean interrupted) {
                told.add("rolled back " + interrupted);
            }

            @Override
            public void marked(TaskKey marked, long untilMillis, long overMillis) {}
        };
        for (long known : new long[] {2, 5}) {
            TaskLane lane = new TaskLane(
                    key,
                    RecordTerms.NEWEST,
                    links.get(0),
                    new StoreClock(),
                    StateListener.NONE,
                    events,
                    new TaskEpoch(stored.count(), known, stored.timeMillis()));
            WaitingStep call = new WaitingStep(policy, Tasks.call(List.of(ROOT), "x"), EndOfTurn.NOW);
            lane.submit(call);
            TaskOutcome outcome = call.get(5, TimeUnit.SECONDS);
            if (known == 2) {
                assertThat(outcome).isInstanceOf(Permitted.class);
                assertThat(told).isEmpty();
            } else {
                assertThat(outcome).isInstanceOf(Ended.class);
                assertThat(told).hasSize(2).last().isEqualTo("rolled back true");
            }
        }
        assertThat(call(store(), key, ROOT)).as("it is written").isInstanceOf(Ended.class);
    }

    @Test
    void confirm_saysWhetherAReplicaHasIt() throws Exception {
        TaskKey key = started();
        RedisProcess.until(
                "it is confirmed", () -> Boolean.TRUE.equals(one.confirm(key).block()));
        second.signal("STOP");
        one.apply(key, policy, new TaskStep.Interrupt("why")).block();
        long began = System.nanoTime();
        assertThat(one.confirm(key).block()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Patience.of(Duration.ofSeconds(1)));
        second.signal("CONT");
        RedisProcess.until(
                "it is confirmed", () -> Boolean.TRUE.equals(one.confirm(key).block()));
        second.kill();
        RedisProcess.until(
                "the replica is gone",
                () -> first.info("replication", "connected_slaves").equals("0"));
        assertThat(one.confirm(key).block()).isFalse();
    }
}
