package dev.errand.credential;

import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import java.util.BitSet;
import java.util.Set;

/**
 * The states of a plan in which a credential of {@code when: step} may exist: at or after the first step that uses its upstream,
 * and not beyond the last one. If an operation of the upstream is interleaved, the credential may exist in every state.
 * Immutable; made once per plan.
 */
final class StepWindow {
    private final boolean always;
    private final BitSet states;

    private StepWindow(boolean always, BitSet states) {
        this.always = always;
        this.states = states;
    }

    /** @param catalogues the prefixes of the upstream's operations */
    static StepWindow of(SequencePolicy policy, Set<String> catalogues) {
        if (!(policy instanceof CompiledSequence sequence)
                || sequence.automaton().isEmpty()) {
            return new StepWindow(false, new BitSet());
        }
        boolean interleaved = sequence.interleave().stream().anyMatch(id -> catalogues.contains(prefix(id)));
        return new StepWindow(interleaved, states(sequence.automaton().get(), catalogues));
    }

    /** The prefix of an operation's id. */
    static String prefix(String operation) {
        int colon = operation.indexOf(':');
        return colon < 0 ? operation : operation.substring(0, colon);
    }

    private static BitSet states(Automaton automaton, Set<String> catalogues) {
        BitSet asking = new BitSet();
        BitSet begun = new BitSet();
        for (int state = 0; state < automaton.states(); state++) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                if (catalogues.contains(prefix(automaton.operation(edge)))) {
                    asking.set(state);
                    begun.set(automaton.target(edge));
                }
            }
        }
        begun.or(asking);
        BitSet before = (BitSet) asking.clone();
        boolean grown = true;
        while (grown) {
            int size = begun.cardinality() + before.cardinality();
            for (int state = 0; state < automaton.states(); state++) {
                for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                    if (begun.get(state)) {
                        begun.set(automaton.target(edge));
                    }
                    if (before.get(automaton.target(edge))) {
                        before.set(state);
                    }
                }
            }
            grown = begun.cardinality() + before.cardinality() > size;
        }
        begun.and(before);
        return begun;
    }

    /**
     * Whether the credential may exist in the present state of the plan. While calls are in flight, or the outcome of
     * one is unknown, it always may.
     *
     * @param at the state in the form of a record: the state's number, and the calls in flight or unknown
     */
    boolean holds(String at) {
        if (always || at.indexOf('+') >= 0) {
            return true;
        }
        int end = 0;
        while (end < at.length() && at.charAt(end) >= '0' && at.charAt(end) <= '9') {
            end++;
        }
        return end > 0 && end < 10 && states.get(Integer.parseInt(at.substring(0, end)));
    }
}
