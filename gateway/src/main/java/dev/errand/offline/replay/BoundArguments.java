package dev.errand.offline.replay;

import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.plan.Automaton;
import dev.errand.sequence.rule.RuleMonitor;
import java.util.HashSet;
import java.util.Set;

/** The operations of which a plan or its rules look at an argument other than the resource. */
final class BoundArguments {
    private BoundArguments() {}

    static Set<String> of(SequencePolicy policy) {
        Set<String> operations = new HashSet<>();
        if (!(policy instanceof CompiledSequence sequence)) {
            return operations;
        }
        sequence.automaton().ifPresent(automaton -> edges(automaton, operations));
        for (RuleMonitor monitor : sequence.rules()) {
            if (monitor.rule().same().stream().anyMatch(BoundArguments::isOther)) {
                operations.addAll(monitor.rule().operations());
            }
        }
        return operations;
    }

    private static void edges(Automaton automaton, Set<String> operations) {
        for (int state = 0; state < automaton.states(); state++) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                if (automaton.step(edge).same().stream().anyMatch(BoundArguments::isOther)) {
                    operations.add(automaton.operation(edge));
                }
            }
        }
    }

    private static boolean isOther(String argument) {
        return !argument.equals("resource");
    }

    /** Whether an edge of the plan is the operation's. */
    static boolean isStep(SequencePolicy policy, String operation) {
        if (!(policy instanceof CompiledSequence sequence)
                || sequence.automaton().isEmpty()) {
            return false;
        }
        Automaton automaton = sequence.automaton().get();
        for (int edge = 0; edge < automaton.endEdge(automaton.states() - 1); edge++) {
            if (automaton.operation(edge).equals(operation)) {
                return true;
            }
        }
        return false;
    }
}
