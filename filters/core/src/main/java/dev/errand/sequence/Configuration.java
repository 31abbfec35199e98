package dev.errand.sequence;

import dev.errand.sequence.rule.Place;
import dev.errand.sequence.rule.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One possible position in a plan: a state, and the value that each register is bound to. Immutable; the array is never
 * written.
 */
final class Configuration {
    final int state;
    final Value[] registers;

    Configuration(int state, Value[] registers) {
        this.state = state;
        this.registers = registers;
    }

    static Configuration start(Automaton automaton) {
        Value[] registers = new Value[automaton.registers().size()];
        Arrays.fill(registers, Value.ABSENT);
        return new Configuration(0, registers);
    }

    /** The position after the place is taken, or null if it does not fit. */
    @Nullable Configuration advance(Automaton automaton, Place place) {
        int edge = automaton.edge(state, place.symbol());
        return edge == Automaton.NONE ? null : along(automaton, edge, place);
    }

    /** The position after a call with these places happened; a place that does not fit does not move it. */
    Configuration happened(Automaton automaton, Iterable<Place> places) {
        Configuration at = this;
        for (Place place : places) {
            Configuration next = at.advance(automaton, place);
            at = next == null ? at : next;
        }
        return at;
    }

    /**
     * The position after a call with these places was sent but did not happen: only steps that count sending move it.
     */
    Configuration sentOnly(Automaton automaton, Iterable<Place> places) {
        Configuration at = this;
        for (Place place : places) {
            int edge = automaton.edge(at.state, place.symbol());
            if (edge != Automaton.NONE && automaton.sent(edge)) {
                Configuration next = at.along(automaton, edge, place);
                at = next == null ? at : next;
            }
        }
        return at;
    }

    private @Nullable Configuration along(Automaton automaton, int edge, Place place) {
        Value[] bound = automaton.bind(edge, registers, place);
        return bound == null ? null : new Configuration(automaton.target(edge), bound);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Configuration that && state == that.state && Arrays.equals(registers, that.registers);
    }

    @Override
    public int hashCode() {
        return 31 * state + Arrays.hashCode(registers);
    }
}
