package dev.errand.sequence;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.binding.AnswerValues;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The compiled plan and rules of one template revision. Thread-safe. The methods are pure, total functions of state and
 * call. All times are the store's, in epoch milliseconds.
 */
public interface SequencePolicy {
    /** The policy of a template with neither plan nor rules, and of a task without a template. */
    SequencePolicy ANY_ORDER = AnyOrder.INSTANCE;

    /** {@code sha-256:} digest of the compiled plan and rules; the root token carries it. */
    String digest();

    /**
     * An argument that the plan or a rule looks at in calls of that operation, if another argument of the call differs
     * from it only in letter case or Unicode form; otherwise null.
     */
    default @Nullable String lookalike(String operation, JsonObject arguments) {
        return null;
    }

    /** The state of a task that has made no call. */
    SequenceState start();

    /**
     * Takes the places of one call: of all its operations, or of none.
     *
     * @param answers the values that answers returned to the task
     * @param decision the call's decision id, which {@link #settle} needs later
     */
    default Verdict take(SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
        return take(state, moves, decision, nowMillis);
    }

    /** As above, for a task to which no values were returned. */
    Verdict take(SequenceState state, List<Move> moves, String decision, long nowMillis);

    /** The names of the values in the operation's answers that rules look at; may be empty. */
    default Set<String> returns(String operation) {
        return Set.of();
    }

    /**
     * Takes the places of one call even if the plan or rules object. A call that the plan objects to does not move the
     * plan; the rules count it.
     */
    default Overruled overrule(
            SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
        Verdict verdict = take(state, moves, answers, decision, nowMillis);
        return verdict instanceof Verdict.Accepted fits
                ? new Overruled(fits.next(), List.of(), fits.observed(), fits.awaitsOutcome())
                : new Overruled(state, List.of(((Verdict.Refused) verdict).objection()), List.of(), false);
    }

    /**
     * Records the outcome of a call. An unknown decision changes nothing.
     *
     * @param happened whether the upstream answered below 400
     * @param returning whether values of the answer are still to come, until {@link #returned} or the route's response
     *     timeout
     */
    default SequenceState settle(
            SequenceState state, String decision, boolean happened, boolean returning, long nowMillis) {
        return settle(state, decision, happened, nowMillis);
    }

    /** Records the outcome of a call if no rule awaits a value of its answer. */
    SequenceState settle(SequenceState state, String decision, boolean happened, long nowMillis);

    /** Records that all values of the call's answer are known. */
    default SequenceState returned(SequenceState state, String decision) {
        return state;
    }

    /** Gives back, once, the place of a call and its counts in rules, because no byte of it was sent. */
    SequenceState giveBack(SequenceState state, String decision, long nowMillis);

    /** Counts calls as failed that have had no outcome for longer than the route's response timeout. */
    SequenceState expire(SequenceState state, long nowMillis);

    /** What the plan allows now; null without a plan. Too slow for each call: it looks at every possible position. */
    default @Nullable PlanView view(SequenceState state, long nowMillis) {
        return null;
    }

    byte[] write(SequenceState state);

    /** Reads the bytes of {@link #write}; throws an {@link IllegalArgumentException} for any others. */
    SequenceState read(byte[] written);

    /**
     * The result of {@link #overrule}.
     *
     * @param next the state with the places taken
     * @param objections all objections of the plan and of enforced rules, the plan's first; empty for a call that fits
     * @param observed objections of rules that are only observed
     * @param awaitsOutcome as in {@link Verdict.Accepted}
     */
    record Overruled(SequenceState next, List<Objection> objections, List<Objection> observed, boolean awaitsOutcome) {
        public Overruled {
            objections = List.copyOf(objections);
            observed = List.copyOf(observed);
        }
    }

    /** The result of {@link #take}. */
    sealed interface Verdict {
        /**
         * The call fits.
         *
         * @param next the state with its places taken
         * @param observed objections of rules that are only observed ({@code observe: true}), for the record
         * @param awaitsOutcome whether {@link #settle} must be called with the upstream's answer
         */
        record Accepted(SequenceState next, List<Objection> observed, boolean awaitsOutcome) implements Verdict {
            public Accepted {
                observed = List.copyOf(observed);
            }
        }

        /** The call does not fit; the state is unchanged. */
        record Refused(Objection objection) implements Verdict {}
    }

    /**
     * Why a call does not fit.
     *
     * @param kind whether the plan or a rule objects, and whether an outcome may change that
     * @param rule where the rule or the plan's current step was written ({@code file:line}); null if a bound on the
     *     stored state objects
     * @param detail one sentence: what was asked, where the plan stands, what would have been allowed
     * @param trace the shortest sequence of operations that shows the violation
     */
    record Objection(Kind kind, @Nullable String rule, String detail, List<String> trace) {
        public Objection {
            trace = List.copyOf(trace);
        }

        /** What objects to the call. */
        public enum Kind {
            /** The plan, for every outcome of the calls in flight. */
            PLAN,
            /**
             * The plan, but only for some outcomes of the calls in flight: the call is denied, the task never
             * interrupted.
             */
            PENDING,
            /** A rule. */
            RULE,
            /** A rule whose answer depends on a call in flight: the call is denied, the task never interrupted. */
            PENDING_RULE
        }
    }
}
