package dev.errand.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of the index.
 *
 * @param tasks the newest start first
 * @param below where the next page begins; null on the last page
 * @param nowMillis the time of the tasks' states, epoch milliseconds
 */
public record IndexPage(List<FleetTask> tasks, @Nullable String below, long nowMillis) {
    public IndexPage {
        tasks = List.copyOf(tasks);
    }
}
