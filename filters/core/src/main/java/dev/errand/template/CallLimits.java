package dev.errand.template;

import dev.errand.limit.Bandwidth;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a whole task, whichever of its holders calls.
 *
 * @param task buckets that every call is charged to
 * @param operations buckets by operation id
 * @param calls the most calls, or null for no bound
 */
public record CallLimits(
        List<Bandwidth> task,
        Map<String, List<Bandwidth>> operations,
        @Nullable Long calls) {
    /** No limit. */
    public static final CallLimits NONE = new CallLimits(List.of(), Map.of(), null);

    public CallLimits {
        task = List.copyOf(task);
        operations = Map.copyOf(operations);
    }
}
