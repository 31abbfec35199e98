package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.Printable;
import dev.errand.offline.audit.ScopeAudit;
import dev.errand.offline.audit.ScopeReport;
import dev.errand.offline.learn.Proposal;
import dev.errand.offline.learn.TemplateText;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code errand audit scopes}: compares granted and used authority, and prints the smaller template that would have
 * been enough.
 */
@Command(
        name = "scopes",
        mixinStandardHelpOptions = true,
        description = {
            "Shows per template and agent what was granted and what was used, and the smallest template that would"
                    + " have",
            "permitted the recorded permitted calls.",
            "Exit code 0, 1 if no template that permits them could be drafted, 2 for bad input."
        })
final class ScopesCommand extends LogsCommand {
    @Option(names = "--config", paramLabel = "DIR", description = "the configuration, for what is granted")
    private @Nullable Path config;

    @Option(names = "--template", paramLabel = "T", description = "only the tasks of this template")
    private @Nullable String template;

    @Option(names = "--json", description = "one JSON array with an object per template")
    private boolean json;

    @Option(names = "--proposal", description = "print the proposed template and nothing else; needs --template")
    private boolean proposalOnly;

    @Option(
            names = "--candidate",
            description = "with --proposal: print it as a candidate, to be judged beside the template and not enforced")
    private boolean candidate;

    @Override
    int run(LogOption logs, PrintWriter out, PrintWriter err) throws BadInputException {
        if (candidate && !proposalOnly) {
            throw new BadInputException("--candidate says how --proposal is printed: give both");
        }
        if (proposalOnly && template == null) {
            throw new BadInputException("--proposal prints one template: name it with --template");
        }
        Policies policies = Inputs.policiesIfAny(config);
        if (config != null && template != null && policies.template(template).isEmpty()) {
            throw new BadInputException(config + ": no template '" + template + "' in this configuration");
        }
        RecordedTasks tasks = Inputs.tasks(Inputs.logs(logs, err), template);
        TemplateParser parser = Inputs.parser(config);
        List<ScopeAudit> audits = new ArrayList<>();
        for (String name : Inputs.templates(tasks)) {
            Template granted = policies.template(name).orElse(null);
            audits.add(ScopeAudit.of(
                    name,
                    tasks.where(task -> task.template().equals(name)),
                    granted,
                    new Replay(policies, false),
                    parser,
                    candidate));
        }
        print(audits, out);
        return audits.stream().allMatch(ScopesCommand::suffices) ? 0 : 1;
    }

    private void print(List<ScopeAudit> audits, PrintWriter out) {
        if (json) {
            out.println(Printable.line(Jcs.canonical(new JsonArray(
                    audits.stream().<JsonValue>map(ScopeReport::json).toList()))));
        } else if (proposalOnly) {
            audits.forEach(audit -> {
                Proposal proposal = audit.proposal();
                String text = proposal == null ? "" : proposal.text();
                out.print(candidate ? TemplateText.candidate(text) : text);
            });
        } else {
            audits.forEach(audit -> out.println(ScopeReport.text(audit)));
        }
    }

    private static boolean suffices(ScopeAudit audit) {
        Proposal proposal = audit.proposal();
        return proposal != null && proposal.refused().isEmpty();
    }
}
