package dev.errand.offline.story;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import dev.errand.log.read.LogReader;
import dev.errand.task.TaskOutcome.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what brought untrusted content to a task. Thread-safe. */
public final class UntrustedContent {
    private UntrustedContent() {}

    /** Whether untrusted content had reached the task before this decision. */
    static boolean reached(JsonObject decision) {
        return isUntrusted(decision.string("state_before"));
    }

    /**
     * The record of the decision by which untrusted content reached the task before the given decision; null if there is none,
     * or if the given logs do not have it. Reads the logs, so never on an event loop.
     */
    public static @Nullable JsonObject source(JsonObject decision, List<Path> logs) throws IOException {
        String task = decision.string("task");
        if (task == null || !reached(decision)) {
            return null;
        }
        List<JsonObject> letting = new ArrayList<>();
        for (Path log : logs) {
            new LogReader(log)
                    .task(task).stream()
                            .map(LogReader.Entry::json)
                            .filter(record -> RecordFields.isPermit(record)
                                    && !reached(record)
                                    && isUntrusted(record.string("state_after")))
                            .findFirst()
                            .ifPresent(letting::add);
        }
        return letting.stream()
                .min(Comparator.comparing(record -> String.valueOf(record.string("time"))))
                .orElse(null);
    }

    private static boolean isUntrusted(@Nullable String state) {
        return state != null && state.endsWith(Progress.UNTRUSTED);
    }
}
