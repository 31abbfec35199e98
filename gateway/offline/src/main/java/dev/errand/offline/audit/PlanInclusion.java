package dev.errand.offline.audit;

import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Checks that one plan permits nothing that another refuses, by walking both automata together. Pure. */
final class PlanInclusion {
    private PlanInclusion() {}

    /**
     * Whether the wide plan permits every order of calls that the narrow plan permits. Rules are not looked at. A plan that
     * binds arguments or counts sending is not comparable, so the result is then false.
     */
    static boolean includes(SequencePolicy wide, SequencePolicy narrow) {
        if (!(wide instanceof CompiledSequence outer) || outer.automaton().isEmpty()) {
            return true;
        }
        if (!(narrow instanceof CompiledSequence inner) || inner.automaton().isEmpty()) {
            return false;
        }
        Automaton out = outer.automaton().get();
        Automaton in = inner.automaton().get();
        return isPlain(out) && isPlain(in) && walk(out, outer.interleave(), in, inner.interleave());
    }

    private record Pair(int wide, int narrow) {}

    private static boolean walk(Automaton out, Set<String> outAny, Automaton in, Set<String> inAny) {
        Map<String, Integer> outSymbols = symbols(out);
        Map<String, Integer> inSymbols = symbols(in);
        Set<String> operations = new TreeSet<>(inSymbols.keySet());
        operations.addAll(inAny);
        Set<Pair> seen = new HashSet<>();
        Deque<Pair> open = new ArrayDeque<>();
        open.add(new Pair(0, 0));
        seen.add(open.peek());
        while (!open.isEmpty()) {
            Pair at = open.remove();
            for (String operation : operations) {
                int inner = next(in, inSymbols, inAny, at.narrow, operation);
                if (inner == Automaton.NONE) {
                    continue;
                }
                int outer = next(out, outSymbols, outAny, at.wide, operation);
                if (outer == Automaton.NONE) {
                    return false;
                }
                Pair next = new Pair(outer, inner);
                if (seen.add(next)) {
                    open.add(next);
                }
            }
        }
        return true;
    }

    private static int next(
            Automaton automaton, Map<String, Integer> symbols, Set<String> any, int state, String operation) {
        if (any.contains(operation)) {
            return state;
        }
        Integer symbol = symbols.get(operation);
        int edge = symbol == null ? Automaton.NONE : automaton.edge(state, symbol);
        return edge == Automaton.NONE ? Automaton.NONE : automaton.target(edge);
    }

    private static Map<String, Integer> symbols(Automaton automaton) {
        Map<String, Integer> symbols = new HashMap<>();
        for (int edge = 0; edge < automaton.endEdge(automaton.states() - 1); edge++) {
            symbols.put(automaton.operation(edge), automaton.symbol(edge));
        }
        return symbols;
    }

    private static boolean isPlain(Automaton automaton) {
        for (int edge = 0; edge < automaton.endEdge(automaton.states() - 1); edge++) {
            if (automaton.sent(edge) || !automaton.step(edge).same().isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
