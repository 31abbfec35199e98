package dev.errand.sequence;

import dev.errand.sequence.rule.Vocabulary;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a plan as a graph. Every fragment is between two nodes; nothing inside it leads back to the first or out
 * of the second, so that fragments can be combined side by side and one after the other.
 */
final class PlanGraph {
    static final int START = 0;
    static final int END = 1;
    private static final int MAX_NODES = 65_536;
    private static final int MAX_ALL = 16;

    /**
     * A call of an operation.
     *
     * @param number the number of the outermost step, from 1
     */
    record Edge(int symbol, int to, PlanStep.Op step, int number) {}

    private final Vocabulary vocabulary;
    private final int mostEdges;
    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<List<Integer>> silent = new ArrayList<>();
    private int edgeCount;
    private boolean full;
    private int[] stack = {};

    /** @param mostEdges the most calls in the graph: steps under `any` and `all` have one for each node from which they begin */
    PlanGraph(Vocabulary vocabulary, int mostEdges) {
        this.vocabulary = vocabulary;
        this.mostEdges = mostEdges;
        node();
        node();
    }

    /** Builds the plan between start and end. Returns the step at which the graph became too large, or null. */
    @Nullable PlanStep build(List<PlanStep> plan) {
        int at = START;
        for (int i = 0; i < plan.size(); i++) {
            int next = i == plan.size() - 1 ? END : node();
            build(plan.get(i), at, next, i + 1);
            if (full) {
                return plan.get(i);
            }
            at = next;
        }
        return null;
    }

    List<Edge> edges(int node) {
        return edges.get(node);
    }

    /** The nodes that can be reached without a call, sorted; only the end and nodes with edges. */
    int[] closure(int[] from) {
        BitSet seen = new BitSet();
        if (stack.length < silent.size()) {
            stack = new int[silent.size()];
        }
        int top = 0;
        for (int node : from) {
            seen.set(node);
            stack[top++] = node;
        }
        while (top > 0) {
            for (int next : silent.get(stack[--top])) {
                if (!seen.get(next)) {
                    seen.set(next);
                    stack[top++] = next;
                }
            }
        }
        return seen.stream()
                .filter(node -> node == END || !edges.get(node).isEmpty())
                .toArray();
    }

    private void build(PlanStep step, int from, int to, int number) {
        if (step instanceof PlanStep.Op op) {
            repeat(op.times(), from, to, (a, b) -> call(op, a, b, number));
        } else if (step instanceof PlanStep.Any any) {
            any.steps().forEach(one -> build(one, from, to, number));
        } else if (step instanceof PlanStep.Repeat repeat) {
            repeat(repeat.times(), from, to, (a, b) -> sequence(repeat.steps(), a, b, number));
        } else if (step instanceof PlanStep.All all) {
            all(all.steps(), from, to, number);
        }
    }

    private void call(PlanStep.Op op, int from, int to, int number) {
        if (edgeCount >= mostEdges) {
            full = true;
            return;
        }
        edgeCount++;
        edges.get(from).add(new Edge(vocabulary.symbol(op.operation()), to, op, number));
    }

    private void sequence(List<PlanStep> steps, int from, int to, int number) {
        int at = from;
        for (int i = 0; i < steps.size() && !full; i++) {
            int next = i == steps.size() - 1 ? to : node();
            build(steps.get(i), at, next, number);
            at = next;
        }
    }

    /** Builds something between two nodes. */
    private interface Fragment {
        void between(int from, int to);
    }

    private void repeat(Times times, int from, int to, Fragment body) {
        if (times.min() == 0) {
            silent.get(from).add(to);
        }
        int at = from;
        if (times.unbounded()) {
            for (int i = 1; i < times.min() && !full; i++) {
                int next = node();
                body.between(at, next);
                at = next;
            }
            int before = node();
            int after = node();
            silent.get(at).add(before);
            body.between(before, after);
            silent.get(after).add(before);
            silent.get(after).add(to);
            return;
        }
        for (int i = 1; i <= times.max() && !full; i++) {
            int next = i == times.max() ? to : node();
            body.between(at, next);
            if (i >= times.min() && next != to) {
                silent.get(next).add(to);
            }
            at = next;
        }
    }

    /** Makes a node for each set of completed steps; from it, an edge for every step that is left. */
    private void all(List<PlanStep> steps, int from, int to, int number) {
        if (steps.size() > MAX_ALL) {
            full = true;
            return;
        }
        int every = (1 << steps.size()) - 1;
        int[] nodes = new int[every + 1];
        for (int done = 0; done <= every && !full; done++) {
            nodes[done] = done == 0 ? from : done == every ? to : node();
        }
        for (int done = 0; done < every; done++) {
            for (int i = 0; i < steps.size() && !full; i++) {
                if ((done & (1 << i)) == 0) {
                    build(steps.get(i), nodes[done], nodes[done | (1 << i)], number);
                }
            }
        }
    }

    private int node() {
        if (edges.size() >= MAX_NODES) {
            full = true;
            return END;
        }
        edges.add(new ArrayList<>(2));
        silent.add(new ArrayList<>(2));
        return edges.size() - 1;
    }
}
