package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.read.LogReader;
import dev.errand.offline.replay.RecordedLog;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.UnreadableRecordException;
import dev.errand.template.Policies;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the logs and the configuration that a command is given. Nothing is taken from a log that does not verify. */
final class Inputs {
    private Inputs() {}

    /**
     * Reads logs, one after the other. A log that is being written is read up to its last whole line.
     *
     * @param err where notes go
     */
    static RecordedLog logs(LogOption logs, PrintWriter err) throws BadInputException {
        RecordedLog log = new RecordedLog();
        stream(logs, log::add, err);
        return log;
    }

    /** Reads logs in the same way, and passes each record to the consumer instead of keeping it. */
    static void stream(LogOption logs, Consumer<JsonObject> records, PrintWriter err) throws BadInputException {
        Map<String, Path> read = new HashMap<>();
        try {
            for (Path one : logs.all()) {
                Path same = read.putIfAbsent(read(one, records, err), one);
                if (same != null) {
                    throw new BadInputException(
                            one + ": is the same log as " + same + ", or a copy of it: name one of them");
                }
            }
        } catch (IOException e) {
            throw new BadInputException(String.valueOf(e.getMessage()));
        }
    }

    /** Reads one log. Returns its name, which no other log has. */
    private static String read(Path directory, Consumer<JsonObject> records, PrintWriter err)
            throws IOException, BadInputException {
        LogVerifier.Report report = LogVerifier.verify(directory, null, null);
        if (!report.faults().isEmpty()) {
            List<String> lines = new ArrayList<>();
            report.faults().forEach(fault -> lines.add(directory + ": " + fault));
            lines.add(directory + ": the log does not verify; nothing is concluded from it");
            throw new BadInputException(lines);
        }
        if (report.tornBytes() > 0) {
            err.println("note: " + directory + ": its unfinished last line is left out");
        }
        try {
            new LogReader(directory).all(entry -> {
                records.accept(entry.json());
                return true;
            });
        } catch (UnreadableRecordException e) {
            throw new BadInputException(directory + ": " + e.getMessage());
        }
        return report.origin();
    }

    /** The configuration's policies. */
    static Policies policies(Path directory) throws BadInputException {
        if (!Files.isRegularFile(directory.resolve("application.yaml"))) {
            throw new BadInputException(directory.resolve("application.yaml")
                    + " does not exist: --config names the directory that holds application.yaml, operations/ and"
                    + " tasks/");
        }
        ConfigurationCheck.Result checked = ConfigurationCheck.check(directory, Map.of());
        if (!checked.faults().isEmpty()) {
            throw new BadInputException(
                    checked.faults().stream().map(Object::toString).toList());
        }
        return Objects.requireNonNull(checked.policies());
    }

    /** The configuration's policies; empty policies if there is no configuration. */
    static Policies policiesIfAny(@Nullable Path directory) throws BadInputException {
        return directory == null ? new Policies("", Map.of(), Map.of()) : policies(directory);
    }

    /** The parser of the configuration's templates; one without catalogues if there is no configuration. */
    static TemplateParser parser(@Nullable Path directory) {
        return directory == null ? new TemplateParser() : ConfigurationCheck.parser(directory, Map.of());
    }

    /** The tasks of a template; those of all templates if it is null. */
    static RecordedTasks tasks(RecordedLog log, @Nullable String template) throws BadInputException {
        RecordedTasks tasks = log.tasks();
        if (template == null) {
            return tasks;
        }
        RecordedTasks found = tasks.where(task -> task.template().equals(template));
        if (found.isEmpty()) {
            throw new BadInputException("no task of the template '" + template + "' is in the log; it has "
                    + (tasks.isEmpty() ? "no task" : "tasks of " + String.join(", ", templates(tasks))));
        }
        return found;
    }

    static SortedSet<String> templates(List<RecordedTask> tasks) {
        SortedSet<String> names = new TreeSet<>();
        tasks.forEach(task -> names.add(task.template()));
        return names;
    }
}
