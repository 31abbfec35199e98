package dev.errand.cli;

import dev.errand.json.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/** {@code errand promote}: puts the candidate of a template in the template's place. */
@Command(
        name = "promote",
        mixinStandardHelpOptions = true,
        description = {
            "Puts the candidate of a template in the template's place, and keeps the old template as FILE.before.",
            "Nothing changes where the configuration has a fault, or would have one. Running tasks keep the revision that",
            "they began under. Any Spring property may follow as --name=value.",
            "Exit code 0, 1 if it is refused, 2 for bad input."
        })
final class PromoteCommand extends CliCommand {
    @Parameters(index = "0", paramLabel = "T", description = "the template's name")
    private String template = "";

    @Option(
            names = "--config",
            paramLabel = "DIR",
            required = true,
            description = "the directory with application.yaml, operations/ and tasks/")
    private Path config = Path.of(".");

    @Unmatched
    private List<String> properties = new ArrayList<>();

    @Override
    public Integer call() {
        PrintWriter out = out();
        PrintWriter err = err();
        ConfigurationDirectory directory = new ConfigurationDirectory(config, properties);
        String wrong = directory.wrong();
        if (wrong != null) {
            err.println(Printable.line(wrong));
            return 2;
        }
        try {
            Promotion.Result result = Promotion.of(config, directory.overrides(), template);
            PrintWriter to = result.done() ? out : err;
            result.lines().forEach(line -> to.println(Printable.line(line)));
            return result.done() ? 0 : 1;
        } catch (IOException e) {
            err.println(Printable.line(config + ": nothing was promoted: " + e));
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }
}
