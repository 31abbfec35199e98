package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.take;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.sequence.SequencePolicies.Verdict;
import dev.errand.sequence.rule.Tally;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One call may have 1,000 operations; what it costs does not grow with the entries that a rule keeps. */
class ManyOperationsTest {
    private static final int OPERATIONS = 1_000;
    private static final long MOST_NANOS = 20_000_000;
    private static final int TRIES = 40;
    private static final long NOW = 1_795_512_000_000L;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final List<String> costs = new ArrayList<>();

    /** The operations of a call with values of their own: {@code a} and {@code b}, in turn if both are given. */
    private static List<Move> moves(int from, int count, String... operations) {
        List<Move> moves = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Map<String, JsonValue> arguments = new HashMap<>();
            arguments.put("resource", new JsonString("bucket/key-" + (from + i)));
            arguments.put("version", new JsonString("v" + (from + i)));
            arguments.put("amount", JsonNumber.of(1));
            moves.add(new Move(operations[i % operations.length], new JsonObject(arguments), false));
        }
        return moves;
    }

    private static SequenceState taken(
            SequencePolicy policy, SequenceState state, List<Move> moves, String decision, long now) {
        Verdict verdict = take(policy, state, moves, decision, now);
        return SequencePolicies.fits(verdict);
    }

    /** The processor time of this thread alone: of the first try that is short enough, else the least. */
    private long nanos(String what, Runnable work) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES && least >= MOST_NANOS; i++) {
            long before = THREADS.getCurrentThreadCpuTime();
            work.run();
            least = Math.min(least, THREADS.getCurrentThreadCpuTime() - before);
        }
        costs.add(what + " " + least / 1000 + " us");
        return least;
    }

    private void isCheap(String what, Runnable work) {
        assertThat(nanos(what, work)).as("%s", costs).isLessThan(MOST_NANOS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{distinct: a, of: resource, at-most: 4096}",
                "{distinct: a, of: resource, at-most: 4096, within: 1h}",
                "{distinct: a, of: resource, at-most: 4096, same: [version], within: 1h}",
                "{bounded: a, at-most: 4096}",
                "{bounded: a, at-most: 4096, within: 1h}",
                "{bounded: a, at-most: 4, same: [resource]}",
                "{bounded: a, at-most: 4, same: [resource], within: 1h}",
                "{bounded: a, at-most: 4, same: [resource, version], within: 1h}",
                "{sum: a, of: amount, at-most: 100000, same: [resource]}",
                "{absence: b, after: a, same: [resource]}",
                "{absence: b, after: a, same: [resource], within: 1h}",
                "{absence: b, after: a, same: [resource, version], when: happened, within: 1h}",
                "{precedence: a, before: b, same: [resource]}",
                "{precedence: a, before: b, same: [resource, version], within: 1h}",
                "{precedence: a, before: b, same: [resource, version], once: true}",
                "{precedence: a, before: b, same: [resource], once: true, within: 1h}",
                "{previous: a, before: b, same: [resource]}"
            })
    void call_ofAThousandOperations_costsLittle_whateverTheRuleKeeps(String rule) {
        SequencePolicy policy = policy("rules: [" + rule + "]\n");
        SequenceState full = policy.start();
        long now = NOW;
        for (int from = 0; from < Tally.MAX_ENTRIES - OPERATIONS; from += 500) {
            List<Move> moves = moves(from, Math.min(500, Tally.MAX_ENTRIES - OPERATIONS - from), "a");
            String decision = "d" + from;
            full = policy.settle(taken(policy, full, moves, decision, now), decision, true, now + 1);
            now += 10;
        }
        SequenceState standing = full;
        long at = now;
        List<Move> last = moves(10_000, OPERATIONS, "a");
        isCheap("a call", () -> taken(policy, standing, last, "last", at));
        SequenceState flying = taken(policy, standing, last, "last", at);
        isCheap("its outcome", () -> policy.settle(flying, "last", true, at + 5));
        isCheap("its failure", () -> policy.settle(flying, "last", false, at + 5));
        isCheap("its return", () -> policy.giveBack(flying, "last", at + 5));
        isCheap("its writing", () -> policy.write(flying));
        isCheap("a call behind it", () -> take(policy, flying, moves(20_000, OPERATIONS, "a"), "more", at + 6));
        isCheap("a call of the other", () -> take(policy, flying, moves(0, OPERATIONS, "b"), "other", at + 6));
        isCheap("one of both", () -> take(policy, flying, moves(10_000, OPERATIONS, "a", "b"), "both", at + 6));
        SequenceState settled = policy.settle(flying, "last", true, at + 5);
        isCheap("a call when it is full", () -> take(policy, settled, moves(30_000, OPERATIONS, "a"), "full", at + 7));
        isCheap("the same once more", () -> take(policy, settled, last, "again", at + 7));
        isCheap("the other once more", () -> take(policy, settled, moves(10_000, OPERATIONS, "b"), "again", at + 7));
    }
}
