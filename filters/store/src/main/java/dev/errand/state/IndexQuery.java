package dev.errand.state;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Selects one page of the index.
 *
 * @param template null for every template
 * @param human a subject, or an issuer, a space and a subject; null for every human
 * @param agent a holder of the chain; null for every agent
 * @param further a further condition on a task
 * @param limit the most tasks of the page, 1 or more
 * @param below the {@link IndexedTask#member} after which the page begins; null for the newest
 * @param withinMillis how long to search for more tasks
 */
public record IndexQuery(
        @Nullable String template,
        @Nullable String human,
        @Nullable String agent,
        Predicate<FleetTask> further,
        int limit,
        @Nullable String below,
        long withinMillis) {
    /** Whether a task of the index meets the conditions. */
    public boolean matches(FleetTask task) {
        return (template == null || template.equals(task.facts().template()))
                && (human == null || human.equals(task.facts().human().subject()) || human.equals(nameOf(task.facts())))
                && (agent == null || task.holders().contains(agent))
                && further.test(task);
    }

    /** The human of a task: issuer, a space and subject. */
    public static String nameOf(IndexedTask task) {
        return task.human().issuer() + " " + task.human().subject();
    }
}
