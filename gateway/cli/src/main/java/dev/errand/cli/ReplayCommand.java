package dev.errand.cli;

import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedLog;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Redecision.Kind;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code errand replay}: decides a recorded log again under another configuration. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Decides a recorded log again under the templates of a configuration, and prints each decision that differs.",
            "Exit code 0 if none differs, 1 if some do, 2 for bad input."
        })
final class ReplayCommand extends LogsCommand {
    @Option(names = "--config", paramLabel = "DIR", required = true, description = "the configuration to decide by")
    private Path config = Path.of(".");

    @Option(names = "--template", paramLabel = "T", description = "only the tasks of this template")
    private @Nullable String template;

    @Option(
            names = "--permitted",
            description = "only look at calls that were permitted: does the configuration still permit them?")
    private boolean permittedOnly;

    @Option(names = "--json", description = "one JSON array of all decisions")
    private boolean json;

    @Override
    int run(LogOption logs, PrintWriter out, PrintWriter err) throws BadInputException {
        Policies policies = Inputs.policies(config);
        RecordedLog log = Inputs.logs(logs, err);
        RecordedTasks tasks = Inputs.tasks(log, template);
        requireTemplates(policies, tasks);
        ReplayOutput output = new ReplayOutput(out, json);
        Replay replay = new Replay(policies, false);
        for (RecordedTask task : tasks) {
            Template now = policies.template(task.template()).orElseThrow();
            replay.of(task, now).forEach(one -> tell(one, output));
        }
        if (template == null) {
            log.foreign().forEach(call -> tell(foreign(call), output));
        }
        output.end(log.unverified());
        return output.differs() ? 1 : 0;
    }

    private void tell(Redecision decision, ReplayOutput output) {
        if (!permittedOnly || decision.recorded().permit()) {
            output.tell(decision);
        }
    }

    private void requireTemplates(Policies policies, RecordedTasks tasks) throws BadInputException {
        SortedSet<String> missing = Inputs.templates(tasks);
        missing.removeAll(policies.templates().keySet());
        if (!missing.isEmpty()) {
            throw new BadInputException(config + ": no template '" + missing.first()
                    + "' in this configuration, and the log has tasks of it; to decide the tasks of one template only,"
                    + " name it by --template");
        }
    }

    private static Redecision foreign(RecordedCall call) {
        return new Redecision(
                call,
                Kind.NOT_REDECIDABLE,
                call.permit(),
                call.code(),
                "a task of another anchor, bounded by its own token alone");
    }
}
