package dev.errand.task.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.sequence.RuleParser;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.sequence.SequenceCompiler.Interleaved;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.plan.PlanStep;
import dev.errand.sequence.rule.Rule;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles {@code sequence}, {@code interleave} and {@code rules} of a template to its sequence policy. Thread-safe. */
public final class SequencePlans implements PlanCompiler {
    private final Duration responseTimeout;

    /** @param responseTimeout after which a place without a recorded outcome is given up */
    public SequencePlans(Duration responseTimeout) {
        this.responseTimeout = responseTimeout;
    }

    @Override
    public @Nullable SequencePolicy compile(YamlMap template, @Nullable OperationDirectory operations, Faults faults) {
        int before = faults.count();
        YamlNode sequence = template.optional("sequence");
        YamlNode interleave = template.optional("interleave");
        YamlNode monitors = template.optional("rules");
        SequenceParser parser = new SequenceParser(faults);
        List<PlanStep> plan = sequence == null ? List.of() : parser.parse(sequence);
        List<Interleaved> interleaved = interleave == null ? List.of() : parser.parseInterleave(interleave);
        List<Rule> rules = monitors == null ? List.of() : new RuleParser(faults).parse(monitors);
        if (operations != null) {
            plan.forEach(step -> requireKnown(step, operations, faults));
            interleaved.forEach(one -> GrantParser.known(operations, one.position(), one.operation(), faults));
            rules.forEach(rule ->
                    rule.operations().forEach(id -> GrantParser.known(operations, rule.position(), id, faults)));
        }
        if (faults.count() > before) {
            return null;
        }
        SequenceCompiler.Compilation compiled = SequenceCompiler.compile(plan, interleaved, rules, responseTimeout);
        if (compiled instanceof SequenceCompiler.Compilation.Compiled good) {
            return good.policy();
        }
        ((SequenceCompiler.Compilation.Faulty) compiled)
                .faults()
                .forEach(fault -> faults.add(fault.position(), fault.message()));
        return null;
    }

    private static void requireKnown(PlanStep step, OperationDirectory operations, Faults faults) {
        if (step instanceof PlanStep.Op op) {
            Position at = op.position();
            GrantParser.known(operations, at, op.operation(), faults);
        } else if (step instanceof PlanStep.Any any) {
            any.steps().forEach(inner -> requireKnown(inner, operations, faults));
        } else if (step instanceof PlanStep.All all) {
            all.steps().forEach(inner -> requireKnown(inner, operations, faults));
        } else if (step instanceof PlanStep.Repeat repeat) {
            repeat.steps().forEach(inner -> requireKnown(inner, operations, faults));
        }
    }
}
