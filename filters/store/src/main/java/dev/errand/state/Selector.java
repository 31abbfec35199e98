package dev.errand.state;

import dev.errand.token.Human;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Selects tasks: those that satisfy every member that is not null. Immutable.
 *
 * @param human the human who started them
 * @param agent a holder of their chain
 * @param template the template that governs them
 * @param all whether every task is selected; then the other members may be null
 */
public record Selector(
        @Nullable Human human,
        @Nullable String agent,
        @Nullable String template,
        boolean all) {
    public Selector {
        if (human == null && agent == null && template == null && !all) {
            throw new IllegalArgumentException("name at least one of human, agent, template and all");
        }
    }

    /** Whether a task is selected. */
    public boolean matches(Human starter, Collection<String> holders, @Nullable String governing) {
        return (human == null || human.equals(starter))
                && (template == null || template.equals(governing))
                && (agent == null || holders.contains(agent));
    }

    /** Whether a task of the index is selected. */
    public boolean matches(FleetTask task) {
        return matches(task.facts().human(), task.holders(), task.facts().template());
    }
}
