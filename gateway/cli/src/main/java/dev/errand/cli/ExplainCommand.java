package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.log.read.LogReader;
import dev.errand.offline.story.Explanation;
import dev.errand.offline.story.TemplateLines;
import dev.errand.offline.story.UntrustedContent;
import dev.errand.template.Policies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand explain}: why one call was permitted or denied. */
@Command(
        name = "explain",
        description = "Tells why one call was permitted or denied: each check in order, its input and its rule.",
        mixinStandardHelpOptions = true)
final class ExplainCommand extends CliCommand {
    @Parameters(paramLabel = "DECISION", description = "the decision's id, as answers and records show it")
    private String decision = "";

    @Mixin
    private LogOption logs = new LogOption();

    @Option(names = "--config", paramLabel = "DIR", description = "the configuration, for the rules' files and lines")
    private @Nullable Path config;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter err = err();
        try {
            List<LogReader.Entry> entries = logs.of(decision).entries();
            TemplateLines template = null;
            String name = entries.get(0).json().string("template");
            if (config != null && name != null) {
                String wrong = new ConfigurationDirectory(config, List.of()).wrong();
                if (wrong != null) {
                    err.println(wrong);
                    return 1;
                }
                ConfigurationCheck.Result checked = ConfigurationCheck.check(config, Map.of());
                Policies policies = checked.policies();
                if (policies == null) {
                    checked.faults().forEach(err::println);
                    return 1;
                }
                Path directory = config;
                template = policies.template(name)
                        .flatMap(found -> TemplateLines.find(directory, found))
                        .orElse(null);
            }
            Explanation explanation = Explanation.of(
                    entries.get(0).json(),
                    entries.size() > 1 ? entries.get(1).json() : null,
                    UntrustedContent.source(entries.get(0).json(), logs.all()),
                    template);
            PrintWriter out = out();
            if (json) {
                Reported.print(out, explanation.toJson());
            } else {
                out.print(explanation.toText());
            }
            out.flush();
            return 0;
        } catch (IOException e) {
            err.println(ProveCommand.reason(e));
            return 1;
        }
    }
}
