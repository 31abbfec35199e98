package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.state.StateListener;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records with parts in a real store: what a call moves, and what happens to a record that lost one. */
class PartsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final TaskPolicy POLICY = Tasks.limits(Tasks.policy(), Tasks.limit(1_000_000, Duration.ofHours(1)));
    private static EmbeddedRedis redis;
    private static RedisLink link;
    private static RedisLink other;

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
        return new RedisTaskStore(by, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY);
    }

    private static TaskKey started(RedisTaskStore store, int children) {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        store.apply(key, POLICY, new TaskStep.Start(ROOT.id(), System.currentTimeMillis() + 900_000))
                .block();
        for (int i = 0; i < children; i++) {
            assertThat(store.apply(key, POLICY, call(i)).block()).isInstanceOf(TaskOutcome.Permitted.class);
        }
        return key;
    }

    private static TaskStep call(int child) {
        TokenAccount account =
                Tasks.bounded("child" + child, 1_000_000L, null, Tasks.limit(9_000_000, Duration.ofHours(1)));
        return Tasks.call(List.of(ROOT, account), "x");
    }

    private static double microsEach(RedisTaskStore store, TaskKey key, int calls) {
        long began = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            assertThat(store.apply(key, POLICY, call(i % 10)).block()).isInstanceOf(TaskOutcome.Permitted.class);
        }
        return (System.nanoTime() - began) / 1000.0 / calls;
    }

    private static long stat(String name) throws Exception {
        String info = link.ask(commands -> commands.info("stats").toCompletableFuture())
                .get();
        Matcher matcher = Pattern.compile(name + ":(\\d+)").matcher(info);
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /** In turn, so that both have the same share of what else the machine does; the median of the rounds. */
    @Test
    void call_ofATaskOf1000Children_costsHardlyMoreThanOfOneOf10() throws Exception {
        RedisTaskStore store = store(link);
        TaskKey small = started(store, 10);
        TaskKey large = started(store, 1000);
        int calls = Integer.getInteger("errand.parts.calls", 300);
        double[] ratios = new double[9];
        for (int round = 0; round < ratios.length; round++) {
            double ofSmall = microsEach(store, small, calls);
            ratios[round] = microsEach(store, large, calls) / ofSmall;
        }
        Arrays.sort(ratios);
        long before = stat("total_net_input_bytes");
        microsEach(store, small, 100);
        long between = stat("total_net_input_bytes");
        microsEach(store, large, 100);
        long after = stat("total_net_input_bytes");
        System.out.printf(
                "a call of 1,000 children: %.2f of the time of one of 10; %d bytes sent against %d%n",
                ratios[ratios.length / 2], (after - between) / 100, (between - before) / 100);
        assertThat(ratios[ratios.length / 2])
                .as("a step that reads all children costs many times as much")
                .isLessThan(2);
        assertThat((after - between) / 100).isLessThan(4000);
    }

    @Test
    void call_onAnotherReplica_readsThePartsOfItsChainOnly() throws Exception {
        TaskKey key = started(store(link), Task.MAX_TOKENS - 1);
        RedisTaskStore cold = store(other);
        long before = stat("total_net_output_bytes");
        assertThat(cold.apply(key, POLICY, call(500)).block()).isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(stat("total_net_output_bytes") - before).isLessThan(12_000);
        TaskOutcome full = cold.apply(key, POLICY, call(5000)).block();
        assertThat(full)
                .as("the number of tokens is known, though not all were read")
                .isInstanceOf(TaskOutcome.Denied.class);
    }

    @Test
    void call_whosePartIsLost_isUnavailable_andOthersGoOn() throws Exception {
        TaskKey key = started(store(link), 100);
        StoredFields fields = new StoredFields(link);
        List<String> parts = new ArrayList<>();
        for (int number = 0; number < 64; number++) {
            if (fields.part(key, "t" + number) != null) {
                parts.add("t" + number);
            }
        }
        assertThat(parts.size()).isGreaterThan(20);
        assertThat(fields.left(key)).isBetween(900_000L, 961_000L);
        for (String part : parts) {
            fields.removePart(key, part);
        }
        RedisTaskStore cold = store(other);
        assertThatThrownBy(() -> cold.apply(key, POLICY, call(99)).block())
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(cold.apply(key, POLICY, call(1)).block()).isInstanceOf(TaskOutcome.Permitted.class);
        TaskOutcome ended =
                cold.apply(key, POLICY, new TaskStep.Interrupt("why")).block();
        assertThat(((TaskOutcome.Done) ended).ended()).isTrue();
    }
}
