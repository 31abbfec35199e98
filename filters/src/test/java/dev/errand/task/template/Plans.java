package dev.errand.task.template;

import dev.errand.sequence.Move;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.SequenceState;
import java.util.List;

/** A plan that permits every order. */
final class Plans {
    private Plans() {}

    static final PlanCompiler COMPILER = (template, operations, faults) -> new SequencePolicy() {
        @Override
        public String digest() {
            return "sha-256:none";
        }

        @Override
        public SequenceState start() {
            return () -> "0";
        }

        @Override
        public Verdict take(SequenceState state, List<Move> moves, String decision, long nowMillis) {
            return new Verdict.Fits(state, List.of(), false);
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
            return new byte[0];
        }

        @Override
        public SequenceState read(byte[] written) {
            return start();
        }
    };
}
