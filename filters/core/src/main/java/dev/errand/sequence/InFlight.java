package dev.errand.sequence;

import dev.errand.sequence.rule.Place;
import dev.errand.sequence.rule.Value;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One permitted call that is not yet part of the plan's settled state.
 *
 * @param decision 64 bits of a hash of its decision id
 * @param id its decision id; null if the call can never be one whose outcome is unknown
 * @param sentMillis when it was permitted, epoch milliseconds
 * @param outcome the outcome of the call
 * @param unknownMillis since when its outcome is unknown, or when the head of its answer came while values are still to come, epoch
 *     milliseconds; 0 for any other call
 * @param marks facts about the call, joined from the constants of this class
 * @param places its operations, without those that take no place
 */
record InFlight(
        long decision,
        @Nullable String id,
        long sentMillis,
        Outcome outcome,
        long unknownMillis,
        int marks,
        List<Place> places) {
    /** Its outcome may move the plan. */
    static final int MOVES = 1;

    /** The plan or a rule depends on its outcome. */
    static final int AWAITS = 1 << 1;

    /** It changes something: without an answer its outcome is unknown. */
    static final int CHANGES = 1 << 2;

    /** The whole request was handed to the connection, so steps that count sending count. */
    static final int SENT = 1 << 3;

    /** Another call happened since the outcome of this one is unknown. */
    static final int OVERTAKEN = 1 << 4;

    static final int ALL_MARKS = (1 << 5) - 1;

    InFlight {
        places = List.copyOf(places);
    }

    /**
     * A call that is permitted now.
     *
     * @param moves all operations of the call
     * @param movesPlan whether its outcome may move the plan
     * @param awaits whether the plan or a rule depends on its outcome
     * @param maySend whether a step of the plan may count its sending
     * @param places its operations, without those that take no place
     */
    static InFlight permitted(
            String decision,
            long nowMillis,
            List<Move> moves,
            boolean movesPlan,
            boolean awaits,
            boolean maySend,
            List<Place> places) {
        boolean changes = false;
        boolean connects = false;
        for (Move move : moves) {
            changes |= move.kind() != Move.Kind.READS && !move.dryRun();
            connects |= move.kind() == Move.Kind.CONNECTS && !move.dryRun();
        }
        int marks = (movesPlan ? MOVES : 0) | (awaits ? AWAITS : 0) | (changes ? CHANGES : 0) | (connects ? SENT : 0);
        boolean mayBeUnknown = awaits && (changes || maySend);
        return new InFlight(
                hash(decision), mayBeUnknown ? decision : null, nowMillis, Outcome.UNANSWERED, 0, marks, places);
    }

    /** 64 bits of a hash of a decision id. */
    static long hash(String decision) {
        return Value.of(decision.getBytes(StandardCharsets.UTF_8)).high();
    }

    /** The outcome of a call. */
    enum Outcome {
        UNANSWERED,
        HAPPENED,
        /** Such a call is kept only while an earlier one is open and its sending counted. */
        FAILED,
        /** No answer came, and none will: the call counts as happened and as failed both. */
        UNKNOWN
    }

    private InFlight with(Outcome next, long sinceMillis, int nextMarks) {
        return new InFlight(decision, id, sentMillis, next, sinceMillis, nextMarks, places);
    }

    /** The same call, answered. An answer shows that the request was sent, whole or not. */
    InFlight answered(boolean happened) {
        return with(happened ? Outcome.HAPPENED : Outcome.FAILED, 0, marks | SENT);
    }

    /** The same call, which failed although nobody said that it was sent. */
    InFlight failedUnsent() {
        return with(Outcome.FAILED, 0, marks);
    }

    /** The same call, whose outcome is unknown since that time. */
    InFlight unknown(long sinceMillis) {
        return with(Outcome.UNKNOWN, sinceMillis, marks);
    }

    /** The same call with one more mark. */
    InFlight marked(int mark) {
        return is(mark) ? this : with(outcome, unknownMillis, marks | mark);
    }

    /** The same call for the rules alone: whatever its outcome is, the plan stands where it stands. */
    InFlight ofRulesOnly() {
        return with(outcome, unknownMillis, marks & ~MOVES);
    }

    private boolean is(int mark) {
        return (marks & mark) != 0;
    }

    boolean moves() {
        return is(MOVES);
    }

    boolean awaits() {
        return is(AWAITS);
    }

    boolean changes() {
        return is(CHANGES);
    }

    boolean sent() {
        return is(SENT);
    }

    boolean overtaken() {
        return is(OVERTAKEN);
    }

    boolean unanswered() {
        return outcome == Outcome.UNANSWERED;
    }

    boolean unknown() {
        return outcome == Outcome.UNKNOWN;
    }

    /** Whether the outcome may still come: the call is unanswered, or its outcome is unknown. */
    boolean open() {
        return unanswered() || unknown();
    }

    /** The same call, answered, but with values of the answer still to come. It can no longer move the plan. */
    InFlight asReturning(long headMillis) {
        return with(Outcome.HAPPENED, headMillis, AWAITS | SENT);
    }

    /** Whether the call is kept only because values of its answer are still to come. */
    boolean returning() {
        return outcome == Outcome.HAPPENED && !moves();
    }
}
