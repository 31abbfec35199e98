package dev.errand.offline.replay;

import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.Rule;
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
    /** Stands for the question whether an answer returned a value among others, which no record has. It is the name of no argument. */
    private static final String RETURNED = " returned";

    /** Stands before an operation for the question what its last answer said, which a record may have. */
    private static final String SAID = " said ";

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
            Rule rule = monitor.rule();
            if (rule.keepsAnswers()) {
                List<String> named = rule.operations();
                named.stream()
                        .filter(each -> !rule.returns(each).isEmpty())
                        .forEach(each -> add(named.get(named.size() - 1), Set.of(SAID + each), operations));
            }
            for (String operation : rule.operations()) {
                for (Slot slot : rule.looksAt(operation)) {
                    if (slot.kind() == Slot.Kind.PASSING && !rule.keepsAnswers()) {
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

    /**
     * The first operation of the call with a value that a plan or rule looks at and the record lacks, or null.
     *
     * @param silent operations of whose answers the record lacks a value
     */
    static @Nullable String unrecorded(RecordedCall call, Map<String, Set<String>> bound, Set<String> silent) {
        for (RecordedCall.Pair pair : call.pairs()) {
            for (String name : bound.getOrDefault(pair.operation(), Set.of())) {
                boolean said = name.startsWith(SAID);
                boolean known =
                        call.argumentsKnown() || pair.arguments().members().containsKey(name);
                if (name.equals(RETURNED) || (said ? silent.contains(name.substring(SAID.length())) : !known)) {
                    return pair.operation();
                }
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
