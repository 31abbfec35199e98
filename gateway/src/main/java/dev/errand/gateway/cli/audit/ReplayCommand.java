package dev.errand.gateway.cli.audit;

import dev.errand.gateway.cli.LogOption;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedLog;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Redecision.Kind;
import dev.errand.offline.replay.Replay;
import dev.errand.policy.Policies;
import dev.errand.task.template.Template;
import dev.errand.text.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
public final class ReplayCommand extends LogCommand {
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
        List<Redecision> decisions = decide(policies, Inputs.tasks(log, template));
        if (template == null) {
            log.foreign().forEach(call -> decisions.add(foreign(call)));
        }
        decisions.removeIf(one -> permittedOnly && !one.recorded().permit());
        boolean differs = decisions.stream().anyMatch(one -> one.kind() == Kind.DIFFERS);
        if (json) {
            out.println(Printable.line(Jcs.canonical(new JsonArray(
                    decisions.stream().<JsonValue>map(Redecision::toJson).toList()))));
        } else {
            print(decisions, log, out);
        }
        return differs ? 1 : 0;
    }

    private List<Redecision> decide(Policies policies, List<RecordedTask> tasks) throws BadInputException {
        SortedSet<String> missing = Inputs.templates(tasks);
        missing.removeAll(policies.templates().keySet());
        if (!missing.isEmpty()) {
            throw new BadInputException(config + ": no template '" + missing.first()
                    + "' in this configuration, and the log has tasks of it; --template names one to look at alone");
        }
        Replay replay = new Replay(policies, false);
        List<Redecision> decisions = new ArrayList<>();
        for (RecordedTask task : tasks) {
            Template now = policies.template(task.template()).orElseThrow();
            decisions.addAll(replay.of(task, now));
        }
        return decisions;
    }

    private static Redecision foreign(RecordedCall call) {
        return new Redecision(
                call,
                Kind.NOT_REDECIDABLE,
                call.permit(),
                call.code(),
                "a task of another anchor, bounded by its own token alone");
    }

    private static void print(List<Redecision> decisions, RecordedLog log, PrintWriter out) {
        decisions.stream().filter(one -> one.kind() != Kind.SAME).forEach(one -> out.println(one.toText()));
        long differ =
                decisions.stream().filter(one -> one.kind() == Kind.DIFFERS).count();
        long permitted = decisions.stream().filter(Redecision::refusesPermitted).count();
        long carried = decisions.stream()
                .filter(one -> one.kind() == Kind.NOT_REDECIDABLE)
                .count();
        out.println(decisions.size() + " decisions, " + differ + " differ, " + permitted
                + " of them among permitted calls; " + carried + " not re-decidable"
                + (log.unverified() == 0
                        ? ""
                        : "; " + log.unverified() + " about unverified callers, whom no template judges"));
    }
}
