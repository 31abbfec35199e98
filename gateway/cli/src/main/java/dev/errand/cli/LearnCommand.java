package dev.errand.cli;

import dev.errand.json.Printable;
import dev.errand.offline.learn.Draft;
import dev.errand.offline.learn.LearnedTemplate;
import dev.errand.offline.learn.Proposal;
import dev.errand.offline.learn.TemplateText;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code errand learn}: drafts a template's limits and plan from recorded runs. */
@Command(
        name = "learn",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Drafts a template from good runs, in observe mode or not: the arguments of operations that change something,",
            "limits, a plan and rules, with the evidence beside each line. The runs are divided into five parts, and each",
            "part is judged by lines learnt from the other four. A table on standard error shows how many good runs each",
            "line would have disturbed.",
            "Exit code 0, 1 if the draft would refuse a recorded call or no draft loads, 2 for bad input."
        })
final class LearnCommand extends LogsCommand {
    private static final int MAX_SHOWN = 10;
    private static final int MAX_RUNS = 1_000_000;

    @Option(names = "--template", paramLabel = "T", required = true, description = "the template of the runs")
    private String template = "";

    @Option(
            names = "--config",
            paramLabel = "DIR",
            description =
                    "the configuration that has the template and its catalogues: operations that only read keep their grants")
    private @Nullable Path config;

    @Option(
            names = "--headroom",
            paramLabel = "N",
            description = "the factor between what was seen and what counts and capacities permit (${DEFAULT-VALUE})")
    private double headroom = LearnedTemplate.HEADROOM;

    @Option(
            names = "--runs",
            paramLabel = "FILE",
            description = "the good runs, one task id a line; if left out those that ended as completed")
    private @Nullable Path runs;

    @Option(names = "--candidate", description = "print it as a candidate beside the running template")
    private boolean candidate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "the seed that deals the runs to the five parts (${DEFAULT-VALUE})")
    private long seed = 1;

    @Override
    int run(LogOption logs, PrintWriter out, PrintWriter err) throws BadInputException {
        if (!(headroom >= 1 && headroom <= 100)) {
            throw new BadInputException("--headroom must be 1..100, was " + headroom);
        }
        Policies policies = Inputs.policiesIfAny(config);
        Template before = policies.template(template).orElse(null);
        if (config != null && before == null) {
            throw new BadInputException(config + ": no template '" + template + "' in this configuration");
        }
        Set<String> named = runs == null ? null : ids(runs);
        GoodRuns good = GoodRuns.of(Inputs.tasks(Inputs.logs(logs, err), template), named);
        RecordedTasks tasks = good.runs();
        if (tasks.isEmpty()) {
            throw new BadInputException("no call of the template '" + template + "' was permitted"
                    + (named == null ? "" : " in a run that " + runs + " names") + ": nothing to learn");
        }
        err.println("note: " + good.told());
        if (before == null && Draft.needsBefore(tasks)) {
            throw new BadInputException(
                    "the runs have humans of several issuers, and a draft names one: name the configuration by --config");
        }
        LearnedTemplate.Learnt learnt = new LearnedTemplate(
                        template, tasks, before, new Replay(policies, false), Inputs.parser(config), headroom, seed)
                .learn()
                .orElse(null);
        if (learnt == null) {
            err.println("no template that loads could be drafted");
            return 1;
        }
        Proposal draft = learnt.proposal();
        out.print(candidate ? TemplateText.candidate(draft.text()) : draft.text());
        learnt.notes().forEach(note -> err.println(Printable.line("note: " + note)));
        err.println("good runs that each line would have disturbed, held out:");
        learnt.table().forEach(row -> err.println(Printable.line("  " + row)));
        err.println("replayed under the draft: " + LearnedTemplate.verdict(draft));
        draft.refused().first().stream()
                .limit(MAX_SHOWN)
                .map(Redecision::toText)
                .forEach(err::println);
        return draft.refused().isEmpty() ? 0 : 1;
    }

    private static Set<String> ids(Path file) throws BadInputException {
        try (Stream<String> lines = Files.lines(file)) {
            Set<String> ids = lines.map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .limit(MAX_RUNS + 1L)
                    .collect(Collectors.toSet());
            if (ids.size() > MAX_RUNS) {
                throw new BadInputException(file + ": more than " + MAX_RUNS + " runs");
            }
            return ids;
        } catch (IOException | UncheckedIOException e) {
            throw new BadInputException(file + ": cannot be read");
        }
    }
}
