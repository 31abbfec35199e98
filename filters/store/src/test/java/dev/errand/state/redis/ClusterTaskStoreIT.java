package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.state.TaskStoreContract;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real Redis Cluster of three masters, and slots that move meanwhile. */
class ClusterTaskStoreIT extends TaskStoreContract {
    private static RedisCluster cluster;
    private static RedisReplicas replicas;
    private static List<RedisTaskStore> stores;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        cluster = new RedisCluster(directory);
        replicas = new RedisReplicas(RedisAddress.parse(cluster.urls()));
        stores = replicas.each(link ->
                new RedisTaskStore(link, RedisReplicas.TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY));
    }

    @AfterAll
    static void stop() throws Exception {
        replicas.close();
        cluster.close();
    }

    @Override
    protected List<? extends TaskStore> replicas() {
        return stores;
    }

    @Override
    protected int histories() {
        return Math.max(200, super.histories() / 10);
    }

    @Test
    void slot_movedWhileThreeReplicasCall_losesNoDebitAndPermitsNoneTwice() throws Exception {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        TaskPolicy policy = Tasks.calls(Tasks.policy(), 1_000_000);
        assertThat(stores.get(0)
                        .apply(
                                key,
                                policy,
                                new TaskStep.Start(Tasks.token("root").id(), Tasks.FAR_MILLIS))
                        .block())
                .isInstanceOf(TaskOutcome.Done.class);
        int slot = cluster.slot(key.value());
        RedisProcess from = cluster.owner(slot);
        RedisProcess to = cluster.nodes().stream()
                .filter(node -> node != from)
                .findFirst()
                .orElseThrow();

        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger permitted = new AtomicInteger();
        AtomicInteger unavailable = new AtomicInteger();
        List<CompletableFuture<Void>> callers = stores.stream()
                .map(store -> CompletableFuture.runAsync(() -> {
                    while (!over.get()) {
                        call(store, key, policy, permitted, unavailable);
                    }
                }))
                .toList();
        RedisProcess.until("calls pass", () -> permitted.get() > 100);
        cluster.beginMove(slot, from, to);
        passMore(permitted);
        cluster.moveKeys(slot, from, to);
        passMore(permitted);
        cluster.endMove(slot, from, to);
        passMore(permitted);
        over.set(true);
        callers.forEach(CompletableFuture::join);

        assertThat(cluster.owner(slot)).isSameAs(to);
        TaskOutcome.Done look = (TaskOutcome.Done)
                stores.get(0).apply(key, policy, new TaskStep.Look()).block(Duration.ofSeconds(5));
        long debits = 1_000_000 - look.progress().budgets().get("calls");
        assertThat(debits).isBetween((long) permitted.get(), (long) permitted.get() + unavailable.get());
    }

    private static void passMore(AtomicInteger permitted) throws Exception {
        int before = permitted.get();
        RedisProcess.until("more calls pass", () -> permitted.get() > before + 100);
    }

    private static void call(
            RedisTaskStore store, TaskKey key, TaskPolicy policy, AtomicInteger permitted, AtomicInteger unavailable) {
        try {
            TaskOutcome outcome = store.apply(key, policy, Tasks.call(List.of(Tasks.token("root")), "x"))
                    .block(Duration.ofSeconds(10));
            assertThat(outcome).isInstanceOf(TaskOutcome.Permitted.class);
            permitted.incrementAndGet();
        } catch (StoreUnavailableException refused) {
            unavailable.incrementAndGet();
        }
    }
}
