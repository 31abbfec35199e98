package dev.errand.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.identity.Human;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.policy.GoverningPolicies;
import dev.errand.sequence.binding.AnswerValues;
import dev.errand.state.StateListener;
import dev.errand.state.fleet.IndexedTask;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.fleet.FormatReader;
import dev.errand.state.redis.fleet.RedisTaskIndex;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.seal.MacSeal;
import dev.errand.state.redis.seal.Seal;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.approval.Asking;
import dev.errand.task.record.TaskFormat;
import dev.errand.task.template.TemplateParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The way back to a lower {@code errand.state.format}: tasks that make no call follow, and what cannot follow is counted. */
class LoweredFormatIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final List<SecretKey> KEYS = List.of(new SecretKeySpec(new byte[32], "HmacSHA256"));
    private static final Seal SEAL = MacSeal.of(() -> KEYS, null);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final TaskPolicy POLICY =
            Tasks.calls(Tasks.limits(Tasks.policy(), Tasks.limit(1_000_000, Duration.ofHours(1))), 5_000);
    private static final Human ALICE = new Human("https://idp.example", "alice");

    private RedisProcess redis;
    private RedisLink one;
    private RedisLink two;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        redis = new RedisProcess(directory, "appendonly no");
        one = RedisLink.open(redis.address(), SOON, StateListener.NONE);
        two = RedisLink.open(redis.address(), SOON, StateListener.NONE);
        assertThat(one.awaitAnswer(SOON)).isTrue();
        assertThat(two.awaitAnswer(SOON)).isTrue();
    }

    @AfterEach
    void stop() throws Exception {
        one.close();
        two.close();
        redis.close();
    }

    private static RedisTaskStore store(RedisLink link, int format, Seal seal) {
        return new RedisTaskStore(link, SOON, StateListener.NONE, new RecordTerms(format, seal));
    }

    private TaskKey started(RedisTaskStore store, TaskPolicy policy) {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        long until = System.currentTimeMillis() + 900_000;
        store.apply(key, policy, new TaskStep.Start(ROOT.id(), until)).block(SOON);
        IndexedTask entry = new IndexedTask(key.value(), "release", ALICE, null, until - 900_000, until);
        assertThat(new RedisTaskIndex(one, Seal.NONE).enter(entry).block(SOON)).isTrue();
        return key;
    }

    private static TaskStep call(int child) {
        TokenAccount account = Tasks.bounded("child" + child, 1_000L, null, Tasks.limit(9_000, Duration.ofHours(1)));
        return Tasks.call(List.of(ROOT, account), "x");
    }

    private static long callsLeft(TaskOutcome outcome) {
        assertThat(outcome).isInstanceOf(TaskOutcome.Permitted.class);
        Long left = ((TaskOutcome.Permitted) outcome).progress().budgets().get("calls");
        assertThat(left).isNotNull();
        return left;
    }

    private List<Integer> formats() {
        FormatReader reader = new FormatReader(two);
        return Flux.range(0, RedisTaskIndex.shards())
                .concatMap(shard -> reader.page(shard, null, 3)
                        .expand(page -> page.next() == null ? Mono.empty() : reader.page(shard, page.next(), 3)))
                .concatMapIterable(FormatReader.Page::tasks)
                .map(FormatReader.Stored::format)
                .collectList()
                .block(SOON);
    }

    private static LoweredFormat.Left lefts(LoweredFormat lowered, long records) throws InterruptedException {
        long until = System.nanoTime() + SOON.toNanos();
        LoweredFormat.Left left = lowered.left();
        while ((left == null || left.records() != records) && System.nanoTime() < until) {
            Thread.sleep(20);
            left = lowered.left();
        }
        assertThat(left).isNotNull();
        return left;
    }

    static Stream<Arguments> pairs() {
        return IntStream.range(TaskFormat.OLDEST, TaskFormat.NEWEST)
                .boxed()
                .flatMap(to ->
                        IntStream.rangeClosed(to + 1, TaskFormat.NEWEST).mapToObj(from -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void idleTasks_areWrittenAnew_andGoOnWhereTheyStood(int from, int to) throws Exception {
        Seal seal = to == TaskFormat.OLDEST ? Seal.NONE : SEAL;
        RedisTaskStore high = store(one, from, seal);
        List<TaskKey> keys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            TaskKey key = started(high, POLICY);
            keys.add(key);
            int children = i == 0 ? 150 : 2;
            for (int child = 0; child < children; child++) {
                callsLeft(high.apply(key, POLICY, call(child)).block(SOON));
            }
        }
        assertThat(formats()).hasSize(40).containsOnly(from);
        RedisTaskStore low = store(two, to, seal);
        try (LoweredFormat lowered = new LoweredFormat(new FormatReader(two), low, to)) {
            assertThat(lowered.isLowered()).isTrue();
            assertThat(lowered.left()).isNull();
            lowered.start();
            assertThat(lefts(lowered, 0)).isEqualTo(new LoweredFormat.Left(0, 0));
        }
        assertThat(formats()).hasSize(40).containsOnly(to);
        RedisTaskStore cold = store(one, to, seal);
        for (RedisTaskStore each : List.of(cold, high, low)) {
            TaskOutcome first = each.apply(keys.get(0), POLICY, call(149)).block(SOON);
            assertThat(callsLeft(first)).isEqualTo(5_000 - 150 - (each == cold ? 1 : each == high ? 2 : 3));
            assertThat(((TaskOutcome.Permitted) first).progress().budgets().get("token:1"))
                    .isEqualTo(1_000 - (each == cold ? 2L : each == high ? 3L : 4L));
        }
        assertThat(callsLeft(cold.apply(keys.get(39), POLICY, call(1)).block(SOON)))
                .isEqualTo(5_000 - 3);
    }

    /** A call that comes between is neither lost nor counted twice, whichever format its replica writes. */
    @Test
    void calls_whileRecordsAreWrittenAnew_areCountedOnce() throws Exception {
        int to = TaskFormat.NEWEST - 1;
        RedisTaskStore high = store(one, TaskFormat.NEWEST, SEAL);
        RedisTaskStore low = store(two, to, SEAL);
        TaskKey key = started(high, POLICY);
        Flux.range(0, 900)
                .flatMap(
                        step -> step % 3 == 2
                                ? low.apply(key, GoverningPolicies.UNTEMPLATED, new TaskStep.Reformat(to))
                                : (step % 3 == 0 ? high : low).apply(key, POLICY, call(step % 5)),
                        16)
                .doOnNext(outcome ->
                        assertThat(outcome).isInstanceOfAny(TaskOutcome.Permitted.class, TaskOutcome.Reformatted.class))
                .blockLast(SOON);
        for (RedisTaskStore each : List.of(high, low)) {
            assertThat(callsLeft(each.apply(key, POLICY, call(0)).block(SOON)))
                    .isEqualTo(5_000 - (each == high ? 601 : 602));
        }
        assertThat(low.apply(key, GoverningPolicies.UNTEMPLATED, new TaskStep.Reformat(to))
                        .block(SOON))
                .isEqualTo(new TaskOutcome.Reformatted(true));
        assertThat(formats()).containsOnly(to);
    }

    /** An open request for approval has no place below format 4, and a task that has one is left until it ends. */
    @Test
    void task_thatTheFormatCannotHold_staysAndIsCounted() throws Exception {
        RedisTaskStore high = store(one, TaskFormat.ASKING, SEAL);
        TaskPolicy asks = asking();
        TaskKey key = started(high, asks);
        started(high, asks);
        TaskStep.Call call = call("x:d", JsonObject.EMPTY);
        assertThat(high.apply(key, asks, call).block(SOON)).isInstanceOf(TaskOutcome.Asks.class);
        Map<String, JsonValue> members =
                Map.of("operation", new JsonString("x:d"), "leaf", new JsonString("l"), "body", new JsonString("b"));
        byte[] told = "{\"template\":\"t\",\"members\":{\"task\":\"t-1\",\"revision\":\"r\"}}"
                .getBytes(StandardCharsets.UTF_8);
        Asking asking = new Asking(
                Tasks.unique("a-"),
                new JsonObject(members),
                System.currentTimeMillis() + 800_000,
                told,
                Asking.Limit.ADMITTED);
        TaskOutcome asked = high.apply(key, asks, call.asking(asking)).block(SOON);
        assertThat(((TaskOutcome.Denied) asked).asked()).isNotNull();
        int to = TaskFormat.ASKING - 1;
        RedisTaskStore low = store(two, to, SEAL);
        try (LoweredFormat lowered = new LoweredFormat(new FormatReader(two), low, to)) {
            lowered.start();
            assertThat(lefts(lowered, 1)).isEqualTo(new LoweredFormat.Left(1, 1));
            assertThat(formats()).containsExactlyInAnyOrder(TaskFormat.ASKING, to);
            callsOf(low, key, asks, call("x:e", JsonObject.EMPTY));
            assertThat(formats()).as("a call drops nothing").containsExactlyInAnyOrder(TaskFormat.ASKING, to);
            TaskOutcome waits = low.apply(key, asks, again(call).asking(asking)).block(SOON);
            assertThat(((TaskOutcome.Denied) waits).asked().request().id()).isEqualTo(asking.id());
            high.apply(key, asks, new TaskStep.Interrupt("why")).block(SOON);
            assertThat(lefts(lowered, 0)).isEqualTo(new LoweredFormat.Left(0, 0));
            assertThat(formats()).containsOnly(to);
        }
    }

    /** What rules look at stays, whichever replica judges the next call, until the task ends. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void valuesOfAnswers_stay_andTheirTaskIsCounted(int to) throws Exception {
        RedisTaskStore high = store(one, TaskFormat.NEWEST, SEAL);
        RedisTaskStore low = store(two, to, MacSeal.of(() -> KEYS, Instant.now().plusSeconds(60)));
        TaskPolicy looks = template("""
                allow: {"x:a": {}, "x:b": {"*": {wildcard: true}}}
                rules: [{from: {"x:a": id}, to: {"x:b": id}}]
                on-violation: {rule: deny}
                """);
        TaskKey key = started(high, looks);
        TaskStep.Call source = call("x:a", JsonObject.EMPTY);
        callsOf(high, key, looks, source);
        high.apply(key, looks, new TaskStep.Settle(source.decision(), true, true))
                .block(SOON);
        JsonString id = new JsonString("17");
        List<AnswerValues.Named> values = List.of(new AnswerValues.Named("x:a", "id", AnswerValues.hash(id)));
        TaskStep returned = new TaskStep.Return(source.decision(), values, new byte[AnswerValues.KEY_BYTES]);
        high.apply(key, looks, returned).block(SOON);
        for (RedisTaskStore each : List.of(low, high, low)) {
            callsOf(each, key, looks, call("x:b", new JsonObject(Map.of("id", id))));
            assertThat(each.apply(key, looks, call("x:b", new JsonObject(Map.of("id", new JsonString("18")))))
                            .block(SOON))
                    .isInstanceOf(TaskOutcome.Denied.class);
            assertThat(formats()).containsExactly(TaskFormat.NEWEST);
        }
        try (LoweredFormat lowered = new LoweredFormat(new FormatReader(two), low, to)) {
            lowered.start();
            assertThat(lefts(lowered, 1)).isEqualTo(new LoweredFormat.Left(1, 1));
            low.apply(key, looks, new TaskStep.Interrupt("why")).block(SOON);
            assertThat(lefts(lowered, 0)).isEqualTo(new LoweredFormat.Left(0, 0));
            assertThat(formats()).containsExactly(to);
        }
    }

    private static void callsOf(RedisTaskStore store, TaskKey key, TaskPolicy policy, TaskStep.Call call) {
        assertThat(store.apply(key, policy, call).block(SOON)).isInstanceOf(TaskOutcome.Permitted.class);
    }

    private static TaskStep.Call call(String operation, JsonObject arguments) {
        OperationCall pair =
                new OperationCall(new Operation(operation, Effect.WRITE, false, false), "r", arguments, false);
        return new TaskStep.Call(Tasks.unique("d"), List.of(ROOT), Tasks.proof(), List.of(pair), true, 0);
    }

    private static TaskStep.Call again(TaskStep.Call call) {
        return new TaskStep.Call(Tasks.unique("d"), List.of(ROOT), Tasks.proof(), call.calls(), true, 0);
    }

    private static TaskPolicy asking() {
        return template("""
                allow: {"x:d": {ask: always}}
                ask: {by: {issuer: i, clients: [c]}}
                """);
    }

    private static TaskPolicy template(String lines) {
        String text = """
                template: t
                agents: ["spiffe://a.example/b"]
                humans: {issuer: i}
                """ + lines;
        Faults faults = new Faults();
        return new TemplateParser()
                .parse("t.yaml", text, null, faults)
                .orElseThrow(() -> new AssertionError("" + faults.list()))
                .policy(false);
    }

    /** A record that nobody of ours wrote is not rewritten, and the operator sees that something is left. */
    @Test
    void record_withoutItsCode_isLeft() throws Exception {
        started(store(one, TaskFormat.NEWEST, Seal.NONE), POLICY);
        int to = TaskFormat.NEWEST - 1;
        try (LoweredFormat lowered = new LoweredFormat(new FormatReader(two), store(two, to, SEAL), to)) {
            lowered.start();
            assertThat(lefts(lowered, 1)).isEqualTo(new LoweredFormat.Left(1, 0));
        }
    }

    @Test
    void newestFormat_looksForNothing() {
        RedisTaskStore store = store(two, TaskFormat.NEWEST, SEAL);
        try (LoweredFormat lowered = new LoweredFormat(new FormatReader(two), store, TaskFormat.NEWEST)) {
            lowered.start();
            assertThat(lowered.isLowered()).isFalse();
            assertThat(lowered.left()).isNull();
        }
    }
}
