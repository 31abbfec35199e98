package dev.errand.sequence;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Breach;
import dev.errand.sequence.rule.Counts;
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

    /** Whether a step of the plan or a rule cannot be held to without the answers of calls. */
    default boolean needsAnswers() {
        return false;
    }

    /** The number of the plan's states; 0 without a plan. */
    default int states() {
        return 0;
    }

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
     * Judges one call: all objections in their order, and the state after the call. The state is made even for a call
     * that has objections, since a human may let it pass: such a call does not move a plan that objects to it; the rules
     * count it. If the objection depends on an unknown outcome, the call takes its place in the plan for the outcomes
     * for which it fits, and what a rule lets happen once for each time is owed until the outcome is known.
     *
     * @param answers the values that answers returned to the task
     * @param decision the call's decision id, which {@link #settle} needs later
     */
    Judged judge(SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis);

    /**
     * By how much one operation of a call raises what a rule counts for such operations.
     *
     * @param after the state after the call
     * @param alike the arguments that have the same values in all of them: a rule that counts apart by others counts nothing here
     * @param place the rule's number, as in {@link Objection}
     * @return 0 for a rule that counts nothing
     */
    default long grown(
            SequenceState before,
            SequenceState after,
            Move move,
            Set<String> alike,
            int place,
            AnswerValues answers,
            long nowMillis) {
        return 0;
    }

    /** The names of the values in the operation's answers that rules look at; may be empty. */
    default Set<String> returns(String operation) {
        return Set.of();
    }

    /**
     * Records the outcome of a call. For one whose outcome was unknown it takes effect as of the time since which it
     * was unknown. An unknown decision changes nothing.
     *
     * @param happened whether the upstream answered below 400
     * @param returning whether values of the answer are still to come, until {@link #returned} or the route's response
     *     timeout
     */
    default SequenceState settle(
            SequenceState state, String decision, boolean happened, boolean returning, long nowMillis) {
        return settle(state, decision, happened, nowMillis);
    }

    /** Whether an operator has said of the call the opposite of an outcome that comes late. */
    default boolean contradicts(SequenceState state, String decision, boolean happened) {
        return false;
    }

    /** Records the outcome of a call if no rule awaits a value of its answer. */
    SequenceState settle(SequenceState state, String decision, boolean happened, long nowMillis);

    /**
     * Records the values of a call's answer, after which no more come.
     *
     * @param values of all its operations, in the order of the answer; empty if none could be read
     * @param keyed the values that answers returned to the task, with a key
     */
    default SequenceState returned(
            SequenceState state, String decision, List<AnswerValues.Named> values, AnswerValues keyed, long nowMillis) {
        return state;
    }

    /** Whether a rule looks for the value among all that answers returned. */
    default boolean remembers(AnswerValues.Named value) {
        return false;
    }

    /** Records that the whole request of a call was handed to its connection: steps with {@code outcome: sent} count it. */
    default SequenceState sent(SequenceState state, String decision) {
        return state;
    }

    /**
     * Records that no answer to a call came, and that none will. A call that only reads failed. Of any other call the
     * outcome is unknown: it counts as happened and as failed both, until {@link #settle} or {@link #know}.
     *
     * @param sent whether the whole request was handed to the connection
     */
    default SequenceState unanswered(SequenceState state, String decision, boolean sent, long nowMillis) {
        return settle(state, decision, false, nowMillis);
    }

    /**
     * Records what an operator says of a call whose outcome is unknown. It takes effect as of the time since which
     * it is unknown.
     */
    default Settlement know(SequenceState state, String decision, boolean happened, long nowMillis) {
        return new Settlement(state, Settlement.Verdict.NO_SUCH);
    }

    /** The calls whose outcome is unknown and on whose outcome something depends, in the order of their permits. */
    default List<UnknownOutcome> unknown(SequenceState state, long nowMillis) {
        return List.of();
    }

    /** Gives back, once, the place of a call and its counts in rules, because no byte of it was sent. */
    SequenceState giveBack(SequenceState state, String decision, long nowMillis);

    /**
     * Takes note that calls have had no outcome for longer than the route's response timeout, as {@link #unanswered}
     * does. Forgets calls on whose outcome nothing depends any more.
     */
    SequenceState expire(SequenceState state, long nowMillis);

    /** What the plan allows now; null without a plan. Too slow for each call: it looks at every possible position. */
    default @Nullable PlanView view(SequenceState state, long nowMillis) {
        return null;
    }

    byte[] write(SequenceState state);

    /** Reads the bytes of {@link #write}; throws an {@link IllegalArgumentException} for any others. */
    SequenceState read(byte[] written);

    /**
     * The result of {@link #judge}.
     *
     * @param next the state with the places taken
     * @param objections all objections of the plan and of enforced rules: the plan's first, then those of the rules in
     *     the template's order, last that there is no room to await one more outcome; empty for a call that fits
     * @param observed objections of rules that are only observed ({@code observe: true}), for the record
     * @param awaited what must be told of the call: its outcome by {@link #settle} or {@link #unanswered}, and that it was
     *     sent by {@link #sent}
     */
    record Judged(SequenceState next, List<Objection> objections, List<Objection> observed, Awaited awaited) {
        public Judged {
            objections = List.copyOf(objections);
            observed = List.copyOf(observed);
        }
    }

    /** The result of {@link #know}. */
    record Settlement(SequenceState next, Verdict verdict) {
        /** What became of the operator's word. */
        public enum Verdict {
            SETTLED,
            /** An operator said the same before. */
            REPEATED,
            /** An operator said the opposite before. */
            CONFLICT,
            /** The call is in flight: its answer may still come. */
            IN_FLIGHT,
            /** There is no such call, its outcome is known, or nothing depends on it any more. */
            NO_SUCH
        }
    }

    /**
     * Why a call does not fit.
     *
     * @param kind whether the plan or a rule objects, and whether an outcome may change that
     * @param rule where the rule or the plan's current step was written ({@code file:line}); null if a bound on the
     *     stored state objects
     * @param detail one sentence: what was asked, where the plan stands, what would have been allowed
     * @param trace the shortest sequence of operations that shows the violation
     * @param place which rule objects, by its number in the template; {@link #OF_PLAN} for the plan
     * @param counted how much the rule had counted without this call
     * @param unknown the decisions of the calls whose unknown outcome decides, at most {@link Breach#MOST_UNKNOWN};
     *     empty for other kinds than {@link Kind#UNKNOWN} and {@link Kind#UNKNOWN_RULE}
     */
    record Objection(
            Kind kind,
            @Nullable String rule,
            String detail,
            List<String> trace,
            int place,
            Counts counted,
            List<String> unknown) {
        /** The place of an objection that is not a rule's. */
        public static final int OF_PLAN = -1;

        /** An objection of the plan, or of a rule that counts nothing. */
        public Objection(Kind kind, @Nullable String rule, String detail, List<String> trace) {
            this(kind, rule, detail, trace, List.of());
        }

        /** An objection of the plan that depends on unknown outcomes. */
        public Objection(Kind kind, @Nullable String rule, String detail, List<String> trace, List<String> unknown) {
            this(kind, rule, detail, trace, OF_PLAN, Counts.NONE, unknown);
        }

        public Objection {
            trace = List.copyOf(trace);
            unknown = List.copyOf(unknown);
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
            /**
             * The plan, but only for some outcomes of calls whose outcome is unknown; waiting does not help. The
             * call is denied, or a human is asked; the task is never interrupted.
             */
            UNKNOWN,
            /** A rule. */
            RULE,
            /** A rule whose answer depends on a call in flight: the call is denied, the task never interrupted. */
            PENDING_RULE,
            /** As {@link #UNKNOWN}, for a rule. */
            UNKNOWN_RULE;

            /** Whether the plan objects. */
            public boolean byPlan() {
                return this == PLAN || this == PENDING || this == UNKNOWN;
            }

            /** Whether the call may be made again once others are answered. */
            public boolean pending() {
                return this == PENDING || this == PENDING_RULE;
            }

            /** Whether it depends on an unknown outcome. */
            public boolean unknown() {
                return this == UNKNOWN || this == UNKNOWN_RULE;
            }
        }
    }
}
