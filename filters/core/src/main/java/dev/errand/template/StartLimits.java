package dev.errand.template;

import dev.errand.limit.Bandwidth;
import org.jspecify.annotations.Nullable;

/**
 * How many tasks one human may have started by one agent.
 *
 * @param active how many may be active at once, 1 or more, or null for no bound
 * @param limit how often they may be started, or null for no bound
 */
public record StartLimits(
        @Nullable Integer active, @Nullable Bandwidth limit) {
    /** No bound. */
    public static final StartLimits NONE = new StartLimits(null, null);
}
