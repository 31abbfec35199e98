package dev.errand.offline.replay;

import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.binding.Slot;
import dev.errand.sequence.plan.Automaton;
import dev.errand.sequence.rule.RuleMonitor;
import java.util.HashSet;
import java.util.Set;

/**
 * The operations of which a plan or its rules look at what no record has: an argument other than the resource, or whether an answer
 * returned an argument.
 */
final class BoundArguments {
    private BoundArguments() {}

    static Set<String> of(SequencePolicy policy) {
        Set<String> operations = new HashSet<>();
        if (!(policy instanceof CompiledSequence sequence)) {
            return operations;
        }
        sequence.automaton().ifPresent(automaton -> edges(automaton, operations));
        for (RuleMonitor monitor : sequence.rules()) {
            for (String operation : monitor.rule().operations()) {
                if (monitor.rule().looksAt(operation).stream().anyMatch(BoundArguments::isUnrecorded)) {
                    operations.add(operation);
                }
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

    private static boolean isUnrecorded(Slot slot) {
        return slot.kind() == Slot.Kind.PASSING || (slot.kind() != Slot.Kind.NOTE && isOther(slot.name()));
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
