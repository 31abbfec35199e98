package dev.errand.offline.replay;

import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.plan.Automaton;
import dev.errand.sequence.rule.RuleMonitor;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The arguments other than the resource that a plan or its rules look at, by operation. */
final class BoundArguments {
    private BoundArguments() {}

    static Map<String, Set<String>> of(SequencePolicy policy) {
        Map<String, Set<String>> operations = new HashMap<>();
        if (!(policy instanceof CompiledSequence sequence)) {
            return operations;
        }
        sequence.automaton().ifPresent(automaton -> edges(automaton, operations));
        for (RuleMonitor monitor : sequence.rules()) {
            for (String operation : monitor.rule().operations()) {
                add(operation, monitor.rule().same(), operations);
            }
        }
        return operations;
    }

    private static void edges(Automaton automaton, Map<String, Set<String>> operations) {
        for (int state = 0; state < automaton.states(); state++) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                add(automaton.operation(edge), automaton.step(edge).same(), operations);
            }
        }
    }

    private static void add(String operation, Collection<String> names, Map<String, Set<String>> operations) {
        for (String name : names) {
            if (!name.equals("resource")) {
                operations.computeIfAbsent(operation, unused -> new HashSet<>()).add(name);
            }
        }
    }

    /** The first operation of the call of which an argument that is looked at is not in the record, or null. */
    static @Nullable String unrecorded(RecordedCall call, Map<String, Set<String>> bound) {
        if (call.argumentsKnown()) {
            return null;
        }
        for (RecordedCall.Pair pair : call.pairs()) {
            if (!pair.arguments().members().keySet().containsAll(bound.getOrDefault(pair.operation(), Set.of()))) {
                return pair.operation();
            }
        }
        return null;
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
