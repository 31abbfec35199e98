package dev.errand.proof;

import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequencePolicy.Judged;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.UnknownOutcome;
import dev.errand.sequence.rule.AnswerValues;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A plan or rules as a component. The compiled policy that judges live calls is its transition function: no time passes,
 * and no values are returned.
 */
final class MonitorComponent extends Component {
    private static final long NOW = 1_767_225_600_000L;

    private final SequencePolicy policy;
    private final Calls calls;
    private final Predicate<Letter> counts;
    private final long highest;
    private final int most;
    private final List<Held> states = new ArrayList<>();
    private final Map<Held.Key, Integer> numbers = new HashMap<>();

    /** The operations of a call as this component sees them. */
    interface Calls {
        /**
         * The operations, in the order in which they are judged.
         *
         * @param met how many calls of the component passed that have a value of {@link Letter#OTHER}
         * @return empty if it does not look at the call
         */
        List<Move> of(Letter letter, int met);
    }

    private record Held(SequenceState state, int met) {
        private record Key(ByteBuffer state, int met) {}
    }

    /**
     * @param counts whether calls with {@link Letter#OTHER} are different calls
     * @param highest the highest count that the policy tells apart
     * @param most the most states
     */
    MonitorComponent(
            SequencePolicy policy,
            Calls calls,
            Predicate<Letter> counts,
            long highest,
            int letters,
            int most,
            boolean lostObjects) {
        super(letters, lostObjects);
        this.policy = policy;
        this.calls = calls;
        this.counts = counts;
        this.highest = highest;
        this.most = most;
        number(policy.start(), 0);
    }

    private int number(SequenceState state, int met) {
        Held.Key key = new Held.Key(ByteBuffer.wrap(policy.write(state)), met);
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        if (states.size() >= most) {
            return LOST;
        }
        states.add(new Held(state, met));
        numbers.put(key, states.size() - 1);
        return states.size() - 1;
    }

    /** The state of the policy that has this number. */
    SequenceState state(int number) {
        return states.get(number).state();
    }

    @Override
    boolean judge(int state, Letter letter) {
        Held held = states.get(state);
        List<Move> moves = calls.of(letter, held.met());
        return !moves.isEmpty()
                && !policy.judge(held.state(), moves, AnswerValues.NONE, "", NOW)
                        .objections()
                        .isEmpty();
    }

    @Override
    int move(int state, Letter letter, Outcome outcome) {
        Held held = states.get(state);
        List<Move> moves = calls.of(letter, held.met());
        if (moves.isEmpty()) {
            return state;
        }
        String decision = decision(held.state());
        Judged judged = policy.judge(held.state(), moves, AnswerValues.NONE, decision, NOW);
        SequenceState next = outcome == Outcome.UNANSWERED
                ? policy.unanswered(policy.sent(judged.next(), decision), decision, true, NOW)
                : policy.settle(judged.next(), decision, outcome == Outcome.HAPPENED, NOW);
        if (policy instanceof CompiledSequence compiled && highest < Long.MAX_VALUE) {
            next = compiled.countingTo(next, highest);
        }
        return number(next, held.met() + (counts.test(letter) ? 1 : 0));
    }

    /** A name that no call has whose outcome nobody knows; equal for equal states. */
    private String decision(SequenceState state) {
        Set<String> taken = policy.unknown(state, NOW).stream()
                .map(UnknownOutcome::decision)
                .collect(Collectors.toSet());
        int number = 0;
        while (taken.contains("u" + number)) {
            number++;
        }
        return "u" + number;
    }
}
