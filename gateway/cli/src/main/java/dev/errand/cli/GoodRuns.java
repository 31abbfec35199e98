package dev.errand.cli;

import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTasks;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The runs that a template is learnt from.
 *
 * @param runs the good ones, each with a permitted call
 * @param told one sentence: why these runs were chosen
 */
record GoodRuns(RecordedTasks runs, String told) {
    /**
     * Chooses the runs that were named; else those that ended completed; if none did, all of them.
     *
     * @param named the ids of the good tasks, or null if none were named
     */
    public static GoodRuns of(RecordedTasks tasks, @Nullable Set<String> named) {
        RecordedTasks called = tasks.where(task -> !task.permitted().isEmpty());
        if (named != null) {
            RecordedTasks good = called.where(task -> named.contains(task.id()));
            return new GoodRuns(good, good.size() + " of the " + named.size() + " runs that are named are in the log");
        }
        RecordedTasks completed = called.where(RecordedTask::isCompleted);
        return completed.isEmpty()
                ? new GoodRuns(
                        called,
                        "no run ended as completed, so all " + called.size()
                                + " are taken for good: name those that are by --runs FILE")
                : new GoodRuns(
                        completed,
                        completed.size() + " of " + called.size() + " runs ended as completed and are taken for good");
    }
}
