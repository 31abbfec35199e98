package dev.errand.sequence;

import dev.errand.sequence.rule.Place;
import dev.errand.sequence.rule.Value;
import dev.errand.sequence.rule.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * A plan's deterministic automaton. States are numbered from 0, the start, in breadth-first order; an edge is an index
 * into flat tables. Immutable, thread-safe.
 */
public final class Automaton {
    /** No edge: the operation does not fit. */
    public static final int NONE = -1;

    private final Vocabulary vocabulary;
    private final List<String> registers;
    private final int[] rows;
    private final int[] symbols;
    private final int[] targets;
    private final Label[] labels;
    private final BitSet finals;
    private final int[] arrivals;

    /**
     * The properties of an edge, apart from its symbol.
     *
     * @param step the step that the edge came from; the first of several equal ones
     * @param number the number of the outermost step around it, from 1
     * @param registers the registers that the call must agree with, in the order of {@code slots}
     * @param slots the positions in a {@link Place} of the values for these registers
     */
    record Label(PlanStep.Op step, int number, int[] registers, int[] slots) {}

    Automaton(
            Vocabulary vocabulary,
            List<String> registers,
            int[] rows,
            int[] symbols,
            int[] targets,
            Label[] labels,
            BitSet finals) {
        this.vocabulary = vocabulary;
        this.registers = List.copyOf(registers);
        this.rows = rows;
        this.symbols = symbols;
        this.targets = targets;
        this.labels = labels;
        this.finals = finals;
        this.arrivals = arrivals();
    }

    /** For each state, the edge by which a breadth-first walk first reaches it. */
    private int[] arrivals() {
        int[] first = new int[states()];
        Arrays.fill(first, NONE);
        for (int edge = 0; edge < targets.length; edge++) {
            if (targets[edge] != 0 && first[targets[edge]] == NONE) {
                first[targets[edge]] = edge;
            }
        }
        return first;
    }

    public int states() {
        return rows.length - 1;
    }

    /** The names of the arguments that steps share under {@code same}; a register is an index into this list. */
    public List<String> registers() {
        return registers;
    }

    public boolean isFinal(int state) {
        return finals.get(state);
    }

    /** The first edge of a state; the edges of a state are consecutive. */
    public int firstEdge(int state) {
        return rows[state];
    }

    /** One more than the last edge out of a state. */
    public int endEdge(int state) {
        return rows[state + 1];
    }

    /** The edge that the operation takes from the state, or {@link #NONE}. */
    public int edge(int state, int symbol) {
        int low = rows[state];
        int high = rows[state + 1] - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (symbols[middle] < symbol) {
                low = middle + 1;
            } else if (symbols[middle] > symbol) {
                high = middle - 1;
            } else {
                return middle;
            }
        }
        return NONE;
    }

    public int target(int edge) {
        return targets[edge];
    }

    public int symbol(int edge) {
        return symbols[edge];
    }

    /** The operation with this number in the vocabulary. */
    public String operationOf(int symbol) {
        return vocabulary.operation(symbol);
    }

    public String operation(int edge) {
        return vocabulary.operation(symbols[edge]);
    }

    /** Whether every step counts once its call is sent. */
    boolean countsSending() {
        for (int edge = 0; edge < labels.length; edge++) {
            if (!sent(edge)) {
                return false;
            }
        }
        return true;
    }

    /** Whether sending the call takes the edge, whatever its outcome is. */
    public boolean sent(int edge) {
        return labels[edge].step.outcomeSent();
    }

    /** The step that the edge was compiled from. */
    public PlanStep.Op step(int edge) {
        return labels[edge].step;
    }

    /** The number of the outermost step that the edge belongs to, from 1. */
    public int stepNumber(int edge) {
        return labels[edge].number;
    }

    /** The arguments of the edge's step that earlier calls have bound. */
    public List<String> boundNames(int edge, Value[] bound) {
        return Arrays.stream(labels[edge].registers)
                .filter(register -> !bound[register].equals(Value.ABSENT))
                .mapToObj(registers::get)
                .toList();
    }

    /** The registers after a place took the edge, or null if an argument is missing or differs from the bound value. */
    public Value @org.jspecify.annotations.Nullable [] bind(int edge, Value[] bound, Place place) {
        Label label = labels[edge];
        Value[] next = bound;
        for (int i = 0; i < label.registers.length; i++) {
            int register = label.registers[i];
            Value value = place.arguments().get(label.slots[i]);
            if (value.equals(Value.ABSENT)) {
                return null;
            }
            if (bound[register].equals(Value.ABSENT)) {
                if (next == bound) {
                    next = bound.clone();
                }
                next[register] = value;
            } else if (!bound[register].equals(value)) {
                return null;
            }
        }
        return next;
    }

    /** A shortest sequence of operations from the start to a state. */
    public List<String> path(int state) {
        List<String> path = new ArrayList<>();
        for (int at = state; at != 0; at = source(arrivals[at])) {
            path.add(operation(arrivals[at]));
        }
        Collections.reverse(path);
        return path;
    }

    private int source(int edge) {
        int index = Arrays.binarySearch(rows, edge);
        if (index < 0) {
            return -index - 2;
        }
        // States without edges have the same start in the table as the next state; the last of these states has the
        // edge.
        while (index + 1 < rows.length && rows[index + 1] == edge) {
            index++;
        }
        return index;
    }

    /** The canonical text that the digest covers: no positions, and only state numbers of the breadth-first walk. */
    public String canonical() {
        StringBuilder text = new StringBuilder("registers ").append(registers).append('\n');
        for (int state = 0; state < states(); state++) {
            text.append(state).append(isFinal(state) ? " final\n" : "\n");
            for (int edge = firstEdge(state); edge < endEdge(state); edge++) {
                text.append(' ')
                        .append(operation(edge))
                        .append(' ')
                        .append(targets[edge])
                        .append(sent(edge) ? " sent " : " happened ")
                        .append(labels[edge].step.same().stream().sorted().toList())
                        .append('\n');
            }
        }
        return text.toString();
    }
}
