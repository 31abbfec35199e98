package dev.errand.gateway.cli.audit;

import dev.errand.gateway.cli.LogOption;
import dev.errand.offline.learn.Draft;
import dev.errand.offline.learn.LearnedTemplate;
import dev.errand.offline.learn.Proposal;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Replay;
import dev.errand.policy.Policies;
import dev.errand.task.template.Template;
import dev.errand.task.template.TemplateParser;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code errand learn}: drafts a template's limits and plan from recorded runs. */
@Command(
        name = "learn",
        mixinStandardHelpOptions = true,
        description = {
            "Drafts the limits and the plan of a template from recorded runs, in observe mode or not, as a template file",
            "with the evidence beside each line.",
            "Exit code 0, 1 if the draft would refuse a recorded call or none loads, 2 for bad input."
        })
public final class LearnCommand extends LogCommand {
    private static final int MAX_SHOWN = 10;

    @Option(names = "--template", paramLabel = "T", required = true, description = "the template of the runs")
    private String template = "";

    @Option(
            names = "--config",
            paramLabel = "DIR",
            description = "the configuration that has the template: all but its limits, plan and rules is kept")
    private @Nullable Path config;

    @Option(
            names = "--candidate",
            description = "print it as a candidate, to be judged beside the template and not enforced")
    private boolean candidate;

    @Override
    int run(LogOption logs, PrintWriter out, PrintWriter err) throws BadInputException {
        Policies policies = Inputs.policiesIfAny(config);
        Template before = policies.template(template).orElse(null);
        if (config != null && before == null) {
            throw new BadInputException(config + ": no template '" + template + "' in this configuration");
        }
        RecordedTasks tasks = Inputs.tasks(Inputs.logs(logs, err), template)
                .where(task -> !task.permitted().isEmpty());
        if (tasks.isEmpty()) {
            throw new BadInputException("no call of the template '" + template + "' was permitted: nothing to learn");
        }
        if (before == null && Draft.needsBefore(tasks)) {
            throw new BadInputException(
                    "humans of several issuers: a template names one, so that --config must name it as it is");
        }
        Proposal draft = LearnedTemplate.of(template, tasks, before, new Replay(policies, false), new TemplateParser())
                .orElse(null);
        if (draft == null) {
            err.println("no template that loads could be drafted");
            return 1;
        }
        out.print(candidate ? draft.candidate() : draft.text());
        err.println("replayed under the draft: " + LearnedTemplate.verdict(draft));
        draft.refused().stream().limit(MAX_SHOWN).map(Redecision::toText).forEach(err::println);
        return draft.refused().isEmpty() ? 0 : 1;
    }
}
