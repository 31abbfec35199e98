package dev.errand.sequence;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A plan that is narrower than a template's: every run that it permits, also one that stops early, the template's plan permits. Its steps
 * name operations and counts. Whether a step counts when it is sent, and which arguments must stay the same, is the template's for that
 * operation. So both plans move by the same outcomes, and the inclusion also holds for calls in flight. Pure.
 */
public final class NarrowerPlan {
    /** The most states of a narrower plan. */
    public static final int MAX_STATES = 512;

    /** An agent writes it, so that it may cost little: 16 KiB of text could have millions of edges. */
    private static final AutomatonCompiler.Size MOST = new AutomatonCompiler.Size(MAX_STATES, 16_384);

    private static final int TOLD = 24;

    /** The most calls that its counts may come to: an agent sends it, and the time to compile grows with their square. */
    private static final int MAX_WRITTEN = 2_048;

    private NarrowerPlan() {}

    /** How many calls the steps come to if each is written out. The sum stops at one more than the bound. */
    private static long written(List<PlanStep> steps) {
        long sum = 0;
        for (PlanStep step : steps) {
            long one = step instanceof PlanStep.Op op ? times(op.times()) : written(inner(step));
            if (step instanceof PlanStep.Repeat repeat) {
                one *= times(repeat.times());
            } else if (step instanceof PlanStep.All) {
                one <<= Math.min(16, inner(step).size() - 1);
            }
            sum = Math.min(MAX_WRITTEN + 1, sum + one);
        }
        return sum;
    }

    private static long times(Times times) {
        return Math.max(1, times.unbounded() ? times.min() : times.max());
    }

    /** The narrower policy, or why there is none. */
    public sealed interface Result {
        /** The template's rules, with the narrower plan. */
        record Accepted(SequencePolicy policy) implements Result {}

        /** The plan is malformed or too large, or permits more than the template's. */
        record Refused(String why) implements Result {}
    }

    /**
     * Compiles a narrower plan.
     *
     * @param steps the plan's steps
     * @param template the template, which has the rules and the operations of {@code interleave}
     * @param wider the template's policy
     * @param responseTimeout as for {@link SequenceCompiler#compile}
     */
    public static Result compile(YamlNode steps, YamlMap template, SequencePolicy wider, Duration responseTimeout) {
        Faults faults = new Faults();
        List<PlanStep> plan = new SequenceParser(faults).parse(steps);
        Automaton whole = wider instanceof CompiledSequence sequence
                ? sequence.automaton().orElse(null)
                : null;
        Map<String, PlanStep.Op> known = whole == null ? Map.of() : steps(whole, faults, operations(plan));
        List<PlanStep> labelled =
                plan.stream().map(step -> labelled(step, known, faults)).toList();
        SequenceParser.Written written = SequenceParser.read(template, faults);
        if (!faults.isEmpty()) {
            return invalid(faults.list().get(0).message());
        } else if (written(labelled) > MAX_WRITTEN) {
            return invalid("its counts come to more than " + MAX_WRITTEN + " calls: lower them");
        }
        SequenceCompiler.Compilation compilation =
                SequenceCompiler.compile(labelled, written.interleaved(), written.rules(), responseTimeout, MOST);
        if (compilation instanceof SequenceCompiler.Compilation.Faulty faulty) {
            return invalid(faulty.faults().get(0).message());
        }
        SequencePolicy policy = ((SequenceCompiler.Compilation.Compiled) compilation).policy();
        Automaton narrower = ((CompiledSequence) policy).automaton().orElseThrow();
        List<String> beyond = whole == null ? null : beyond(narrower, whole);
        return beyond == null
                ? new Result.Accepted(policy)
                : new Result.Refused(
                        "sequence permits what the template's plan does not; shortest run: " + told(beyond));
    }

    private static Result.Refused invalid(String why) {
        return new Result.Refused("sequence is not valid: " + why);
    }

    /** The run, numbered; of a long one the first and the last calls. */
    private static String told(List<String> run) {
        StringBuilder told = new StringBuilder();
        for (int i = 0; i < run.size(); i++) {
            if (run.size() > TOLD && i == TOLD / 2) {
                told.append(", ...");
            }
            if (run.size() <= TOLD || i < TOLD / 2 || i >= run.size() - TOLD / 2) {
                told.append(i == 0 ? "" : ", ").append(i + 1).append(". ").append(run.get(i));
            }
        }
        return told.toString();
    }

