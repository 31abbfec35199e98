package dev.errand.sequence;

import dev.errand.config.Fault;
import dev.errand.config.Position;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.Slot;
import dev.errand.sequence.rule.Vocabulary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles a template's {@code sequence}, {@code interleave} and {@code rules} to a policy. */
public final class SequenceCompiler {
    /** The response timeout of a route that sets none. */
    public static final Duration DEFAULT_RESPONSE_TIMEOUT = Duration.ofSeconds(60);

    /** The most levels to which steps may be nested. */
    public static final int MAX_DEPTH = 16;

    private final Map<String, Set<Slot>> looksAt = new HashMap<>();
    private final Set<String> steps = new HashSet<>();
    private final List<Fault> faults = new ArrayList<>();

    private SequenceCompiler() {}

    /** A policy, or the faults of the template. */
    public sealed interface Compilation {
        /** The policy. */
        record Compiled(SequencePolicy policy) implements Compilation {}

        /** Why the template does not load; at least one fault. */
        record Faulty(List<Fault> faults) implements Compilation {
            public Faulty {
                faults = List.copyOf(faults);
            }
        }
    }

    /**
     * Compiles a policy.
     *
     * @param plan the outermost steps; empty for any order
     * @param interleave operations that fit in any state of the plan and do not move it
     * @param responseTimeout after which a call without an outcome counts as failed
     */
    public static Compilation compile(
            List<PlanStep> plan, List<Interleaved> interleave, List<Rule> rules, Duration responseTimeout) {
        return compile(plan, interleave, rules, responseTimeout, AutomatonCompiler.Size.TEMPLATE);
    }

    /** As {@link #compile(List, List, List, Duration)}, for a plan that may be no larger than this. */
    static Compilation compile(
            List<PlanStep> plan,
            List<Interleaved> interleave,
            List<Rule> rules,
            Duration responseTimeout,
            AutomatonCompiler.Size most) {
        return new SequenceCompiler().run(plan, interleave, rules, responseTimeout, most);
    }

    /**
     * An operation under {@code interleave}.
     *
     * @param position where it was written
     */
    public record Interleaved(String operation, Position position) {}

    private Compilation run(
            List<PlanStep> plan,
            List<Interleaved> interleave,
            List<Rule> rules,
            Duration responseTimeout,
            AutomatonCompiler.Size most) {
        if (plan.isEmpty() && rules.isEmpty()) {
            return new Compilation.Compiled(SequencePolicy.ANY_ORDER);
        }
        plan.forEach(step -> visit(step, 1));
        for (Rule rule : rules) {
            rule.operations().forEach(operation -> name(operation, rule.looksAt(operation)));
            if (rule.looksAtAll()) {
                name(Vocabulary.OTHERS, List.of());
            }
        }
        for (Interleaved one : interleave) {
            if (steps.contains(one.operation())) {
                faults.add(Fault.of(
                        one.position(),
                        one.operation() + " is interleaved and also a step of the plan: it cannot both move nothing"
                                + " and be a step; take it out of one"));
            }
        }
        if (!faults.isEmpty()) {
            return new Compilation.Faulty(faults);
        }
        Vocabulary vocabulary = Vocabulary.of(looksAt);
        Automaton automaton = null;
        if (!plan.isEmpty()) {
            AutomatonCompiler compiler = new AutomatonCompiler(plan, vocabulary, most);
            automaton = compiler.compile();
            if (automaton == null) {
                return new Compilation.Faulty(compiler.faults());
            }
        }
        Set<String> anytime = new HashSet<>();
        interleave.forEach(one -> anytime.add(one.operation()));
        return new Compilation.Compiled(new CompiledSequence(
                vocabulary,
                automaton,
                anytime,
                rules.stream().map(rule -> rule.monitor(vocabulary)).toList(),
                responseTimeout));
    }

    private void visit(PlanStep step, int depth) {
        if (depth > MAX_DEPTH) {
            faults.add(Fault.of(step.position(), "steps lie within steps more than " + MAX_DEPTH + " deep"));
        } else if (step instanceof PlanStep.Op op) {
            steps.add(op.operation());
            name(op.operation(), op.same().stream().map(Slot::value).toList());
        } else if (step instanceof PlanStep.Any any) {
            visit(step, "any", any.steps(), depth);
        } else if (step instanceof PlanStep.All all) {
            visit(step, "all", all.steps(), depth);
        } else if (step instanceof PlanStep.Repeat repeat) {
            visit(step, "repeat", repeat.steps(), depth);
        }
    }

    private void visit(PlanStep around, String what, List<PlanStep> inner, int depth) {
        if (inner.isEmpty()) {
            faults.add(Fault.of(around.position(), "`" + what + "` needs at least one step"));
        }
        inner.forEach(step -> visit(step, depth + 1));
    }

    private void name(String operation, Collection<Slot> slots) {
        looksAt.computeIfAbsent(operation, o -> new HashSet<>()).addAll(slots);
    }
}
