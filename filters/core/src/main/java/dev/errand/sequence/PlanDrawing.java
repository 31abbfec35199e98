package dev.errand.sequence;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Draws a plan's automaton for operators. Thread-safe. */
public final class PlanDrawing {
    private PlanDrawing() {}

    /**
     * As text: a line for each state, with the operations that lead on.
     *
     * <pre>
     * 0  step 1
     *      vault:kv.read -> 1    release.yaml:20:5
     * </pre>
     */
    public static String text(Automaton automaton, Set<String> interleave) {
        StringBuilder text = new StringBuilder();
        for (int state = 0; state < automaton.states(); state++) {
            text.append(state).append(state == 0 ? "  start" : "");
            if (automaton.isFinal(state)) {
                text.append(automaton.firstEdge(state) == automaton.endEdge(state) ? "  finished" : "  may end here");
            }
            text.append('\n');
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                text.append("     ")
                        .append(label(automaton, edge))
                        .append(" -> ")
                        .append(automaton.target(edge))
                        .append("    step ")
                        .append(automaton.stepNumber(edge))
                        .append(", ")
                        .append(automaton.step(edge).position())
                        .append('\n');
            }
        }
        if (!interleave.isEmpty()) {
            text.append("at any time: ")
                    .append(String.join(", ", new TreeSet<>(interleave)))
                    .append('\n');
        }
        return text.toString();
    }

    /**
     * In the language of Graphviz: a state in which the plan may end has a double circle.
     *
     * @param marked texts at edges to be seen first, such as the calls of a run, by edge
     */
    public static String dot(
            String name, Automaton automaton, Set<String> interleave, Map<Integer, List<String>> marked) {
        StringBuilder dot = new StringBuilder("digraph ")
                .append(quoted(name))
                .append(" {\n  rankdir=LR;\n  node [shape=circle];\n  start [shape=point];\n  start -> 0;\n");
        for (int state = 0; state < automaton.states(); state++) {
            if (automaton.isFinal(state)) {
                dot.append("  ").append(state).append(" [shape=doublecircle];\n");
            }
        }
        for (int state = 0; state < automaton.states(); state++) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                dot.append("  ")
                        .append(state)
                        .append(" -> ")
                        .append(automaton.target(edge))
                        .append(" [label=")
                        .append(quoted(label(automaton, edge) + marks(marked.get(edge))))
                        .append(", tooltip=")
                        .append(quoted(automaton.step(edge).position().toString()))
                        .append(marked.containsKey(edge) ? ", color=red, fontcolor=red, penwidth=2" : "")
                        .append("];\n");
            }
        }
        if (!interleave.isEmpty()) {
            dot.append("  label=")
                    .append(quoted("at any time: " + String.join(", ", new TreeSet<>(interleave))))
                    .append(";\n");
        }
        return dot.append("}\n").toString();
    }

    private static String marks(@Nullable List<String> texts) {
        return texts == null ? "" : " [" + String.join("; ", texts) + "]";
    }

    private static String label(Automaton automaton, int edge) {
        PlanStep.Op step = automaton.step(edge);
        return automaton.operation(edge)
                + (automaton.sent(edge) ? " (sent)" : "")
                + (step.same().isEmpty() ? "" : " (same " + String.join(", ", step.same()) + ")");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + '"';
    }
}
