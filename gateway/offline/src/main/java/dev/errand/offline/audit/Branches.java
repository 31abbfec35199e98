package dev.errand.offline.audit;

import dev.errand.offline.learn.Traces;
import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.PlanStep;
import dev.errand.sequence.SequencePolicy;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which parts of a plan the recorded runs used.
 *
 * @param ways the number of transitions of the plan's automaton
 * @param taken the number of transitions that a recorded run took
 * @param unusedSteps steps that no run reached, with file and line
 * @param unusedInterleaved interleaved operations that no run called
 */
record Branches(int ways, int taken, List<String> unusedSteps, List<String> unusedInterleaved) {
    public Branches {
        unusedSteps = List.copyOf(unusedSteps);
        unusedInterleaved = List.copyOf(unusedInterleaved);
    }

    /** The used parts of the plan; empty for a template without a plan. */
    static Optional<Branches> of(SequencePolicy policy, Traces words, Set<String> used) {
        if (!(policy instanceof CompiledSequence sequence)
                || sequence.automaton().isEmpty()) {
            return Optional.empty();
        }
        Automaton automaton = sequence.automaton().get();
        Map<String, Integer> symbols = new HashMap<>();
        int edges = automaton.endEdge(automaton.states() - 1);
        for (int edge = 0; edge < edges; edge++) {
            symbols.put(automaton.operation(edge), automaton.symbol(edge));
        }
        BitSet taken = new BitSet();
        for (List<String> word : words.words()) {
            int state = 0;
            for (String operation : word) {
                Integer symbol = symbols.get(operation);
                int edge = symbol == null ? Automaton.NONE : automaton.edge(state, symbol);
                if (edge != Automaton.NONE) {
                    taken.set(edge);
                    state = automaton.target(edge);
                }
            }
        }
        Set<PlanStep> unused = new LinkedHashSet<>();
        for (int edge = 0; edge < edges; edge++) {
            unused.add(automaton.step(edge));
        }
        taken.stream().forEach(edge -> unused.remove(automaton.step(edge)));
        return Optional.of(new Branches(
                edges,
                taken.cardinality(),
                unused.stream()
                        .map(step -> step.position() + ": " + step.label())
                        .toList(),
                sequence.interleave().stream()
                        .filter(id -> !used.contains(id))
                        .sorted()
                        .toList()));
    }
}
