package dev.errand.sequence;

import dev.errand.sequence.rule.AnswerValues;
import dev.errand.token.Sha256;
import java.util.List;

/** No plan and no rules: every call fits, nothing is remembered, and the state is empty. */
enum AnyOrder implements SequencePolicy, SequenceState {
    INSTANCE;

    private static final byte[] NOTHING = {};
    private static final Judged FITS = new Judged(INSTANCE, List.of(), List.of(), Awaited.NOTHING);
    private static final String DIGEST = Sha256.labelOf("any order");

    @Override
    public String digest() {
        return DIGEST;
    }

    @Override
    public SequenceState start() {
        return this;
    }

    @Override
    public Judged judge(SequenceState state, List<Move> moves, AnswerValues answers, String decision, long nowMillis) {
        return FITS;
    }

    @Override
    public SequenceState settle(SequenceState state, String decision, boolean happened, long nowMillis) {
        return state;
    }

    @Override
    public SequenceState giveBack(SequenceState state, String decision, long nowMillis) {
        return state;
    }

    @Override
    public SequenceState expire(SequenceState state, long nowMillis) {
        return state;
    }

    @Override
    public byte[] write(SequenceState state) {
        return NOTHING;
    }

    @Override
    public SequenceState read(byte[] written) {
        if (written.length != 0) {
            throw new IllegalArgumentException("a task in any order has no sequence state");
        }
        return this;
    }

    @Override
    public String describe() {
        return "any";
    }
}
