package dev.errand.offline.replay;

import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Slot;
import dev.errand.task.TaskPolicy;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a plan or its rules look at apart from the resource, by operation: arguments, and values that answers returned. */
final class BoundArguments {
    /** Stands for the question whether an answer returned a value, which no record has. It is the name of no argument. */
    private static final String RETURNED = " returned";

    private BoundArguments() {}

    static Map<String, Set<String>> of(TaskPolicy policy) {
        Map<String, Set<String>> operations = new HashMap<>();
        if (policy.flow() != TaskPolicy.Flow.OFF) {
            policy.fixed().sources().keySet().forEach(id -> add(id, Set.of(RETURNED), operations));
        }
        if (!(policy.sequence() instanceof CompiledSequence sequence)) {
            return operations;
        }
        sequence.automaton().ifPresent(automaton -> edges(automaton, operations));
        for (RuleMonitor monitor : sequence.rules()) {
            if (monitor.rule().keepsAnswers()) {
                List<String> named = monitor.rule().operations();
                add(named.get(named.size() - 1), Set.of(RETURNED), operations);
            }
            for (String operation : monitor.rule().operations()) {
                for (Slot slot : monitor.rule().looksAt(operation)) {
                    if (slot.kind() == Slot.Kind.PASSING) {
                        add(operation, Set.of(RETURNED), operations);
                    } else if (slot.kind() != Slot.Kind.NOTE) {
                        add(operation, Set.of(slot.name()), operations);
                    }
                }
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

    /** The first operation of the call with an argument that a plan or rule looks at and the record lacks, or null. */
    static @Nullable String unrecorded(RecordedCall call, Map<String, Set<String>> bound) {
        for (RecordedCall.Pair pair : call.pairs()) {
            Set<String> names = bound.getOrDefault(pair.operation(), Set.of());
            if (names.contains(RETURNED)
                    || (!call.argumentsKnown()
                            && !pair.arguments().members().keySet().containsAll(names))) {
                return pair.operation();
            }
        }
        return null;
    }

    /** Whether the operation is a step of the plan. */
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
