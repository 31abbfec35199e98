package dev.errand.operator;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.TextPage;
import dev.errand.log.read.LogReader;
import dev.errand.log.read.TaskRecords;
import dev.errand.offline.story.TaskStory;
import dev.errand.offline.story.TaskTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads tasks from this replica's log. If a task has many records, only the first and the newest records are read: a task that
 * calls without end must not fill the gateway's memory. Thread-safe; blocks on the disk.
 */
record TaskTrees(Path log) {
    /** How many bytes of a task's records are read: enough for some 4,000 calls, and less than one replica may answer another. */
    static final int MOST_BYTES = 6 << 20;

    /**
     * Records of one task.
     *
     * @param omitted how many records between the first and the newest ones are left out
     */
    record Excerpt(List<JsonObject> records, long omitted) {
        Excerpt {
            records = List.copyOf(records);
        }
    }

    /** The first decision of the task. */
    Optional<JsonObject> first(String task) throws IOException {
        return records(task).records().stream()
                .filter(json -> "decision".equals(json.string("kind")))
                .findFirst();
    }

    /** The records of the task in this replica's log, in order. */
    Excerpt records(String task) throws IOException {
        TaskRecords found = new LogReader(log).task(task, MOST_BYTES);
        return new Excerpt(found.entries().stream().map(LogReader.Entry::json).toList(), found.omitted());
    }

    /**
     * The task's page; empty if there is no record of it.
     *
     * @param records the task's records from all logs that could be read
     * @param omitted how many records are left out at most: a record that a log and its copy both leave out counts twice
     * @param state the state in the store; null if it is not known
     */
    static Optional<Page> page(String task, Collection<JsonObject> records, long omitted, @Nullable String state) {
        return TaskTree.of(task, records)
                .map(tree -> new TaskStory(tree, state))
                .map(story -> new Page(
                        Answers.with(story.toJson(), "omitted", JsonNumber.of(omitted)), text(story, omitted)));
    }

    private static String text(TaskStory story, long omitted) {
        TextPage text = new TextPage().written(story.toText());
        if (omitted > 0) {
            text.line(
                    "left out ",
                    omitted,
                    " records between the first and the newest ones: errand task tells all of them");
        }
        return text.toString();
    }
}
