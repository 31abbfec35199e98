package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.Printable;
import dev.errand.log.read.LogReader;
import dev.errand.offline.story.TaskStory;
import dev.errand.offline.story.TaskTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand task}: prints the story of one task from the logs of all replicas. */
@Command(
        name = "task",
        description =
                "Tells one task from its records: human, holders, instructions, every call in order, what was used,"
                        + " how it ended.",
        footer = {"", "Example:  errand task t-8RfX... --log replica-a/provenance --log replica-b/provenance"},
        mixinStandardHelpOptions = true)
final class TaskCommand extends CliCommand {
    @Parameters(paramLabel = "TASK", description = "the task's id, as answers and records show it")
    private String task = "";

    @Mixin
    private LogOption logs = new LogOption();

    @Option(names = "--json", description = "as one line of JSON")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = out();
        PrintWriter err = err();
        // A record that is in a log and in its copy is shown once: its line is the same to the byte.
        Map<String, JsonObject> records = new LinkedHashMap<>();
        try {
            for (Path log : logs.indexed()) {
                new LogReader(log).task(task).forEach(entry -> records.putIfAbsent(entry.line(), entry.json()));
            }
        } catch (IOException e) {
            err.println(ProveCommand.reason(e));
            return 1;
        }
        Optional<TaskStory> story = TaskTree.of(task, records.values()).map(tree -> new TaskStory(tree, null));
        if (story.isEmpty()) {
            err.println(Printable.line("no record of task " + task + " in these logs"));
            return 1;
        }
        out.print(
                json
                        ? Printable.line(Jcs.canonical(story.get().toJson())) + "\n"
                        : story.get().toText());
        out.flush();
        return 0;
    }
}
