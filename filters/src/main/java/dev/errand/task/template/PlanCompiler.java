package dev.errand.task.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.sequence.SequencePolicy;
import org.jspecify.annotations.Nullable;

/** Compiles a template's {@code sequence}, {@code interleave} and {@code rules}. Thread-safe. */
public interface PlanCompiler {
    /**
     * The compiled plan and rules; null and a fault if they are not good.
     *
     * @param template the whole template
     * @param operations what may be named, or null where that was checked before (a stored revision)
     */
    @Nullable SequencePolicy compile(YamlMap template, @Nullable OperationDirectory operations, Faults faults);
}
