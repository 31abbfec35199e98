package dev.errand.sequence;

import dev.errand.config.Fault;
import dev.errand.sequence.rule.Vocabulary;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Builds a plan's automaton: turns the steps into a graph of nodes with edges by operation (Thompson's construction),
 * then makes a state of each set of nodes that the same calls lead to. Used once; not thread-safe.
 */
final class AutomatonCompiler {
    /** The most states that an automaton may have. */
    public static final int MAX_STATES = 4_096;

    /** How large a plan may be. Edges are bounded while the graph is built, since a short text can have very many. */
    record Size(int states, int edges) {
        /** Of a plan that an operator wrote. */
        static final Size TEMPLATE = new Size(MAX_STATES, 1 << 20);
    }

    private final List<PlanStep> plan;
    private final Size most;
    private final Vocabulary vocabulary;
    private final PlanGraph graph;
    private final List<Fault> faults = new ArrayList<>();

    private final Map<IntBuffer, Integer> numbers = new HashMap<>();
    private final List<int[]> sets = new ArrayList<>();
    private final List<Integer> rows = new ArrayList<>();
    private final List<Integer> symbols = new ArrayList<>();
    private final List<Integer> targets = new ArrayList<>();
    private final List<PlanGraph.Edge> edges = new ArrayList<>();

    public AutomatonCompiler(List<PlanStep> plan, Vocabulary vocabulary, Size most) {
        this.plan = plan;
        this.most = most;
        this.vocabulary = vocabulary;
        this.graph = new PlanGraph(vocabulary, most.edges());
    }

    /** What is wrong with the plan, after {@link #compile} returned null. */
    public List<Fault> faults() {
        return faults;
    }

    /** The automaton, or null if the plan has {@link #faults}. */
    public @Nullable Automaton compile() {
        PlanStep tooLarge = graph.build(plan);
        if (tooLarge != null) {
            return fail(tooLarge, plan.indexOf(tooLarge) + 1);
        }
        number(graph.closure(new int[] {PlanGraph.START}));
        for (int state = 0; state < sets.size(); state++) {
            rows.add(symbols.size());
            if (!row(sets.get(state))) {
                return null;
            }
        }
        rows.add(symbols.size());
        return tables();
    }

    /** Adds the edges of one state; false if that fails. */
    private boolean row(int[] nodes) {
        Map<Integer, List<PlanGraph.Edge>> bySymbol = new TreeMap<>();
        for (int node : nodes) {
            for (PlanGraph.Edge edge : graph.edges(node)) {
                bySymbol.computeIfAbsent(edge.symbol(), s -> new ArrayList<>()).add(edge);
            }
        }
        for (var entry : bySymbol.entrySet()) {
            List<PlanGraph.Edge> alike = entry.getValue();
            PlanGraph.Edge first = alike.get(0);
            for (PlanGraph.Edge other : alike) {
                if (!agree(first.step(), other.step())) {
                    return false;
                }
                if (other.number() < first.number()) {
                    first = other;
                }
            }
            int[] ends = alike.stream().mapToInt(PlanGraph.Edge::to).distinct().toArray();
            symbols.add(entry.getKey());
            targets.add(number(graph.closure(ends)));
            edges.add(first);
            if (sets.size() > most.states() || symbols.size() > most.edges()) {
                fail(heaviest());
                return false;
            }
        }
        return true;
    }

    private boolean agree(PlanStep.Op one, PlanStep.Op other) {
        if (one == other) {
            return true;
        }
        String clash = null;
        if (!new TreeSet<>(one.same()).equals(new TreeSet<>(other.same()))) {
            clash = "bind different arguments (same: " + one.same() + " and same: " + other.same()
                    + "); give both the same `same`";
        } else if (one.outcomeSent() != other.outcomeSent()) {
            clash = "count differently (one `outcome: sent`, the other not); give both the same outcome";
        }
        if (clash == null) {
            return true;
        }
        faults.add(Fault.of(
                other.position(),
                "a call of " + one.operation() + " could be this step or the one at " + one.position() + ", and they "
                        + clash + ", or put a step between them"));
        return false;
    }

    private int number(int[] nodes) {
        IntBuffer key = IntBuffer.wrap(nodes);
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        numbers.put(key, sets.size());
        sets.add(nodes);
        return sets.size() - 1;
    }

    /** The outermost step, counted from 1, that occurs in the most states. */
    private int heaviest() {
        int[] weight = new int[plan.size() + 1];
        for (int[] nodes : sets) {
            BitSet seen = new BitSet();
            for (int node : nodes) {
                graph.edges(node).forEach(edge -> seen.set(edge.number()));
            }
            seen.stream().forEach(number -> weight[number]++);
        }
        int heaviest = 1;
        for (int number = 1; number < weight.length; number++) {
            heaviest = weight[number] > weight[heaviest] ? number : heaviest;
        }
        return heaviest;
    }

    private void fail(int number) {
        fail(plan.get(number - 1), number);
    }

    private @Nullable Automaton fail(PlanStep step, int number) {
        faults.add(Fault.of(
                step.position(),
                "the plan needs more than " + String.format(Locale.ROOT, "%,d", most.states())
                        + " states, most of them for step " + number + " (" + step.label()
                        + "): lower its counts, or have fewer steps under `all`"));
        return null;
    }

    private Automaton tables() {
        TreeSet<String> names = new TreeSet<>();
        edges.forEach(edge -> names.addAll(edge.step().same()));
        List<String> registers = List.copyOf(names);
        Automaton.Label[] labels = new Automaton.Label[edges.size()];
        for (int i = 0; i < labels.length; i++) {
            PlanGraph.Edge edge = edges.get(i);
            int symbol = symbols.get(i);
            List<String> same = edge.step().same();
            labels[i] = new Automaton.Label(
                    edge.step(),
                    edge.number(),
                    same.stream().mapToInt(registers::indexOf).toArray(),
                    same.stream()
                            .mapToInt(name -> vocabulary.slot(symbol, name))
                            .toArray());
        }
        BitSet finals = new BitSet();
        for (int state = 0; state < sets.size(); state++) {
            finals.set(state, Arrays.binarySearch(sets.get(state), PlanGraph.END) >= 0);
        }
        return new Automaton(vocabulary, registers, ints(rows), ints(symbols), ints(targets), labels, finals);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
