package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.ClockSkew;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules of one task whose calls come to two replicas from 64 callers at once: none ever lets one call too many through. */
class RuleRacesIT {
    private static final int CALLERS = 64;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final TokenAccount ROOT = Tasks.token("root");
    private static final List<RedisLink> LINKS = new ArrayList<>();
    private static final List<RedisTaskStore> STORES = new ArrayList<>();
    private static EmbeddedRedis redis;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        for (int i = 0; i < 3; i++) {
            RedisLink link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
            assertThat(link.awaitAnswer(TIMEOUT)).isTrue();
            LINKS.add(link);
            STORES.add(new RedisTaskStore(link, TIMEOUT, StateListener.NONE, RecordTerms.NEWEST, ClockSkew.ANY));
        }
    }

    @AfterAll
    static void stop() {
        LINKS.forEach(RedisLink::close);
        redis.close();
    }

    /** One policy a replica, as each compiles its own. */
    private static List<TaskPolicy> policies(String rules) {
        return List.of(policy(rules), policy(rules), policy(rules));
    }

    private static TaskPolicy policy(String rules) {
        Faults faults = new Faults();
        YamlMap map = (YamlMap) Objects.requireNonNull(Yaml.parse("t.yaml", "rules: [" + rules + "]", faults));
        SequencePolicy sequence = SequenceParser.policy(map, Duration.ofMinutes(1), faults);
        assertThat(faults.list()).isEmpty();
        return Tasks.policy(Objects.requireNonNull(sequence));
    }

    private static OperationCall pair(String operation, Object claim, long amount) {
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        arguments.put("claim", new JsonString(String.valueOf(claim)));
        arguments.put("amount", JsonNumber.of(amount));
        return new OperationCall(
                new Operation(operation, Effect.WRITE, false, false), "r", new JsonObject(arguments), false);
    }

    private static TaskStep.Call call(String id, OperationCall... pairs) {
        return new TaskStep.Call(id, List.of(ROOT), Tasks.proof(), List.of(pairs), false, 0);
    }

    private static TaskKey started(List<TaskPolicy> policies) {
        TaskKey key = new TaskKey(Tasks.unique("t-"));
        apply(key, policies, 0, new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS));
        return key;
    }

    private static TaskOutcome apply(TaskKey key, List<TaskPolicy> policies, int replica, TaskStep step) {
        return Objects.requireNonNull(
                STORES.get(replica).apply(key, policies.get(replica), step).block());
    }

    private interface Caller {
        boolean call(int number);
    }

    private static int passed(Caller caller) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Callable<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                int number = i;
                all.add(() -> caller.call(number));
            }
            int passed = 0;
            for (Future<Boolean> each : pool.invokeAll(all)) {
                passed += each.get() ? 1 : 0;
            }
            return passed;
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void sum_of64Callers_neverExceeds() throws Exception {
        List<TaskPolicy> policies = policies("{sum: a, of: amount, at-most: 100, same: [claim]}");
        TaskKey key = started(policies);
        int passed = passed(i ->
                apply(key, policies, i % 2, call("d" + i, pair("a", "c", 7))) instanceof TaskOutcome.Permitted);
        assertThat(passed).isEqualTo(14);
    }

    @Test
    void once_of64Callers_isUsedAsOftenAsItHappened() throws Exception {
        List<TaskPolicy> policies = policies("{precedence: a, before: b, once: true, within: 10m, same: [claim]}");
        TaskKey key = started(policies);
        for (int i = 0; i < 20; i++) {
            assertThat(apply(key, policies, i % 2, call("a" + i, pair("a", "c", 1))))
                    .isInstanceOf(TaskOutcome.Permitted.class);
            apply(key, policies, (i + 1) % 2, new TaskStep.Settle("a" + i, true));
        }
        int passed = passed(i ->
                apply(key, policies, i % 2, call("b" + i, pair("b", "c", 1))) instanceof TaskOutcome.Permitted);
        assertThat(passed).isEqualTo(20);
    }

    @Test
    void once_givenBackByHalf_isUsedAgain() throws Exception {
        List<TaskPolicy> policies = policies("{precedence: a, before: b, once: true}");
        TaskKey key = started(policies);
        for (int i = 0; i < 10; i++) {
            apply(key, policies, 0, call("a" + i, pair("a", "c", 1)));
            apply(key, policies, 1, new TaskStep.Settle("a" + i, true));
        }
        int sent = passed(i -> {
            boolean permitted =
                    apply(key, policies, i % 2, call("b" + i, pair("b", "c", 1))) instanceof TaskOutcome.Permitted;
            boolean back = permitted && i % 2 == 0;
            if (back) {
                apply(key, policies, (i + 1) % 2, new TaskStep.GiveBack("b" + i, List.of(ROOT), 1));
            }
            return permitted && !back;
        });
        int more = passed(i ->
                apply(key, policies, i % 2, call("m" + i, pair("b", "c", 1))) instanceof TaskOutcome.Permitted);
        assertThat(sent + more).isEqualTo(10);
    }

    @Test
    void distinct_of64Callers_neverExceeds() throws Exception {
        List<TaskPolicy> policies = policies("{distinct: a, of: claim, at-most: 20, within: 10m}");
        TaskKey key = started(policies);
        int passed = passed(i ->
                apply(key, policies, i % 2, call("d" + i, pair("a", i, 1))) instanceof TaskOutcome.Permitted);
        assertThat(passed).isEqualTo(20);
    }

    @Test
    void from_valuesOfOneReplica_areKnownToTheOther_andStayWhereOneWritesAnOlderFormat() {
        List<TaskPolicy> policies = policies("{from: {a: claim}, to: {b: claim}}");
        TaskKey key = started(policies);
        apply(key, policies, 0, call("a", pair("a", "x", 1)));
        apply(key, policies, 0, new TaskStep.Settle("a", true, true));
        TaskOutcome early = apply(key, policies, 1, call("early", pair("b", "c1", 1)));
        assertThat(((TaskOutcome.Denied) early).denial().step()).isEqualTo("pending");
        List<AnswerValues.Named> values = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            values.add(new AnswerValues.Named("a", "claim", AnswerValues.hash(new JsonString("c" + i))));
        }
        assertThat(apply(key, policies, 0, new TaskStep.Return("a", values, true, new byte[AnswerValues.KEY_BYTES])))
                .isEqualTo(new TaskOutcome.Returned(300, 0));
        assertThat(apply(key, policies, 1, call("b", pair("b", "c299", 1)))).isInstanceOf(TaskOutcome.Permitted.class);
        TaskOutcome never = apply(key, policies, 0, call("never", pair("b", "c300", 1)));
        assertThat(((TaskOutcome.Denied) never).denial().step()).isEqualTo("rule");
        assertThat(apply(key, policies, 2, call("older", pair("b", "c1", 1))))
                .isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(apply(key, policies, 0, call("kept", pair("b", "c1", 1))))
                .as("a replica that writes the format before drops no values")
                .isInstanceOf(TaskOutcome.Permitted.class);
    }
}
