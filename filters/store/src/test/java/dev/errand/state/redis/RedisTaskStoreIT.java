package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.Patience;
import dev.errand.loop.Continuation;
import dev.errand.loop.EventLoopScheduler;
import dev.errand.state.LiveTasks;
import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.state.TaskStoreContract;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

class RedisTaskStoreIT extends TaskStoreContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final List<RedisLink> LINKS = new ArrayList<>();
    private static final List<RedisTaskStore> STORES = new ArrayList<>();
    private static final TaskStep START = new TaskStep.Start(Tasks.token("root").id(), Tasks.FAR_MILLIS);
    private static EmbeddedRedis redis;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        for (int i = 0; i < 3; i++) {
            RedisLink link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
            assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
            LINKS.add(link);
            STORES.add(new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY));
        }
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

    @Test
    void apply_uncontended_isOneScriptCall() throws Exception {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        TaskPolicy policy = Tasks.limits(Tasks.policy(), Tasks.limit(1000, Duration.ofHours(1)));
        STORES.get(0)
                .apply(key, policy, new TaskStep.Start(Tasks.token("root").id(), Tasks.FAR_MILLIS))
                .block();
        long before = scripts();
        for (int i = 0; i < 100; i++) {
            STORES.get(0)
                    .apply(key, policy, Tasks.call(List.of(Tasks.token("root")), "x"))
                    .block();
        }
        assertThat(scripts() - before).isEqualTo(100);
        before = scripts();
        for (int i = 0; i < 100; i++) {
            STORES.get(i % 2)
                    .apply(key, policy, Tasks.call(List.of(Tasks.token("root")), "x"))
                    .block();
        }
        assertThat(scripts() - before).isLessThanOrEqualTo(200);
    }

    @Test
    void apply_repeatedProof_isRefusedWithoutTheStore_andToldThatItsTaskEnded() throws Exception {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        RedisTaskStore store = STORES.get(0);
        store.apply(key, Tasks.policy(), START).block();
        TaskStep call = Tasks.call(List.of(Tasks.token("root")), "x");
        assertThat(store.apply(key, Tasks.policy(), call).block()).isInstanceOf(TaskOutcome.Permitted.class);
        long before = scripts();
        for (int i = 0; i < 4000; i++) {
            assertThat(store.apply(key, Tasks.policy(), call).block()).isEqualTo(new TaskOutcome.Replayed());
        }
        assertThat(scripts() - before).isZero();
        TaskOutcome elsewhere = STORES.get(1).apply(key, Tasks.policy(), call).block();
        assertThat(elsewhere).isEqualTo(new TaskOutcome.Replayed());

        CompletableFuture<TaskKey> heard =
                store.endings().filter(key::equals).next().toFuture();
        STORES.get(1)
                .apply(key, Tasks.policy(), new TaskStep.Interrupt("enough"))
                .block();
        heard.get(5, TimeUnit.SECONDS);
        TaskOutcome.Ended over = new TaskOutcome.Ended(TaskState.INTERRUPTED, "enough");
        assertThat(store.apply(key, Tasks.policy(), call).block()).isEqualTo(over);
        before = scripts();
        for (int i = 0; i < 100; i++) {
            assertThat(store.apply(key, Tasks.policy(), call).block()).isEqualTo(new TaskOutcome.Replayed(over));
        }
        assertThat(scripts() - before)
                .as("none for the calls; replicas that know the task read its announced end")
                .isLessThan(10);
    }

    @Test
    void apply_ofManyTasksInOneTurn_isOneReadOfTheServers() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            EventLoopScheduler loop = new EventLoopScheduler(group.next());
            List<TaskKey> keys = Stream.generate(() -> new TaskKey(Tasks.unique("t-")))
                    .limit(100)
                    .toList();
            long fewest = Long.MAX_VALUE;
            // The first turn makes the tasks. A busy machine may divide a turn.
            for (int turn = 0; turn < 6; turn++) {
                long before = reads();
                List<TaskOutcome> outcomes = Flux.fromIterable(keys)
                        .flatMap(key -> STORES.get(0).apply(key, Tasks.policy(), START), keys.size())
                        .subscribeOn(loop)
                        .contextWrite(context -> Continuation.on(loop, context))
                        .collectList()
                        .block(TIMEOUT);
                assertThat(outcomes).hasSize(100);
                fewest = Math.min(fewest, reads() - before);
            }
            // The connections' own pings, this question, and a buffer that may be read in parts.
            assertThat(fewest).isLessThan(20);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void apply_whenTheLinkIsClosed_failsAndWaitsForNothing() throws Exception {
        RedisLink link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
        RedisTaskStore store = new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
        link.close();
        Thread.sleep(500);
        long begun = System.nanoTime();
        assertThatThrownBy(() -> store.apply(new TaskKey(Tasks.unique("t-")), Tasks.policy(), START)
                        .block())
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Patience.of(Duration.ofSeconds(2)));
    }

    private static long reads() throws Exception {
        String info = LINKS.get(1)
                .ask(commands -> commands.info("stats").toCompletableFuture())
                .get();
        Matcher reads = Pattern.compile("total_reads_processed:(\\d+)").matcher(info);
        assertThat(reads.find()).isTrue();
        return Long.parseLong(reads.group(1));
    }

    private static long scripts() throws Exception {
        String info = LINKS.get(0)
                .ask(commands -> commands.info("commandstats").toCompletableFuture())
                .get();
        long calls = 0;
        Matcher matcher = Pattern.compile("cmdstat_eval(sha)?:calls=(\\d+)").matcher(info);
        while (matcher.find()) {
            calls += Long.parseLong(matcher.group(2));
        }
        return calls;
    }

    @Test
    void record_isSmallAndExpiresWithTheTask() throws Exception {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        long expiry = System.currentTimeMillis() + 900_000;
        TaskPolicy policy = Tasks.limits(Tasks.policy(), Tasks.limit(40, Duration.ofSeconds(10)));
        STORES.get(0)
                .apply(key, policy, new TaskStep.Start(Tasks.token("root").id(), expiry))
                .block();
        STORES.get(0)
                .apply(key, policy, Tasks.call(List.of(Tasks.token("root")), "x"))
                .block();
        StoredFields fields = new StoredFields(LINKS.get(0));
        assertThat(fields.record(key)).hasSizeLessThan(110);
        RedisProcess.until("the time is set", () -> fields.left(key) > 0);
        assertThat(fields.left(key)).isBetween(800_000L, 961_000L);
    }

    @Test
    void hashWithoutATime_expires_onceAnotherReplicaStepsItsTask() throws Exception {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        long expiry = System.currentTimeMillis() + 900_000;
        STORES.get(0)
                .apply(
                        key,
                        Tasks.policy(),
                        new TaskStep.Start(Tasks.token("root").id(), expiry))
                .block();
        StoredFields fields = new StoredFields(LINKS.get(0));
        RedisProcess.until("the maker has set the time", () -> fields.left(key) > 0);
        fields.keepForEver(key);
        assertThat(fields.left(key)).isEqualTo(-1);
        STORES.get(1).apply(key, Tasks.policy(), new TaskStep.Look()).block();
        RedisProcess.until("the other replica has set the time", () -> fields.left(key) > 0);
        assertThat(fields.left(key)).isBetween(800_000L, 961_000L);
        fields.keepForEver(key);
        STORES.get(1)
                .apply(key, Tasks.policy(), Tasks.call(List.of(Tasks.token("root")), "x"))
                .block();
        // Asked over the connection that would have set the time.
        assertThat(new StoredFields(LINKS.get(1)).left(key)).as("once a lane").isEqualTo(-1);
    }

    @Test
    void hash_whoseTimeTheStoreDoesNotTake_isWritten_andExpiresLater() throws Exception {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        StoredFields fields = new StoredFields(LINKS.get(0));
        may(AclSetuserArgs.Builder.removeCommand(CommandType.PEXPIREAT));
        try {
            assertThat(STORES.get(0).apply(key, Tasks.policy(), START).block()).isInstanceOf(TaskOutcome.Done.class);
            assertThat(fields.left(key)).isEqualTo(-1);
        } finally {
            may(AclSetuserArgs.Builder.addCommand(CommandType.PEXPIREAT));
        }
        RedisProcess.until("the replica has tried again", () -> fields.left(key) > 0);
    }

    private static void may(AclSetuserArgs right) throws Exception {
        LINKS.get(2)
                .ask(commands -> commands.aclSetuser("default", right).toCompletableFuture())
                .get();
    }

    /** Prints the bytes of a task; {@code -Derrand.tasks=100000} makes more tasks. */
    @Test
    void memory_perTask_isWithinTheStatedBound() throws Exception {
        int tasks = Integer.getInteger("errand.tasks", 5000);
        long before = usedMemory();
        long start = System.nanoTime();
        LiveTasks.make(STORES.get(0), tasks);
        long millis = Math.max(1, (System.nanoTime() - start) / 1_000_000);
        long each = (usedMemory() - before) / tasks;
        System.out.println("bytes per live task with one proof: " + each + "; steps per second on " + tasks + " tasks: "
                + 2000L * tasks / millis);
        assertThat(each).isLessThan(700);
    }

    private static long usedMemory() throws Exception {
        String info = LINKS.get(0)
                .ask(commands -> commands.info("memory").toCompletableFuture())
                .get();
        Matcher matcher = Pattern.compile("used_memory:(\\d+)").matcher(info);
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