    /**
     * A shortest run of the first plan that the second one does not permit; null if there is none. The plans are deterministic, and a
     * run may stop anywhere. So a walk over the pairs of states that the same run leads to, breadth first, meets a shortest one first.
     */
    static @Nullable List<String> beyond(Automaton narrower, Automaton wider) {
        Map<String, Integer> symbols = new HashMap<>();
        for (int state = 0; state < wider.states(); state++) {
            for (int edge = wider.firstEdge(state); edge < wider.endEdge(state); edge++) {
                symbols.put(wider.operation(edge), wider.symbol(edge));
            }
        }
        Deque<Pair> open = new ArrayDeque<>(List.of(new Pair(0, 0)));
        Map<Pair, Arrival> arrivals = new HashMap<>();
        arrivals.put(open.peek(), new Arrival(null, ""));
        while (!open.isEmpty()) {
            Pair at = open.remove();
            for (int edge = narrower.firstEdge(at.narrower()); edge < narrower.endEdge(at.narrower()); edge++) {
                String operation = narrower.operation(edge);
                Integer symbol = symbols.get(operation);
                int taken = symbol == null ? Automaton.NONE : wider.edge(at.wider(), symbol);
                if (taken == Automaton.NONE) {
                    return path(arrivals, at, operation);
                }
                Pair next = new Pair(narrower.target(edge), wider.target(taken));
                if (arrivals.putIfAbsent(next, new Arrival(at, operation)) == null) {
                    open.add(next);
                }
            }
        }
        return null;
    }

    /** A state of each plan, to which the same run leads. */
    private record Pair(int narrower, int wider) {}

    /** The call by which a pair is reached first. */
    private record Arrival(@Nullable Pair from, String operation) {}

    private static List<String> path(Map<Pair, Arrival> arrivals, Pair end, String last) {
        List<String> run = new ArrayList<>(List.of(last));
        Pair at = end;
        while (at != null) {
            Arrival arrival = arrivals.get(at);
            if (arrival != null && arrival.from() != null) {
                run.add(arrival.operation());
            }
            at = arrival == null ? null : arrival.from();
        }
        Collections.reverse(run);
        return run;
    }

    private static Set<String> operations(List<PlanStep> plan) {
        Set<String> named = new HashSet<>();
        Deque<PlanStep> open = new ArrayDeque<>(plan);
        while (!open.isEmpty()) {
            PlanStep step = open.remove();
            if (step instanceof PlanStep.Op op) {
                named.add(op.operation());
            }
            open.addAll(inner(step));
        }
        return named;
    }

    private static List<PlanStep> inner(PlanStep step) {
        return step instanceof PlanStep.Any any
                ? any.steps()
                : step instanceof PlanStep.All all
                        ? all.steps()
                        : step instanceof PlanStep.Repeat repeat ? repeat.steps() : List.of();
    }

    /** A step of each of these operations in the template's plan. A fault for one that the template counts in two ways. */
    private static Map<String, PlanStep.Op> steps(Automaton automaton, Faults faults, Set<String> named) {
        Map<String, PlanStep.Op> steps = new HashMap<>();
        for (int state = 0; state < automaton.states(); state++) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                PlanStep.Op step = automaton.step(edge);
                PlanStep.Op first = steps.putIfAbsent(automaton.operation(edge), step);
                boolean alike = first == null
                        || (first.outcomeSent() == step.outcomeSent()
                                && Set.copyOf(first.same()).equals(Set.copyOf(step.same())));
                if (!alike && named.contains(step.operation()) && faults.isEmpty()) {
                    faults.add(
                            step.position(),
                            step.operation()
                                    + " counts in two ways in the template's plan, so no narrower plan can name it");
                }
            }
        }
        return steps;
    }

    /** The step as the template counts it. */
    private static PlanStep labelled(PlanStep step, Map<String, PlanStep.Op> known, Faults faults) {
        if (step instanceof PlanStep.Op op) {
            if (op.outcomeSent() || !op.same().isEmpty()) {
                faults.add(op.position(), "its steps name operations and counts only");
            }
            PlanStep.Op own = known.get(op.operation());
            return own == null
                    ? op
                    : new PlanStep.Op(op.operation(), op.times(), own.outcomeSent(), own.same(), op.position());
        }
        List<PlanStep> inner =
                inner(step).stream().map(each -> labelled(each, known, faults)).toList();
        if (step instanceof PlanStep.Any) {
            return new PlanStep.Any(inner, step.position());
        }
        return step instanceof PlanStep.Repeat repeat
                ? new PlanStep.Repeat(inner, repeat.times(), step.position())
                : new PlanStep.All(inner, step.position());
    }
}
