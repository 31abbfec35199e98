package dev.errand.gateway.operator;

import dev.errand.gateway.operator.http.Page;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.reconstruct.TaskStory;
import dev.errand.offline.reconstruct.TaskTree;
import dev.errand.provenance.log.read.LogReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tasks as this replica's log tells them. Thread-safe; blocks on the disk. */
record TaskTrees(Path log) {
    /** The first decision of the task. */
    Optional<JsonObject> first(String task) throws IOException {
        return records(task).stream()
                .filter(json -> "decision".equals(json.string("kind")))
                .findFirst();
    }

    /** Every record of the task in this replica's log, in order. */
    List<JsonObject> records(String task) throws IOException {
        return new LogReader(log).task(task).stream().map(LogReader.Entry::json).toList();
    }

    /**
     * The task's page; empty if there is no record of it.
     *
     * @param records of all logs that could be read
     * @param state the state in the store; null if it is not known
     */
    static Optional<Page> page(String task, Collection<JsonObject> records, @Nullable String state) {
        return TaskTree.of(task, records)
                .map(tree -> new TaskStory(tree, state))
                .map(story -> new Page(story.toJson(), story.toText()));
    }
}
