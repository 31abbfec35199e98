package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.sequence.NarrowerPlan;
import dev.errand.sequence.SequencePolicy;
import org.jspecify.annotations.Nullable;

/** Compiles a template's {@code sequence}, {@code interleave} and {@code rules}. Thread-safe. */
public interface PlanCompiler {
    /**
     * Compiles plan and rules; null, after a fault, if they are not valid.
     *
     * @param template the whole template
     * @param operations the operations that may be named, or null if they were checked before (a stored revision)
     */
    @Nullable SequencePolicy compile(YamlMap template, @Nullable OperationDirectory operations, Faults faults);

    /**
     * Compiles a narrower plan with the template's rules.
     *
     * @param steps the plan's steps
     * @param wider the template's own policy
     */
    NarrowerPlan.Result narrowed(YamlNode steps, YamlMap template, SequencePolicy wider);
}
