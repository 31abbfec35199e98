package dev.errand.sequence;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.binding.AnswerValues;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plan and rules of one template revision, compiled. Pure and total; thread-safe. Times are the store's, epoch
 * milliseconds.
 */
public interface SequencePolicy {
    /** The policy of a template with neither plan nor rules, and of a task without a template. */
    SequencePolicy ANY_ORDER = AnyOrder.INSTANCE;

    /** {@code sha-256:} digest of the compiled plan, as the root token carries it. */
    String digest();

    /**
     * The argument that plan or rules look at in calls of that operation, if another argument of this call differs from
     * it only in letter case or Unicode form; else null.
     */
    default @Nullable String lookalike(String operation, JsonObject arguments) {
        return null;
    }

    /** The state of a task that has made no call. */
    SequenceState start();

    /**
     * Takes the places of one call, all or nothing.
     *
     * @param answers the values that answers returned to the task
     * @param decision the call's decision id, by which {@link #settle} names it later
     */
    default Verdict take(SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
        return take(state, moves, decision, nowMillis);
    }

    /** Takes the places of a call of a task to which nothing was returned. */
    Verdict take(SequenceState state, List<Move> moves, String decision, long nowMillis);

    /** The names of the values in the operation's answers that rules look at; empty if they look at none. */
    default Set<String> returns(String operation) {
        return Set.of();
    }

    /**
     * Takes the places of one call whatever plan and rules object to. What the plan objects to moves nothing; the rules count
     * it.
     */
    default Overruled overrule(
            SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
        Verdict verdict = take(state, moves, answers, decision, nowMillis);
        return verdict instanceof Verdict.Accepted fits
                ? new Overruled(fits.next(), List.of(), fits.observed(), fits.awaitsOutcome())
                : new Overruled(state, List.of(((Verdict.Refused) verdict).objection()), List.of(), false);
    }

    /**
     * The upstream answered the call: below 400 ({@code happened}), or not. An unknown decision changes nothing.
     *
     * @param returning whether values of the answer are still to come, until {@link #returned} or the route's response timeout
     */
    default SequenceState settle(
            SequenceState state, String decision, boolean happened, boolean returning, long nowMillis) {
        return settle(state, decision, happened, nowMillis);
    }

    /** An answer came, and no rule awaits a value of it. */
    SequenceState settle(SequenceState state, String decision, boolean happened, long nowMillis);

    /** The values of the call's answer are known. */
    default SequenceState returned(SequenceState state, String decision) {
        return state;
    }

    /** No byte of the call was sent: its place and what rules counted for it are given back, once. */
    SequenceState giveBack(SequenceState state, String decision, long nowMillis);

    /** Gives up places that have had no outcome for longer than the route's response timeout. */
    SequenceState expire(SequenceState state, long nowMillis);

    /** What the plan allows now; null where there is no plan. Not for the path of a call: it looks at every way. */
    default @Nullable PlanView view(SequenceState state, long nowMillis) {
        return null;
    }

    byte[] write(SequenceState state);

    /** Reads what {@link #write} wrote; an {@link IllegalArgumentException} for anything else. */
    SequenceState read(byte[] written);

    /**
     * The answer of {@link #overrule}.
     *
     * @param next the state with the places taken
     * @param objections all that plan and enforced rules object to, the plan first; empty for a call that fits
     * @param observed objections that are only observed
     * @param awaitsOutcome as of {@link Verdict.Accepted}
     */
    record Overruled(SequenceState next, List<Objection> objections, List<Objection> observed, boolean awaitsOutcome) {
        public Overruled {
            objections = List.copyOf(objections);
            observed = List.copyOf(observed);
        }
    }

    /** The answer of {@link #take}. */
    sealed interface Verdict {
        /**
         * The call fits.
         *
         * @param next the state with its places taken
         * @param observed objections that are only observed ({@code observe: true}), for the record
         * @param awaitsOutcome whether {@link #settle} must be called with the upstream's answer
         */
        record Accepted(SequenceState next, List<Objection> observed, boolean awaitsOutcome) implements Verdict {
            public Accepted {
                observed = List.copyOf(observed);
            }
        }

        /** The call does not fit; nothing moved. */
        record Refused(Objection objection) implements Verdict {}
    }

    /**
     * Why a call does not fit.
     *
     * @param kind what objects
     * @param rule where the rule was written, or the step that the plan stands at ({@code file:line}); null where neither
     *     objects but a bound on what is kept
     * @param detail one sentence: what was asked, where the plan stands, what would have been allowed
     * @param trace the shortest sequence of operations that shows the violation
     */
    record Objection(Kind kind, @Nullable String rule, String detail, List<String> trace) {
        public Objection {
            trace = List.copyOf(trace);
        }

        /** What objects. */
        public enum Kind {
            /** The plan, for every outcome of the calls in flight. */
            PLAN,
            /** The plan, for some outcomes of the calls in flight only: deny, never interrupt. */
            PENDING,
            /** A rule. */
            RULE,
            /** A rule whose condition is still in flight: deny, never interrupt. */
            PENDING_RULE
        }
    }
}
